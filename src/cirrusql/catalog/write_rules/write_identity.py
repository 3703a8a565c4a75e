"""Which parameters of a write identify its row: what is sent for a row, and what a WHERE must
provide.

An API may accept several names of a resource (id, name, full name), and may assign a default to a
missing part: DeleteSecurityGroup by GroupName acts in the default VPC, DeletePolicy without its
group on any group's. So a call for a row that was read sends its complete identity, by the most
reliable name; and a WHERE needs no read only if it provides as much. ``identities.toml`` has what
only the documentation tells. ``inference.identifiers`` judges names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cirrusql.api.model import Kind, Member
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.behaviour.completeness import FillKind, narrowing
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.fitness import is_list_of_scalars, is_scalar
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.identifiers import (
    BARE,
    ending_of,
    fields_for,
    is_generic,
    is_of_a_version,
    names_thing,
    says_which,
    speaks_of,
    stem_of,
)
from cirrusql.catalog.inference.verbs import RELATES, SEPARATES, parts
from cirrusql.catalog.inference.words import singular_name, snake_case, thing_noun
from cirrusql.catalog.model import Method, ParameterRole, Role, Table, Verb
from cirrusql.catalog.row_model.row_places import directed
from cirrusql.catalog.write_rules.preconditions import etag_of

Source = tuple[str, bool]
"""A column, and whether the parameter is a list with it as one item."""

_OF_NO_USE = re.compile(
    r"reserved for future use|not implemented|no longer (used|supported)", re.IGNORECASE
)
_ACCOUNT = re.compile(r"\baccounts?\b", re.IGNORECASE)
OF_THE_CALL = frozenset({"dry_run", "client_token", "client_request_token", "idempotency_token"})
"""Parameters that are not part of a resource: an operation with no others acts on something by
default."""
_UNIQUE = BARE - {"name"}
"""Suffixes of names that are unique to one resource."""


@dataclass(frozen=True)
class WriteIdentity:
    """The parameters of a write that identify its row."""

    needed: tuple[str, ...]
    """Those that a WHERE must provide for a call without a read; rows that are read
    provide them."""
    also: tuple[str, ...] = ()
    """Those that a call for a row sends in addition: they default to the account's own."""
    instead: tuple[frozenset[str], ...] = ()
    """Alternatives that, provided by the WHERE, identify the row as reliably."""

    @property
    def sent(self) -> tuple[str, ...]:
        """All identifying parameters that a call for a row sends."""
        return (*self.needed, *self.also)

    def is_given(self, names: Collection[str]) -> bool:
        """Whether these parameters identify the rows, so that nothing has to be read."""
        given = set(names)
        return any(way <= given for way in (frozenset(self.needed), *self.instead))


def identity_of(table: Table, method: Method) -> WriteIdentity:
    """The identity of the row that a method of a table acts on."""
    if table.is_api_spelling:
        return WriteIdentity(_required(table, method))
    found = _identity(table, method)
    etags = tuple(n for n in method.parameters if n not in found.sent and etag_of(table, method, n))
    if not etags:
        return found
    instead = tuple(way | frozenset(etags) for way in found.instead)
    return WriteIdentity((*found.needed, *etags), found.also, instead)


def _identity(table: Table, method: Method) -> WriteIdentity:
    required = _required(table, method)
    hint = method.operation.service.hints.get(method.operation.name)
    if hint is not None and hint.identity:
        return WriteIdentity(tuple(dict.fromkeys((*required, *hint.identity))))
    if (given := _given(method.operation.overlay).get(method.operation.id)) is not None:
        first, *others = given
        needed = (*required, *(n for n in first if n not in required))
        return WriteIdentity(needed, instead=tuple(frozenset((*required, *way)) for way in others))
    if is_single(table):
        return WriteIdentity(required)
    if ways := open_sides(table, method):
        return _of_both_sides(table, method, ways)
    optional = _optional(table, method, required)
    if _names_it(table, required):
        return _more_exactly(table, method, required, optional)
    return _chosen(table, method, required, optional)


