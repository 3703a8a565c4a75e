"""``information_schema`` over local tables and the catalog alike."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings


class FewServices(BotocoreSource):
    """botocore's source cut down, so that its index is made in a second."""

    def ids(self) -> Collection[str]:
        return ["iam", "sts"]


@pytest.fixture
def session() -> Iterator[Session]:
    catalog = Catalog([FewServices()])
    with Session(Settings(sandbox=True), os.environ, catalog=catalog) as opened:
        yield opened


def rows(session: Session, sql: str) -> list[tuple[object, ...]]:
    return [tuple(r.values()) for r in list(session.run(sql))[-1].table().to_pylist()]


def test_services_are_schemas_of_their_provider(session: Session) -> None:
    sql = (
        "SELECT schema_name FROM information_schema.schemata WHERE catalog_name = 'aws' ORDER BY 1"
    )
    assert rows(session, sql) == [("iam",), ("sts",)]


def test_cloud_tables_stand_beside_local_ones(session: Session) -> None:
    sql = (
        "CREATE TABLE mine AS SELECT 1 AS a; "
        "SELECT table_catalog, table_schema FROM information_schema.tables "
        "WHERE table_name IN ('mine', 'access_keys') ORDER BY 1"
    )
    assert rows(session, sql) == [("aws", "iam"), ("memory", "main")]


def test_columns_have_their_types_and_places(session: Session) -> None:
    sql = (
        "SELECT c.column_name, c.data_type FROM INFORMATION_SCHEMA.COLUMNS c "
        "WHERE c.table_schema = 'iam' AND table_name = 'access_keys' ORDER BY ordinal_position "
        "LIMIT 2"
    )
    (named, typed), _ = rows(session, sql)
    assert (named, typed) == ("UserName", "VARCHAR")


def test_a_view_has_its_columns(session: Session) -> None:
    sql = (
        "CREATE VIEW named AS SELECT UserName, 1::SMALLINT AS n FROM aws.iam.users; "
        "SELECT t.table_type, c.column_name, c.data_type, c.ordinal_position "
        "FROM information_schema.tables t JOIN information_schema.columns c "
        "USING (table_catalog, table_schema, table_name) WHERE table_name = 'named' ORDER BY 4"
    )
    assert rows(session, sql) == [
        ("VIEW", "UserName", "VARCHAR", 1),
        ("VIEW", "n", "SMALLINT", 2),
    ]


def test_parameters_of_writes_are_no_columns(session: Session) -> None:
    sql = (
        "SELECT column_name, in_star FROM information_schema.columns WHERE table_name = 'groups' "
        "AND column_name IN ('GroupName', 'PathPrefix', 'NewPath') ORDER BY ALL"
    )
    assert rows(session, sql) == [("GroupName", True), ("PathPrefix", False)]
    sql = "SELECT role FROM cirrusql.fields WHERE resource = 'groups' AND name = 'NewPath'"
    assert rows(session, sql) == [("write",)]


def test_tables_that_cannot_be_read_are_not_listed(session: Session) -> None:
    sql = "SELECT table_name FROM information_schema.tables WHERE table_name = 'passwords'"
    assert rows(session, sql) == []


def test_the_views_join_as_tables_do(session: Session) -> None:
    sql = (
        "SELECT count(*) FROM information_schema.tables JOIN information_schema.columns "
        "USING (table_catalog, table_schema, table_name) WHERE table_name = 'access_keys'"
    )
    assert rows(session, sql)[0][0] > 3  # type: ignore[operator]
