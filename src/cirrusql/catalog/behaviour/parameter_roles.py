"""The role of each request parameter that is not a field: key, filter, scope or option.

A rule over the model's names and shapes; ``parameter_roles.toml`` has what only the documentation
decides, ``completeness.toml`` the absent parameters that narrow. The planner reads
``Column.parameter_role`` and ``Column.told_by``; DESCRIBE EXTENDED prints the role.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.behaviour.completeness import narrowing
from cirrusql.catalog.behaviour.pushable_filters import FilterForm, server_filters
from cirrusql.catalog.inference.words import singular_name
from cirrusql.catalog.model import Column, Method, ParameterRole, Role
from cirrusql.catalog.rows.column_types import member_at

_SCALARS = frozenset({Kind.STRING, Kind.INTEGER, Kind.LONG})
_SHAPING = re.compile(
    r"(time|date|timestamp|prefix|expression|encoding|languagecode|locale|messages?|query|text)$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(id|ids|number|version|revision|index|generation)$", re.IGNORECASE)


@dataclass(frozen=True)
class RoleData:
    """``parameter_roles.toml``: keys are ``service:Operation.Parameter``."""

    roles: Mapping[str, ParameterRole]
    other_meaning: frozenset[str]
    """Parameters with the name and type of a field, but another meaning."""


@cache
def role_data(overlay: Overlay) -> RoleData:
    """The data file, read once."""
    given = overlay.section("parameter_roles.toml", "roles")
    roles = {key: ParameterRole(value) for key, value in given.items()}
    other = overlay.section("parameter_roles.toml", "other_meaning")
    return RoleData(roles, frozenset(other.get("parameters", ())))


def with_roles(columns: Iterable[Column], readers: Sequence[Method]) -> tuple[Column, ...]:
    """The columns of a table with the role of each request parameter."""
    return tuple(
        _with_role(column, readers) if column.role is Role.PARAMETER else _apart(column, readers)
        for column in columns
    )


def _with_role(column: Column, readers: Sequence[Method]) -> Column:
    takers = [m for m in readers if column.name in m.parameters]
    told = {_told_by(method, column.name) for method in takers}
    field = told.pop() if len(told) == 1 else ""
    roles = [_role(method, column.name) for method in takers]
    role = next((r for r in _STRONGEST_FIRST if r in roles), ParameterRole.OPTION)
    if role is ParameterRole.OPTION and field and all(_is_open(m, column.name) for m in takers):
        role = ParameterRole.FILTER
    begun = (
        {_begun_by(method, column.name) for method in takers}
        if role is ParameterRole.OPTION
        else set()
    )
    # A required prefix must be sent, even if there are several.
    is_free = all(_is_open(m, column.name) and column.name not in m.keys for m in takers)
    begins = begun.pop() if len(begun) == 1 and is_free else ""
    role = ParameterRole.FILTER if begins else role
    return replace(column, parameter_role=role, told_by=field, begins=begins)


_STRONGEST_FIRST = (ParameterRole.SCOPE, ParameterRole.KEY, ParameterRole.FILTER)


def _role(method: Method, name: str) -> ParameterRole:
    given = role_data(method.operation.overlay).roles.get(f"{method.operation.id}.{name}")
    if given is not None:
        return given
    fill = narrowing(method).get(name)
    if fill is not None:
        return fill.role
    return (
        ParameterRole.KEY if name in method.keys and _names(method, name) else ParameterRole.OPTION
    )


def _names(method: Method, name: str) -> bool:
    """Whether a required parameter identifies rows: text other than a time or query, or a number
    that is named."""
    shape = method.parameters[name].shape
    one = shape.element.shape if shape.kind is Kind.LIST else shape
    if one.kind is Kind.STRING:
        return not _SHAPING.search(name)
    return one.kind in _SCALARS and _NUMBERED.search(name) is not None


def _is_open(method: Method, name: str) -> bool:
    """Whether neither data file classifies the parameter."""
    return f"{method.operation.id}.{name}" not in role_data(
        method.operation.overlay
    ).roles and name not in narrowing(method)


def _told_by(method: Method, name: str) -> str:
    """The field of a row that has the value of a parameter: ``InstanceId`` for ``InstanceIds``."""
    shape = method.parameters[name].shape
    for one in server_filters(method):
        if (
            one.parameter == name
            and one.form in (FilterForm.VALUE, FilterForm.VALUES)
            and len(one.path) == 1
        ):
            return one.path[0]
    if shape.kind is not Kind.LIST or shape.element.shape.kind not in _SCALARS:
        return ""
    wanted = singular_name(name).lower()
    if wanted == name.lower():
        return ""
    fields = dict(_scalar_fields(method))
    found = [n for n, m in fields.items() if n.lower() == wanted and _is_alike(m, shape.element)]
    return found[0] if len(found) == 1 else ""


def _begun_by(method: Method, name: str) -> str:
    """The field of a row that starts with a parameter: ``Path`` for ``PathPrefix``."""
    for one in server_filters(method):
        if one.parameter == name and one.form is FilterForm.PREFIX and len(one.path) == 1:
            return one.path[0]
    return ""


def _is_alike(field: Member, element: Member) -> bool:
    return (field.shape.kind is Kind.STRING) == (element.shape.kind is Kind.STRING)


def _scalar_fields(method: Method) -> Iterator[tuple[str, Member]]:
    output = method.operation.output
    if method.rows is None or output is None:
        return
    for name, path in method.rows.fields.items():
        member = member_at(output, method.rows, path)
        if member.shape.kind in _SCALARS:
            yield name, member


def _apart(column: Column, readers: Sequence[Method]) -> Column:
    """A field, marked if a parameter of the same name means something else."""
    takers = [m for m in readers if column.name in m.parameters]
    if column.role is not Role.FIELD or not any(_is_apart(m, column) for m in takers):
        return column
    return replace(column, is_apart=True)


def _is_apart(method: Method, column: Column) -> bool:
    """Whether a method's parameter means something else than the field, which another method may
    return."""
    rows = method.rows
    if rows is not None and column.name not in rows.fields:
        shape = method.parameters[column.name].shape
        return bool(shape.enum) and column.type.name in ("INTEGER", "BIGINT", "DOUBLE")
    return means_otherwise(method, column.name)


def means_otherwise(method: Method, name: str) -> bool:
    """Whether a parameter cannot be compared with the field of the same name in the method's rows.

    That is so if only one of them is a structure, timestamp or boolean; if keywords are sent and
    numbers returned (``revision = 'LAST_REGISTERED'``); if the parameter is a time span, or a
    required timestamp: the rows lie within it; if the field is beside the list, so that it only
    echoes the request; and if the data file says so.
    """
    if f"{method.operation.id}.{name}" in role_data(method.operation.overlay).other_meaning:
        return True
    output = method.operation.output
    if method.rows is None or output is None or name not in method.rows.fields:
        return False
    field = member_at(output, method.rows, method.rows.fields[name]).shape
    parameter = method.parameters[name].shape
    if _form(field.kind) != _form(parameter.kind) or is_span(parameter):
        return True
    if parameter.enum and field.kind is not Kind.STRING:
        return True
    if field.kind is Kind.STRUCTURE and set(field.member_names) != set(parameter.member_names):
        return True
    is_required = name in method.required
    return parameter.kind is Kind.TIMESTAMP if is_required else is_echo(method, name)


def is_echo(method: Method, name: str) -> bool:
    """Whether a field only echoes the request: it is beside the list of rows."""
    rows = method.rows
    return (
        rows is not None
        and bool(rows.lists)
        and name in rows.fields
        and rows.fields[name].level == 0
    )


def is_span(shape: Shape) -> bool:
    """Whether a structure is a time span: a start and an end."""
    if shape.kind is not Kind.STRUCTURE or len(shape.member_names) != 2:
        return False
    first, last = (n.lower() for n in shape.member_names)
    return first.startswith(("start", "begin", "from")) and last.startswith(("end", "to"))


def _form(kind: Kind) -> str:
    """The class of kinds whose values are comparable; a list of one value counts as the value."""
    if kind in (Kind.STRUCTURE, Kind.MAP, Kind.DOCUMENT):
        return str(kind)
    return "moment" if kind is Kind.TIMESTAMP else "truth" if kind is Kind.BOOLEAN else "value"
