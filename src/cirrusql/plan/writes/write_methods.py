"""Which parameters of a method identify what a write acts on, and the method of an INSERT.

``plan.updates.splitting`` chooses the methods of an UPDATE.

The danger of a write is that a condition becomes a change: ``UPDATE … SET a = 1 WHERE id = 'x' AND
multi_az`` must not send MultiAZ. So a condition is sent as a parameter only if the parameter
identifies the resource; the engine evaluates all others over rows that are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.fitness import is_list_of_scalars, is_scalar
from cirrusql.catalog.inference.identifiers import fields_for
from cirrusql.catalog.inference.identifiers import says_which as is_identifier
from cirrusql.catalog.inference.verbs import gives_values, rank
from cirrusql.catalog.inference.words import singular_name, snake_case
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.enclosing import enclosing_fields
from cirrusql.catalog.row_model.own_settings import maker_of, shown
from cirrusql.catalog.row_model.request_fields import place_of
from cirrusql.catalog.row_model.request_names import read_as
from cirrusql.catalog.row_model.row_places import record_verbs
from cirrusql.catalog.service import ServiceCatalog
from cirrusql.catalog.write_rules.write_identity import (
    finds_rows,
    identity_of,
    is_open,
    is_read_encrypted,
    is_single,
    source_of,
)
from cirrusql.errors import MissingParameter, ProgrammingError, UnknownColumn

_FORMS = {Kind.STRUCTURE: "{…}", Kind.MAP: "{…}", Kind.LIST: "[…]", Kind.STRING: "'…'"}
"""How a value is written, by its kind."""
PLACES = ("region", "connection")
"""Where a call is made: columns of a write's rows that are not parameters."""


def inserters(table: Table) -> tuple[Method, ...]:
    """The methods that INSERT can use: those that create, then those that put."""
    found = table.reached_by(Verb.INSERT)
    by_registry = tuple(m for m in table.methods if m.api_verb is Verb.INSERT and m not in found)
    puts = tuple(m for m in table.reached_by(Verb.REPLACE) if m not in by_registry)
    if table.is_api_spelling:
        return (*found, *by_registry, *puts)
    records = tuple(m for m in table.methods if Verb.INSERT in record_verbs(table, m))
    return (*found, *by_registry, *puts, *records)


def parameter_name(method: Method, written: str) -> str | None:
    """The parameter or place that a column name means for a method, in any accepted spelling."""
    folded = written.lower()
    if folded in PLACES:
        return folded
    return _spellings(method).get(folded)


_spelled: WeakKeyDictionary[Method, Mapping[str, str]] = WeakKeyDictionary()


def _spellings(method: Method) -> Mapping[str, str]:
    """The parameters by every accepted spelling, in lower case; the first of two wins."""
    if method not in _spelled:
        found: dict[str, str] = {}
        for name, member in method.parameters.items():
            wire_name = str(member.traits.get("locationName", name)).lower()
            spellings = {name.lower(), snake_case(name)}
            # An Ipv6Address is the member of an item of Ipv6Addresses, whatever the list is called.
            if wire_name not in {n.lower() for n in _members_of_items(member.shape)}:
                spellings.add(wire_name)
            for spelling in spellings:
                found.setdefault(spelling, name)
        _spelled[method] = found
    return _spelled[method]


def _members_of_items(shape: Shape) -> Iterable[str]:
    if shape.kind is not Kind.LIST or shape.element.shape.kind is not Kind.STRUCTURE:
        return ()
    return shape.element.shape.members


def method_for(
    table: Table, candidates: tuple[Method, ...], columns: tuple[str, ...], verb: str
) -> tuple[Method, tuple[str, ...]]:
    """The first method that takes all columns and has all it requires, and its names for them.

    Of methods with the same verb, one that creates rather than copies or restores, then the one
    with the fewest parameters. If none fits, raises the error for the columns.
    """
    if not candidates:
        raise no_method(table, verb)
    fits = []
    for method in candidates:
        names = tuple(parameter_name(method, c) for c in columns)
        if None not in names and set(method.required) <= set(names):
            fits.append((method, tuple(n for n in names if n is not None)))
    if not fits:
        raise _unfit(table, candidates, columns, verb)
    found, names = min(
        fits,
        key=lambda f: (f[0].verb is Verb.REPLACE, rank(f[0].operation.name), len(f[0].parameters)),
    )
    twice = next((c for c, n in zip(columns, names, strict=True) if names.count(n) > 1), None)
    if twice is not None:
        raise ProgrammingError(f"{verb} INTO {table.id} names the column {twice!r} twice")
    return found, names


