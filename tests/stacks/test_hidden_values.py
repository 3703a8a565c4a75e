"""Values of secret columns are in no plan, state, journal or log, though a file has them."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from cirrusql.stacks.output.plan_json import json_text, plan_json
from cirrusql.stacks.output.plan_text import PlanAsText
from tests.stacks.stack_folder import StackFolder

_PASSWORD = "hunter2 & literal"
_TEXT = f"""
STACK 'hidden';
RESOURCE db IN aws.rds.db_instances AS
  SELECT 'hidden-db' AS DBInstanceIdentifier, 'db.t3.micro' AS DBInstanceClass,
         'postgres' AS Engine, 20 AS AllocatedStorage, 'admin' AS MasterUsername,
         '{_PASSWORD}' AS MasterUserPassword;
"""


def _forms() -> set[bytes]:
    """The secret as text, in base64 and for URLs."""
    text = _PASSWORD.encode()
    return {text, base64.b64encode(text), quote(_PASSWORD).encode()}


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".sql")


def test_a_password_is_in_no_file_and_no_output(stack: StackFolder) -> None:
    stack.write(_TEXT)
    with stack.open() as found:
        plan = found.plan()
        said = json_text(plan_json(plan)) + PlanAsText().of(plan)
        report = found.apply(plan)
        said += repr(report.notices)
    assert report.failed == []
    assert not [f for f in _forms() if f in said.encode()]
    stack.is_silent()
    homes = [Path(os.environ["HOME"]), stack.path]
    leaking = [p for p in _files(*homes) if any(f in p.read_bytes() for f in _forms())]
    assert leaking == []


def test_another_password_is_one_update(stack: StackFolder) -> None:
    stack.write(_TEXT)
    stack.applied()
    stack.write(_TEXT.replace(_PASSWORD, _PASSWORD + "3"))
    assert stack.applied() == {"rds:ModifyDBInstance": 1}
