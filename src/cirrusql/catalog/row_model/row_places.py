"""Finds where a request contains a whole row: as an item of a list, or as a record in a batch of
changes.

RegisterTargets lists the row's Target, PutTargets lists rows by their members,
ChangeResourceRecordSets changes record sets by an Action. Rules over names and shapes;
``row_places.toml`` has what only the documentation tells (the members of a security group rule in
IpPermissions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from cirrusql.api.model import Kind, Shape
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.inference.identifiers import names_thing
from cirrusql.catalog.inference.verbs import RELATES, SEPARATES, parts
from cirrusql.catalog.inference.words import singular_name, snake_case, thing_noun
from cirrusql.catalog.model import Column, Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM, RequestField, ValueForm, fits
from cirrusql.data_files import entry
from cirrusql.types import StructType

FILE = "row_places.toml"
Claims = Iterator[tuple[str, RequestField]]
Fields = Mapping[str, Column]
Path = tuple[str, ...]

_DEEPEST = 3
_DOES = RELATES | SEPARATES | frozenset(["register", "deregister", "put"])
"""Verbs that create or remove rows by listing them."""
_ACTIONS: Mapping[Verb, tuple[str, ...]] = {
    Verb.INSERT: ("CREATE", "INSERT", "ADD", "PUT"),
    Verb.UPDATE: ("UPSERT", "UPDATE", "MODIFY"),
    Verb.DELETE: ("DELETE", "REMOVE"),
}
"""The actions of a record, by what they do to its row."""


@dataclass(frozen=True)
class Directions:
    """The data file's entry for one operation."""

    takes: Mapping[str, object] = field(default_factory=dict)
    """By column, or member of a column's structure: its path in the request, or paths by the column
    that each goes with, or by the value of one (``Type=ROW``)."""
    when: Mapping[str, object] = field(default_factory=dict)
    """The rows that the operation applies to: columns with their value."""
    which: tuple[str, ...] = ()
    """The columns that identify the row."""
    generated: tuple[str, ...] = ()
    """The columns that are generated for a created row."""
    is_alone: bool = False
    """There can be only one such row per resource: a new one is rejected while the old
    one exists."""


@cache
def directions(overlay: Overlay) -> Mapping[str, Directions]:
    """The entries by ``service:Operation``. Raises ValueError naming the invalid entry."""
    found = overlay.file(FILE)
    return {key: entry(Directions, FILE, key, raw) for key, raw in found.items()}


_NONE = Directions()


def directed(method: Method) -> Mapping[str, RequestField]:
    """By column, the places according to the data file."""
    return _directed(method.operation.overlay, method.operation.id)


def when_of(method: Method) -> Mapping[str, object]:
    """The rows that a method applies to: columns with their value; empty: all."""
    return directions(method.operation.overlay).get(method.operation.id, _NONE).when


def generated(method: Method) -> tuple[str, ...]:
    """The columns generated for a row that a method creates."""
    return directions(method.operation.overlay).get(method.operation.id, _NONE).generated


def is_alone(method: Method) -> bool:
    """Whether there can be only one of what a method creates: the old one must be removed first."""
    return directions(method.operation.overlay).get(method.operation.id, _NONE).is_alone


def condition(method: Method, cell: Mapping[str, str] | str) -> str:
    """``when_of`` as SQL. ``cell``: the SQL of each column, or the relation that has them."""
    told = []
    for column, value in when_of(method).items():
        sql = f"{cell}.{column}" if isinstance(cell, str) else cell[column]
        if isinstance(value, bool):
            told.append(f"({sql}) IS {str(value).upper()}")
        else:
            told.append(f"({sql}) = '{value}'")
    return " AND ".join(told)


