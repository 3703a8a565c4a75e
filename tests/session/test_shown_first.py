"""What is found rather than named is shown before it is written,
even if it is too little to need confirmation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import ConfirmationRequired
from cirrusql.execution.writes.preview import Preview
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.preview_lines import preview_lines
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]
Client = Callable[..., Any]

_WRITES = {
    "iam:DeleteUser",
    "iam:UpdateUser",
    "iam:TagUser",
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
}
_SOME = "SELECT UserName FROM aws.iam.users WHERE Path = '/old/'"


@pytest.fixture
def user(client: Client) -> str:
    """The id of the one user under /old/; another user is elsewhere."""
    client("iam").create_user(UserName="bob", Path="/new/")
    made = client("iam").create_user(UserName="ann", Path="/old/")
    found: str = made["User"]["UserId"]
    return found


class Watcher:
    """Records what is shown, and what had been written by then."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.previews: list[Preview] = []
        self.written: set[str] = set()
        self._proxy = proxy

    def __call__(self, preview: Preview) -> None:
        self.previews.append(preview)
        self.written |= _WRITES & set(self._proxy.calls)

    @property
    def text(self) -> str:
        return "\n".join(line for p in self.previews for line in preview_lines(p))


@pytest.fixture
def watcher(proxy: FaultProxy, user: str) -> Watcher:
    proxy.reset()
    return Watcher(proxy)


FOUND = (
    "DELETE FROM aws.iam.users WHERE Path = '/old/'",
    "UPDATE aws.iam.users SET NewPath = '/older/' WHERE Path = '/old/'",
    "UPDATE aws.iam.users SET Tags['a'] = 'b' WHERE Path = '/old/'",
    f"DELETE FROM aws.iam.users WHERE UserName IN ({_SOME})",
    f"EXEC aws.iam.users.delete_user @UserName = ({_SOME})",
    f"SELECT * FROM (EXEC aws.iam.access_keys.create_access_key @UserName = ({_SOME}))",
    f"EXEC aws.iam.users.delete_user @@json = (SELECT to_json({{'UserName': UserName}}) FROM "
    f"({_SOME}))",
    f"INSERT INTO aws.iam.access_keys (UserName) {_SOME}",
    f"CREATE TABLE mine AS {_SOME}; DELETE FROM aws.iam.users WHERE UserName IN (FROM mine)",
    f"CREATE VIEW mine AS {_SOME}; EXEC aws.iam.users.delete_user @UserName = (FROM mine)",
    "BEGIN; DELETE FROM aws.iam.users WHERE Path = '/old/'; COMMIT",
    "DELETE FROM aws.iam.users u WHERE EXISTS (SELECT 1 FROM aws.iam.users v WHERE v.Path = "
    "'/old/' "
    "AND v.UserName = u.UserName)",
)


@pytest.mark.parametrize("sql", FOUND)
@pytest.mark.parametrize("yes", [False, True])
def test_one_thing_that_was_found_is_shown_before_it_is_written(
    sql: str, yes: bool, open_session: Open, watcher: Watcher, proxy: FaultProxy
) -> None:
    rows_of(open_session(options=WriteOptions(show=watcher, assume_yes=yes)), sql)
    assert len(watcher.previews) == 1
    assert "ann" in watcher.text
    assert "bob" not in watcher.text
    assert not watcher.written
    assert len(_WRITES & set(proxy.calls)) == 1


NAMED = (
    "DELETE FROM aws.iam.users WHERE UserName = 'ann'",
    "DELETE FROM aws.iam.users WHERE UserName = 'ann' AND Path = '/old/'",
    "DELETE FROM aws.iam.users WHERE UserName = $u",
    "UPDATE aws.iam.users SET NewPath = '/older/' WHERE UserName = 'ann'",
    "UPDATE aws.iam.users SET NewPath = Path || 'er/' WHERE UserName = 'ann'",
    "UPDATE aws.iam.users SET Tags['a'] = 'b' WHERE UserName IN ('ann', 'bob')",
    "EXEC aws.iam.users.delete_user @UserName = 'ann'",
    "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann')",
    "BEGIN; DELETE FROM aws.iam.users WHERE UserName = 'ann'; COMMIT",
)