def _plainest_first(method: Method) -> tuple[bool, int, int]:
    return method.verb is Verb.REPLACE, rank(method.operation.name), len(method.parameters)


def _unfit(
    table: Table, methods: Iterable[Method], columns: tuple[str, ...], verb: str
) -> ProgrammingError:
    """The error for the columns, for the method that they fit best."""
    method = max(methods, key=lambda m: sum(parameter_name(m, c) is not None for c in columns))
    unnamed = [c for c in columns if parameter_name(method, c) is None]
    # A column that the request takes under another name is not the error.
    places = {c: place_of(table, method, c) for c in unnamed}
    given = {parameter_name(method, c) for c in columns}
    given |= {
        p.parameter for place in places.values() if place is not None for p in (place, *place.also)
    }
    missing = [n for n in method.required if n not in given]
    unplaced = [c for c in unnamed if places[c] is None]
    if unnamed and (unplaced or not missing):
        return unknown_parameter((unplaced or unnamed)[0], method, f"{verb} INTO {table.id}")
    return MissingParameter(
        f"{verb} INTO {table.id}: {', '.join(missing)} {'are' if len(missing) > 1 else 'is'} "
        "required",
        hint=f"SHOW INSERT INTO {table.id}",
    )


def unknown_parameter(name: str, method: Method, where: str) -> UnknownColumn:
    """The error with similar parameters, or all that exist."""
    legal = [*method.parameters, *PLACES]
    error = UnknownColumn(name, legal, where=where)
    if error.hint is None:
        error.hint = (
            f"{method.operation.id} takes {', '.join(legal[:12])}{', …' if len(legal) > 12 else ''}"
        )
    return error


def kin(catalog: Catalog, table: Table, assigned: Collection[str]) -> tuple[Method, ...]:
    """Methods of other resources that change the table's rows, nearest first.

    ``UPDATE functions SET MemorySize`` uses UpdateFunctionConfiguration. All of ``assigned`` must
    be its parameters, and every other required parameter a field of the table with exactly that
    name, or the resource itself (PutBucketVersioning's Bucket). One whose resource is not named
    after the table's must be the only one.
    """
    service, _ = catalog.service_catalog(table.provider, table.schema)
    near: list[Method] = []
    far: list[Method] = []
    for resource, method in _changers(service):
        names = {parameter_name(method, c) for c in assigned}
        rest = set(method.required) - names
        if rest <= enclosing_fields(table):
            # It changes the parent of the row.
            continue
        if None in names or not (
            _are_fields(table, rest) or _is_of_one(table, method, table.noun, rest)
        ):
            continue
        is_near = resource.startswith(f"{table.noun}_")
        maker = maker_of(service, table, method)
        made = inserters(table)
        is_another = maker is not None and bool(made) and maker not in made
        if is_another and is_near and not shown(table, method, assigned):
            # It changes another thing that is called after this one: an image builder.
            continue
        (near if is_near else far).append(method)
    near.sort(key=lambda m: (len(m.required), len(m.parameters)))
    return tuple(near or (far if len(far) == 1 else ()))


_changing: WeakKeyDictionary[ServiceCatalog, tuple[tuple[str, Method], ...]] = WeakKeyDictionary()


def _changers(service: ServiceCatalog) -> tuple[tuple[str, Method], ...]:
    """The methods of a service that set values, each with its resource."""
    if service not in _changing:
        methods = ((r, service.method(n)) for r, names in service.plain.items() for n in names)
        verbs = (Verb.UPDATE, Verb.REPLACE)
        _changing[service] = tuple(
            (r, m) for r, m in methods if m.verb in verbs and gives_values(m.operation)
        )
    return _changing[service]


def _are_fields(table: Table, names: set[str]) -> bool:
    if not names:
        return False
    columns = [table.by_alias.get(name.lower()) for name in names]
    return all(c is not None and c.role is Role.FIELD for c in columns)