@cache
def _directed(overlay: Overlay, operation: str) -> Mapping[str, RequestField]:
    given = directions(overlay).get(operation, _NONE)
    found: dict[str, list[RequestField]] = {}
    for name, said in given.takes.items():
        column, _, of = name.partition(".")
        paths = said if isinstance(said, Mapping) else {"": said}
        for only_with, path in paths.items():
            parameter, *rest = re.findall(r"\[\]|[^.\[\]]+", str(path))
            form = ValueForm.MEMBER if rest else ValueForm.WHOLE
            is_which = column in given.which
            place = RequestField(
                parameter, form, tuple(rest), of=of, only_with=only_with, is_which=is_which
            )
            found.setdefault(column, []).append(place)
    return {column: replace(first, also=tuple(more)) for column, (first, *more) in found.items()}


def row_places(table: Table, method: Method, fields: Fields) -> Claims:
    """The places of columns in the list's item that is the row."""
    if (
        method not in table.methods
        or directions(method.operation.overlay).get(method.operation.id, _NONE).takes
    ):
        return
    which = directions(method.operation.overlay).get(method.operation.id, _NONE).which
    for column, place in (*_records(table, method, fields), *_items(table, method, fields)):
        is_which = column in which or names_thing(place.path[-1], thing_noun(table.name))
        yield column, replace(place, is_which=is_which)


def record_verbs(table: Table, method: Method) -> frozenset[Verb]:
    """What a method does to rows through the Action of a record."""
    found = _record(table, method)
    return frozenset(found.actions) if found is not None else frozenset()


def constants(table: Table, method: Method, does: Verb) -> tuple[str, Path, str] | None:
    """What is sent beside the row for that: parameter, path and value."""
    found = _record(table, method)
    if found is None or does not in found.actions:
        return None
    return found.parameter, (*found.path, found.action), found.actions[does]


def is_record(table: Table, method: Method) -> bool:
    """Whether a method changes rows through the Action of a record."""
    return _record(table, method) is not None


def turned_back(
    table: Table, method: Method, sent: Mapping[str, object]
) -> tuple[str, Mapping[str, object]] | None:
    """The parameter with records that undo those sent: created rows are removed, removed rows
    re-created.

    None if one of them replaces an unknown row.
    """
    found = _record(table, method)
    value: object = sent.get(found.parameter) if found is not None else None
    if found is None or not isinstance(value, Mapping) or len(found.path) != 2:
        return None
    changes = value.get(found.path[0])
    back = {found.actions[a]: found.actions[b] for a, b in _OPPOSITES}
    if not isinstance(changes, list) or not all(c.get(found.action) in back for c in changes):
        return None
    turned = [{**c, found.action: back[c[found.action]]} for c in reversed(changes)]
    return found.parameter, {**value, found.path[0]: turned}


def put_in_place(
    table: Table, method: Method, sent: Mapping[str, object]
) -> tuple[str, Mapping[str, object]] | None:
    """For a single change that creates or replaces a record: the parameter that deletes it.

    None for any other change, or several.
    """
    found = _record(table, method)
    value: object = sent.get(found.parameter) if found is not None else None
    if found is None or not isinstance(value, Mapping) or len(found.path) != 2:
        return None
    changes = value.get(found.path[0])
    if not isinstance(changes, list) or len(changes) != 1:
        return None
    (change,) = changes
    if change.get(found.action) != found.actions.get(Verb.UPDATE):
        return None
    ended = {**change, found.action: found.actions[Verb.DELETE]}
    return found.parameter, {**value, found.path[0]: [ended]}


_OPPOSITES = ((Verb.INSERT, Verb.DELETE), (Verb.DELETE, Verb.INSERT))


def _items(table: Table, method: Method, fields: Fields) -> Claims:
    if not _lists_rows(table, method):
        return
    for name, member in method.parameters.items():
        if member.shape.kind is not Kind.LIST:
            continue
        one, element = singular_name(name), member.shape.element.shape
        column = _spelled(fields, one)
        if column is not None and column is not _spelled(fields, name):
            is_same_kind = isinstance(column.type, StructType) == (element.kind is Kind.STRUCTURE)
            if is_same_kind and fits(column.type, element):
                yield column.name, RequestField(name, ValueForm.MEMBER, (ITEM,))
        elif element.kind is Kind.STRUCTURE and _is_of_rows(table, one):
            yield from _members(name, (ITEM,), element, fields)


