"""Two ways to answer a query over the toy world, which must agree.

``planned``: by its plan, the calls answered by the world and counted. ``expected``: by the
engine alone over the whole tables, ``toy`` in the session's region and ``whole`` in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa

from cirrusql.api.model import Kind, Operation, Service
from cirrusql.catalog.model import Column, Role, RowPath, Table
from cirrusql.engine.database import Database
from cirrusql.errors import NotFound
from cirrusql.execution.reads.reads import ReadRun
from cirrusql.plan.model import CallScope, Plan
from cirrusql.plan.planner import plan_query
from cirrusql.plan.scope.planning_context import PlanOptions
from cirrusql.settings import Settings
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement
from cirrusql.transport.location_patterns import selected
from cirrusql.transport.model import Batch, Call, Failure, Target
from cirrusql.types import ListType
from tests.plan.toy import PROVIDER, REGIONS, WORLD, Row, World, catalog

HOME = REGIONS[0]
"""The session's region."""


@dataclass
class ToyFetcher:
    """A session's fetcher, answered by the world."""

    world: World
    calls: list[str] = field(default_factory=list)
    gone: frozenset[str] = frozenset()
    """Keys that a list of them fails for."""

    def targets(
        self, scope: CallScope, service: Service, operation: str = ""
    ) -> tuple[Target, ...]:
        """The places of a scope: regions by pattern, one account."""
        regions = (HOME,) if scope.regions is None else REGIONS
        if service.is_global:
            regions = (HOME,)
        wanted = selected(regions, scope.regions, scope.excluded_regions)
        here = scope.accounts is None or selected(("1",), scope.accounts)
        is_named = scope.connections not in (None, ("%",))
        return tuple(Target(None, r, "1") for r in wanted) if here and not is_named else ()

    def only_region(self, operation: Operation) -> None:
        """Every service of the world has all regions."""

    def answered_in(
        self, operation: Operation, parameters: Mapping[str, object], region: str
    ) -> str:
        """The region of the call."""
        return region

    def regions_are_guessed(self, connection: str | None, provider: str) -> bool:
        """The world knows its regions."""
        return False

    def batches(self, calls: Iterable[Call]) -> Generator[Batch | Failure]:
        """One page per call."""
        for call in calls:
            sent = ", ".join(f"{n}={_words(v)}" for n, v in sorted(call.parameters.items()))
            place = "" if call.operation.service.is_global else f"@{call.target.region}"
            self.calls.append(f"{call.operation.name}({sent}){place}")
            lists = [value for value in call.parameters.values() if isinstance(value, list)]
            if any(key in self.gone for keys in lists for key in keys if isinstance(key, str)):
                yield Failure(call, NotFound("gone"))
                continue
            yield Batch(call, _batch(call, self.world))


