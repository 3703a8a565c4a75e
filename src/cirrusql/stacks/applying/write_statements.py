"""The statements that create, change and delete the rows of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cirrusql.sql.quoting import quoted
from cirrusql.stacks.evaluation.literals import sql_value
from cirrusql.stacks.planning.comparing import tags_of
from cirrusql.stacks.planning.plan import Cell, DesiredRow, RowChange
from cirrusql.stacks.planning.row_shape import RowShape


@dataclass
class WriteStatement:
    """SQL, and the values of its parameters: secrets only, so that they are in no text."""

    sql: str
    parameters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class OwnerTags:
    """What owner tags say. ``stack`` is empty if there are to be none."""

    stack: str

    def tags(self, address: str) -> Mapping[str, str]:
        """The tags of one row."""
        if not self.stack:
            return {}
        return {"cirrusql:stack": self.stack, "cirrusql:address": address}


def insert(shape: RowShape, rows: Sequence[DesiredRow], owner: OwnerTags) -> WriteStatement:
    """One INSERT of rows that give the same columns."""
    found = WriteStatement("")
    columns = _columns(shape, rows[0], owner)
    lines = []
    for row in rows:
        values = []
        for column in columns:
            if column in ("region", "connection"):
                values.append(sql_value(row.place.get(column)))
            else:
                values.append(_value(shape, row, column, owner, found))
        lines.append(f"({', '.join(values)})")
    names = ", ".join(map(quoted, columns))
    found.sql = f"INSERT INTO {shape.table.id} ({names})\nVALUES " + ",\n  ".join(lines)
    return found


def given_columns(shape: RowShape, row: DesiredRow, owner: OwnerTags) -> tuple[str, ...]:
    """The columns that an INSERT of a row names: rows with the same are inserted together."""
    return _columns(shape, row, owner)


def update(shape: RowShape, change: RowChange, owner: OwnerTags) -> WriteStatement:
    """The UPDATE of one row."""
    assert change.desired is not None
    found = WriteStatement("")
    sets = []
    for changed in change.cells:
        cell = change.desired.cell(changed.column)
        if cell is None:
            continue
        target = quoted(cell.column) + (f"[{sql_value(cell.tag)}]" if cell.tag else "")
        value = _cell_value(cell, change.desired, owner, found)
        sets.append(f"{target} = {value}")
    values, condition = ", ".join(sets), where(shape, change)
    found.sql = f"UPDATE {shape.table.id} SET {values} WHERE {condition}"
    return found


def delete(shape: RowShape, change: RowChange) -> WriteStatement:
    """The DELETE of one row."""
    return WriteStatement(f"DELETE FROM {shape.table.id} WHERE {where(shape, change)}")


def where(shape: RowShape, change: RowChange) -> str:
    """The condition that names one row by its identity and place."""
    assert change.id is not None
    parts = [f"{quoted(n)} = {sql_value(v)}" for n, v in change.id.items() if v is not None]
    places = ("connection",) if shape.reads_all_regions else ("region", "connection")
    parts += [f"{quoted(p)} = {sql_value(change.place[p])}" for p in places if change.place.get(p)]
    return " AND ".join(parts)


def _columns(shape: RowShape, row: DesiredRow, owner: OwnerTags) -> tuple[str, ...]:
    given: dict[str, None] = {}
    for cell in row.cells:
        if cell.value is not None:
            given[cell.column] = None
    if owner.stack and shape.takes_tags_at_once:
        given[shape.takes_tags_at_once] = None
    places = [p for p in ("region", "connection") if row.place.get(p)]
    if shape.table.is_global:
        places = [p for p in places if p != "region"]
    return (*given, *places)


def _value(
    shape: RowShape, row: DesiredRow, column: str, owner: OwnerTags, found: WriteStatement
) -> str:
    cells = [c for c in row.cells if c.column == column and c.value is not None]
    if column == shape.takes_tags_at_once or (cells and cells[0].is_tags):
        return _tags(cells, row, owner)
    return _cell_value(cells[0], row, owner, found)


def _cell_value(cell: Cell, row: DesiredRow, owner: OwnerTags, found: WriteStatement) -> str:
    if cell.is_tags and not cell.tag and cell.value is not None:
        return _tags([cell], row, owner)
    if not cell.is_secret:
        return cell.sql
    name = f"secret_{len(found.parameters) + 1}"
    found.parameters[name] = cell.value
    return f"${name}"


def _tags(cells: Sequence[Cell], row: DesiredRow, owner: OwnerTags) -> str:
    """All tags of a row as a MAP, with those of the owner."""
    tags: dict[str, Any] = {}
    for cell in cells:
        tags |= {cell.tag: cell.value} if cell.tag else tags_of(cell.value)
    tags |= owner.tags(row.address)
    pairs = ", ".join(f"{sql_value(str(k))}: {sql_value(str(v))}" for k, v in tags.items())
    return f"MAP {{{pairs}}}"
