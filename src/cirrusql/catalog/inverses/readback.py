"""Finds the method that reads the resource of a write, and its parameters.

After a write whose response was lost, the read shows whether it was done; before a write, it shows
the previous state. A wrong reading is worse than none: it is used only if the parameters sent and
the fields of a row together identify the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.inference.identifiers import same_value, says_which
from cirrusql.catalog.inference.verbs import ENDS, RELATES, SEPARATES, SETS, TELLS, parts
from cirrusql.catalog.inference.words import singular_name, snake_case, thing_noun
from cirrusql.catalog.model import Method, Role, Table, Verb

_SCALARS = (Kind.STRING, Kind.INTEGER, Kind.LONG)


@dataclass(frozen=True)
class Reading:
    """The rows of ``method`` with ``given`` parameters whose fields ``match``.

    Both map a name of the reading (parameter; field) to the write's parameter with its value.
    """

    table: Table
    method: Method
    given: Mapping[str, str]
    match: Mapping[str, str]
    is_key: bool
    """The parameters identify the resource for deletion, so two such resources cannot exist."""
    reason: str
    constants: Mapping[str, object] = field(default_factory=dict)
    """Parameters that are always sent, so that the result is complete."""


def appears(method: Method) -> bool:
    """Whether the write makes something exist that did not."""
    return (
        method.verb in (Verb.INSERT, Verb.REPLACE) or parts(method.operation.name).verb in RELATES
    )


def makes(method: Method) -> bool:
    """Whether the write creates a resource, rather than relating two existing ones."""
    return appears(method) and parts(method.operation.name).verb not in RELATES


def sets_values(method: Method) -> bool:
    """Whether the write only sets a resource's values to those sent."""
    return parts(method.operation.name).verb in SETS


def disappears(method: Method) -> bool:
    """Whether something no longer exists after the write."""
    return parts(method.operation.name).verb in ENDS


def _is_of_another_kind(table: Table, write: Method) -> bool:
    """Whether a relation is written, but the rows are resources, which do not show it."""
    if parts(write.operation.name).verb not in RELATES | SEPARATES:
        return False
    return any(makes(m) for m in table.methods)


def reading_of(table: Table, write: Method, sent: Mapping[str, object]) -> Reading | None:
    """How to read the resource of a write with those parameters; None if no rule is certain.

    The method with the fewest rows is preferred: GetUser before ListUsers.
    """
    if _is_of_another_kind(table, write):
        return None
    found = sorted(_candidates(table, write, sent), key=lambda r: _cost(r.method))
    return found[0] if found else None


def _cost(method: Method) -> tuple[bool, int, str]:
    assert method.rows is not None
    return bool(method.rows.lists), -len(method.required), method.name


def _candidates(table: Table, write: Method, sent: Mapping[str, object]) -> Iterator[Reading]:
    for reader in table.reached_by(Verb.SELECT):
        if reader.rows is None or reader.is_further or not reader.rows.fields:
            continue
        if parts(reader.operation.name).verb not in TELLS:
            continue
        which = [n for n in _which(table, reader, write) if n in sent]
        given = _given(table, reader, write, sent, which)
        if given is None or not which:
            continue
        fields = {_folded(n): n for n in reader.rows.fields}
        match = {
            fields[f]: n for n in which if (f := _same_field(table, write, n, fields)) is not None
        }
        said = {
            *match.values(),
            *(n for p, n in given.items() if not reader.rows.lists or p in reader.keys),
        }
        is_key = _is_key(table, write, which)
        if set(which) <= said and (is_key or not appears(write) or _is_named(table, which)):
            yield Reading(
                table, reader, given, match, is_key, f"{reader.operation.id} by {', '.join(which)}"
            )


def _given(
    table: Table, reader: Method, write: Method, sent: Mapping[str, object], which: Collection[str]
) -> dict[str, str] | None:
    """The reader's parameters that the write was sent.

    None if one is missing without which the reader would not find the resource: a required one, or
    one with which the write itself may identify the owner (the user of an access key).
    """
    found = {}
    for name, member in reader.parameters.items():
        source = _source(table, reader, write, name)
        is_alike = source is not None and _alike(member, write.parameters[source])
        if source is not None and is_alike and source in sent:
            if name in reader.keys or source in which or says_which(name):
                found[name] = source
        elif name in reader.keys or (is_alike and says_which(name)):
            return None
    return found