def source_of(table: Table, method: Method, name: str) -> Source | None:
    """The column of a row with the value of a parameter."""
    if (etag := etag_of(table, method, name)) is not None:
        return etag, False
    column = table.by_alias.get(name.lower())
    kind = method.parameters[name].shape.kind
    one = table.by_alias.get(singular_name(name).lower())
    if is_list_of_scalars(method, name) and one is not None and one is not column:
        return one.name, True
    if column is not None and column.role is Role.FIELD:
        return column.name, False
    if kind is not Kind.LIST and (fields := fields_for(table, name, method.parameters[name])):
        return fields[0], False
    if column is not None and kind is Kind.STRING:
        return column.name, False
    return None


def is_read_encrypted(table: Table, column: str) -> bool:
    """Whether reading a secret may return ciphertext, which must not be sent back: PutParameter's
    Value."""
    found = table.by_alias.get(column.lower())
    return found is not None and found.is_sensitive and bool(decrypting_option(table))


def decrypting_option(table: Table) -> str:
    """The parameter that decrypts a table's secrets: WithDecryption; empty if there is none."""
    readers = (*table.reached_by(Verb.SELECT), *(d.method for d in table.details))
    names = (name for m in readers for name in m.parameters if "decrypt" in name.lower())
    return next(names, "")


def is_single(table: Table) -> bool:
    """Whether the table is a single resource without a name: its reader is not a listing."""
    readers = [m for m in table.methods if m.verb is Verb.SELECT and m.rows is not None]
    return bool(readers) and all(not m.rows.lists and not m.required for m in readers if m.rows)


def finds_rows(table: Table, name: str) -> bool:
    """Whether the readers of a table select rows by a parameter of that name, and its name is that
    of an identifier."""
    return says_which(name) and any(name in m.parameters for m in table.reached_by(Verb.SELECT))


def is_of_the_call(member: Member) -> bool:
    """Whether a parameter is about the call rather than the resource: a token, a dry run."""
    return member.is_idempotency_token or snake_case(member.name) in OF_THE_CALL


def are_one_name(one: str, other: str) -> bool:
    """Whether two parameters are names of the same resource: GroupId and GroupName."""
    return one != other and stem_of(one) == stem_of(other)


def is_given(method: Method, parameter: str) -> bool:
    """Whether the data file lists a parameter as part of the identity."""
    ways = _given(method.operation.overlay).get(method.operation.id, ())
    return any(parameter in way for way in ways)


def is_open(table: Table, method: Method) -> bool:
    """Whether a row does not contain all sides of a relation, so that the call would remove more
    than the row."""
    is_said = method.operation.id in _given(method.operation.overlay) or bool(directed(method))
    ways = () if table.is_api_spelling or is_said else open_sides(table, method)
    return bool(ways) and not any(_is_told(table, method, n) for n in ways)


def _is_told(table: Table, method: Method, name: str) -> bool:
    """Whether every row contains the value of a parameter, rather than only when it was sent."""
    source = source_of(table, method, name)
    column = table.by_alias.get(source[0].lower()) if source is not None else None
    return column is not None and (
        column.role is Role.FIELD or column.parameter_role is ParameterRole.KEY
    )


def open_sides(table: Table, method: Method) -> tuple[str, ...]:
    """The optional parameters of which one identifies the other side of a relation to remove: the
    principal or the resource of a share. Empty if all are required, or the relation has an id of
    its own."""
    if parts(method.operation.name).verb not in SEPARATES or method.verb is not Verb.DELETE:
        return ()
    thing = thing_noun(table.name)
    if any(names_thing(n, thing) and not is_generic(n) for n in method.required):
        return ()
    noun = method.operation.name.removeprefix(parts(method.operation.name).verb.capitalize())
    makers = [
        m
        for m in table.reached_by(Verb.INSERT)
        if parts(m.operation.name).verb in RELATES and m.operation.name.endswith(noun)
    ]
    shared = {n for m in makers for n in m.parameters}
    return tuple(
        n
        for n, member in method.parameters.items()
        if n not in method.required and _may_be_a_side(table, method, member, is_shared=n in shared)
    )