def _lists_rows(table: Table, method: Method) -> bool:
    """Whether a method creates or removes the rows that it lists, without affecting others: an
    operation that sets a list replaces all of them, unless some of the list can be removed again.
    """
    here = parts(method.operation.name)
    if here.is_batch or method.verb not in (Verb.INSERT, Verb.REPLACE, Verb.DELETE):
        return False
    if here.verb != "put":
        return here.verb in _DOES
    return any(
        parts(m.operation.name).noun == here.noun
        and not parts(m.operation.name).is_batch
        and any(m.parameters[n].shape.kind is Kind.LIST for n in m.required)
        for m in table.reached_by(Verb.DELETE)
    )


def _is_of_rows(table: Table, one: str) -> bool:
    """Whether a list's items are named like the rows: Targets, Certificates of a listener."""
    wanted, have = snake_case(one).split("_"), table.noun.split("_")
    return any(have[i : i + len(wanted)] == wanted for i in range(len(have)))


def _members(parameter: str, path: Path, shape: Shape, fields: Fields) -> Claims:
    """The members of an item that the row has; empty if it lacks a required one."""
    found = {n: _spelled(fields, n) for n in shape.members}
    if any(found[n] is None for n in shape.required):
        return
    for name, column in found.items():
        if column is not None and fits(column.type, shape.members[name].shape):
            yield column.name, RequestField(parameter, ValueForm.MEMBER, (*path, name))


@dataclass(frozen=True)
class _Record:
    """A list of changes in a request: what each does, and to which row."""

    parameter: str
    path: Path
    action: str
    actions: Mapping[Verb, str]
    row: str
    shape: Shape


def _records(table: Table, method: Method, fields: Fields) -> Claims:
    found = _record(table, method)
    if found is None:
        return
    # A column may be named differently from the API's member: Region, beside the region of the
    # call.
    by_member = {
        path.path[-1]: fields[name]
        for reader in table.reached_by(Verb.SELECT)
        for name, path in (reader.rows.fields.items() if reader.rows is not None else ())
        if path.path and name in fields
    }
    yield from _members(found.parameter, (*found.path, found.row), found.shape, by_member)


def _record(table: Table, method: Method) -> _Record | None:
    if method.verb is not Verb.UPDATE:
        return None
    for name, member in method.parameters.items():
        for path, shape in _lists(member.shape, ()):
            enum = next((n for n in shape.members if snake_case(n) == "action"), None)
            rows = [
                n
                for n, m in shape.members.items()
                if m.shape.kind is Kind.STRUCTURE and snake_case(n) == table.noun
            ]
            if enum is None or len(rows) != 1:
                continue
            actions = _actions(shape.members[enum].shape.enum)
            if actions.keys() >= {Verb.INSERT, Verb.DELETE}:
                return _Record(name, path, enum, actions, rows[0], shape.members[rows[0]].shape)
    return None


def _actions(enum: tuple[str, ...]) -> Mapping[Verb, str]:
    found = {verb: next((w for w in words if w in enum), None) for verb, words in _ACTIONS.items()}
    return {verb: word for verb, word in found.items() if word is not None}


def _lists(shape: Shape, path: Path) -> Iterator[tuple[Path, Shape]]:
    """The lists of structures that a parameter is or contains, and the shape of an item."""
    if len(path) > _DEEPEST:
        return
    if shape.kind is Kind.LIST and shape.element.shape.kind is Kind.STRUCTURE:
        yield (*path, ITEM), shape.element.shape
    elif shape.kind is Kind.STRUCTURE:
        for name, member in shape.members.items():
            yield from _lists(member.shape, (*path, name))


def _spelled(fields: Fields, name: str) -> Column | None:
    if name in fields:
        return fields[name]
    return next((c for n, c in fields.items() if snake_case(n) == snake_case(name)), None)
