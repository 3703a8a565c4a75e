"""What keeps an INSERT from overwriting a resource of the same name.

An INSERT creates; REPLACE and UPDATE overwrite. Most creating operations refuse what exists. Others
replace it (PutRolePolicy), or return it as if it were new (CreateQueue). For these, the request
itself has a condition (``IfNoneMatch``), or the resource is read before the call by the reading
that is found here; if neither is known, a notice says so. Under the API's own names, the API's
behaviour applies.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.fitness import is_list_of_scalars
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.identifiers import ending_of, names_thing, same_value, says_which
from cirrusql.catalog.inference.verbs import RELATES, TELLS, parts
from cirrusql.catalog.inference.words import singular_name, snake_case, thing_noun
from cirrusql.catalog.inverses.inverse_corrections import inverse_correction
from cirrusql.catalog.inverses.readback import Reading, disappears, reading_of
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.write_rules.updates import keeps_what_is_left_out
from cirrusql.data_files import entry

_SCALARS = (Kind.STRING, Kind.INTEGER, Kind.LONG)
_UPSERTS = re.compile(
    r"\A[^.]{0,60}?\b(?:creates?|adds?) or (?:updates?|overwrites?|replaces?|modif\w+)\b"
    r"|\A[^.]{0,40}?\bupdates? or creates?\b",
    re.IGNORECASE,
)
"""The documentation's wording for operations that overwrite what exists."""
_RETURNS = re.compile(
    r"[^.]*(?:idempotent, so|\breturns? the existing|that \w+'s \w+ is returned|"
    r"already exists, \w+ still returns)[^.]*\.?",
    re.IGNORECASE,
)
"""The documentation's wording for operations that return what exists as if it were new."""
_BY_TOKEN = re.compile(r"token|error|exception|fault|conflict", re.IGNORECASE)
_IF_NEW = re.compile(r"only if [^.]*(?:does not|doesn't) already exist", re.IGNORECASE)
"""The documentation's wording for a condition of the request."""
_APPENDED = frozenset(
    """event record metric segment feedback result evaluation interaction batch revision
    reaction""".split()
)
"""Nouns of what is added to a stream or a history, and not removed: nothing is overwritten."""
_FILE, _SECTION = "writers.toml", "new_only"


class Guard(StrEnum):
    """What keeps an INSERT by one operation from overwriting."""

    API = "refused by the API"
    CONDITION = "condition of the request"
    READ = "read first"
    NOTICE = "notice"


@dataclass(frozen=True)
class ExistingReading:
    """How to find a resource before the call that would overwrite it."""

    reading: Reading
    ends: Mapping[str, str] = field(default_factory=dict)
    """By field with a full name, of which the last part is the name: the parameter with that."""

    @property
    def reason(self) -> str:
        """For EXPLAIN and notices."""
        return self.reading.reason


def overwrites(table: Table, method: Method) -> bool:
    """Whether an INSERT by a method replaces or returns what exists, instead of failing."""
    if table.is_api_spelling or keeps_what_is_left_out(method):
        return False
    name = parts(method.operation.name)
    if method.verb is Verb.REPLACE:
        return not _is_appended(method)
    if method.verb is not Verb.INSERT:
        return False
    text = plain_text(method.operation.documentation)
    if if_new(method):
        return True
    if inverse_correction(method.operation).returns_existing or _UPSERTS.search(text):
        return True
    said = _RETURNS.search(text)
    return name.verb not in RELATES and said is not None and not _BY_TOKEN.search(said.group())


def _is_appended(method: Method) -> bool:
    operation = method.operation
    noun = thing_noun("_".join(parts(operation.name).noun))
    if noun[-1] not in _APPENDED and noun[-2:] != ("metric", "data"):
        return False
    return operation.name.replace("Put", "Delete", 1) not in operation.service.operation_names


def guard_of(table: Table, method: Method, sent: Collection[str]) -> Guard:
    """What keeps an INSERT with these parameters from overwriting."""
    if not overwrites(table, method):
        return Guard.API
    if if_new(method) or _attributes_of(method):
        return Guard.CONDITION
    found = existing_reading(table, method, dict.fromkeys(sent, "x"))
    return Guard.READ if found is not None else Guard.NOTICE


# By a condition of the request.


