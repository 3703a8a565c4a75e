"""Maps shapes to SQL types, and methods to the columns of their table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.model import Column, FieldPath, Method, Role, RowPath
from cirrusql.catalog.secrets.credential_values import holds_credential
from cirrusql.catalog.secrets.secret_columns import gives_secret
from cirrusql.types import (
    BIGINT,
    BLOB,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    JSON,
    TIMESTAMPTZ,
    VARCHAR,
    SqlType,
    list_of,
    map_of,
    struct_of,
)

_SCALARS = {
    Kind.STRING: VARCHAR,
    Kind.INTEGER: INTEGER,
    Kind.LONG: BIGINT,
    Kind.FLOAT: DOUBLE,
    Kind.DOUBLE: DOUBLE,
    Kind.BOOLEAN: BOOLEAN,
    Kind.TIMESTAMP: TIMESTAMPTZ,
    Kind.BLOB: BLOB,
    Kind.DOCUMENT: JSON,
}

# Reserved for context columns, whether or not a provider has them: conditions on these names
# restrict places.
_CONTEXT_NAMES = frozenset({"region", "account_id", "connection"})

_types: WeakKeyDictionary[Shape, SqlType] = WeakKeyDictionary()


def sql_type(shape: Shape) -> SqlType:
    """The column type of a shape; JSON for recursive shapes and documents."""
    if shape not in _types:
        _types[shape], _ = _typed(shape, ())
    return _types[shape]


def _typed(shape: Shape, within: tuple[Shape, ...]) -> tuple[SqlType, bool]:
    """The type, and whether a cycle through ``within`` was cut (then the type is valid
    only there)."""
    if shape.kind in _SCALARS:
        return _SCALARS[shape.kind], False
    if shape in within:
        return JSON, True
    if shape in _types:
        return _types[shape], False
    inner = (*within, shape)
    if shape.kind is Kind.LIST:
        element, was_cut = _typed(shape.element.shape, inner)
        return list_of(element), was_cut
    if shape.kind is Kind.MAP:
        value, was_cut = _typed(shape.value.shape, inner)
        return map_of(value), was_cut
    fields = []
    was_cut = False
    for name, member in shape.members.items():
        type_, cut = _typed(member.shape, inner)
        was_cut |= cut
        fields.append((name, type_))
    if len({name.lower() for name, _ in fields}) < len(fields):
        # The engine's STRUCT ignores case, so members that differ only in case cannot both exist.
        return JSON, was_cut
    made = struct_of(tuple(fields))
    if not was_cut:
        _types[shape] = made
    return made, was_cut


def member_at(output: Shape, rows: RowPath, path: FieldPath) -> Member:
    """The model's member behind a field of a row."""
    shape = output
    member: Member | None = None
    for level in range(path.level):
        for name in rows.lists[level]:
            shape = shape.members[name].shape
        member = shape.element
        shape = member.shape
    for name in path.path:
        member = shape.members[name]
        shape = member.shape
    if member is None:
        raise LookupError(path)
    return member


def method_columns(method: Method) -> tuple[Column, ...]:
    """FIELD columns for exactly what the method's response has, in the model's order."""
    output = method.operation.output
    if method.rows is None or output is None:
        return ()
    return tuple(
        field_column(name, member_at(output, method.rows, path))
        for name, path in method.rows.fields.items()
    )


def field_column(name: str, member: Member) -> Column:
    """The column for a member of a response."""
    is_credential = holds_credential(name, member)
    return Column(
        name=name,
        type=sql_type(member.shape),
        role=Role.FIELD,
        description=member.documentation,
        is_sensitive=is_credential or gives_secret(member),
        is_credential=is_credential,
        enum=member.shape.enum,
    )


def field_name(name: str) -> str:
    """A field with the name of a context column gets a suffix."""
    return f"{name}_field" if name.lower() in _CONTEXT_NAMES else name


def table_columns(
    readers: Iterable[Method], methods: Sequence[Method], *, is_sorted: bool
) -> tuple[Column, ...]:
    """Fields of the reading methods, parameters of all methods, context columns.

    ``is_sorted``: fields by name, as on StackQL's reference pages.
    """
    reading = tuple(readers)
    fields: dict[str, Column] = {}
    for method in reading:
        for column in method_columns(method):
            fields.setdefault(column.name.lower(), column)
    context = context_columns(methods)
    taken = _CONTEXT_NAMES | {c.name for c in context}
    parameters: dict[str, Column] = {}
    for method in (*reading, *methods):
        for column in _parameters(method):
            key = column.name.lower()
            if key not in fields and key not in taken:
                parameters.setdefault(key, column)
    must = {n.lower() for n in _always_required(reading)}
    ordered = sorted(fields.values(), key=lambda c: c.name) if is_sorted else fields.values()
    found = [*ordered, *parameters.values()]
    return (*(_marked(c, must) for c in found), *context)


def context_columns(methods: Sequence[Method]) -> tuple[Column, ...]:
    """Columns for the place of the call, as the provider defines them."""
    known = methods[0].operation.service.context if methods else ()
    return tuple(Column(c.name, VARCHAR, Role.CONTEXT, c.description) for c in known)


def _parameters(method: Method) -> Iterator[Column]:
    for name, member in method.parameters.items():
        yield Column(
            name=name,
            type=sql_type(member.shape),
            role=Role.PARAMETER,
            description=member.documentation,
            is_sensitive=gives_secret(member),
            enum=member.shape.enum,
        )


def _always_required(readers: tuple[Method, ...]) -> set[str]:
    sets = [set(m.required) for m in readers]
    return set.intersection(*sets) if sets else set()


def _marked(column: Column, required: set[str]) -> Column:
    if column.name.lower() not in required:
        return column
    return replace(column, is_required=True)
