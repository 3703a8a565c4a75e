"""An UPDATE of each column of tables whose rows relate things, to a value and to NULL: planned, or
an error of ours that says why not. A sample of services; ``TESTS_ALL_TABLES=1`` takes every one
there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.catalog.relations
from cirrusql.catalog.model import Table
from cirrusql.errors import Error, InternalError
from cirrusql.sql.quoting import quoted
from tests.plan.planned import catalog, plan_of
from tests.support.services import is_whole, sampled

pytestmark = pytest.mark.timeout(900)

ALWAYS = ("ec2", "elbv2", "events", "iam", "route53")
"""Rows as items of a list, as records of changes, as attachments."""
RELATIONS = Path(tests.catalog.relations.__path__[0], "pairs.txt")


def _tables() -> Iterator[Table]:
    """The tables of which rows relate things;
    with the variable all tables of services that have such."""
    named = {line.split()[0] for line in RELATIONS.read_text("utf-8").splitlines()}
    schemas = set(sampled(12, ALWAYS))
    for schema in sorted({n.split(".")[0] for n in named} & schemas):
        service, _ = catalog().service_catalog("aws", schema)
        names = (
            service.plain
            if is_whole()
            else {n.split(".")[1] for n in named if n.startswith(f"{schema}.")}
        )
        yield from (catalog().table("aws", schema, n) for n in sorted(names))


def test_whatever_is_set_is_planned_or_an_error_of_ours() -> None:
    wrong = []
    planned = 0
    for table in _tables():
        for column in table.columns:
            for value in ("NULL", "'x'"):
                sql = f"UPDATE {table.id} SET {quoted(column.name)} = {value} WHERE true"
                try:
                    plan_of(sql)
                    planned += 1
                except InternalError as error:
                    wrong.append(f"{sql}: {error}")
                except Error:
                    continue
                except Exception as error:
                    wrong.append(f"{sql}: {type(error).__name__}: {error}")
    assert planned
    assert wrong == []
