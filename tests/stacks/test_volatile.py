"""Scenario 7: what gives other rows each time is refused, and once() keeps the first value."""

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.planner import StackOptions
from tests.stacks.stack_folder import StackFolder


@pytest.mark.parametrize(
    "value",
    [
        "uuid()",
        "random()::VARCHAR",
        "now()::VARCHAR",
        "today()::VARCHAR",
        "current_timestamp::VARCHAR",
        "nextval('s')::VARCHAR",
        "getenv('HOME')",
        "(SELECT any_value(x) FROM (VALUES ('a')) t(x))",
        "(SELECT first(x) FROM (VALUES ('a')) t(x))",
        "(SELECT row_number() OVER () FROM (VALUES ('a')) t(x))::VARCHAR",
        "(SELECT x FROM (VALUES ('a')) t(x) LIMIT 1)",
        "(SELECT x FROM (VALUES ('a')) t(x) TABLESAMPLE 10%)",
    ],
)
def test_what_changes_by_itself_is_refused_with_its_place(stack: StackFolder, value: str) -> None:
    stack.write(f"STACK 'v';\nRESOURCE q IN aws.sqs.queues AS\n  SELECT {value} AS QueueName;")
    with pytest.raises(StackError, match=r"^stack\.sql:3: ") as raised:
        stack.plan()
    assert raised.value.exit_status == 2


@pytest.mark.parametrize("text", ["CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)", "SELEC 1"])
def test_statements_that_write_are_refused(stack: StackFolder, text: str) -> None:
    stack.write(f"STACK 'v';\n{text};")
    with pytest.raises(StackError, match=r"^stack\.sql:2: "):
        stack.plan()


_ONCE = """
STACK 'once';
RESOURCE q IN aws.sqs.queues KEY (QueueName) AS
  SELECT n AS QueueName, MAP {'id': once(uuid())} AS Tags FROM (VALUES ('o1'), ('o2')) t(n);
"""


def test_once_keeps_the_first_value(stack: StackFolder, client: Callable[..., Any]) -> None:
    sqs = client("sqs")

    stack.write(_ONCE)
    stack.applied()
    first = _with_ids(sqs)
    assert len(set(first.values())) == 2
    stack.write(_ONCE + "RESOURCE other IN aws.sqs.queues AS SELECT 'o3' AS QueueName;")
    stack.apply()
    assert _with_ids(sqs) == first
    stack.apply(StackOptions(renews=frozenset({"q['o1']"})))
    again = _with_ids(sqs)
    assert again["o1"] != first["o1"]
    assert again["o2"] == first["o2"]


def _with_ids(sqs: Any) -> dict[str, str]:
    found = {}
    for url in sqs.list_queues().get("QueueUrls", []):
        tags = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
        if "id" in tags:
            found[url.rsplit("/", 1)[1]] = tags["id"]
    return found
