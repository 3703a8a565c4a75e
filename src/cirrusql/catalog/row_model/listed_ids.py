"""Finds columns of structures that a request lists by id: SecurityGroupIds.

Matches a list of ids with its column, and with the member of its structures that is the id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.words import singular_name, snake_case
from cirrusql.catalog.model import Column
from cirrusql.types import ListType, SqlType, StructType

_OF_A_CHANGE = re.compile(r"^(?:add|remove|delete|exclude)_|_to_(?:add|remove|delete)$")
"""Parameters that list what is added or removed, not the resulting set."""
ID_ENDINGS = ("_id", "_identifier", f"_{FULL}", "_name")


class Named(StrEnum):
    """How the name of a list of ids resembles that of the column."""

    SAME = "same"
    LAST = "last"
    """The column's is the last word of the other."""
    LONGER = "longer"
    """The column's name has further words."""


def listed_columns(
    columns: Iterable[Column], listed: str, *, is_of_new: bool = False
) -> list[tuple[Column, str]]:
    """The columns of structures that a parameter lists by id, each with the member that is the id.

    SecurityGroupIds belong to SecurityGroups; if there is no such column, to Groups. For an
    existing resource, Groups may be SecurityGroups; for a new one (``is_of_new``), a response may
    list failed ones under that name.
    """
    if _OF_A_CHANGE.search(snake_case(listed)):
        return []
    given = list(columns)
    ways = [n for n in Named if n is not Named.LONGER or not is_of_new]
    return next((found for named in ways if (found := list(_listed(given, listed, named)))), [])


def _listed(columns: Iterable[Column], listed: str, named: Named) -> Iterator[tuple[Column, str]]:
    for column in columns:
        if (key := item_key(column, listed, named)) is not None:
            yield column, key


def item_key(column: Column, listed: str, how: Named = Named.SAME) -> str | None:
    """The member of a column's structures that a parameter lists: GroupId for SecurityGroupIds.

    A column of the parameter's own name (Groups) is listed by its identifier, or by its only
    scalar.
    """
    if not isinstance(column.type, ListType):
        return None
    one = snake_case(singular_name(listed))
    stem = next((one.removesuffix(e) for e in ID_ENDINGS if one.endswith(e)), one)
    last = stem.rpartition("_")[2]
    ending = one[len(stem) :]
    wanted = [one, *(f"{stem}{e}" for e in ID_ENDINGS), f"{last}{ending}"]
    names = {snake_case(column.name), snake_case(singular_name(column.name))}
    match how:
        case Named.SAME:
            is_alike = bool(names & {stem, snake_case(listed)})
        case Named.LAST:
            is_alike = last in names
        case Named.LONGER:
            is_alike = any(n.endswith(f"_{stem}") for n in names)
    if not is_alike:
        return None
    members = {snake_case(m): m for m in members_of(column.type.element)}
    found = next((members[w] for w in wanted if w in members), None)
    if found is None and snake_case(column.name) == snake_case(listed):
        # Layers are listed by full name, if no other member is a full name.
        bare = [members[e] for e in (FULL, "id", "identifier", "name") if e in members]
        found = bare[0] if len(bare) == 1 else None
    return found


def is_of_structures(column: Column, member: Member) -> bool:
    """Whether a column lists structures, and a parameter texts."""
    has_structures = isinstance(column.type, ListType) and isinstance(
        column.type.element, StructType
    )
    return has_structures and is_list_of_texts(member)


def members_of(given: SqlType) -> frozenset[str]:
    """The names of a structure's members."""
    return frozenset(dict(given.fields)) if isinstance(given, StructType) else frozenset()


def is_list_of_texts(member: Member) -> bool:
    """Whether a parameter lists texts."""
    return member.shape.kind is Kind.LIST and member.shape.element.shape.kind is Kind.STRING
