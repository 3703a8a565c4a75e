"""A plan in every format, byte for byte. ``GOLDEN=write`` writes the files anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from cirrusql.render.terminal import cells
from cirrusql.stacks.evaluation.nodes import SECRET_MARK, Graph, Node
from cirrusql.stacks.language.statements import Place, QueryText, Resource, StackText
from cirrusql.stacks.output.graph_text import dot, mermaid
from cirrusql.stacks.output.plan_json import json_text, plan_json
from cirrusql.stacks.output.plan_markdown import plan_markdown
from cirrusql.stacks.output.plan_text import PlanAsText
from cirrusql.stacks.planning.plan import (
    Action,
    Cell,
    CellChange,
    CheckResult,
    Deferred,
    DesiredRow,
    Drift,
    RowChange,
    StackCall,
    StackPlan,
)

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Path(__file__).parents[3] / "docs" / "stack-plan.schema.json"
_PLACE = {"region": "eu-west-1", "account_id": "123456789012"}
_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}] * 3})


def _subscription(mail: str) -> RowChange:
    cells = (
        Cell("TopicArn", None, unknown=("topic.TopicArn",)),
        Cell("Endpoint", mail, f"'{mail}'"),
    )
    return RowChange(
        f"subs['{mail}']",
        "subs",
        Action.CREATE,
        "aws.sns.subscriptions",
        {"Endpoint": mail},
        desired=DesiredRow(f"subs['{mail}']", {"Endpoint": mail}, cells, _PLACE),
        cells=[CellChange(c.name, None, c.value, c.unknown) for c in cells],
        depends_on=("topic",),
        source="subs.sql:1",
    )


def _plan() -> StackPlan:
    logs = RowChange(
        "logs", "logs", Action.UPDATE, "aws.s3.buckets", {}, {"Bucket": "acme-prod"}, _PLACE,
        cells=[
            CellChange(
                "VersioningConfiguration",
                {"Status": "Suspended", "MFADelete": "Disabled"},
                {"Status": "Enabled"},
                is_drift=True,
            ),
            CellChange("Tags", {"env": "prod"}, {"env": "prod", "owner": "web\x1b[2J"}),
            CellChange("Policy", None, _POLICY),
        ],
        calls=[
            StackCall(
                "s3:PutBucketVersioning",
                {"Bucket": "acme-prod"},
                ("s3:PutBucketVersioning",),
                "s3:PutBucketVersioning",
            )
        ],
        notes=["no longer managed: CorsRules"],
        desired=DesiredRow("logs", {}, (Cell("Tags", None, is_tags=True),), _PLACE),
    )  # fmt: skip
    orders = RowChange(
        "orders", "orders", Action.REPLACE, "aws.dynamodb.tables", {}, {"TableName": "orders"},
        _PLACE, cells=[CellChange("KeySchema", "id", "other", forces="replace")],
        reason="KeySchema cannot be changed", refused="it keeps data and would be replaced",
        hint="--replace orders",
    )  # fmt: skip
    secret = f"{SECRET_MARK}ssm:/db/pw"
    database = RowChange(
        "db", "db", Action.CREATE, "aws.rds.db_instances", {}, None, _PLACE,
        desired=DesiredRow(
            "db", {}, (Cell("MasterUserPassword", secret, is_secret=True),), _PLACE
        ),
        cells=[CellChange("MasterUserPassword", None, secret, is_secret=True)],
    )  # fmt: skip
    old = RowChange(
        "old['b']", "old", Action.DELETE, "aws.sqs.queues", {"name": "b"},
        {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/b"}, _PLACE,
        reason="no longer among the rows",
    )  # fmt: skip
    web = RowChange(
        "web", "web", Action.MOVE, "aws.sqs.queues", {}, {"QueueUrl": "x"}, _PLACE,
        previous_address="site",
    )  # fmt: skip
    lost = RowChange("far", "far", Action.UNREADABLE, "aws.sqs.queues")
    same = RowChange("same", "same", Action.NONE, "aws.sqs.queues", {}, {"QueueUrl": "y"}, _PLACE)
    return StackPlan(
        "net", "prod", 41, "2026-01-02T03:04:05+00:00",
        [logs, _subscription("a@acme.io"), _subscription("b@acme.io"), database, orders, old, web,
         lost, same],
        [Drift("logs", "logs", "VersioningConfiguration", "Enabled", "Enabled", "Suspended",
               "2026-01-01T00:00:00+00:00")],
        [Deferred("rules", ("net.subnets row set",))],
        {"topic_arn": {"unknown": ["topic.TopicArn"]}, "pw": "hush", "n": [{"n": 2}]},
        {"n": [{"n": 1}]},
        {"pw"},
        [CheckResult("no_public", "policy", "fail", ({"Bucket": "acme-prod"},)),
         CheckResult("fine", "policy", "pass")],
        ["far: aws.sqs.queues: AccessDenied"],
        params={"pw": {"secret": True, "source": "param:pw"}},
        calls={"s3:ListBuckets": 1, "sqs:ListQueues": 56},
        policy={"Version": "2012-10-17", "Statement": []},
        seconds=1.24,
        place="eu-west-1",
    )  # fmt: skip


def _graph() -> Graph:
    place = Place("stack.sql", "", 0)
    graph = Graph(StackText("net"))
    for address, table, needs in (
        ("topic", ("aws", "sns", "topics"), ()),
        ("svc['a'].subs", ("aws", "sns", "subscriptions"), ("topic",)),
    ):
        resource = Resource(address, table, QueryText("SELECT 1", place), place)
        graph.nodes[address] = Node(address, resource, "SELECT 1", needs)
    return graph


_TEXTS = {
    "plan.txt": lambda: PlanAsText().of(_plan()),
    "plan-full.txt": lambda: PlanAsText(is_full=True).of(_plan()),
    "plan-colour.txt": lambda: PlanAsText(is_coloured=True).of(_plan()),
    "plan.json": lambda: json_text(plan_json(_plan()) | {"cirrusql_version": "(of the package)"}),
    "plan.md": lambda: plan_markdown(_plan()),
    "graph.mmd": lambda: mermaid(_graph()),
    "graph.dot": lambda: dot(_graph()),
}


@pytest.mark.parametrize("name", _TEXTS)
def test_a_plan_is_shown_as_in_the_golden_file(name: str) -> None:
    text = _TEXTS[name]()
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_text(text, "utf-8")
    assert text == (GOLDEN / name).read_text("utf-8")


def test_no_line_is_wider_than_the_terminal() -> None:
    for width in (60, 80, 120):
        assert max(cells(line) for line in PlanAsText(width).of(_plan()).splitlines()) <= width


@pytest.mark.parametrize("name", _TEXTS)
def test_no_format_shows_the_value_of_a_secret_output(name: str) -> None:
    assert "hush" not in _TEXTS[name]()


def test_a_json_plan_is_as_the_schema_says() -> None:
    jsonschema.validate(plan_json(_plan()), json.loads(SCHEMA.read_text("utf-8")))
