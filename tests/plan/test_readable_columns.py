"""SELECT accepts by name what the catalog lists as columns, no more and no less.

By plans: a sample of the tables, or with ``TESTS_ALL_TABLES=1`` every one.
"""

from __future__ import annotations

import os
import random

import pytest

from cirrusql.catalog.model import Role, Table
from cirrusql.catalog.row_model.made_columns import made_columns
from cirrusql.catalog.row_model.request_names import read_as
from cirrusql.catalog.rows.readable_columns import is_readable, readable_columns
from cirrusql.errors import Error, MissingParameter, NotSupportedError, UnknownColumn
from cirrusql.plan.planner import plan_query
from cirrusql.providers import default_catalog
from cirrusql.settings import Settings
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece

CATALOG = default_catalog(Settings())
SERVICES = [info.id for info in CATALOG.services("aws")]
SAMPLE = SERVICES if "TESTS_ALL_TABLES" in os.environ else random.Random(17).sample(SERVICES, 12)


def refused(select: str, table: Table) -> Error | None:
    """The error of planning a SELECT from a table."""
    sql = f"SELECT {select} FROM {table.id}"
    try:
        plan_query(sql, parse_sql(Piece(sql, 0, sql)), CATALOG, views={})
    except Error as error:
        return error
    return None


@pytest.fixture(params=SAMPLE)
def tables(request: pytest.FixtureRequest) -> list[Table]:
    """The tables of one service."""
    service = request.param
    return [CATALOG.table("aws", service, name) for name in CATALOG.resources("aws", service)]


def test_what_cannot_be_read_has_no_columns(tables: list[Table]) -> None:
    unread = [t for t in tables if not is_readable(t)]
    assert [t.id for t in unread if readable_columns(t)] == []
    assert [t.id for t in unread if not isinstance(refused("*", t), NotSupportedError)] == []


def test_each_listed_column_is_accepted_by_name(tables: list[Table]) -> None:
    wrong = {}
    for table in filter(is_readable, tables):
        names = ", ".join(f'"{c.name}"' for c in readable_columns(table))
        error = refused(names, table)
        # Where a key is required, a star and named columns need the same one.
        needs_key = isinstance(error, MissingParameter)
        if error is not None and not (needs_key and str(error) == str(refused("*", table))):
            wrong[table.id] = str(error)
    assert wrong == {}


def test_star_shows_listed_columns_only(tables: list[Table]) -> None:
    wrong = [
        (table.id, column.name)
        for table in filter(is_readable, tables)
        for column in table.columns
        if table.is_starred(column) and column not in readable_columns(table)
    ]
    assert wrong == []


def test_other_columns_are_refused_or_name_a_listed_one(tables: list[Table]) -> None:
    wrong = []
    for table in filter(is_readable, tables):
        listed = readable_columns(table)
        service, _ = CATALOG.service_catalog("aws", table.schema)
        made = {m.column.name for m in made_columns(service, table).values()}
        for column in table.columns:
            if column in listed or column.name in made:
                continue
            error = refused(f'"{column.name}"', table)
            is_other_name = read_as(table, column) in listed and column.role is Role.PARAMETER
            if not (isinstance(error, UnknownColumn | MissingParameter) or is_other_name):
                wrong.append((table.id, column.name, str(error)))
    assert wrong == []