@pytest.mark.parametrize("sql", NAMED)
def test_what_the_statement_names_is_written_without_a_word(
    sql: str, open_session: Open, watcher: Watcher, proxy: FaultProxy
) -> None:
    session = open_session(options=WriteOptions(show=watcher))
    rows_of(session, sql, **({"u": "ann"} if "$u" in sql else {}))
    assert not watcher.previews
    assert len(_WRITES & set(proxy.calls)) == 1


def test_of_a_transaction_only_what_was_found_is_shown(
    open_session: Open, watcher: Watcher, client: Client
) -> None:
    client("iam").create_user(UserName="cid")
    session = open_session(options=WriteOptions(show=watcher))
    rows_of(
        session,
        "BEGIN; DELETE FROM aws.iam.users WHERE UserName = 'cid'; "
        "DELETE FROM aws.iam.users WHERE Path = '/old/'; COMMIT",
    )
    assert "cid" not in watcher.text
    assert "UserName=ann" in watcher.text
    assert watcher.previews[0].extent.told == "1 thing"


def test_many_that_are_written_with_a_yes_are_shown_whole(
    open_session: Open, client: Client, watcher: Watcher
) -> None:
    for n in range(5):
        client("iam").create_user(UserName=f"many-{n}", Path="/many/")
    session = open_session(options=WriteOptions(show=watcher, assume_yes=True))
    rows_of(session, "DELETE FROM aws.iam.users WHERE Path = '/many/'")
    assert all(f"UserName=many-{n}" in watcher.text for n in range(5))
    assert "5 things by 5 calls: 5 iam:DeleteUser" in watcher.text


def test_what_is_asked_about_is_not_shown_twice(
    open_session: Open, client: Client, watcher: Watcher
) -> None:
    client("iam").create_user(UserName="amy", Path="/old/")
    asked: list[Preview] = []

    def agree(preview: Preview) -> bool:
        asked.append(preview)
        return True

    session = open_session(options=WriteOptions(show=watcher, confirm=agree))
    rows_of(session, "DELETE FROM aws.iam.users WHERE Path = '/old/'")
    assert len(asked) == 1
    assert not watcher.previews


def test_where_there_is_nobody_to_show_it_to_the_result_says_it(
    open_session: Open, user: str
) -> None:
    (result,) = open_session().run("DELETE FROM aws.iam.users WHERE Path = '/old/'")
    assert any("iam:DeleteUser  UserName=ann" in n for n in result.notices)


def test_showing_makes_no_call(open_session: Open, watcher: Watcher, proxy: FaultProxy) -> None:
    sql = "DELETE FROM aws.iam.users WHERE Path = '/old/'"
    rows_of(open_session(options=WriteOptions(show=watcher), audit="off"), sql)
    assert dict(proxy.calls) == {"iam:ListUsers": 1, "iam:DeleteUser": 1}


def test_named_things_that_are_read_first_are_not_asked_about_however_the_where_goes_on(
    open_session: Open, watcher: Watcher, client: Client
) -> None:
    session = open_session(options=WriteOptions(show=watcher))
    sql = "DELETE FROM aws.iam.users WHERE UserName IN ('ann', 'bob') AND CreateDate < now()"
    assert [r["status"] for r in rows_of(session, sql)] == ["done", "done"]
    assert not watcher.previews


@pytest.mark.parametrize(
    "place", ["region = '*'", "region LIKE '%'", "region IN (SELECT 'us-east-1')"]
)
def test_places_that_are_not_named_are_shown(
    place: str, open_session: Open, client: Client, proxy: FaultProxy
) -> None:
    """One queue of that name in some region, which the statement does not name."""
    url = client("sqs").create_queue(QueueName="q")["QueueUrl"]
    watcher = Watcher(proxy)
    session = open_session(options=WriteOptions(show=watcher), region="us-east-1")
    try:
        rows_of(session, f"DELETE FROM aws.sqs.queues WHERE QueueUrl = '{url}' AND {place}")
    except ConfirmationRequired:
        return
    assert url in watcher.text
