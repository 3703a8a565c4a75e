"""How one thing is looked at that a write names: which method reads it, by which parameters.

After a write whose answer was lost this says whether it was done; before one it says what was
there. A wrong reading is worse than none: it is only taken where the parameters that were sent
and the fields of a row together say which row is meant.
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
    """The rows of ``method`` with ``given`` parameters, those whose fields ``match``.

    Both map a name of the reading (parameter; field) to the parameter of the write whose value
    it has.
    """

    table: Table
    method: Method
    given: Mapping[str, str]
    match: Mapping[str, str]
    is_key: bool
    """What is sent is what the thing is deleted by: there cannot be two of them."""
    reason: str
    constants: Mapping[str, object] = field(default_factory=dict)
    """Parameters that are always sent, so that all there is comes back."""


def appears(method: Method) -> bool:
    """Whether after the write there is something that was not there before it."""
    return (
        method.verb in (Verb.INSERT, Verb.REPLACE) or parts(method.operation.name).verb in RELATES
    )


def makes(method: Method) -> bool:
    """Whether the write makes a thing, rather than relating two that there are."""
    return appears(method) and parts(method.operation.name).verb not in RELATES


def sets_values(method: Method) -> bool:
    """Whether the write does nothing but give a thing the values that are sent."""
    return parts(method.operation.name).verb in SETS


def disappears(method: Method) -> bool:
    """Whether after the write something is not there any more."""
    return parts(method.operation.name).verb in ENDS


def _is_of_another_kind(table: Table, write: Method) -> bool:
    """Whether a relation is written where the rows are things:
    its row says nothing of the relation."""
    if parts(write.operation.name).verb not in RELATES | SEPARATES:
        return False
    return any(makes(m) for m in table.methods)


def reading_of(table: Table, write: Method, sent: Mapping[str, object]) -> Reading | None:
    """How the thing is read that a write with those parameters acts on; None where no rule is sure.

    The one with the fewest rows to go through: GetUser before ListUsers.
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

    None where one was not without which the reader would not see the thing: a required one, or
    one by which the write too may say whose the thing is (the user of an access key).
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
    """The write's parameter of that name; ``Name`` where it is named after the table itself."""
    by_folded = {_folded(n): n for n in write.parameters}
    # Where the reader takes both names, the plain one is another thing's.
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
    """The parameters of a write that say which thing it acts on."""
    known = {_folded(n) for m in table.methods if disappears(m) for n in m.required}
    if reader.rows is not None and not reader.rows.lists:
        known |= {_folded(n) for n in reader.required}
    found = tuple(n for n in write.required if _is_name(table, reader, write, n, known))
    # What the thing is ended by is all of its name: a cluster's roleArn is not part of it.
    keys = [k for m in table.methods if disappears(m) and (k := _named_by(table, m, found))]
    return max(keys, key=len) if keys else found


def _is_name(
    table: Table, reader: Method, write: Method, name: str, known: Collection[str]
) -> bool:
    """Whether a required parameter says which thing is meant;
    a list of names, where rows bear them."""
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
    """Those of the names that end a thing; None where they are not enough, or nothing is asked."""
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
    """Whether the thing is given a name of its own."""
    return any(_folded(n) in ("name", f"{table.noun}_name") for n in which)


def _is_key(table: Table, write: Method, which: Collection[str]) -> bool:
    """Whether what says which thing is meant is just what something of the table is ended by."""
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
    """The field that says when the thing was made."""
    rows = reading.method.rows
    names = rows.fields if rows is not None else {}
    for column in reading.table.columns:
        if column.role is Role.FIELD and column.name in names and column.type.name == "TIMESTAMPTZ":
            words = snake_case(column.name).split("_")
            if words[0] in ("create", "created", "creation"):
                return column.name
    return None
