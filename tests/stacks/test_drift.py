"""Scenario 14: what was changed outside is told, and mended only if that is said."""

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.language.accepting import diff_of, edit_of, edited
from cirrusql.stacks.language.statements import Place, QueryText, StackError
from cirrusql.stacks.output.drift_text import drift_lines
from cirrusql.stacks.output.plan_json import drift_json
from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_TEXT = """
STACK 'drift';
RESOURCE bucket IN aws.s3.buckets AS
  SELECT 'drift-b' AS Bucket, {'Status': 'Enabled'} AS VersioningConfiguration,
         'a' AS "Tags['env']";
RESOURCE queues IN aws.sqs.queues KEY (QueueName) AS
  SELECT n AS QueueName, 60 AS VisibilityTimeout FROM (VALUES ('drift-1'), ('drift-2')) t(n);
"""


@pytest.fixture
def drifted(stack: StackFolder, client: Callable[..., Any]) -> StackFolder:
    """A stack of which three things were changed outside, and one tag that it does not manage."""
    stack.write(_TEXT)
    stack.applied()
    s3, sqs = client("s3"), client("sqs")
    s3.put_bucket_versioning(Bucket="drift-b", VersioningConfiguration={"Status": "Suspended"})
    tags = s3.get_bucket_tagging(Bucket="drift-b")["TagSet"]
    s3.put_bucket_tagging(Bucket="drift-b", Tagging={"TagSet": [*tags, {"Key": "x", "Value": "y"}]})
    first, second = (sqs.get_queue_url(QueueName=f"drift-{n}")["QueueUrl"] for n in (1, 2))
    sqs.delete_queue(QueueUrl=first)
    sqs.set_queue_attributes(QueueUrl=second, Attributes={"VisibilityTimeout": "5"})
    return stack


def test_drift_is_what_is_managed_and_was_changed(drifted: StackFolder) -> None:
    plan = drifted.plan()
    assert {(d.address, d.column) for d in plan.drift} == {
        ("bucket", "VersioningConfiguration"),
        ("queues['drift-1']", ""),
        ("queues['drift-2']", "VisibilityTimeout"),
    }
    by_address = {d["address"]: d for d in drift_json(plan.drift)}
    versioning = by_address["bucket"]
    assert versioning["managed"] == {"Status": "Enabled"}
    assert versioning["live"]["Status"] == "Suspended"
    assert versioning["last_applied"]["Status"] == "Enabled"
    assert versioning["since"]
    lines = sorted(drift_lines(plan.drift))
    assert lines[0].startswith("- queues['drift-1']  is gone; as applied until 20")
    assert lines[2].startswith("~ queues['drift-2']  VisibilityTimeout: 60 is 5; as applied until")
    assert actions(plan) == {
        "bucket": Action.UPDATE,
        "queues['drift-1']": Action.CREATE,
        "queues['drift-2']": Action.UPDATE,
    }
    assert {c.reason for c in plan.pending} == {"changed outside", "deleted outside"}


def test_drift_is_overwritten_only_if_that_is_said(
    drifted: StackFolder, client: Callable[..., Any]
) -> None:
    before = drifted.writes()
    with drifted.open() as found, pytest.raises(StackError, match="changed outside") as raised:
        found.apply(found.plan(), overwrites=False)
    assert raised.value.exit_status == 2
    assert drifted.writes() == before
    drifted.applied()
    assert client("s3").get_bucket_versioning(Bucket="drift-b")["Status"] == "Enabled"
    tags = {t["Key"] for t in client("s3").get_bucket_tagging(Bucket="drift-b")["TagSet"]}
    assert {"x", "env"} <= tags
    assert drifted.plan().drift == []


def test_the_files_can_be_edited_to_what_is_live(drifted: StackFolder) -> None:
    with drifted.open() as found:
        plan = found.plan()
        edits = {d.address: found.acceptance(d, plan) for d in plan.drift}
    # Two queues have their timeout from one place.
    assert edits["queues['drift-1']"] is edits["queues['drift-2']"] is None
    versioning = edits["bucket"]
    assert versioning is not None
    assert (versioning.old, versioning.new) == ("{'Status': 'Enabled'}", "{'Status': 'Suspended'}")
    assert str(versioning.place) == "stack.sql:4"
    assert "-  SELECT 'drift-b' AS Bucket, {'Status': 'Enabled'}" in diff_of([versioning])
    drifted.write(edited([versioning]))
    assert {d.address for d in drifted.plan().drift} == {"queues['drift-1']", "queues['drift-2']"}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $n AS VisibilityTimeout",
        "SELECT x AS VisibilityTimeout FROM (VALUES (60)) t(x)",
        "SELECT (SELECT 60) AS VisibilityTimeout",
        "FROM (SELECT 60 AS VisibilityTimeout)",
    ],
)
def test_a_computed_value_is_left_to_the_user(query: str) -> None:
    body = QueryText(query, Place("a.sql", query, 0))
    assert edit_of(body, "VisibilityTimeout", "5") is None
