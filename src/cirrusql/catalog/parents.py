"""Which resource lists the values of a parameter: a rule over names, with its reason.

A wrong parent is worse than none, so a value is only taken from a list whose resource the
parameter is named after (``TableName`` after tables, ``cluster`` after clusters), or from
the listing of the resource itself.
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
    for noun in _nouns(singular_name(parameter)):
        name = "_".join(plural_noun(noun))
        if name in catalog.resources(table.provider, plain):
            listing = catalog.table(table.provider, plain, name)
            if listing is not own:
                yield from _of(listing, singular_name(parameter), f"{parameter} is named after {name}")


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


def fields_for(listing: Table, parameter: str) -> tuple[str, ...]:
    """The fields of a table that can be a parameter's value, the surest first."""
    fields = (c.name for c in listing.columns if c.role is Role.FIELD)
    names = {snake_case(n): n for n in fields if _is_text(listing, n)}
    wanted = snake_case(parameter)
    noun = singular(listing.name.rpartition("_")[2])
    whole = "_".join((*listing.name.split("_")[:-1], noun))
    ending = wanted.rpartition("_")[2]
    spellings = [wanted]
    if ending == "id":
        spellings += [f"{noun}_id", f"{whole}_id", "id", "arn", f"{noun}_arn"]
    elif ending in _ENDINGS:
        spellings += [ending, f"{noun}_{ending}", f"{whole}_{ending}"]
        spellings += ["name", f"{noun}_name", "id", "arn"] if ending == "identifier" else []
    elif wanted in (noun, whole):
        for end in ("name", "id", "arn"):
            spellings += [f"{whole}_{end}", f"{noun}_{end}", end]
    return tuple(dict.fromkeys(names[s] for s in spellings if s in names))


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
