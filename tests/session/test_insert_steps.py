"""INSERT in several calls: create, set, tag; and one row in the report."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import InvalidParameter, NotSupportedError
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.session.test_accountability import lines_server
from tests.support.fault_proxy import FaultProxy, Faults
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
    rows = ask(
        "SELECT Name, VersioningStatus AS v, tags(TagSet) AS t FROM aws.s3.buckets ORDER BY Name"
    )
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


def test_a_dry_run_shows_every_step(
    open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
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
            return (
                400,
                JSON,
                {"__type": "InvalidParameterException", "message": "no such number of days"},
            )
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
    with pytest.raises(NotSupportedError, match="VpcId from the response"):
        ask("INSERT INTO aws.ec2.vpcs (CidrBlock, EnableDnsHostnames) VALUES ('10.7.0.0/16', true)")
    ask("ROLLBACK")


GROUPS = (
    "INSERT INTO aws.logs.log_groups (logGroupName, retentionInDays) VALUES ('a', 7), ('b', "
    "NULL), ('c', 14)"
)


def _report(session: Session, sql: str) -> dict[str, tuple[str, str, str]]:
    """The report: status and error by target operation."""
    (result,) = session.run(sql)
    rows = result.table().to_pylist()
    return {r["target"]: (r["operation"], r["status"], r["error"] or "") for r in rows}


def test_of_many_rows_each_says_what_was_made_of_it(session: Session, proxy: FaultProxy) -> None:
    proxy.faults = Faults(deny=frozenset({"logs:PutRetentionPolicy"}))
    told = _report(session, GROUPS)
    both = "logs:CreateLogGroup, logs:PutRetentionPolicy"
    assert {t: (o, s) for t, (o, s, _) in told.items()} == {
        "logGroupName=a": (both, "failed"),
        "logGroupName=b": ("logs:CreateLogGroup", "done"),
        "logGroupName=c": (both, "failed"),
    }
    assert told["logGroupName=a"][2].endswith("done before it: logs:CreateLogGroup")
    proxy.faults = Faults()
    assert len(rows_of(session, "SELECT logGroupName FROM aws.logs.log_groups")) == 3


def test_what_was_not_created_has_no_steps(session: Session, proxy: FaultProxy) -> None:
    proxy.faults = Faults(deny=frozenset({"logs:CreateLogGroup"}))
    told = _report(session, GROUPS)
    assert {(o, s) for o, s, _ in told.values()} == {("logs:CreateLogGroup", "failed")}
    assert proxy.calls["logs:PutRetentionPolicy"] == 0


def test_a_step_whose_answer_is_lost_is_looked_up_or_unknown(
    session: Session, proxy: FaultProxy
) -> None:
    proxy.faults = Faults(only=frozenset({"logs:PutRetentionPolicy"}), reset_after=1.0)
    told = _report(
        session, "INSERT INTO aws.logs.log_groups (logGroupName, retentionInDays) VALUES ('a', 7)"
    )
    _, status, error = told["logGroupName=a"]
    assert status in ("done", "unknown")
    assert status == "done" or "done before it: logs:CreateLogGroup" in error
    (row,) = rows_of(session, "SELECT retentionInDays AS days FROM aws.logs.log_groups")
    assert row["days"] == 7


def test_in_a_transaction_a_step_that_fails_takes_back_what_was_created(
    session: Session, proxy: FaultProxy
) -> None:
    proxy.faults = Faults(deny=frozenset({"logs:PutRetentionPolicy"}))
    rows_of(session, "BEGIN")
    rows_of(session, GROUPS)
    told = [(r["operation"], r["target"], r["status"]) for r in rows_of(session, "COMMIT")]
    assert told == [
        ("logs:CreateLogGroup", "logGroupName=a", "undone"),
        ("logs:CreateLogGroup", "logGroupName=b", "undone"),
        ("logs:CreateLogGroup", "logGroupName=c", "undone"),
        ("logs:PutRetentionPolicy", "logGroupName=a, retentionInDays=7", "failed"),
        ("logs:PutRetentionPolicy", "logGroupName=c, retentionInDays=14", "not run"),
    ]
    proxy.faults = Faults()
    assert rows_of(session, "SELECT logGroupName FROM aws.logs.log_groups") == []


def test_a_step_that_cannot_be_written_down_is_told_beside_what_was_created(
    open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    with lines_server(204, 204, 503) as (url, _):
        session = open_session(audit=url, options=WriteOptions(assume_yes=True))
        told = _report(
            session,
            "INSERT INTO aws.logs.log_groups (logGroupName, retentionInDays) VALUES ('a', 7)",
        )
    _, status, error = told["logGroupName=a"]
    assert (status, proxy.calls["logs:PutRetentionPolicy"]) == ("not run", 0)
    assert error.endswith("done before it: logs:CreateLogGroup")


def test_a_failure_midway_names_what_was_made_and_what_is_left(
    open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    """The id of a new VPC is known from the answer alone:
    without it nobody finds what is left to do."""
    proxy.faults = Faults(deny=frozenset({"ec2:ModifyVpcAttribute"}))
    sql = "INSERT INTO aws.ec2.vpcs (CidrBlock, EnableDnsHostnames) VALUES ('10.9.0.0/16', true)"
    (result,) = open_session(options=WriteOptions(assume_yes=True)).run(sql)
    (row,) = result.table().to_pylist()
    assert (row["status"], result.exit_status) == ("failed", 1)
    proxy.faults = Faults()
    (vpc,) = rows_of(
        open_session(), "SELECT VpcId FROM aws.ec2.vpcs WHERE CidrBlock = '10.9.0.0/16'"
    )
    assert row["error"].startswith(f"ec2:ModifyVpcAttribute of VpcId={vpc['VpcId']} failed: ")
    assert row["error"].endswith("done before it: ec2:CreateVpc")
