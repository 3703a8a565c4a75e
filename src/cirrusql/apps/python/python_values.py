"""Converts Arrow values to the Python objects that callers expect, one column at a time.

Timestamps are datetimes (with time zone if the type has one), integers ``int`` of any width,
decimals ``Decimal``, structures and maps ``dict``, lists ``list``. JSON remains text: use
``json.loads``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cirrusql.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

SQL_TYPE = b"sql_type"
"""Field metadata with the SQL type."""

_WIDE = ("HUGEINT", "UHUGEINT")
_ARROW_NAMES = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "binary": "BLOB",
}


def sql_type(field: pa.Field) -> str:
    """The SQL name of a field's type: ``VARCHAR``, ``DECIMAL(2,1)``, ``STRUCT(x INTEGER[])``."""
    if field.metadata and SQL_TYPE in field.metadata:
        return str(field.metadata[SQL_TYPE].decode()).replace('"NULL"', "NULL")
    name = str(field.type)
    if name.startswith("timestamp"):
        return "TIMESTAMP WITH TIME ZONE" if field.type.tz else "TIMESTAMP"
    return _ARROW_NAMES.get(name, name.upper())


def base_type(name: str) -> str:
    """A type's name without its parameters: ``DECIMAL(2,1)`` → ``DECIMAL``,
    ``INTEGER[]`` → ``LIST``."""
    if name.endswith("]"):
        return "LIST"
    return re.sub(r"\(.*\)$", "", name, flags=re.DOTALL)


def rows_of(schema: pa.Schema, batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    """The rows of a batch. Raises DataError for values that Python cannot represent (infinity)."""
    if not batch.num_columns:
        return iter(())
    columns = [_column(a, f) for a, f in zip(batch.columns, schema, strict=True)]
    return zip(*columns, strict=True)


def _column(array: pa.Array, field: pa.Field) -> list[Any]:
    try:
        found: list[Any] = array.to_pylist(maps_as_pydicts="lossy")
    except (OverflowError, ValueError) as error:
        raise DataError(
            f"column {field.name!r} holds a {sql_type(field)} that Python cannot represent: "
            f"{error}",
            hint="cast it to VARCHAR in the query, or read it with .arrow()",
        ) from error
    if sql_type(field) in _WIDE:
        return [None if v is None else int(v) for v in found]
    return found