def if_new(method: Method) -> str:
    """The parameter by which the API itself refuses what exists; empty if there is none."""
    names = (
        name
        for name, member in method.parameters.items()
        if snake_case(name) == "if_none_match" and _IF_NEW.search(plain_text(member.documentation))
    )
    return next(names, "")


def condition(method: Method, sent: Mapping[str, object]) -> Mapping[str, object]:
    """The parameters to add to a request, so that the API refuses what exists.

    Empty if there are none, or if the request has a condition of its own.
    """
    if name := if_new(method):
        return {} if sent.get(name) is not None else {name: "*"}
    said = _attributes_of(method)
    if said is None or any(sent.get(n) is not None for n in said.own):
        return {}
    item = sent.get(said.of)
    keys = [k for k, v in item.items() if _may_be_key(v)] if isinstance(item, Mapping) else []
    if not keys or len(keys) > said.most:
        return {}
    # Whichever attribute is the key, an item with this key has it.
    tests = " AND ".join(f"attribute_not_exists(#k{i})" for i in range(len(keys)))
    return {said.expression: tests, said.names: {f"#k{i}": key for i, key in enumerate(keys)}}


def is_conditional(method: Method, sent: Mapping[str, object]) -> bool:
    """Whether a request has a condition: the one against overwriting, or the caller's own."""
    said = _attributes_of(method)
    names = (if_new(method), *(said.own if said is not None else ()))
    return any(sent.get(name) is not None for name in names)


@dataclass(frozen=True)
class AttributesAbsent:
    """A condition that no attribute of the new item exists under its key."""

    of: str
    """The parameter with the item."""
    expression: str
    names: str
    """The parameter with the attributes' names."""
    own: tuple[str, ...]
    """Parameters with a condition of the caller's."""
    most: int = 100
    """The attributes that an expression can name."""


def _attributes_of(method: Method) -> AttributesAbsent | None:
    raw = method.operation.overlay.section(_FILE, _SECTION).get(method.operation.id)
    return entry(AttributesAbsent, _FILE, method.operation.id, raw) if raw is not None else None


def _may_be_key(value: object) -> bool:
    """Whether an attribute's type is one that a key can have: text, number, bytes."""
    return isinstance(value, Mapping) and bool({"S", "N", "B"} & value.keys())


# By reading.


def existing_reading(
    table: Table, method: Method, sent: Mapping[str, object]
) -> ExistingReading | None:
    """How to find what a call would overwrite; None if no rule knows.

    First the reading that also tells the outcome of a lost response; then the Get of the same noun;
    then a listing, by the name that the request gives.
    """
    if (known := reading_of(table, method, sent)) is not None:
        return ExistingReading(_keyed(table, known, method))
    for reader in _readers(table):
        is_same = parts(reader.operation.name).noun == parts(method.operation.name).noun
        if is_same and not _lists(reader) and not _shows_secrets(table, reader):
            given = _given(table, reader, method, sent)
            if given is not None:
                named = ", ".join(given.values())
                reason = f"{reader.operation.id}{f' by {named}' if named else ''}"
                return ExistingReading(Reading(table, reader, given, {}, True, reason))
    return next(_listed(table, method, sent), None)


def _readers(table: Table) -> Iterator[Method]:
    for method in table.reached_by(Verb.SELECT):
        if method.rows is None or method.is_further or not method.rows.fields:
            continue
        if parts(method.operation.name).verb in TELLS:
            yield method


def _shows_secrets(table: Table, reader: Method) -> bool:
    """Whether a read for its existence alone would read a secret."""
    columns = (table.by_alias.get(n.lower()) for n in (reader.rows.fields if reader.rows else ()))
    return any(c is not None and (c.is_sensitive or c.is_credential) for c in columns)


def _lists(reader: Method) -> bool:
    return reader.rows is not None and bool(reader.rows.lists)


def _given(
    table: Table, reader: Method, write: Method, sent: Mapping[str, object]
) -> dict[str, str] | None:
    """The reader's parameters that the write was sent; None if a required one is missing.

    A parameter that both leave out has the same default for both: the default event bus.
    """
    by_folded = {snake_case(n): n for n in write.parameters}
    found: dict[str, str] = {}
    for name, member in reader.parameters.items():
        source = by_folded.get(snake_case(name))
        if source is None and name in reader.required:
            known = same_value(name, thing_noun(table.name))
            source = next((by_folded[s] for s in known if s in by_folded), None)
        if source is not None and source in sent and _alike(member, write.parameters[source]):
            if name in reader.required or says_which(name):
                found[name] = source
        elif name in reader.required:
            return None
    return found


