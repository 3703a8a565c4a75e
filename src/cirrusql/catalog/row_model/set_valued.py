"""Set-valued columns: the API changes their value by adding and removing items.

Nothing sets them as a whole: ModifyVpcEndpoint has AddSubnetIds and RemoveSubnetIds,
UpdateNodegroupConfig a structure with addOrUpdateLabels and removeLabels, and a security group's
IpPermissions are authorized and revoked by two operations. ``plan.updates.differences`` computes
the items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import SETS, parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Column, Method, Role, Table, Verb
from cirrusql.catalog.row_model.listed_ids import listed_columns
from cirrusql.catalog.row_model.request_fields import (
    RequestField,
    ValueForm,
    is_tags,
    places_of,
)
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.types import ListType, StructType

_ADDS = re.compile(r"^add_(?:or_update_)?(\w+)$|^(\w+)_to_add$")
_REMOVES = re.compile(r"^remove_(\w+)$|^(\w+)_to_remove$")
_PAIRS: Mapping[str, str] = {"authorize": "revoke", "assign": "unassign"}
"""Verbs that add to a resource's own set, and verbs that remove. A relation between two resources
is not such a set: it may be to several, and is a row of another table."""


@dataclass(frozen=True)
class Side:
    """Where a request takes the items that are added, or those that are removed."""

    method: Method
    parameter: str
    member: str = ""
    """The member of a structure; empty if the parameter itself takes them."""


@dataclass(frozen=True)
class SetValued:
    """How one column is changed."""

    added: Side
    taken: Side
    key: str = ""
    """The member of the column's structures that the request lists in their place."""

    @property
    def is_one_call(self) -> bool:
        """Whether one request adds and removes."""
        return self.added.method.operation is self.taken.method.operation

    @property
    def is_updating(self) -> bool:
        """Whether adding an existing item gives it a new value."""
        return "_or_update" in snake_case(self.added.member or self.added.parameter)

    @property
    def is_of_rules(self) -> bool:
        """Whether an item may stand for several, which are added and removed one by one."""
        return parts(self.added.method.operation.name).verb == "authorize"

    @property
    def is_empty_at_first(self) -> bool:
        """Whether a new resource has no items, so that all of them are added."""
        operation = self.added.method.operation
        return operation.id not in operation.overlay.section("writers.toml", "not_empty_at_first")


_found: WeakKeyDictionary[Table, Mapping[str, SetValued]] = WeakKeyDictionary()


def set_valued(catalog: Catalog, table: Table) -> Mapping[str, SetValued]:
    """The set-valued columns of a table, by name."""
    if table not in _found:
        _found[table] = {**dict(_by_two_calls(catalog, table)), **dict(_by_one_call(table))}
    return _found[table]


def _by_one_call(table: Table) -> Iterator[tuple[str, SetValued]]:
    columns = {
        snake_case(c.name): c for c in table.columns if c.role is Role.FIELD and not is_tags(c.name)
    }
    for method in table.reached_by(Verb.UPDATE):
        if parts(method.operation.name).verb not in SETS:
            continue
        sides = list(_sides(method))
        for stem, added, shape in (
            (s, side, shape) for is_added, s, side, shape in sides if is_added
        ):
            taken = next(
                (side for is_added, s, side, _ in sides if not is_added and s == stem), None
            )
            if taken is None or (
                taken.parameter != added.parameter and bool(taken.member) != bool(added.member)
            ):
                continue
            column, key = _column(columns, stem, shape)
            if column is not None:
                yield column.name, SetValued(added, taken, key)


def _sides(method: Method) -> Iterator[tuple[bool, str, Side, Shape]]:
    """What a request adds and removes: whether it adds, of what (snake_case), and where."""
    for name, member in method.parameters.items():
        inner = member.shape.members if member.shape.kind is Kind.STRUCTURE else {}
        for side, shape in (
            (Side(method, name), member.shape),
            *((Side(method, name, n), m.shape) for n, m in inner.items()),
        ):
            spelled = snake_case(side.member or side.parameter)
            for is_added, pattern in ((True, _ADDS), (False, _REMOVES)):
                if (found := pattern.match(spelled)) is not None and shape.kind in (
                    Kind.LIST,
                    Kind.MAP,
                ):
                    yield is_added, found[1] or found[2], side, shape


def _column(columns: Mapping[str, Column], stem: str, shape: Shape) -> tuple[Column | None, str]:
    """The column that shows what is added, and the member of its structures that the
    request lists."""
    column = columns.get(stem)
    if column is not None and column.type == sql_type(shape):
        return column, ""
    wanted = sql_type(shape)
    if column is not None and wanted.name == column.type.name and not _has_structures(column):
        return column, ""
    if shape.kind is not Kind.LIST or shape.element.shape.kind is not Kind.STRING:
        is_alike = column is not None and wanted.name == column.type.name
        return (column, "") if is_alike else (None, "")
    listed = listed_columns(columns.values(), stem)
    return listed[0] if len(listed) == 1 else (None, "")


def _has_structures(column: Column) -> bool:
    return isinstance(column.type, ListType) and isinstance(column.type.element, StructType)


def _by_two_calls(catalog: Catalog, table: Table) -> Iterator[tuple[str, SetValued]]:
    service, _ = catalog.service_catalog(table.provider, table.schema)
    near = [
        n for r, names in service.plain.items() if r.startswith(f"{table.noun}_") for n in names
    ]
    for adder in (*table.methods, *(service.method(n) for n in near if parts(n).verb in _PAIRS)):
        verb = parts(adder.operation.name).verb
        if verb not in _PAIRS:
            continue
        name = f"{_PAIRS[verb].capitalize()}{adder.operation.name[len(verb) :]}"
        if name not in service.service.operation_names:
            continue
        remover = service.method(name)
        there = places_of(table, remover)
        for column, place in places_of(table, adder).items():
            found = table.by_alias[column.lower()]
            is_list = isinstance(found.type, ListType) and place.form in (
                ValueForm.WHOLE,
                ValueForm.ITEMS,
            )
            if is_list and not is_tags(column) and there.get(column) == place:
                yield column, _of_two(adder, remover, place)


def _of_two(adder: Method, remover: Method, place: RequestField) -> SetValued:
    return SetValued(Side(adder, place.parameter), Side(remover, place.parameter), place.key)
