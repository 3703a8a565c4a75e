"""What a name that is no column of a table most likely means: a member of one, or a column under a
name that begins with the table's (``instance_state``).

Only exact names of members: similar spellings are ``errors.nearest``'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from cirrusql.catalog.inference.words import singular_noun
from cirrusql.catalog.model import Column, Role, Table
from cirrusql.types import ListType, SqlType, StructType


def meant_columns(table: Table, name: str) -> tuple[str, ...]:
    """What a name may mean, likeliest first: ``State.Name``, ``AttachedPolicies``."""
    folded = _folded(name)
    noun = _folded("_".join(singular_noun(tuple(table.name.split("_")))))
    fields = [c for c in table.columns if c.role is Role.FIELD]
    found = [m for c in fields for m in _members(c, folded)]
    if noun and folded.startswith(noun):
        found += [m for c in fields for m in _itself(c, folded.removeprefix(noun))]
    return tuple(dict.fromkeys(found))


def _itself(column: Column, folded: str) -> Iterator[str]:
    """The column of that name; of a structure, what names it."""
    if _folded(column.name) != folded:
        return
    is_named = any(member == "Name" for member, _ in _fields(column.type))
    yield f"{column.name}.Name" if is_named else column.name


def _members(column: Column, folded: str) -> Iterator[str]:
    """The member by its name, alone or after the column's; or a list with such items."""
    is_list = isinstance(column.type, ListType)
    inner = column.type.element if isinstance(column.type, ListType) else column.type
    for member, _ in _fields(inner):
        if folded in (_folded(member), _folded(column.name + member)):
            yield column.name if is_list else f"{column.name}.{member}"


def _fields(type_: SqlType) -> tuple[tuple[str, SqlType], ...]:
    return type_.fields if isinstance(type_, StructType) else ()


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