def _may_be_a_side(table: Table, method: Method, member: Member, *, is_shared: bool) -> bool:
    if is_of_the_call(member) or member.shape.kind is Kind.BOOLEAN:
        return False
    if member.shape.kind is Kind.LIST:
        return True
    is_plain = is_scalar(method, member.name)
    return is_shared and (not is_plain or says_which(member.name) or _is_field(table, member.name))


def _of_both_sides(table: Table, method: Method, ways: Sequence[str]) -> WriteIdentity:
    """All of them that the row has; if it has none, one is required."""
    known = tuple(n for n in ways if _is_told(table, method, n))
    if known:
        return WriteIdentity((*method.required, *known))
    first, *rest = ((*method.required, n) for n in ways)
    return WriteIdentity(first, instead=tuple(map(frozenset, rest)))


def _required(table: Table, method: Method) -> tuple[str, ...]:
    """What the API requires, and what the table's readers fill in: left out, it defaults to the
    caller's own."""
    if table.is_api_spelling:
        return method.required
    # What is a kind for a delete operation may be a property for an update.
    kinds = (FillKind.PARENT, FillKind.EACH) if method.verb is Verb.DELETE else (FillKind.PARENT,)
    fills = (narrowing(reader).items() for reader in table.reached_by(Verb.SELECT))
    filled = {name for found in fills for name, fill in found if fill.kind in kinds}
    optional = (n for n in method.parameters if n in filled and n not in method.required)
    return (*method.required, *(n for n in optional if table.by_alias.get(n.lower()) is not None))


def _optional(table: Table, method: Method, required: Sequence[str]) -> list[str]:
    """The optional parameters that may identify the row: a name, id or full name in the row.

    For an update, most of them are new values (``RoleArn``): only those that name the resource
    itself, or that select its rows and are parameters of its delete operation, identify it.
    """
    thing = thing_noun(table.name)
    deleting = {n for m in table.reached_by(Verb.DELETE) for n in m.parameters}
    is_changing, is_named = method.verb is not Verb.DELETE, _names_it(table, required)
    found = []
    for name in method.parameters:
        if name in required or not says_which(name) or is_of_a_version(name):
            continue
        if not is_scalar(method, name) or _is_of_no_use(method.parameters[name]):
            continue
        if not _is_field(table, name) and not (names_thing(name, thing) and not is_generic(name)):
            continue
        if is_changing:
            is_it = names_thing(name, thing)
            may_find = (is_it and not is_named) or (not is_it and name in deleting)
            if not (is_it and not required) and not (may_find and finds_rows(table, name)):
                continue
        if source_of(table, method, name) is not None:
            found.append(name)
    return found


def _names_it(table: Table, required: Sequence[str]) -> bool:
    """Whether the required parameters name the resource, not only its parent."""
    thing = thing_noun(table.name)
    return any(
        names_thing(n, thing) or (stem_of(n) and speaks_of(stem_of(n), thing)) for n in required
    )


def _more_exactly(
    table: Table, method: Method, required: Sequence[str], optional: Sequence[str]
) -> WriteIdentity:
    """The required parameters name the resource; its parent, if rows are selected by it, is part of
    the identity."""
    found = [n for n in optional if finds_rows(table, n) and not _is_named(n, required)]
    own = [n for n in found if _is_account(method.parameters[n])]
    within = [n for n in found if n not in own]
    first = [n for i, n in enumerate(within) if not _is_named(n, within[:i])]
    second = [next((o for o in within[::-1] if are_one_name(o, n)), n) for n in first]
    instead = () if second == first else (frozenset((*required, *second)),)
    return WriteIdentity((*required, *first), tuple(own), instead)


