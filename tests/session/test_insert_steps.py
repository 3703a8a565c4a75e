"""INSERT that one call cannot do: created, then set, then tagged, and one row of the report."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import InvalidParameter, NotSupportedError
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy
from tests.support.scripted_api import JSON, Asked, Reply, ScriptedApi

BUCKETS = """
    INSERT INTO aws.s3.buckets (Bucket, VersioningConfiguration, Tags) VALUES
    ('one', {'Status': 'Enabled'}, MAP {'team': 'web'}), ('two', NULL, NULL)
"""


def test_a_bucket_is_created_set_and_tagged_by_one_statement(ask: Ask, proxy: FaultProxy) -> None:
    done = ask(BUCKETS)
    assert [(r["operation"], r["target"], r["status"]) for r in done] == [
        ("s3:CreateBucket, s3:PutBucketVersioning, s3:PutBucketTagging", "Bucket=one", "done"),
        ("s3:CreateBucket", "Bucket=two", "done"),
    ]
    assert (proxy.calls["s3:PUT /one"], proxy.calls["s3:PUT /two"]) == (3, 1)
    rows = ask("SELECT Name, VersioningStatus AS v, tags(TagSet) AS t FROM aws.s3.buckets ORDER BY Name")
    assert [(r["Name"], r["v"], dict(r["t"] or {})) for r in rows] == [
        ("one", "Enabled", {"team": "web"}),
        ("two", None, {}),
    ]


def test_what_the_answer_names_is_set_too(ask: Ask, proxy: FaultProxy) -> None:
    made = ask(
        "INSERT INTO aws.ec2.vpcs (CidrBlock, EnableDnsHostnames) VALUES ('10.7.0.0/16', true) "
        "RETURNING VpcId"
    )
    (row,) = ask(
        "SELECT EnableDnsHostnames AS e FROM aws.ec2.vpc_attributes "
        "WHERE VpcId = $id AND Attribute = 'enableDnsHostnames'",
        id=made[0]["VpcId"],
    )
    assert row["e"] == {"Value": True}
    assert (proxy.calls["ec2:CreateVpc"], proxy.calls["ec2:ModifyVpcAttribute"]) == (1, 1)


def test_a_dry_run_shows_every_step(open_session: Callable[..., Session], proxy: FaultProxy) -> None:
    session = open_session(options=WriteOptions(is_dry_run=True))
    shown = rows_of(session, BUCKETS)
    assert [r["operation"] for r in shown] == [
        "s3:CreateBucket",
        "s3:CreateBucket",
        "s3:PutBucketVersioning",
        "s3:PutBucketTagging",
    ]
    assert proxy.calls == {}


def test_a_fault_in_any_step_stops_all_before_any_call(ask: Ask, proxy: FaultProxy) -> None:
    values = "('one', {'Status': 'Perhaps'})"
    with pytest.raises(InvalidParameter, match="VersioningConfiguration"):
        ask(f"INSERT INTO aws.s3.buckets (Bucket, VersioningConfiguration) VALUES {values}")
    assert proxy.calls == {}


def test_a_failure_midway_says_which_steps_were_done(open_session: Callable[..., Session]) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.operation == "PutRetentionPolicy":
            return 400, JSON, {"__type": "InvalidParameterException", "message": "no such number of days"}
        return 200, JSON, {}

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, options=WriteOptions(assume_yes=True))
        (result,) = session.run(
            "INSERT INTO aws.logs.log_groups (logGroupName, retentionInDays) VALUES ('g', 7)"
        )
        (row,) = result.table().to_pylist()
    assert row["operation"] == "logs:CreateLogGroup, logs:PutRetentionPolicy"
    assert (row["target"], row["status"], result.exit_status) == ("logGroupName=g", "failed", 1)
    assert "no such number of days; done before it: logs:CreateLogGroup" in row["error"]


def test_in_a_transaction_the_steps_are_queued_and_undone(ask: Ask, proxy: FaultProxy) -> None:
    ask("BEGIN")
    queued = ask("INSERT INTO aws.logs.log_groups (logGroupName, retentionInDays) VALUES ('g', 7)")
    assert [r["operation"] for r in queued] == ["logs:CreateLogGroup", "logs:PutRetentionPolicy"]
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    ask("COMMIT")
    assert proxy.calls["logs:PutRetentionPolicy"] == 1
    assert ask("SELECT logGroupName FROM aws.logs.log_groups") == []


def test_a_step_that_needs_the_answer_is_not_queued(ask: Ask) -> None:
    ask("BEGIN")
    with pytest.raises(NotSupportedError, match="VpcId from the answer"):
        ask("INSERT INTO aws.ec2.vpcs (CidrBlock, EnableDnsHostnames) VALUES ('10.7.0.0/16', true)")
    ask("ROLLBACK")