def _words(value: object) -> object:
    """A parameter as a test writes it: ``vpc-id:v-1|v-2,tag:Name:web`` for filters."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return ",".join(sorted(f"{f['Name']}:{'|'.join(f['Values'])}" for f in value))
    return value


def _batch(call: Call, world: World) -> pa.RecordBatch:
    table = next(
        t
        for t in _tables()
        if t.schema == call.operation.service.id
        and any(m.operation is call.operation for m in t.methods)
    )
    key = f"{table.schema}.{table.name}"
    found = list(world.answer(call.operation, key, call.parameters, call.target.region))
    assert call.rows is not None
    if not call.rows.lists and call.operation.output is not None:
        found = list(_whole_lists(call, found))
    arrays = []
    for column in call.columns:
        if column.role is Role.CONTEXT:
            value = {"region": call.target.region, "account_id": "1"}.get(column.name)
            cells: list[object] = [value for _ in found]
        elif column.name in call.rows.fields:
            cells = [row[_member(call.rows, column.name)] for row in found]
        else:
            sent = call.parameters.get(column.name)
            is_one = (
                isinstance(column.type, ListType)
                and sent is not None
                and not isinstance(sent, list)
            )
            cells = [[sent] if is_one else sent for _ in found]
        arrays.append(pa.array(cells, column.type.arrow))
    schema = pa.schema([(c.name, c.type.arrow) for c in call.columns])
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _member(rows: RowPath, name: str) -> str:
    """The member of the answer that a column is; a list of scalars has no names."""
    return rows.fields[name].path[-1] if rows.fields[name].path else name


def _whole_lists(call: Call, found: list[Row]) -> Iterator[Row]:
    """The one row of an answer whose list is a column, where that is how it is read."""
    assert call.rows is not None
    assert call.operation.output is not None
    for path in call.rows.fields.values():
        shape = call.operation.output.members[path.path[0]].shape
        if shape.kind is Kind.LIST:
            yield {
                path.path[0]: [{n: row[n] for n in shape.element.shape.members} for row in found]
            }
            return
    yield from found


@cache
def _tables() -> tuple[Table, ...]:
    found = catalog()
    return tuple(
        found.table(PROVIDER, s.id, name)
        for s in found.services(PROVIDER)
        for name in found.resources(PROVIDER, s.id)
    )


@dataclass
class Answered:
    """Headings, rows as a bag, and the calls that were made."""

    headings: list[str]
    rows: list[tuple[Any, ...]]
    calls: list[str]

    @property
    def bag(self) -> Counter[str]:
        """The rows in any order."""
        return Counter(repr(r) for r in self.rows)


def plan_of(
    sql: str, *, off: Iterable[str] = (), views: Mapping[str, str] | None = None, **given: Any
) -> Plan:
    """The plan of a query over toy tables."""
    statement = parse(sql)
    assert isinstance(statement, QueryStatement)
    options = PlanOptions(off=frozenset(off))
    return plan_query(
        statement.text, statement.tree, catalog(), views=views, parameters=given, options=options
    )


def planned(
    sql: str,
    *,
    database: Database,
    off: Iterable[str] = (),
    views: Mapping[str, str] | None = None,
    world: World = WORLD,
    gone: frozenset[str] = frozenset(),
    **given: Any,
) -> Answered:
    """The answer by the plan."""
    plan = plan_of(sql, off=off, views=views, **given)
    assert plan.query is not None
    fetcher = ToyFetcher(world, gone=gone)
    run = ReadRun(database, fetcher, Settings(), given)  # type: ignore[arg-type]
    try:
        run.check(plan)
        run.run(plan)
        with_rows = _fetched(database, plan.query.sql, given)
    finally:
        database.unregister(run.relations)
    return Answered(*with_rows, fetcher.calls)


def expected(sql: str, *, database: Database, **given: Any) -> Answered:
    """The answer over the whole tables."""
    return Answered(*_fetched(database, sql, given), [])


def _fetched(
    database: Database, sql: str, given: Mapping[str, object]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    rows = database.run(sql, given)
    table = pa.Table.from_batches(list(rows.batches()), schema=rows.schema)
    rows.close()
    names = list(table.schema.names)
    columns: Sequence[list[Any]] = [c.to_pylist() for c in table.columns]
    return names, list(zip(*columns, strict=True)) if columns else []


def whole_tables(database: Database, world: World = WORLD) -> None:
    """Attach ``toy`` and ``whole`` with every table of the world."""
    for name, regions in ((PROVIDER, (HOME,)), ("whole", REGIONS)):
        database.execute(f"ATTACH ':memory:' AS {name}")
        for table in _tables():
            database.execute(f"CREATE SCHEMA IF NOT EXISTS {name}.{table.schema}")
            database.load("_loading", _starred(table, world), [_whole(table, world, regions)])
            database.execute(f"CREATE TABLE {name}.{table.schema}.{table.name} AS FROM _loading")
            database.unregister(["_loading"])


def _starred(table: Table, world: World) -> tuple[Column, ...]:
    """The columns that a star shows, and the others that the world has values of."""
    known = {name for row in world.rows.get(f"{table.schema}.{table.name}", ()) for name in row}
    return tuple(c for c in table.columns if c.name in known or table.is_starred(c))


def _whole(table: Table, world: World, regions: Sequence[str]) -> pa.RecordBatch:
    columns = _starred(table, world)
    rows = list(_here(table, world.rows.get(f"{table.schema}.{table.name}", ()), regions))
    arrays = [pa.array([r.get(c.name) for r in rows], c.type.arrow) for c in columns]
    schema = pa.schema([(c.name, c.type.arrow) for c in columns])
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _here(table: Table, rows: Iterable[Row], regions: Sequence[str]) -> Iterator[Row]:
    for row in rows:
        if table.is_global:
            yield {**row, "region": HOME, "account_id": "1"}
        elif row["region"] in regions:
            yield {**row, "account_id": "1"}
