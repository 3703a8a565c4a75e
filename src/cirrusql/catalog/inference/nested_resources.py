"""Nested resources: no operation lists their rows, but the parent's listing contains them.

CreateRoute and DeleteRoute take the table's id, and DescribeRouteTables returns each table's
Routes. If a resource is written but never read, a list of the same name, with or without the
parent's name, within another resource's rows contains its rows, each beside the parent's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.inference.identifiers import says_which
from cirrusql.catalog.inference.verbs import ENDS, LISTS, MAKES, RELATES, parts
from cirrusql.catalog.inference.words import plural_noun, singular_noun, snake_case, words
from cirrusql.catalog.model import FieldPath, Method, RowPath
from cirrusql.catalog.rows.answer_lists import shape_at
from cirrusql.catalog.rows.column_types import field_name

_WRITES = MAKES | RELATES | ENDS | frozenset(["put", "replace"])


@dataclass(frozen=True)
class _Nested:
    """A list of structures within the rows of a listing."""

    owner: str
    method: Method
    member: str
    item: Shape
    noun: str

    @property
    def full(self) -> str:
        """Its name, prefixed with the parent's."""
        return f"{_one(self.owner)}_{self.noun}"


def nested_resources(
    unread: Mapping[str, Iterable[Method]], readers: Iterable[tuple[str, Method]]
) -> Mapping[str, Method]:
    """What reads each resource that exists only within another's rows.

    ``unread``: the methods of each resource that nothing reads; ``readers``: each reading method
    with its resource.
    """
    lists: dict[str, list[_Nested]] = {}
    for owner, method in readers:
        for nested in _lists_in(owner, method):
            lists.setdefault(nested.noun, []).append(nested)
            lists.setdefault(nested.full, []).append(nested)
    found: dict[str, Method] = {}
    for resource, methods in unread.items():
        writers = [m for m in methods if parts(m.operation.name).verb in _WRITES]
        # Routes of VPN connections are written by operations of their own, and are not plain
        # routes.
        free = [n for n in lists.get(resource, []) if n.full == resource or n.full not in unread]
        if not writers or (whose := _whose(resource, free)) is None:
            continue
        rows = _rows(whose, writers)
        if rows is not None:
            found[resource] = _method(resource, whose, rows)
    return found


def _lists_in(owner: str, method: Method) -> Iterator[_Nested]:
    output = method.operation.output
    if (
        method.operation.is_deprecated
        or method.rows is None
        or not method.rows.lists
        or output is None
    ):
        return
    row: Shape = output
    for path in method.rows.lists:
        row = shape_at(row, path)
        if row.kind is not Kind.LIST:
            return
        row = row.element.shape
    for name, member in row.members.items():
        item = member.shape.element.shape if member.shape.kind is Kind.LIST else None
        if (
            item is None
            or item.kind is not Kind.STRUCTURE
            or not item.member_names
            or _is_tags(name)
        ):
            continue
        yield _Nested(owner, method, name, item, _noun(name))


def _whose(resource: str, found: list[_Nested]) -> _Nested | None:
    """The list that is meant: named after the parent too, or the only one of its name."""
    named = [n for n in found if resource == n.full]
    owners = {n.owner for n in named or found}
    if len(owners) != 1:
        return None
    return min(
        named or found,
        key=lambda n: (len(n.method.required), parts(n.method.operation.name).verb in LISTS),
    )


def _rows(nested: _Nested, writers: Iterable[Method]) -> RowPath | None:
    """The row path, with the parent's ids that the writing operations require; None if the rows
    lack them."""
    rows = nested.method.rows
    assert rows is not None
    own = {n.lower() for n in nested.item.member_names}
    asked = {n for m in writers for n in m.parameters if says_which(n)}
    beside = {
        name: path
        for name, path in rows.fields.items()
        if name in asked and name.lower() not in own and path.level == len(rows.lists)
    }
    if not beside and not any(
        n.lower() in own for m in writers for n in m.required if says_which(n)
    ):
        return None
    level = len(rows.lists) + 1
    fields = {field_name(n): FieldPath(level, (n,)) for n in nested.item.member_names}
    return RowPath(lists=(*rows.lists, (nested.member,)), fields=fields | beside)


def _method(resource: str, nested: _Nested, rows: RowPath) -> Method:
    method = nested.method
    verb = method.operation.name[: len(words(method.operation.name)[0])]
    return replace(
        method,
        name=f"{method.name}_{snake_case(nested.member)}",
        api_name=f"{resource}_{verb}",
        rows=rows,
        is_further=True,
        is_nested=True,
    )


def _is_tags(member: str) -> bool:
    return singular_noun(words(member))[-1] == "tag"


def _noun(member: str) -> str:
    noun = words(member)
    if len(noun) > 1 and noun[-1] in ("list", "lists", "set"):
        noun = noun[:-1]
    return "_".join(plural_noun(singular_noun(noun)))


def _one(resource: str) -> str:
    return "_".join(singular_noun(tuple(resource.split("_"))))
