"""Finds the rows whose creation was begun by a run that did not end, so that none is made twice.

Such a row is found by the name that the caller gave it, if that is its own, or by its owner tags.
A row that has neither is not taken for one that merely looks like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cirrusql.errors import Error
from cirrusql.sql.quoting import quoted
from cirrusql.stacks.evaluation.literals import plain, sql_value
from cirrusql.stacks.evaluation.nodes import Graph
from cirrusql.stacks.planning.comparing import OWNER_TAGS, all_tags_of, is_same
from cirrusql.stacks.planning.differences import live_value
from cirrusql.stacks.planning.live import LiveRows, place_of, read_rows
from cirrusql.stacks.planning.plan import DesiredRow
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.state.store import StateRow

if TYPE_CHECKING:
    from cirrusql.stacks.runner import StackRunner


@dataclass
class BegunRows:
    """What became of rows whose creation was begun."""

    owned: dict[str, StateRow] = field(default_factory=dict)
    """Those that were found, with their identity."""
    live: LiveRows = field(default_factory=LiveRows)
    alike: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By address, a row that may be it; nothing says so for certain."""


def owner_label(graph: Graph, environment: str) -> str:
    """What the owner tag says of a stack; empty if there are to be none."""
    text = graph.text.name
    if text is None or not text.owner_tags:
        return ""
    return f"{text.name}/{environment}" if environment else text.name


def is_begun(row: StateRow) -> bool:
    """Whether the row may exist without its identity being known."""
    return row.status == "creating" and not row.id


def find_begun(
    runner: StackRunner,
    shape: RowShape,
    rows: Iterable[StateRow],
    desired: Mapping[str, DesiredRow],
    columns: Iterable[str],
    label: str,
) -> BegunRows:
    """Look for the rows of one table. ``label``: of the stack's owner tag."""
    found = BegunRows()
    columns = list(columns)
    left = [row for row in rows if is_begun(row)]
    if not left:
        return found
    if shape.is_checked_first or (shape.natural and not (label and shape.takes_tags_at_once)):
        named = [r for r in left if all(r.desired.get(n) is not None for n in shape.natural)]
        asked = [(r.address, {n: r.desired[n] for n in shape.natural}, r.place) for r in named]
        found.live = read_rows(runner, shape, shape.natural, asked, columns, is_fresh=True)
    else:
        _find_in_listing(runner, shape, left, desired, columns, label, found)
    for row in left:
        live = found.live.rows.get(row.address)
        if live is not None:
            id_ = {n: plain(live.get(n)) for n in shape.identity}
            found.owned[row.address] = replace(row, id=id_, place={**place_of(live), **row.place})
    return found


def _find_in_listing(
    runner: StackRunner,
    shape: RowShape,
    rows: Iterable[StateRow],
    desired: Mapping[str, DesiredRow],
    columns: list[str],
    label: str,
    found: BegunRows,
) -> None:
    tags = shape.takes_tags_at_once if label else ""
    for row in rows:
        wanted = desired.get(row.address)
        names = [*shape.identity, *columns, *([tags] if tags else [])]
        names += ["region", "connection", "account_id"]
        place = {k: v for k, v in row.place.items() if k != "account_id" and v}
        if shape.reads_all_regions:
            place.pop("region", None)
        where = " AND ".join(f"{quoted(k)} = {sql_value(v)}" for k, v in place.items())
        sql = f"SELECT {', '.join(map(quoted, dict.fromkeys(names)))} FROM {shape.table.id}"
        try:
            answer = runner.query(f"{sql} WHERE {where}" if where else sql, is_fresh=True)
            failures = answer.failures
        except Error as error:
            failures = (error.message,)
        if failures:
            found.live.unreadable.add(row.address)
            found.live.failures += [f for f in failures if f not in found.live.failures]
            continue
        for live in answer.rows:
            if tags and _is_tagged(live.get(tags), label, row.address):
                found.live.rows[row.address] = live
                break
            if not tags and wanted is not None and _looks_like(wanted, live):
                found.alike[row.address] = live


def _is_tagged(tags: Any, label: str, address: str) -> bool:
    said = all_tags_of(tags)
    return tuple(said.get(t) for t in OWNER_TAGS) == (label, address)


def _looks_like(row: DesiredRow, live: Mapping[str, Any]) -> bool:
    cells = [c for c in row.cells if c.is_readable and not c.is_secret and not c.unknown]
    given = [c for c in cells if c.value is not None]
    return bool(given) and all(
        is_same(c.value, live_value(c, live), is_tags=c.is_tags and not c.tag) for c in given
    )