def _chosen(
    table: Table, method: Method, required: Sequence[str], optional: Sequence[str]
) -> WriteIdentity:
    """The required parameters do not name the resource: of the optional ones, the most reliable
    name, and its parent."""
    thing = thing_noun(table.name)
    names = [n for n in optional if names_thing(n, thing)]
    if any(stem_of(n) == thing for n in names):
        # If a provisioned product has a full name, ProductId identifies something else.
        names = [n for n in names if stem_of(n) in ((), thing)]
    others = [
        n for n in optional if not names_thing(n, thing) and (finds_rows(table, n) or not names)
    ]
    if not names and any(finds_rows(table, n) for n in others):
        others = [n for n in others if finds_rows(table, n)]
    others = [n for i, n in enumerate(others) if not _is_named(n, others[:i])]
    own = tuple(n for n in others if _is_account(method.parameters[n]))
    within = tuple(n for n in others if n not in own)
    sure = [n for n in names if _is_sure(table, method, n)]
    # Only a name that is unique to one resource; otherwise the id is preferred.
    ways = [(n,) if not required else (*required, n, *within) for n in sure]
    ways += [
        (*required, n, *within)
        for n in names
        if n not in sure and (not sure or _is_answered_by_one(table, (n, *within)))
    ]
    if not ways:
        return WriteIdentity((*required, *within), own)
    first, *rest = sorted(ways, key=lambda way: _dearness(table, method, way))
    return WriteIdentity(
        first, () if not required and first[0] in sure else own, tuple(frozenset(w) for w in rest)
    )


def _is_sure(table: Table, method: Method, name: str) -> bool:
    """Whether a parameter is an id or full name that a row contains under that name."""
    source = source_of(table, method, name)
    return (
        ending_of(name) in _UNIQUE
        and source is not None
        and ending_of(source[0]) == ending_of(name)
    )


def _dearness(table: Table, method: Method, names: Sequence[str]) -> tuple[bool, bool]:
    """Order of preference: columns of the listing that need no call per row; ids before
    full names."""
    listed = {
        n for m in table.reached_by(Verb.SELECT) if m.rows and m.rows.lists for n in m.rows.fields
    }
    columns = [source_of(table, method, n) for n in names]
    is_dear = any(c is not None and c[0] not in listed for c in columns)
    return is_dear, any(ending_of(n) == FULL for n in names)


def _is_answered_by_one(table: Table, names: Sequence[str]) -> bool:
    """Whether a reader takes these names and returns one row, so that they identify one
    resource."""
    return any(
        m.rows is not None and not m.rows.lists and set(names) <= m.parameters.keys()
        for m in table.reached_by(Verb.SELECT)
    )


def _is_named(name: str, others: Sequence[str]) -> bool:
    return any(are_one_name(name, other) for other in others)


def _is_field(table: Table, name: str) -> bool:
    column = table.by_alias.get(name.lower())
    return column is not None and column.role is Role.FIELD


def _is_of_no_use(member: Member) -> bool:
    return _OF_NO_USE.search(plain_text(member.documentation)) is not None


def _is_account(member: Member) -> bool:
    """Whether it defaults to something that the account owns: a registry, a catalog."""
    return _ACCOUNT.search(plain_text(member.documentation)) is not None


@cache
def _given(overlay: Overlay) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """``identities.toml``: the alternatives that identify a row, by ``service:Operation``; the
    first is sent."""
    found = overlay.section("identities.toml", "writes")
    return {key: tuple(tuple(way) for way in ways) for key, ways in found.items()}


def identities_given(overlay: Overlay) -> Iterator[tuple[str, str]]:
    """Each operation and parameter that the data file names."""
    for operation, ways in _given(overlay).items():
        for way in ways:
            for name in way:
                yield operation, name