def _listed(table: Table, method: Method, sent: Mapping[str, object]) -> Iterator[ExistingReading]:
    """Listings of the table's rows with the name that the request gives."""
    for path in _names(table, method, sent):
        for reader in _readers(table):
            rows = reader.rows
            given = _given(table, reader, method, sent)
            if rows is None or not rows.lists or given is None:
                continue
            own = {snake_case(n) for n in method.parameters}
            left_out = set(reader.keys) - set(given) - set(reader.required)
            if any(snake_case(n) not in own for n in left_out):
                # It could be among what the listing leaves out.
                continue
            fields = {snake_case(n): n for n in rows.fields}
            same = same_value(path.rpartition(".")[2], thing_noun(table.name))
            found = next((fields[s] for s in same if s in fields), None)
            reason = f"{reader.operation.id} by {path}"
            reading = Reading(table, reader, given, {}, True, reason)
            if found is not None:
                match = {found: path, **_also(table, method, sent, fields, path)}
                yield ExistingReading(_keyed(table, replace(reading, match=match), method))
                continue
            full = [
                n for n in rows.fields if ending_of(n) == FULL and names_thing(n, _thing(table))
            ]
            if len(full) == 1:
                yield ExistingReading(reading, {full[0]: path})


def _thing(table: Table) -> tuple[str, ...]:
    return thing_noun(table.name)


def _names(table: Table, method: Method, sent: Mapping[str, object]) -> Iterator[str]:
    """The parameters, or members of a required structure, with the resource's name."""
    thing = _thing(table)
    for name in (*method.required, *(n for n in method.parameters if n not in method.required)):
        is_named = names_thing(name, thing) and (
            name in method.required or ending_of(name) == "name"
        )
        if name in sent and is_named and method.parameters[name].shape.kind in _SCALARS:
            yield name
    for name in method.required:
        shape = method.parameters[name].shape
        if name not in sent or shape.kind is not Kind.STRUCTURE:
            continue
        for member in shape.member_names:
            is_scalar = shape.members[member].shape.kind in _SCALARS
            if is_scalar and names_thing(member, thing) and ending_of(member) == "name":
                yield f"{name}.{member}"
    for name in method.required:
        shape = method.parameters[name].shape
        if name not in sent or shape.kind is not Kind.LIST:
            continue
        item = shape.element.shape
        for member in item.member_names if item.kind is Kind.STRUCTURE else ():
            is_scalar = item.members[member].shape.kind in _SCALARS
            if is_scalar and names_thing(member, thing) and member in item.required:
                yield f"{name}.{ITEM}.{member}"


def _also(
    table: Table,
    method: Method,
    sent: Mapping[str, object],
    fields: Mapping[str, str],
    path: str,
) -> dict[str, str]:
    """What else identifies a row, by what removing one requires: the resource of a scaling
    policy."""
    wanted = {snake_case(n) for m in table.methods if disappears(m) for n in m.required}
    return {
        fields[snake_case(n)]: n
        for n in method.required
        if n != path
        and n in sent
        and snake_case(n) in wanted
        and snake_case(n) in fields
        and method.parameters[n].shape.kind in _SCALARS
    }


def _keyed(table: Table, reading: Reading, write: Method) -> Reading:
    """The reading that asks a listing for the one name, if it takes a list of names."""
    rows = reading.method.rows
    if rows is None or not rows.lists:
        return reading
    given = dict(reading.given)
    for name in reading.method.parameters:
        if name in given or not is_list_of_scalars(reading.method, name):
            continue
        for field_name, source in reading.match.items():
            is_it = snake_case(singular_name(name)) in map(snake_case, (field_name, source))
            if is_it and "." not in source and write.parameters[source].shape.kind in _SCALARS:
                given[name] = source
    return replace(reading, given=given)


def _alike(one: Member, other: Member) -> bool:
    return one.shape.kind is other.shape.kind and one.shape.kind in _SCALARS