def _source(table: Table, reader: Method, write: Method, name: str) -> str | None:
    """The write's parameter of that name; ``Name`` if it is named after the table itself."""
    by_folded = {_folded(n): n for n in write.parameters}
    # If the reader takes both names, the plain one identifies something else.
    others = {_folded(n) for n in reader.parameters if n != name}
    known = (s for s in same_value(name, thing_noun(table.name)) if s not in others)
    return next((by_folded[s] for s in known if s in by_folded), None)


def _same_field(
    table: Table, write: Method, parameter: str, fields: Mapping[str, str]
) -> str | None:
    is_list = write.parameters[parameter].shape.kind is Kind.LIST
    name = singular_name(parameter) if is_list else parameter
    return next((s for s in same_value(name, thing_noun(table.name)) if s in fields), None)


def _which(table: Table, reader: Method, write: Method) -> tuple[str, ...]:
    """The parameters of a write that identify what it acts on."""
    known = {_folded(n) for m in table.methods if disappears(m) for n in m.required}
    if reader.rows is not None and not reader.rows.lists:
        known |= {_folded(n) for n in reader.required}
    found = tuple(n for n in write.required if _is_name(table, reader, write, n, known))
    # The parameters that remove a resource are its full identity: a cluster's roleArn is not part
    # of it.
    keys = [k for m in table.methods if disappears(m) and (k := _named_by(table, m, found))]
    return max(keys, key=len) if keys else found


def _is_name(
    table: Table, reader: Method, write: Method, name: str, known: Collection[str]
) -> bool:
    """Whether a required parameter identifies the resource; for a list of names, whether rows have
    them."""
    shape = write.parameters[name].shape
    if shape.kind is Kind.LIST and not appears(write):
        fields = {_folded(n) for n in (reader.rows.fields if reader.rows else ())}
        is_asked = name in reader.parameters and _alike(
            reader.parameters[name], write.parameters[name]
        )
        return is_asked and _folded(singular_name(name)) in fields
    return (
        shape.kind in _SCALARS and not shape.enum and (says_which(name) or _folded(name) in known)
    )


def _named_by(table: Table, ending: Method, names: Collection[str]) -> tuple[str, ...] | None:
    """Those of the names with which a resource is removed; None if they are not enough, or none are
    required."""
    by_folded = {_folded(n): n for n in names}
    found = []
    for name in ending.required:
        known = next(
            (by_folded[s] for s in same_value(name, thing_noun(table.name)) if s in by_folded), None
        )
        if known is None:
            return None
        found.append(known)
    return tuple(found) or None


def _is_named(table: Table, which: Collection[str]) -> bool:
    """Whether the request names the resource."""
    return any(_folded(n) in ("name", f"{table.noun}_name") for n in which)


def _is_key(table: Table, write: Method, which: Collection[str]) -> bool:
    """Whether the identifying parameters are exactly those that remove something in the table."""
    if disappears(write):
        return True
    wanted = _keys(table, which)
    return any(_keys(table, m.required) == wanted for m in table.methods if disappears(m))


def _keys(table: Table, names: Collection[str]) -> set[frozenset[str]]:
    return {frozenset(same_value(n, thing_noun(table.name))) for n in names}


def _alike(one: Member, other: Member) -> bool:
    a, b = one.shape, other.shape
    if a.kind is Kind.LIST and b.kind is Kind.LIST:
        a, b = a.element.shape, b.element.shape
    return a.kind is b.kind and a.kind in _SCALARS


def _folded(name: str) -> str:
    return snake_case(name)


def created_field(reading: Reading) -> str | None:
    """The field with the creation time."""
    rows = reading.method.rows
    names = rows.fields if rows is not None else {}
    for column in reading.table.columns:
        if column.role is Role.FIELD and column.name in names and column.type.name == "TIMESTAMPTZ":
            words = snake_case(column.name).split("_")
            if words[0] in ("create", "created", "creation"):
                return column.name
    return None
