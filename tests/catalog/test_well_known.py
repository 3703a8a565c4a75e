"""Well-known operations of the most used services, against a hand-written list."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.model import Method, RowPath, Verb
from tests.support.catalog import CATALOG

LINES = [
    line.split()
    for line in Path(__file__).with_name("well_known.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: ".".join(line[:2]))
def test_operation_reads_what_is_written_down(line: list[str]) -> None:
    where, operation, rows, *fields = line
    service, _, resource = where.partition(".")
    table = CATALOG.table("aws", schema_name(service), resource)
    assert table.name == resource
    method = reading(table.methods, operation)
    assert method.rows is not None
    assert path_of(method.rows) == rows
    assert set(fields) <= set(method.rows.fields)
    assert set(fields) <= {c.name for c in table.columns}


def reading(methods: tuple[Method, ...], operation: str) -> Method:
    found = [m for m in methods if m.operation.name == operation and m.verb is Verb.SELECT]
    assert len(found) == 1, [m.name for m in methods]
    return found[0]


def path_of(rows: RowPath) -> str:
    if rows.lists:
        return "/".join(".".join(path) for path in rows.lists)
    return "=" + ".".join(rows.single) if rows.single else "-"


def test_the_most_used_services_are_among_them() -> None:
    assert len({line[0].partition(".")[0] for line in LINES}) >= 60
    assert len(LINES) >= 100
