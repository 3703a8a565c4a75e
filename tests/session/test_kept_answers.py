"""EXEC results are kept in a local table; hints in errors can be followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import NotSupportedError
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

Client = Callable[..., Any]

_MADE = "(EXEC aws.iam.access_keys.create_access_key @UserName = 'ann')"


@pytest.fixture(autouse=True)
def user(client: Client, proxy: FaultProxy) -> None:
    """One user without a key."""
    client("iam").create_user(UserName="ann")
    proxy.reset()


def test_an_exec_that_reads_is_kept(ask: Ask) -> None:
    ask("CREATE TABLE t AS SELECT UserName FROM (EXEC aws.iam.users.list_users)")
    ask("INSERT INTO t SELECT UserName || '-2' FROM (EXEC aws.iam.users.list_users)")
    assert ask("SELECT list(UserName ORDER BY UserName) AS names FROM t") == [
        {"names": ["ann", "ann-2"]}
    ]


@pytest.mark.parametrize(
    "lead", ["CREATE TABLE t AS", "CREATE OR REPLACE TABLE t AS", "INSERT INTO there"]
)
def test_the_answer_of_a_write_is_not_kept_by_what_may_fail_after_it(
    lead: str, ask: Ask, proxy: FaultProxy
) -> None:
    ask("CREATE TABLE there(a VARCHAR)")
    with pytest.raises(NotSupportedError, match="writes"):
        ask(f"{lead} SELECT UserName FROM {_MADE}")
    assert not proxy.calls["iam:CreateAccessKey"]
    assert ask(f"SELECT UserName FROM {_MADE}") == [{"UserName": "ann"}]


def test_the_hint_of_a_query_that_reads_something_else_can_be_followed(
    ask: Ask, proxy: FaultProxy
) -> None:
    with pytest.raises(NotSupportedError) as failed:
        ask(f"SELECT u.Path FROM {_MADE} k JOIN aws.iam.users u ON u.UserName = k.UserName")
    assert "CREATE TABLE t AS SELECT" in (failed.value.hint or "")
    assert not proxy.calls["iam:CreateAccessKey"]
    ask("CREATE TABLE t AS SELECT UserName, Path FROM aws.iam.users")
    assert ask(f"SELECT t.Path FROM {_MADE} k JOIN t ON t.UserName = k.UserName") == [{"Path": "/"}]
