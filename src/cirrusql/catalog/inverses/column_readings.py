"""Reads a row before a write changes it, by the details that SELECT uses for each column.

A listing seldom has all of a row: a bucket's versioning comes from GetBucketVersioning, a
function's settings from GetFunctionConfiguration. So each column that a request writes is read from
the detail that fills it, and the parameter is built from columns as an UPDATE would build it. Only
used if the columns show everything that the parameter can contain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.inverses.readback import Reading
from cirrusql.catalog.model import Detail, Method, Pick, Table
from cirrusql.catalog.row_model.request_field import RequestField, ValueForm
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.rows.column_types import member_at
from cirrusql.catalog.write_rules.write_identity import is_read_encrypted, source_of

_SCALARS = (Kind.STRING, Kind.INTEGER, Kind.LONG)
_FORMS = (ValueForm.WHOLE, ValueForm.MEMBER, ValueForm.ENTRY, ValueForm.PAIR, ValueForm.SPREAD)


@dataclass(frozen=True)
class ColumnReading:
    """A call that returns columns of the row, and where each is in its response."""

    reading: Reading
    picks: Mapping[str, Pick]
    is_gathered: bool = False
    """Its rows together form one value of each column: a list."""


class ColumnReadings:
    """What can be read of the row that a write with ``sent`` parameters changes."""

    def __init__(
        self, table: Table, write: Method, sent: Mapping[str, object], base: Reading | None
    ) -> None:
        self.table = table
        self.write = write
        self.sent = sent
        self.base = base
        self.places = places_of(table, write)
        self.used: dict[str, ColumnReading] = {}
        """Readings in use, by name of the reading operation."""
        self._named = {
            source[0]: name
            for name in write.required
            if name in sent
            and write.parameters[name].shape.kind in _SCALARS
            and (source := source_of(table, write, name)) is not None
            and not source[1]
        }

    @property
    def names(self) -> set[str]:
        """The write's parameters that identify the row in some reading, and so do not change."""
        asked = {n for d in self.table.details for n in (self._given(d) or {}).values()}
        base = self.base
        return asked if base is None else asked | {*base.given.values(), *base.match.values()}

    @property
    def pairs(self) -> set[str]:
        """Parameters that name the attribute whose value is in another parameter."""
        return {p.path[0] for p in self.places.values() if p.form is ValueForm.PAIR}

    @property
    def which(self) -> set[str]:
        """The parameters that identify the row."""
        readings = (r.reading for r in self.used.values())
        return {n for r in readings for n in (*r.given.values(), *r.match.values())}

    def tells(self, name: str) -> bool:
        """Whether columns show everything that a parameter can contain; records the readings
        needed."""
        places = dict(self._of(name))
        shape = self.write.parameters[name].shape
        found: dict[str, ColumnReading] = {}
        for column, place in places.items():
            if not self._is_plain(place) or is_read_encrypted(self.table, column):
                return False
            known = self._reading(column)
            if known is None:
                return False
            reading, source = known
            wanted = _at(shape, place)
            if place.form is ValueForm.SPREAD and source is not None:
                part = source.members.get(name) if source.kind is Kind.STRUCTURE else None
                source = part.shape if part is not None else None
            if source is None or wanted is None or not holds(source, wanted):
                return False
            found[reading.reading.method.name] = reading
        if not places or not self._is_all(name, places):
            return False
        self.used |= found
        return True

    def _of(self, name: str) -> Iterator[tuple[str, RequestField]]:
        """The columns inside a parameter as it is sent: for a map, those of its keys."""
        sent = self.sent.get(name)
        for column, place in self.places.items():
            if place.form is ValueForm.PAIR:
                if place.parameter == name and self.sent.get(place.path[0]) == place.key:
                    yield column, place
            elif place.form is ValueForm.ENTRY:
                if place.parameter == name and isinstance(sent, Mapping) and place.key in sent:
                    yield column, place
            elif name == place.parameter or (place.form is ValueForm.SPREAD and name in place.path):
                yield column, place

    def _is_plain(self, place: RequestField) -> bool:
        return place.form in _FORMS and not (
            place.of or place.only_with or place.also or place.is_in_item
        )

    def _is_all(self, name: str, places: Mapping[str, RequestField]) -> bool:
        forms = {p.form for p in places.values()}
        sent = self.sent.get(name)
        if forms == {ValueForm.ENTRY}:
            return isinstance(sent, Mapping) and {p.key for p in places.values()} == set(sent)
        if forms == {ValueForm.MEMBER}:
            paths = [p.path for p in places.values()]
            return _is_covered(self.write.parameters[name].shape, (), paths)
        return len(places) == 1

    def _reading(self, column: str) -> tuple[ColumnReading, Shape | None] | None:
        """The reading that returns a column of the row, and the shape in which it does."""
        for detail in self.table.details:
            pick = detail.picks.get(column)
            if (
                pick is None
                or detail.many
                or detail.is_listing
                or detail.method.operation.output is None
            ):
                continue
            given = self._given(detail)
            if given is None:
                continue
            constants = dict(detail.constants)
            told = f"{detail.method.operation.id} by {', '.join(given.values())}"
            reading = Reading(self.table, detail.method, given, {}, True, told, constants)
            return ColumnReading(reading, detail.picks, detail.is_gathered), _shape(
                detail.method, pick
            )
        base = self.base
        if base is None or base.method.rows is None or column not in base.method.rows.fields:
            return None
        picks = {n: Pick(n) for n in base.method.rows.fields}
        return ColumnReading(base, picks), _shape(base.method, picks[column])

    def _given(self, detail: Detail) -> dict[str, str] | None:
        """The write's parameters with which a detail of the row is requested."""
        found: dict[str, str] = {}
        for parameter, column in detail.keys:
            same = (
                parameter if parameter in self.write.required and parameter in self.sent else None
            )
            name = self._named.get(column, same)
            if name is None or self.sent[name] in detail.skipped:
                return None
            if (
                detail.method.parameters[parameter].shape.kind
                is not self.write.parameters[name].shape.kind
            ):
                return None
            found[parameter] = name
        return found or None


