"""Scenario 17: secrets by reference. Their values are read at apply, and are nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.output.plan_text import PlanAsText
from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_SECRET = "geheim/Wort+1"
_TEXT = """
STACK 'db';
RESOURCE db IN aws.rds.db_instances AS
  SELECT 'main' AS DBInstanceIdentifier, 'postgres' AS Engine, 'db.t3.micro' AS DBInstanceClass,
         20 AS AllocatedStorage, 'admin1' AS MasterUsername,
         secret('REFERENCE') AS MasterUserPassword;
"""


def _spelled(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield base64.b64encode(text.encode())
    yield quote(text, safe="").encode()


def _is_nowhere(folder: Path, *texts: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            for spelled in _spelled(_SECRET):
                assert spelled not in path.read_bytes(), path
    for text in texts:
        for spelled in _spelled(_SECRET):
            assert spelled.decode() not in text


@pytest.mark.parametrize("kind", ["ssm", "secretsmanager"])
def test_a_new_version_is_one_update(
    stack: StackFolder, client: Callable[..., Any], kind: str
) -> None:
    if kind == "ssm":
        client("ssm").put_parameter(Name="/db/pw", Value=_SECRET, Type="SecureString")
    else:
        client("secretsmanager").create_secret(Name="/db/pw", SecretString=_SECRET)
    stack.write(_TEXT.replace("REFERENCE", f"{kind}:/db/pw"))
    plan = stack.plan()
    assert stack.proxy.calls["ssm:GetParameter"] == 0
    assert stack.proxy.calls["secretsmanager:GetSecretValue"] == 0
    shown = PlanAsText(80, False, True).of(plan)
    assert f"(secret, {kind} version " in shown
    assert stack.applied() == {"rds:CreateDBInstance": 1}
    body = next(b for b in stack.proxy.bodies if b"Action=CreateDBInstance" in b)
    assert f"MasterUserPassword={quote(_SECRET, safe='')}".encode() in body
    _is_nowhere(stack.path, shown)
    if kind == "ssm":
        client("ssm").put_parameter(Name="/db/pw", Value=_SECRET + "2", Overwrite=True)
    else:
        client("secretsmanager").put_secret_value(SecretId="/db/pw", SecretString=_SECRET + "2")
    plan = stack.plan()
    assert actions(plan) == {"db": Action.UPDATE}
    assert stack.applied() == {"rds:ModifyDBInstance": 1}
    _is_nowhere(stack.path, PlanAsText(80, False, True).of(plan))


def test_a_secret_parameter(stack: StackFolder) -> None:
    text = _TEXT.replace("secret('REFERENCE')", "$pw").replace(
        "STACK 'db';", "STACK 'db'; PARAM pw VARCHAR SECRET;"
    )
    stack.write(text)
    assert stack.applied(values={"pw": _SECRET}) == {"rds:CreateDBInstance": 1}
    _is_nowhere(stack.path)
    assert stack.applied(values={"pw": _SECRET + "2"}) == {"rds:ModifyDBInstance": 1}


def test_an_output_of_a_secret_is_refused_unless_it_is_secret(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    client("ssm").put_parameter(Name="/db/pw", Value=_SECRET, Type="SecureString")
    output = "OUTPUT pw AS SELECT secret('ssm:/db/pw') AS pw;"
    stack.write("STACK 'db';" + output)
    with pytest.raises(StackError, match="OUTPUT pw is a secret"):
        stack.plan()
    stack.write("STACK 'db';" + output.replace("pw AS SELECT", "pw SECRET AS SELECT"))
    assert stack.plan().secret_outputs == {"pw"}


def test_a_reference_that_is_not_there(stack: StackFolder) -> None:
    stack.write(_TEXT.replace("REFERENCE", "ssm:/nope"))
    with pytest.raises(StackError, match=r"secret\('ssm:/nope'\) cannot be read: there is none"):
        stack.plan()
    stack.write(_TEXT.replace("REFERENCE", "vault:x"))
    with pytest.raises(StackError, match=r"secret\('vault:…'\) is not known"):
        stack.plan()
    stack.write(_TEXT.replace("secret('REFERENCE')", "'x' || secret('ssm:/db/pw')"))
    with pytest.raises(StackError, match="must be the whole value"):
        stack.plan()
