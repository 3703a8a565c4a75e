"""Adds the columns of a batch that are not in the response: request parameters and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cirrusql.catalog.model import Column, Role
from cirrusql.decode.scalars import microseconds
from cirrusql.encode.coercion import parameters_of
from cirrusql.transport.model import Call

if TYPE_CHECKING:
    import pyarrow as pa


def filled(call: Call, rows: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with exactly the call's columns.

    If a FIELD is empty in the response, it takes the value of the request parameter of the same
    name, if any.
    """
    # A page has those of the call's columns that are fields, in that order.
    if 0 < rows.num_columns == len(call.columns) and (
        not call.parameters or call.parameters.keys().isdisjoint(c.name for c in call.columns)
    ):
        return rows  # the common case: nothing to add

    by_name = {name: rows.column(i) for i, name in enumerate(rows.schema.names)}
    arrays = []
    for column in call.columns:
        decoded = by_name.get(column.name)
        sent = _sent(call, column)
        if decoded is None:
            arrays.append(_constant(sent, column, rows.num_rows))
        elif sent is not None and decoded.null_count:
            import pyarrow.compute as pc

            arrays.append(
                pc.if_else(pc.is_null(decoded), _constant(sent, column, rows.num_rows), decoded)
            )
        else:
            arrays.append(decoded)
    schema = pa.schema([(c.name, c.type.arrow) for c in call.columns])
    if not arrays:
        return rows
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _sent(call: Call, column: Column) -> Any:
    if column.role is Role.CONTEXT:
        return call.target.value(column.name)
    value = call.parameters.get(column.name)
    if value is None or column.name in call.unsaid:
        return None
    if column.type.name == "VARCHAR" and isinstance(value, str):
        # As it was given: the value sent may be a shorter form.
        return value
    return parameters_of(call.operation, {column.name: value}).get(column.name)


def _constant(value: Any, column: Column, length: int) -> pa.Array:
    if value is None:
        return pa.nulls(length, column.type.arrow)
    if column.type.name == "TIMESTAMPTZ":
        value = microseconds(value)
    try:
        return pa.array([value] * length, column.type.arrow)
    except (pa.ArrowException, TypeError, ValueError):
        return pa.nulls(length, column.type.arrow)
