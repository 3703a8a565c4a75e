"""A write as a test sees it: what is read first, and the calls made from the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from cirrusql.catalog.catalog import Catalog
from cirrusql.engine.database import Database, arrow_schema
from cirrusql.plan.model import Plan
from cirrusql.plan.scope.planning_context import PlanOptions
from cirrusql.plan.writes.writes import WritePlanner
from cirrusql.sql.parse import parse
from cirrusql.sql.split import split
from tests.support.catalog import CATALOG

Row = Mapping[str, Any]


@cache
def catalog() -> Catalog:
    """One catalog for all tests, because loading a service is slow."""
    return CATALOG


def plan_of(sql: str, parameters: Mapping[str, object] | None = None) -> Plan:
    """The plan of a write."""
    planner = WritePlanner(
        catalog(),
        views={},
        databases=frozenset(),
        parameters=parameters or {},
        options=PlanOptions(),
    )
    (piece,) = split(sql)
    return planner.plan(parse(piece))


@dataclass(frozen=True)
class Outcome:
    """``reads`` and ``write`` are operations; ``calls`` the parameters, NULLs left out."""

    reads: list[str]
    write: str
    calls: list[Row]
    is_found_by_reading: bool


def outcome(
    sql: str, found: Sequence[Row] = (), parameters: Mapping[str, object] | None = None
) -> Outcome:
    """What a write does when each of its scans finds those rows."""
    plan = plan_of(sql, parameters)
    (write,) = plan.writes
    (rows,) = _rows(plan, found, parameters or {})
    return Outcome(
        reads=[c.method.operation.id for scan in plan.scans for c in scan.calls],
        write=write.method.operation.id,
        # Values shown only in the preview have a space in their name.
        calls=[{k: v for k, v in row.items() if v is not None and " " not in k} for row in rows],
        is_found_by_reading=write.is_found_by_reading,
    )


def numbers(sql: str, found: Sequence[Row]) -> dict[str, int]:
    """How often a write calls each of its operations when its scans find those rows."""
    plan = plan_of(sql)
    rows = _rows(plan, found, {})
    return {w.method.operation.id: len(r) for w, r in zip(plan.writes, rows, strict=True)}


def _rows(plan: Plan, found: Sequence[Row], parameters: Mapping[str, object]) -> list[list[Row]]:
    """The rows of each write of a plan."""
    database = Database()
    try:
        for scan in plan.scans:
            names = {c.name: None for c in scan.columns}
            rows = [{**names, **{k: v for k, v in row.items() if k in names}} for row in found]
            schema = arrow_schema(scan.columns)
            database.load(scan.id, scan.columns, [pa.RecordBatch.from_pylist(rows, schema)])
        written: list[list[Row]] = []
        for write in plan.writes:
            result = database.run(write.rows.sql, {**write.rows.parameters, **parameters})
            batches = [b.to_pylist(maps_as_pydicts="strict") for b in result.batches()]
            written.append([row for batch in batches for row in batch])
            result.close()
        return written
    finally:
        database.close()
