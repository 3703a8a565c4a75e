"""Views."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import NotSupportedError, ProgrammingError
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def viewed(ask: Ask) -> Ask:
    ask("CREATE VIEW people AS SELECT UserName, Tags FROM aws.iam.users")
    ask("CREATE VIEW named AS FROM people")
    return ask


@pytest.mark.parametrize("name", ["people", "named", "PEOPLE"])
def test_a_view_is_described_without_a_call(viewed: Ask, proxy: FaultProxy, name: str) -> None:
    found = viewed(f"DESCRIBE {name}")
    assert [r["column_name"] for r in found] == ["UserName", "Tags"]
    full = viewed(f"DESCRIBE EXTENDED {name}")
    assert [(r["name"], r["type"], r["role"]) for r in full] == [
        ("UserName", "string", "field"),
        ("Tags", "array", "field"),
    ]
    assert full[0].keys() == viewed("DESCRIBE EXTENDED aws.iam.users")[0].keys()
    assert proxy.calls == {}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM people WHERE UserName = 'ann'",
        "DELETE FROM named",
        "UPDATE people SET UserName = 'bob' WHERE true",
        "INSERT INTO PEOPLE (UserName) VALUES ('bob')",
        "INSERT INTO people SELECT 'bob', NULL",
        "TRUNCATE people",
        "WITH x AS (SELECT 1) DELETE FROM people WHERE true",
    ],
)
def test_a_view_is_not_written_to(statement: str, viewed: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(
        NotSupportedError, match=r"(people|named) is a view, which cannot"
    ) as raised:
        viewed(statement)
    assert raised.value.hint is not None
    assert raised.value.hint.endswith(("aws.iam.users", "FROM people"))
    assert proxy.calls == {}


def test_truncate_says_what_deletes_every_row(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(NotSupportedError, match="TRUNCATE of a cloud table") as raised:
        ask("TRUNCATE TABLE aws.iam.users")
    assert "DELETE FROM aws.iam.users WHERE true" in str(raised.value.hint)
    assert proxy.calls == {}


@pytest.mark.parametrize("statement", ["SHOW METHODS IN named", "SHOW INSERT INTO people"])
def test_a_view_has_no_methods_and_says_whose_it_reads(viewed: Ask, statement: str) -> None:
    with pytest.raises(
        ProgrammingError, match=r"is a view, which has no methods; it reads aws\.iam\.users"
    ) as raised:
        viewed(statement)
    assert raised.value.hint == "SHOW METHODS IN aws.iam.users"


def test_show_create_gives_a_view_as_it_was_made(viewed: Ask) -> None:
    (row,) = viewed("SHOW CREATE people")
    assert row["statement"] == "CREATE VIEW people AS SELECT UserName, Tags FROM aws.iam.users;"


def test_summarize_reads_a_view(viewed: Ask, proxy: FaultProxy) -> None:
    assert [r["column_name"] for r in viewed("SUMMARIZE SELECT UserName FROM named")] == [
        "UserName"
    ]
    assert [r["column_name"] for r in viewed("SUMMARIZE people")] == ["UserName", "Tags"]


def test_what_is_said_of_a_view_is_not_kept_for_the_next_run(
    open_session: Callable[..., Session], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for columns in (["UserName"], ["UserName", "Path"]):
        session = open_session()
        session.catalog = Catalog(
            [BotocoreSource()], cache_dir=tmp_path_factory.getbasetemp() / "kept"
        )
        rows_of(session, f"CREATE VIEW v AS SELECT {', '.join(columns)} FROM aws.iam.users")
        assert [r["name"] for r in rows_of(session, "DESCRIBE EXTENDED v")] == columns
