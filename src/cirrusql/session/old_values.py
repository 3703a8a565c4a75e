"""Reads old values that an UPDATE's rows lack, for the preview.

Reads only columns of further details: one call per resource shown, for at most as many as a person
reads. The preview marks values that were not read, and a value that cannot be read stops no write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cirrusql.errors import Error, Interrupted
from cirrusql.execution.reads.reads import ReadRun
from cirrusql.execution.writes.preview_fields import NOT_READ
from cirrusql.plan.writes.preview_columns import AFTER, BEFORE
from cirrusql.sql.parse import parse
from cirrusql.sql.quoting import literal, quoted
from cirrusql.transport.model import About, Call

if TYPE_CHECKING:
    from cirrusql.execution.writes.preview_fields import Prepared
    from cirrusql.plan.model import ValueChange, Write
    from cirrusql.session.running_session import RunningSession
    from cirrusql.transport.model import Target

MOST_READ = 100
"""Resources in a preview whose old values are read."""

_Key = tuple[str, ...]


def with_old_values(
    session: RunningSession, parameters: Mapping[str, object], prepared: Prepared
) -> list[tuple[Write, Sequence[Call]]]:
    """The calls, each with the old values of what its write changes, or a mark that they were not
    read."""
    left = MOST_READ
    found: list[tuple[Write, Sequence[Call]]] = []
    for write, calls in prepared:
        read = [c for c in calls if _readable(write, c)][:left]
        left -= len(read)
        values = _read(session, parameters, write, read)
        found.append((write, [_told(write, c, values) for c in calls]))
    return found


def _missing(write: Write, call: Call) -> list[ValueChange]:
    """The changes whose old value the row does not contain."""
    have = {n.lower() for n in call.about.before} if call.about is not None else set()
    return [c for c in write.changes if c.column.lower() not in have]


def _readable(write: Write, call: Call) -> list[ValueChange]:
    """Those that are not secrets, which are not read for display."""
    return [c for c in _missing(write, call) if not c.is_secret]


def _told(
    write: Write, call: Call, values: Mapping[tuple[Target, _Key], Mapping[str, Any]]
) -> Call:
    missing = _missing(write, call)
    if not missing:
        return call
    about = call.about or About()
    key = _key(write, call)
    row = values.get((call.target, key), {}) if key is not None else {}
    before = {c.column: row.get(f"{BEFORE}{c.column}", NOT_READ) for c in missing}
    after = {
        c.column: row[f"{AFTER}{c.column}"]
        for c in missing
        if c.column not in call.parameters and f"{AFTER}{c.column}" in row
    }
    return replace(
        call,
        about=replace(about, before={**about.before, **before}, after={**about.after, **after}),
    )


def _key(write: Write, call: Call) -> _Key | None:
    """The values that identify a call's row; None if its parameters do not."""
    found = []
    for name, (_, is_item) in write.row_keys.items():
        value = call.parameters.get(name)
        if is_item and isinstance(value, list):
            value = value[0] if len(value) == 1 else None
        if value is None or isinstance(value, list | Mapping):
            return None
        found.append(str(value))
    return tuple(found) or None


def _read(
    session: RunningSession, parameters: Mapping[str, object], write: Write, calls: Sequence[Call]
) -> Mapping[tuple[Target, _Key], Mapping[str, Any]]:
    """The rows of the calls, one query per place."""
    places: dict[Target, list[Call]] = {}
    for call in calls:
        places.setdefault(call.target, []).append(call)
    found: dict[tuple[Target, _Key], Mapping[str, Any]] = {}
    for target, of in places.items():
        keys = [key for call in of if (key := _key(write, call)) is not None]
        try:
            rows = _rows(session, parameters, _query(write, of[0], keys)) if keys else []
        except Interrupted:
            raise
        except Error:
            # For display only: the preview says that it was not read.
            continue
        count = len(write.row_keys)
        for row in rows:
            found[target, tuple(str(v) for v in list(row.values())[:count])] = row
    return found


def _query(write: Write, call: Call, keys: Sequence[_Key]) -> str:
    """A query for the rows of the identified resources at one place."""
    alias = write.row_of.rpartition(" AS ")[2]
    columns = [f"{alias}.{quoted(column)}" for column, _ in write.row_keys.values()]
    cells = [f"{column} AS {quoted(f'key {i}')}" for i, column in enumerate(columns)]
    for change in _readable(write, call):
        cells.append(f"{change.before} AS {quoted(BEFORE + change.column)}")
        if change.after:
            cells.append(f"{change.after} AS {quoted(AFTER + change.column)}")
    if len(columns) == 1:
        named = f"{columns[0]} IN ({', '.join(literal(key) for (key,) in keys)})"
    else:
        pairs = [
            " AND ".join(f"{c} = {literal(v)}" for c, v in zip(columns, key, strict=True))
            for key in keys
        ]
        named = " OR ".join(f"({pair})" for pair in pairs)
    places = []
    if not write.table.is_global and call.target.region and "region" in write.table.by_alias:
        places.append(f"{alias}.region = {literal(call.target.region)}")
    if call.target.connection is not None:
        places.append(f"{alias}.connection = {literal(call.target.connection)}")
    return (
        f"SELECT {', '.join(cells)} FROM {write.row_of} WHERE "
        f"{' AND '.join([f'({named})', *places])}"
    )


def _rows(
    session: RunningSession, parameters: Mapping[str, object], sql: str
) -> list[dict[str, Any]]:
    plan = session.plan(parse(sql), parameters)
    if session.refusals(plan):
        return []
    run = ReadRun(
        session.database,
        session.fetcher,
        session.settings,
        parameters,
        cache=session.cache,
        may_stream=False,
    )
    try:
        run.run(plan)
        assert plan.query is not None
        result = session.database.run(plan.query.sql, parameters)
        try:
            found = [
                r for batch in result.batches() for r in batch.to_pylist(maps_as_pydicts="lossy")
            ]
        finally:
            result.close()
        # A detail that could not be read is NULL, which is not the old value.
        return [] if run.failures or run.unread else found
    finally:
        session.database.unregister(run.relations)