def _is_of_one(table: Table, method: Method, noun: str, names: set[str]) -> bool:
    """Whether the only remaining parameters are those that identify one of the table's
    resources."""
    if len(names) != 1 or not snake_case(next(iter(names))).startswith(noun):
        return False
    fields = fields_for(table, next(iter(names)), method.parameters[next(iter(names))])
    return bool(fields) and is_scalar(method, next(iter(names)))


def sources(
    table: Table, method: Method, assigned: Iterable[str]
) -> Mapping[str, tuple[str, bool]] | None:
    """For each parameter that identifies the row, the column that provides it.

    The flag says that the parameter is a list, of which the column is one item. None if a required
    parameter that is not assigned has no such column.
    """
    if is_open(table, method):
        return None
    found = {}
    for name in identity_of(table, method).sent:
        if name in assigned:
            continue
        source = source_of(table, method, name)
        if source is not None and name in method.required and is_read_encrypted(table, source[0]):
            return None
        if source is not None:
            found[name] = source
        elif name in method.required:
            return None
    return found or _of_any_name(table, method, set(assigned))


def needed(table: Table, method: Method) -> tuple[str, ...]:
    """The parameters without which a write would act on something other than the intended row."""
    return identity_of(table, method).needed


def _of_any_name(
    table: Table, method: Method, assigned: set[str]
) -> Mapping[str, tuple[str, bool]] | None:
    """For a method that requires nothing: the first optional parameter that identifies the row.

    Without one, the call would not know its target, so the method is not used; but if the table is
    a single resource (the account's password policy), none is needed.
    """
    for name in method.parameters:
        if name in assigned:
            continue
        column = table.by_alias.get(name.lower())
        if column is not None and column.role is Role.FIELD and is_identifier(name):
            return {name: (column.name, False)}
        one = table.by_alias.get(singular_name(name).lower())
        is_one = one is not None and one.role is Role.FIELD and is_list_of_scalars(method, name)
        if one is not None and is_one and is_identifier(one.name):
            return {name: (one.name, True)}
    return {} if set(method.required) & assigned or is_single(table) else None


def says_which(table: Table, method: Method, column: str) -> bool:
    """Whether a condition on a column may be sent as the parameter of that name.

    A parameter may be sent if it identifies the row, or if it exists in the request only. Any other
    field is a property of the resource: sending it would change the property rather than select by
    it (``RoleARN`` of a stack). Under the API's own names, every parameter of the request is sent
    as written.
    """
    if column not in method.parameters:
        return False
    found = table.by_alias.get(column.lower())
    if column in method.required or (
        found is not None and read_as(table, found).role is Role.PARAMETER
    ):
        return True
    identity = identity_of(table, method)
    if column in {*identity.sent, *(n for way in identity.instead for n in way)}:
        return True
    is_asked = method.verb is Verb.DELETE or any(
        column in m.parameters for m in table.reached_by(Verb.DELETE)
    )
    return is_asked and (table.is_api_spelling or finds_rows(table, column))


def wants(table: Table, methods: Iterable[Method]) -> str:
    """``delete_user requires UserName; …``"""
    return "; ".join(
        f"{m.name} requires {', '.join(needed(table, m)) or 'nothing'}" for m in methods
    )


def needed_in_where(table: Table, methods: Sequence[Method]) -> str | None:
    """A hint at the parameters that no column provides, for the method with the fewest of them."""
    unknown = {m: [n for n in needed(table, m) if source_of(table, m, n) is None] for m in methods}
    method = min((m for m in methods if unknown[m]), key=lambda m: len(unknown[m]), default=None)
    if method is None:
        return None
    forms = {n: _FORMS.get(method.parameters[n].shape.kind, "…") for n in needed(table, method)}
    told = " AND ".join(f"{n} = {form}" for n, form in forms.items())
    return f"no column of a row contains {', '.join(unknown[method])}; use only WHERE {told}"


def no_method(table: Table, verb: str) -> ProgrammingError:
    """The error for a verb that no method of the table supports."""
    verbs = sorted({str(m.verb) for m in table.methods})
    return ProgrammingError(
        f"{table.id} has no method for {verb}; it has {', '.join(verbs)}",
        hint=f"SHOW METHODS IN {table.id}",
    )


def no_where(verb: str, table: Table) -> ProgrammingError:
    """The error for a missing WHERE."""
    return ProgrammingError(
        f"{verb} on {table.id} requires WHERE", hint="WHERE true matches every row"
    )
