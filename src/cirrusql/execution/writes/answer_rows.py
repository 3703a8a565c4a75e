"""Complete responses (of writes and EXEC) as rows of an engine relation.

Reads do not use this: their pages are decoded directly into columns. A write has one response, and
RETURNING may name anything in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.model import Column, FieldPath, Role, RowPath
from cirrusql.decode.casting import fitted, json_text
from cirrusql.types import ListType, MapType, SqlType, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.transport.model import Call


def items_of(values: Mapping[str, Any], rows: RowPath) -> Iterator[tuple[object, ...]]:
    """One tuple per row: the item at each level, starting with the whole response."""
    if not rows.lists and rows.single and _walk(values, rows.single) is None:
        return
    yield from _enter((values,), rows.lists)


def _enter(
    above: tuple[object, ...], lists: Sequence[tuple[str, ...]]
) -> Iterator[tuple[object, ...]]:
    if not lists:
        yield above
        return
    found = _walk(above[-1], lists[0])
    if isinstance(found, Mapping):
        found = [{"key": key, "value": value} for key, value in found.items()]
    for item in found if isinstance(found, list) else ():
        yield from _enter((*above, item), lists[1:])


def _walk(value: object, path: Sequence[str]) -> object:
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def field_value(item: tuple[object, ...], path: FieldPath) -> object:
    """The value of a field in a row returned by ``items_of``."""
    return _walk(item[path.level], path.path)


def batch_of(
    call: Call,
    values: Mapping[str, object],
    rows: RowPath,
    columns: Sequence[Column],
    given: Mapping[str, object] | None = None,
    elsewhere: Collection[str] = (),
) -> pa.RecordBatch:
    """The rows of one response: its fields, values from the statement, values sent, and place
    columns.

    ``given``: values from the statement by column, cast to its type; ``elsewhere``: values set by
    other calls, which are newer than the response.
    """
    import pyarrow as pa

    items = list(items_of(values, rows))
    arrays = []
    for column in columns:
        path = rows.fields.get(column.name)
        told = (given or {}).get(column.name)
        sent = told if told is not None else _sent(call, column)
        if column.name in elsewhere and told is not None:
            path = None
        cells = [field_value(i, path) if path is not None else None for i in items]
        cells = [sent if c is None else c for c in cells]
        arrays.append(pa.array([as_arrow(c, column.type) for c in cells], column.type.arrow))
    schema = pa.schema([(c.name, c.type.arrow) for c in columns])
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _sent(call: Call, column: Column) -> object:
    if column.role is Role.CONTEXT:
        return call.target.value(column.name)
    return call.parameters.get(column.name)


def as_arrow(value: Any, type_: SqlType) -> Any:
    """Convert a Python value to what pyarrow accepts for the type. Never fails: in place of text,
    other values become JSON text; in place of all else, they become NULL.

    Uses the same text as ``decode.casting``, so that SELECT and RETURNING agree.
    """
    if value is None:
        return None
    if isinstance(type_, StructType):
        if not isinstance(value, Mapping):
            return None
        return {name: as_arrow(value.get(name), inner) for name, inner in type_.fields}
    if isinstance(type_, ListType):
        items = value if isinstance(value, list | tuple) else [value]
        return [as_arrow(v, type_.element) for v in items]
    if isinstance(type_, MapType):
        pairs = value.items() if isinstance(value, Mapping) else value
        return [(str(k), as_arrow(v, type_.value)) for k, v in pairs]
    if type_.name == "JSON":
        return value if isinstance(value, str) else json_text(value)
    if type_.name == "VARCHAR" and not isinstance(value, str):
        return json_text(value) if isinstance(value, dict | list) else str(value)
    if type_.name == "BLOB":
        return value.encode() if isinstance(value, str) else _bytes(value)
    return fitted(value, type_)


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode()
