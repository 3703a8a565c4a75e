"""Reads the live rows of what a stack owns, or would create."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.errors import Error
from cirrusql.sql.quoting import quoted
from cirrusql.stacks.evaluation.literals import canonical, plain, sql_value
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.state.store import StateRow

if TYPE_CHECKING:
    from cirrusql.stacks.runner import StackRunner

_PLACES = ("region", "connection", "account_id")


@dataclass
class LiveRows:
    """The rows that were found, by identity and place, and what could not be read."""

    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    """The names of rows that could not be read."""

    def add(self, other: LiveRows) -> None:
        """Add what another reading found."""
        self.rows |= other.rows
        self.unreadable |= other.unreadable
        self.failures += [f for f in other.failures if f not in self.failures]


def read_rows(
    runner: StackRunner,
    shape: RowShape,
    by: Sequence[str],
    wanted: Iterable[tuple[str, Mapping[str, Any], Mapping[str, str]]],
    columns: Iterable[str],
    *,
    is_fresh: bool = False,
) -> LiveRows:
    """The live rows with these values of the columns ``by``.

    ``wanted``: for each row a name of the caller's, its values and its place. Rows of one place are
    read together. If anything of a place cannot be read, all its rows count as unreadable.
    """
    found = LiveRows()
    groups: dict[tuple[tuple[str, str], ...], list[tuple[str, Mapping[str, Any]]]] = {}
    for name, values, place in wanted:
        groups.setdefault(_place_of(shape, place), []).append((name, values))
    for place_items, rows in groups.items():
        _read_group(runner, shape, by, dict(place_items), rows, columns, found, is_fresh=is_fresh)
    return found


def read_owned(
    runner: StackRunner, shape: RowShape, rows: Iterable[StateRow], columns: Iterable[str]
) -> LiveRows:
    """The live rows of what the state says is there. Rows that are missing are read once more: a
    listing that left one out once must not make it seem gone."""
    columns = list(columns)
    known = [(row.address, row.id, row.place) for row in rows if row.id]
    if not known:
        return LiveRows()
    found = read_rows(runner, shape, shape.identity, known, columns)
    missing = [k for k in known if k[0] not in found.rows and k[0] not in found.unreadable]
    if missing:
        again = read_rows(runner, shape, shape.identity, missing, columns, is_fresh=True)
        found.add(again)
    return found


def _read_group(
    runner: StackRunner,
    shape: RowShape,
    by: Sequence[str],
    place: Mapping[str, str],
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    columns: Iterable[str],
    found: LiveRows,
    *,
    is_fresh: bool,
) -> None:
    names = list(dict.fromkeys([*by, *columns, *shape.identity]))
    cells = ", ".join(quoted(n) for n in [*names, *(p for p in _PLACES if p not in names)])
    conditions = [f"{quoted(k)} = {sql_value(v)}" for k, v in place.items()]
    conditions.append(_condition(by, [values for _, values in rows]))
    sql = f"SELECT {cells} FROM {shape.table.id} WHERE {' AND '.join(conditions)}"
    try:
        answer = runner.query(sql, is_fresh=is_fresh)
        live, failures = answer.rows, answer.failures
    except Error as error:
        if error.exit_status == 2:
            raise
        live, failures = (), (error.message,)
    by_key = {identity_text(by, row): row for row in live}
    for name, values in rows:
        row = by_key.get(identity_text(by, values))
        if failures:
            found.unreadable.add(name)
        elif row is not None:
            found.rows[name] = row
    found.failures += [f for f in failures if f not in found.failures]


def _place_of(shape: RowShape, place: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The conditions on the place of a row: none on the region if one listing has all regions."""
    names = ("connection", "account_id") if shape.reads_all_regions else _PLACES
    # What was recorded of a row without a connection names the account only.
    return tuple((n, place[n]) for n in names if place.get(n) and n != "account_id")


def _condition(by: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    if len(by) == 1:
        (name,) = by
        values = ", ".join(dict.fromkeys(sql_value(row[name]) for row in rows))
        return f"{quoted(name)} IN ({values})"
    varying = [n for n in by if len({sql_value(r.get(n)) for r in rows}) > 1]
    fixed = [n for n in by if n not in varying]
    parts = [_equal(n, rows[0].get(n)) for n in fixed]
    if len(varying) == 1 and all(r.get(varying[0]) is not None for r in rows):
        values = ", ".join(dict.fromkeys(sql_value(r[varying[0]]) for r in rows))
        parts.append(f"{quoted(varying[0])} IN ({values})")
    elif varying:
        each = (" AND ".join(_equal(n, r.get(n)) for n in varying) for r in rows)
        parts.append("(" + " OR ".join(f"({one})" for one in each) + ")")
    return " AND ".join(parts)


def _equal(name: str, value: Any) -> str:
    return f"{quoted(name)} IS NULL" if value is None else f"{quoted(name)} = {sql_value(value)}"


def identity_text(by: Sequence[str], row: Mapping[str, Any]) -> str:
    """The values that identify a row, as a text to compare."""
    return canonical([plain(row.get(name)) for name in by])


def place_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Where a live row is."""
    return {p: str(row[p]) for p in _PLACES if row.get(p) is not None}
