"""Responses whose rows are the entries of a map: attributes of identities by name, channels by
type.

Only if a response contains nothing but that map, paging and failures: otherwise a map is a column.
An entry has the members of its value, or of each item if the value is a list, plus the key.
"""

from __future__ import annotations

from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.words import singular_name
from cirrusql.catalog.rows.answer_lists import Path, content, is_aside, shape_at

_SAYS_NOTHING = frozenset(
    f"string __string key name id {FULL} nonemptystring nonblankstring genericstring mapkey".split()
)


def map_of_rows(operation: Operation, output: Shape) -> tuple[Path, ...]:
    """The paths to the map, and to the list in each of its values; empty if rows are
    not entries."""
    path: Path = ()
    shape = output
    while shape.kind is Kind.STRUCTURE and len(path) < 2:
        rest = [n for n in content(operation, shape) if not is_aside(n)]
        if len(rest) != 1:
            return ()
        path = (*path, rest[0])
        shape = shape.members[rest[0]].shape
    if shape.kind is not Kind.MAP:
        return ()
    value = shape.value.shape
    if _is_row(value):
        return (path,)
    return (path, ("value",)) if value.kind is Kind.LIST and _is_row(value.element.shape) else ()


def _is_row(shape: Shape) -> bool:
    return shape.kind is Kind.STRUCTURE and bool(shape.member_names)


def key_name(operation: Operation, output: Shape, path: Path) -> str:
    """The column name of a map's keys: Identity, if Identities were requested; empty for a list."""
    shape = shape_at(output, path)
    if shape.kind is not Kind.MAP:
        return ""
    kind = shape.key.shape.name
    for name, member in operation.parameters.items():
        one = singular_name(name.removesuffix("List"))
        if member.shape.kind is Kind.LIST and one.lower().endswith(kind.lower()):
            return one
    if kind.lower() in _SAYS_NOTHING:
        return singular_name(path[-1])
    return kind[:1].lower() + kind[1:] if path[-1][:1].islower() else kind
