"""Which resource lists the values of a parameter: a rule over names, with its reason.

A wrong parent is worse than none, so a value is only taken from the listing of the resource
itself, from a list whose resource the parameter is named after (``TableName`` after tables,
``cluster`` after clusters), or from one that the resource's own name begins with and that has
a field of just the parameter's name (``WindowId`` of maintenance window targets).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.naming import plural_noun, singular, singular_name, snake_case

# What a parameter's name may end in besides the noun it is named after.
_ENDINGS = ("name", "id", "arn", "url", "identifier", "key", "number")


@dataclass(frozen=True)
class Parent:
    """``table``'s rows, read by ``method``, have the values in ``field``."""

    table: Table
    method: Method
    field: str
    reason: str


def parent_of(catalog: Catalog, table: Table, parameter: str) -> Parent | None:
    """The parent that lists a parameter's values, or None where no rule is sure."""
    for parent in _candidates(catalog, table, parameter):
        return parent
    return None


def _candidates(catalog: Catalog, table: Table, parameter: str) -> Iterator[Parent]:
    plain = table.schema.removesuffix("_api") if table.is_api_spelling else table.schema
    own = _plain_twin(catalog, table, plain)
    if own is not None:
        yield from _of(own, singular_name(parameter), "the resource's own listing")
    known = catalog.service_catalog(table.provider, plain)[0].plain
    for noun in _nouns(singular_name(parameter)):
        name = "_".join(plural_noun(noun))
        if name in known:
            listing = catalog.table(table.provider, plain, name)
            if listing is not own:
                yield from _of(listing, singular_name(parameter), f"{parameter} is named after {name}")
    words = tuple((own or table).name.split("_"))
    for length in range(len(words) - 1, 0, -1):
        name = "_".join(plural_noun(words[:length]))
        if name in known:
            listing = catalog.table(table.provider, plain, name)
            yield from _with_same_field(listing, singular_name(parameter), f"{table.name} begin with {name}")


def _plain_twin(catalog: Catalog, table: Table, plain: str) -> Table | None:
    if not table.is_api_spelling:
        return table
    found, _ = catalog.service_catalog(table.provider, plain)
    name = found.resolve(table.name, False)
    return found.table(plain, name, False) if name is not None else None


def _nouns(parameter: str) -> Iterator[tuple[str, ...]]:
    """``TableName`` → table; ``cluster`` → cluster; ``RestApiId`` → rest api, api."""
    words = tuple(snake_case(parameter).split("_"))
    if len(words) > 1 and words[-1] in _ENDINGS:
        words = words[:-1]
    words = (*words[:-1], singular(words[-1]))
    for start in range(len(words)):
        yield words[start:]


def _of(listing: Table, parameter: str, reason: str) -> Iterator[Parent]:
    for method in listing.reached_by(Verb.SELECT):
        if method.rows is None or not method.rows.lists or parameter in method.keys:
            continue
        for field in fields_for(listing, parameter):
            if field in method.rows.fields:
                yield Parent(listing, method, field, reason)
                return


def _with_same_field(listing: Table, parameter: str, reason: str) -> Iterator[Parent]:
    wanted = snake_case(parameter)
    for parent in _of(listing, parameter, reason):
        if snake_case(parent.field) == wanted:
            yield parent


def fields_for(listing: Table, parameter: str) -> tuple[str, ...]:
    """The fields of a table that can be a parameter's value, the surest first."""
    fields = (c.name for c in listing.columns if c.role is Role.FIELD)
    names = {snake_case(n): n for n in fields if _is_text(listing, n)}
    wanted = snake_case(parameter)
    thing = tuple(listing.name.split("_"))
    thing = (*thing[:-1], singular(thing[-1]))
    noun, whole = thing[-1], "_".join(thing)
    *stem, ending = wanted.split("_")
    spellings = [wanted]
    if ending in _ENDINGS and _speaks_of(tuple(stem), thing):
        spellings += [ending, f"{noun}_{ending}", f"{whole}_{ending}", *_only(listing, noun, whole)]
        if ending == "id":
            spellings += ["arn", f"{noun}_arn"]
        elif ending == "identifier":
            spellings += ["name", f"{noun}_name", "id", "arn"]
    elif wanted in (noun, whole):
        for end in ("name", "id", "arn"):
            spellings += [f"{whole}_{end}", f"{noun}_{end}", end]
    return tuple(dict.fromkeys(names[s] for s in spellings if s in names))


def _speaks_of(stem: tuple[str, ...], thing: tuple[str, ...]) -> bool:
    """Whether what a parameter is named after is the thing: GroupId, KmsKeyId; or it is just Name."""
    shorter = min(len(stem), len(thing))
    return not stem or stem[-shorter:] == thing[-shorter:]


def _only(listing: Table, *nouns: str) -> list[str]:
    """The noun itself, where a listing gives nothing but the names of things: EKS's clusters."""
    scalars = {
        snake_case(name)
        for method in listing.reached_by(Verb.SELECT)
        if method.rows is not None and method.rows.lists
        for name, path in method.rows.fields.items()
        if not path.path
    }
    return [noun for noun in nouns if noun in scalars]


def _is_text(listing: Table, name: str) -> bool:
    column = listing.by_alias.get(name.lower())
    return column is not None and column.type.name in ("VARCHAR", "BIGINT", "INTEGER")


def is_scalar(method: Method, parameter: str) -> bool:
    """Whether a parameter takes one value rather than a list or structure."""
    return method.operation.parameters[parameter].shape.kind not in _NESTED


def is_list_of_scalars(method: Method, parameter: str) -> bool:
    """Whether a parameter takes a list of single values, of which one is enough."""
    shape = method.operation.parameters[parameter].shape
    return shape.kind is Kind.LIST and shape.element.shape.kind not in _NESTED


_NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)