def _shape(method: Method, pick: Pick) -> Shape | None:
    output, rows = method.operation.output, method.rows
    if output is None or rows is None or pick.column not in rows.fields:
        return None
    shape = member_at(output, rows, rows.fields[pick.column]).shape
    if pick.key is None:
        return shape
    return shape.value.shape if shape.kind is Kind.MAP else None


def _at(shape: Shape, place: RequestField) -> Shape | None:
    """The value at a place inside a parameter of that shape."""
    if place.form is ValueForm.ENTRY:
        return shape.value.shape if shape.kind is Kind.MAP else None
    for name in place.path if place.form is ValueForm.MEMBER else ():
        if shape.kind is not Kind.STRUCTURE or name not in shape.members:
            return None
        shape = shape.members[name].shape
    return shape


def _is_covered(shape: Shape, path: tuple[str, ...], paths: Collection[tuple[str, ...]]) -> bool:
    """Whether each member of a structure is in one of the columns."""
    if path in paths:
        return True
    if shape.kind is not Kind.STRUCTURE or not any(p[: len(path)] == path for p in paths):
        return False
    return all(_is_covered(m.shape, (*path, n), paths) for n, m in shape.members.items())


def holds(source: Shape, wanted: Shape, seen: frozenset[str] = frozenset()) -> bool:
    """Whether the value read has everything that can be sent: each member, in the same form."""
    if source.kind is not wanted.kind:
        return False
    if source.name == wanted.name or wanted.name in seen:
        return True
    seen |= {wanted.name}
    if source.kind is Kind.LIST:
        return holds(source.element.shape, wanted.element.shape, seen)
    if source.kind is Kind.MAP:
        return holds(source.value.shape, wanted.value.shape, seen)
    if source.kind is Kind.STRUCTURE:
        return all(
            n in source.members and holds(source.members[n].shape, m.shape, seen)
            for n, m in wanted.members.items()
        )
    return source.kind is not Kind.DOCUMENT


def column_value(
    table: Table, write: Method, name: str, sent: Mapping[str, object], row: Mapping[str, Any]
) -> Any:
    """A write's parameter, built from the columns read; None if the row had no value."""
    shape = write.parameters[name].shape
    tree: dict[str, Any] = {}
    for column, place in ColumnReadings(table, write, sent, None)._of(name):
        value = row.get(column)
        if place.form is ValueForm.SPREAD:
            value = value.get(name) if isinstance(value, Mapping) else None
        wanted = _at(shape, place)
        if place.form is ValueForm.ENTRY:
            if value is None:
                # A key missing from a map cannot be removed by sending the map.
                return None
            tree[place.key] = value
        elif value is not None and wanted is not None:
            value = _trimmed(value, wanted)
            if place.form is not ValueForm.MEMBER:
                return value
            inner = tree
            for member in place.path[:-1]:
                inner = inner.setdefault(member, {})
            inner[place.path[-1]] = value
    return tree or None


def _trimmed(value: Any, shape: Shape) -> Any:
    """A value that was read, without the parts that a request does not accept."""
    if shape.kind is Kind.STRUCTURE and isinstance(value, Mapping):
        members = shape.members
        return {
            n: _trimmed(v, members[n].shape)
            for n, v in value.items()
            if n in members and v is not None
        }
    if shape.kind is Kind.LIST and isinstance(value, list):
        return [_trimmed(v, shape.element.shape) for v in value if v is not None]
    return value
