"""Undoes writes of rows that relate resources: re-creates the row as it was read, or removes it.

For requests that contain the row itself (``row_model.row_places``): a security group rule that was
revoked is authorized again, a target that was removed is put again, a record that was created is
deleted. Only if everything that the row shows is restored, except what the service generates for
each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from cirrusql.api.model import Kind
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inverses.inverse_sources import ValueOrigin, ValueSource, is_same_shape
from cirrusql.catalog.inverses.readback import Reading
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM, RequestField, ValueForm
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.row_model.row_places import (
    constants,
    directed,
    generated,
    is_record,
    put_in_place,
    turned_back,
    when_of,
)
from cirrusql.catalog.write_rules.write_identity import identity_of, source_of


@dataclass(frozen=True)
class RowUndo:
    """The method that undoes a write of a row, and its parameters."""

    method: Method
    parameters: Mapping[str, ValueSource]
    reading: Reading | None = None
    """What must be seen before: the row, if it is re-created; its absence, if it is removed."""
    is_made_again: bool = False
    if_absent: RowUndo | None = None
    """What undoes it if the row did not exist."""


def undo_of_row(table: Table, write: Method, sent: Mapping[str, object]) -> RowUndo | str | None:
    """What undoes a write of a row, or why nothing does; None if these rules do not apply."""
    if table.is_api_spelling or write not in table.methods:
        return None
    if is_record(table, write):
        return _of_record(table, write, sent)
    if write.verb is Verb.DELETE:
        return _made_again(table, write, sent)
    if write.verb is Verb.UPDATE:
        return _put_back(table, write, sent)
    return _taken_away(table, write, sent)


def _put_back(table: Table, write: Method, sent: Mapping[str, object]) -> RowUndo | str | None:
    """An operation that replaces a row can restore it: the whole row is in the request."""
    listed = {p.parameter for p in directed(write).values() if p.is_in_item}
    if len(listed) != 1:
        return None
    (parameter,) = listed
    items = sent.get(parameter)
    if not isinstance(items, Sequence) or len(items) != 1:
        return "the row cannot be read when several are written at once"
    reading = _reading(table, write, sent, [n for n in write.required if n in sent])
    if reading is None:
        return None
    found = {n: ValueSource(ValueOrigin.SENT, (n,)) for n in sent if n != parameter}
    found[parameter] = ValueSource(ValueOrigin.ROW, value=(table, write, parameter))
    return RowUndo(write, found, reading, is_made_again=True)


def _of_record(table: Table, write: Method, sent: Mapping[str, object]) -> RowUndo | str:
    """A created record is deleted, and a deleted one created: both requests contain the whole
    record. One that was replaced is put back as it was read, or deleted if there was none."""
    found = turned_back(table, write, sent)
    is_put = found is None
    found = found or put_in_place(table, write, sent)
    if found is None:
        return "the values that the changes replace are unknown"
    parameter, value = found
    others = {n: ValueSource(ValueOrigin.SENT, (n,)) for n in sent if n != parameter}
    ended = RowUndo(write, {**others, parameter: ValueSource(ValueOrigin.CONSTANT, value=value)})
    if not is_put:
        return ended
    reading = _reading(table, write, sent, [*others, parameter])
    if reading is None or not _is_whole(reading, write, places_of(table, write), sent):
        return "what the change replaces cannot be read"
    # A column that was not sent is no part of the record's name.
    match = {c: path for c, path in reading.match.items() if _is_sent(sent, path.split("."))}
    before = ValueSource(ValueOrigin.ROW, value=(table, write, parameter))
    return RowUndo(
        write,
        {**others, parameter: before},
        replace(reading, match=match),
        is_made_again=True,
        if_absent=ended,
    )


def _is_sent(sent: object, path: Sequence[str]) -> bool:
    """Whether there is something at a path through the lists of a request."""
    for i, name in enumerate(path):
        if name == ITEM:
            items = sent if isinstance(sent, list | tuple) else ()
            return any(_is_sent(item, path[i + 1 :]) for item in items)
        sent = sent.get(name) if isinstance(sent, Mapping) else None
    return sent is not None


def _made_again(table: Table, write: Method, sent: Mapping[str, object]) -> RowUndo | None:
    reading = _reading(table, write, sent)
    if reading is None:
        return None
    for maker in table.reached_by(Verb.INSERT, Verb.REPLACE):
        places = places_of(table, maker)
        is_of_row = any(p.is_in_item for p in places.values()) and when_of(maker) == when_of(write)
        if not is_of_row or not _is_whole(reading, maker, places, sent):
            continue
        of_row = {p.parameter for place in places.values() for p in (place, *place.also)}
        whole = {p.parameter for p in places.values() if p.form is ValueForm.WHOLE}
        from_row = of_row - {n for n in whole if n in sent}
        found = {n: ValueSource(ValueOrigin.ROW, value=(table, maker, n)) for n in from_row}
        shared = (
            n for n in maker.parameters if n in sent and n in write.parameters and n not in found
        )
        found |= {n: ValueSource(ValueOrigin.SENT, (n,)) for n in shared}
        if set(maker.required) <= set(found):
            return RowUndo(maker, found, reading, is_made_again=True)
    return None


def _is_whole(
    reading: Reading, maker: Method, places: Mapping[str, RequestField], sent: Mapping[str, object]
) -> bool:
    """Whether everything that the row shows is restored, was sent, or is generated."""
    assert reading.method.rows is not None
    told = {*places, *when_of(maker), *generated(maker), *sent}
    return all(name in told for name in reading.method.rows.fields)


def _taken_away(table: Table, write: Method, sent: Mapping[str, object]) -> RowUndo | str | None:
    """What was put, registered or related is removed again, if it did not exist before."""
    listed = {p.parameter for p in places_of(table, write).values() if p.is_in_item}
    if len(listed) != 1 or when_of(write):
        return None
    (parameter,) = listed
    if (reason := _unsure(write, parameter, sent.get(parameter))) is not None:
        return reason
    for ending in table.reached_by(Verb.DELETE):
        found = _ended_by(table, write, ending, parameter)
        if found is None:
            continue
        shared = (n for n in ending.parameters if n in write.parameters and n in sent)
        found |= {n: ValueSource(ValueOrigin.SENT, (n,)) for n in shared if n not in found}
        reading = _reading(
            table, write, sent, [n for n in (*ending.required, parameter) if n in write.parameters]
        )
        return RowUndo(ending, found, reading) if reading is not None else None
    return None


def _unsure(write: Method, parameter: str, items: object) -> str | None:
    """Why it is unknown whether the items listed existed before."""
    if not isinstance(items, Sequence) or isinstance(items, str):
        return None
    if len(items) != 1:
        return "some of several may have existed before"
    element = write.parameters[parameter].shape.element.shape
    numbers = [n for n, m in element.members.items() if m.shape.kind in (Kind.INTEGER, Kind.LONG)]
    if isinstance(items[0], Mapping) and any(n not in items[0] for n in numbers):
        # A target without a port is registered with the group's.
        return f"without {numbers[0]} it does not identify the row"
    return None


def _ended_by(
    table: Table, write: Method, ending: Method, parameter: str
) -> dict[str, ValueSource] | None:
    """The operation that removes what a write lists: with the same list, or with the items'
    identifiers."""
    if parts(ending.operation.name).is_batch:
        return None
    found: dict[str, ValueSource] = {}
    for name in ending.required:
        if name in write.parameters and is_same_shape(
            write.parameters[name], ending.parameters[name]
        ):
            found[name] = ValueSource(ValueOrigin.SENT, (name,))
            continue
        source = source_of(table, ending, name)
        place = places_of(table, write).get(source[0]) if source is not None and source[1] else None
        if place is None or place.parameter != parameter or not place.is_which:
            return None
        found[name] = ValueSource(ValueOrigin.SENT, (parameter, *place.path))
    return found if any(s.path[0] == parameter for s in found.values()) else None


def _reading(
    table: Table, write: Method, sent: Mapping[str, object], which: Sequence[str] = ()
) -> Reading | None:
    """The listing that shows exactly the row that a write names."""
    needed = which or identity_of(table, write).needed
    # Requested by key, targets that are not registered are returned too.
    listed = {p.parameter for p in places_of(table, write).values() if p.is_in_item}
    for reader in table.reached_by(Verb.SELECT):
        if reader.rows is None or not reader.rows.lists or reader.is_further:
            continue
        # What neither request sends has the same default in both: the default event bus.
        names = [
            n for n in needed if n in sent or n in write.required or n not in reader.parameters
        ]
        if not names or not set(names) <= set(sent):
            continue
        shared = [
            n for n in reader.parameters if n in sent and n in write.parameters and n not in listed
        ]
        given = {n: n for n in shared if is_same_shape(reader.parameters[n], write.parameters[n])}
        match = dict(_matches(table, write, names, reader))
        told = {*given.values(), *(said.partition(".")[0] for said in match.values())}
        if set(names) <= told and match and set(reader.required) <= set(given):
            return Reading(
                table, reader, given, match, True, f"{reader.operation.id} by {', '.join(names)}"
            )
    return None


def _matches(
    table: Table, write: Method, names: Sequence[str], reader: Method
) -> Iterator[tuple[str, str]]:
    """Fields of a row with the equal parameters, or paths inside them."""
    assert reader.rows is not None
    for name in names:
        listed = {
            c: p for c, p in places_of(table, write).items() if p.is_in_item and p.parameter == name
        }
        which = {c: p for c, p in listed.items() if p.is_which or p.path == (ITEM,)} or listed
        for column, place in which.items():
            if column in reader.rows.fields:
                yield column, name if place.path == (ITEM,) else ".".join((name, *place.path))
        source = source_of(table, write, name) if not listed else None
        if source is not None and source[0] in reader.rows.fields:
            yield source[0], name


def row_value(source: ValueSource, row: Mapping[str, Any]) -> object:
    """The parameter that contains a row, as it was read; None if the row has no value for it."""
    table, maker, parameter = _of(source)
    tree: dict[str, Any] = {}
    for column, place in places_of(table, maker).items():
        for one in (place, *place.also):
            if one.parameter != parameter:
                continue
            value = _value(one, row, column)
            if value is None:
                continue
            if one.form is ValueForm.WHOLE:
                return value
            if one.form is ValueForm.TAG_QUERY:
                return _query(value)
            if one.form is ValueForm.TAGS:
                return [{"ResourceType": one.key, "Tags": value}] if value else None
            _put(tree, one.path, value)
    does = constants(table, maker, Verb.UPDATE)
    if tree and does is not None and does[0] == parameter:
        _put(tree, does[1], does[2])
    return _listed(tree) if tree else None


def _query(tags: Any) -> str | None:
    """A list of tags as the query of a URL."""
    return urlencode([(t["Key"], t["Value"]) for t in tags], quote_via=quote) or None


def _of(source: ValueSource) -> tuple[Table, Method, str]:
    assert isinstance(source.value, tuple)
    table, maker, parameter = source.value
    return table, maker, parameter


def _value(place: RequestField, row: Mapping[str, Any], column: str) -> Any:
    value = row.get(column)
    if place.of:
        value = value.get(place.of) if isinstance(value, Mapping) else None
    decided, _, wanted = place.only_with.partition("=")
    if decided and (row.get(decided) is None or (wanted and row.get(decided) != wanted)):
        return None
    return value


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _listed(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if ITEM in tree:
        return [_listed(tree[ITEM])]
    return {name: _listed(value) for name, value in tree.items()}
