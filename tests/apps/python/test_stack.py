"""A stack from Python, against an emulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cirrusql

_TEXT = """
STACK 'py';
PARAM name VARCHAR DEFAULT 'py-topic';
RESOURCE topic IN aws.sns.topics AS SELECT $name AS Name;
OUTPUT arn AS SELECT TopicArn FROM topic;
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stack.sql").write_text(_TEXT, "utf-8")
    return tmp_path


def test_a_stack_is_planned_applied_and_destroyed(
    folder: Path, aws: str, client: Callable[..., Any]
) -> None:
    with cirrusql.stack(
        folder, sandbox=True, endpoint_url=aws, region="us-east-1", name="mine"
    ) as found:
        plan = found.plan()
        assert [(c.address, str(c.action)) for c in plan.changes] == [("topic", "create")]
        assert "Name                             'mine'\n" in str(plan)
        (call,) = plan.to_dict()["resource_changes"][0]["calls"]
        assert call["operation"] == "sns:CreateTopic"
        assert found.apply().failed == []
        (topic,) = client("sns").list_topics()["Topics"]
        assert found.outputs == {"arn": [topic]}
        assert found.plan().is_empty
        assert found.destroy().failed == []
    assert client("sns").list_topics()["Topics"] == []


def test_a_read_only_stack_is_planned_and_not_applied(folder: Path, aws: str) -> None:
    with cirrusql.stack(
        folder, sandbox=True, endpoint_url=aws, region="us-east-1", read_only=True
    ) as found:
        plan = found.plan()
        with pytest.raises(cirrusql.ProgrammingError, match="read-only"):
            plan.apply()


def test_a_parameter_that_the_stack_has_not_is_an_error(folder: Path, aws: str) -> None:
    with pytest.raises(cirrusql.ProgrammingError, match="the stack has no parameter nme"):
        cirrusql.stack(folder, sandbox=True, endpoint_url=aws, nme="x")


def test_the_example_of_the_guide_runs(
    folder: Path, aws: str, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "python.md").read_text("utf-8")
    code = guide[guide.index('with cirrusql.stack("net"') :].partition("```")[0]
    (folder / "net" / "env").mkdir(parents=True)
    (folder / "net" / "stack.sql").write_text(_TEXT, "utf-8")
    (folder / "net" / "env" / "prod.toml").write_text("", "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", aws)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")
    exec(code, {"cirrusql": cirrusql})
    (topic,) = client("sns").list_topics()["Topics"]
    assert topic["TopicArn"].endswith(":alerts")
