"""A policy applies to what is called, whatever name the statement uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cirrusql.config_file import load
from cirrusql.errors import ConfigError, Error, PolicyDenied, UnknownSetting
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Policy
from tests.session.conftest import rows_of
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]


def policy(tmp_path: Path, text: str) -> Policy:
    """The policy of a config file with that text after ``[policy]``."""
    file = tmp_path / "config.toml"
    file.write_text(f"[policy]\n{text}")
    found = load({}, {}, file).policy
    assert found is not None
    return found


NO_KEYS = 'deny = ["aws.iam.access_keys:*"]'


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT UserName FROM aws.iam.access_keys WHERE UserName = 'ann'",
        "SELECT UserName FROM aws.iam_api.access_keys WHERE UserName = 'ann'",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM aws.iam.access_keys)",
        "WITH k AS (SELECT UserName FROM aws.iam.access_keys) SELECT * FROM k",
        "CREATE VIEW v AS SELECT UserName FROM aws.iam.access_keys; SELECT * FROM v",
        "CREATE VIEW a AS SELECT UserName FROM aws.iam.access_keys; CREATE VIEW b AS FROM a; "
        "SELECT * FROM b",
        "CREATE MATERIALIZED VIEW m AS SELECT UserName FROM aws.iam.access_keys",
        "CREATE TABLE t AS SELECT UserName FROM aws.iam.access_keys",
        "CREATE TABLE t (a VARCHAR); INSERT INTO t SELECT UserName FROM aws.iam.access_keys",
        "COPY (SELECT UserName FROM aws.iam.access_keys) TO '/dev/null'",
        "SUMMARIZE SELECT UserName FROM aws.iam.access_keys",
        "SELECT * FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = u.UserName",
        "INSERT INTO aws.iam.users (UserName) SELECT UserName || 'x' FROM aws.iam.access_keys",
        "DELETE FROM aws.iam.users WHERE UserName IN (SELECT UserName FROM aws.iam.access_keys)",
        "UPDATE aws.iam.users SET NewPath = (SELECT min(UserName) FROM aws.iam.access_keys) WHERE "
        "true",
        "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann')",
        "INSERT INTO aws.iam_api.access_keys (UserName) VALUES ('ann')",
        "DELETE FROM aws.iam.access_keys WHERE AccessKeyId = 'AKIAIOSFODNN7EXAMPLE'",
        "EXEC aws.iam.access_keys.list_access_keys",
        "EXEC aws.iam_api.access_keys.access_keys_List",
        "EXEC aws.iam.access_keys.create_access_key @@json = '{}'",
        "SELECT * FROM (EXEC aws.iam.access_keys.create_access_key)",
        "EXEC aws.iam.users.delete_user @UserName = (SELECT min(UserName) FROM "
        "aws.iam.access_keys)",
        "EXPLAIN ANALYZE SELECT UserName FROM aws.iam.access_keys",
    ],
)
def test_no_statement_reaches_what_is_denied(
    open_session: Open, proxy: FaultProxy, tmp_path: Path, sql: str
) -> None:
    session = open_session(options=WriteOptions(assume_yes=True), policy=policy(tmp_path, NO_KEYS))
    with pytest.raises(PolicyDenied, match=r"aws\.iam\.access_keys"):
        rows_of(session, sql)
    assert proxy.calls == {}


def test_what_no_rule_allows_is_not_called(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    session = open_session(
        policy=policy(tmp_path, 'allow = ["aws.iam.*:read", "aws.iam.users:insert"]')
    )
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert rows_of(session, "SELECT UserName FROM aws.iam.users") == [{"UserName": "ann"}]
    for sql in (
        "DELETE FROM aws.iam.users WHERE UserName = 'ann'",
        "EXEC aws.iam.users.delete_user @UserName = 'ann'",
        "SELECT VpcId FROM aws.ec2.vpcs",
    ):
        with pytest.raises(PolicyDenied, match="does not allow"):
            rows_of(session, sql)
    # The caller is looked up for the audit log, whatever the policy says.
    assert set(proxy.calls) == {"iam:CreateUser", "iam:ListUsers", "sts:GetCallerIdentity"}


def test_exec_is_checked_by_what_the_operation_does(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    session = open_session(policy=policy(tmp_path, 'allow = ["aws.*.*:read"]'))
    rows_of(session, "EXEC aws.iam.users.list_users")
    with pytest.raises(PolicyDenied, match=r"aws\.iam\.users:insert \(iam:CreateUser\)"):
        rows_of(session, "EXEC aws.iam.users.create_user @UserName = 'ann'")


def test_deny_wins_over_allow(open_session: Open, proxy: FaultProxy, tmp_path: Path) -> None:
    both = 'allow = ["*"]\ndeny = ["aws.iam.users.list_users"]'
    session = open_session(policy=policy(tmp_path, both))
    with pytest.raises(PolicyDenied, match=r'"aws.iam.users.list_users"'):
        rows_of(session, "SELECT UserName FROM aws.iam.users")


def test_parents_are_calls_too(open_session: Open, proxy: FaultProxy, tmp_path: Path) -> None:
    session = open_session(policy=policy(tmp_path, 'deny = ["aws.ecs.clusters"]'))
    with pytest.raises(PolicyDenied, match="ecs:ListClusters"):
        rows_of(session, "SELECT * FROM aws.ecs.services")
    assert proxy.calls == {}


def test_explain_calls_nothing_and_says_what_is_refused(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    session = open_session(policy=policy(tmp_path, NO_KEYS))
    (result,) = session.run(
        "EXPLAIN SELECT UserName FROM aws.iam.access_keys WHERE UserName = 'ann'"
    )
    assert "denies aws.iam.access_keys:select" in result.notices[0]
    assert result.table().num_rows == 1
    assert proxy.calls == {}


def test_a_dry_run_reads_nothing_that_is_denied(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    session = open_session(options=WriteOptions(is_dry_run=True), policy=policy(tmp_path, NO_KEYS))
    with pytest.raises(PolicyDenied):
        rows_of(session, "DELETE FROM aws.iam.access_keys WHERE Status = 'Active'")
    assert proxy.calls == {}


def test_no_statement_changes_the_policy(open_session: Open, tmp_path: Path) -> None:
    session = open_session(policy=policy(tmp_path, NO_KEYS))
    for sql in ("SET policy = ''", "RESET policy"):
        with pytest.raises(UnknownSetting):
            rows_of(session, sql)


def test_a_user_has_what_both_policies_allow(
    tmp_path: Path, open_session: Open, proxy: FaultProxy
) -> None:
    found = policy(
        tmp_path,
        'deny = ["aws.ec2.*"]\n[policy.users.ann]\nallow = ["*"]\n'
        '[policy.users."*"]\nallow = ["aws.iam.*:read"]',
    )
    ann, bob = open_session(policy=found), open_session(policy=found)
    ann.user, bob.user = "ann", "bob"
    rows_of(ann, "INSERT INTO aws.iam.users (UserName) VALUES ('x')")
    assert rows_of(bob, "SELECT UserName FROM aws.iam.users") == [{"UserName": "x"}]
    with pytest.raises(PolicyDenied):
        rows_of(bob, "DELETE FROM aws.iam.users WHERE UserName = 'x'")
    with pytest.raises(PolicyDenied, match="denies"):
        rows_of(ann, "SELECT VpcId FROM aws.ec2.vpcs")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("allow = 1", "a list of strings"),
        ("allow = [1]", "must be text"),
        ("allow = ['aws.iam.users:slect']", "select"),
        ("deny = ['aws.iam.users.list_users.x']", "is not a table pattern"),
        ("deny = ['']", "is not a table pattern"),
        ("alow = ['*']", "alow"),
        ("[policy.users]\nann = 1", "must be a table"),
    ],
)
def test_a_policy_that_is_wrong_allows_nothing(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Error, match=words):
        policy(tmp_path, text)


def test_a_policy_that_cannot_be_read_allows_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load({}, {}, tmp_path)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("aws.iamm.users", "unknown service 'iamm'"),
        ("aws.iam_api.users", "both spellings"),
        ("aws.iam.userz", "unknown table 'userz'"),
        ("aws.iam.users.delete_role", "the method is one of roles: aws.iam.roles.delete_role"),
        ("aws.iam.user", "called 'users'"),
        ("aws.iam.users.list_user", "unknown method"),
    ],
)
def test_a_denial_of_what_there_is_not_is_said_rather_than_denying_nothing(
    open_session: Open, proxy: FaultProxy, tmp_path: Path, rule: str, words: str
) -> None:
    session = open_session(policy=policy(tmp_path, f"deny = ['{rule}']"))
    with pytest.raises(ConfigError, match=words):
        rows_of(session, "SELECT UserName FROM aws.iam.users")
    assert proxy.calls == {}


@pytest.mark.parametrize("service", ["iam", "s3", "ec2", "cloudwatch", "elb"])
def test_every_operation_has_a_home_that_a_rule_can_name(service: str) -> None:
    found, _ = CATALOG.service_catalog("aws", service)
    homed = {name for names in found.plain.values() for name in names}
    assert homed == set(found.service.operation_names)


def test_details_of_rows_are_calls_too(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    session = open_session(policy=policy(tmp_path, 'deny = ["aws.dynamodb.tables.describe_table"]'))
    assert rows_of(session, "SELECT TableName FROM aws.dynamodb.tables") == []
    with pytest.raises(PolicyDenied, match="dynamodb:DescribeTable"):
        rows_of(session, "SELECT TableName, TableStatus FROM aws.dynamodb.tables")
    assert set(proxy.calls) == {"dynamodb:ListTables"}


def test_a_transaction_is_checked_before_it_calls(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    session = open_session(options=WriteOptions(assume_yes=True), policy=policy(tmp_path, NO_KEYS))
    with pytest.raises(PolicyDenied, match=r"aws\.iam\.access_keys:insert"):
        rows_of(
            session,
            "BEGIN; INSERT INTO aws.iam.users (UserName) VALUES ('ann'); "
            "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann'); COMMIT",
        )
    assert not any(operation.startswith("iam:") for operation in proxy.calls)
