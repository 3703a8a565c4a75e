"""What must not be shown unless it is named: in rows, reports, previews.

A value is secret where the model marks it sensitive, or where its name is one that secrets
have. A star does not name anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog import sensitive
from cirrusql.catalog.model import Column
from cirrusql.catalog.sensitive import SECRET_NAMES

if TYPE_CHECKING:
    import pyarrow as pa

HIDDEN = sensitive.HIDDEN

_DEEPEST = 5


def is_secret(shape: Shape, name: str, depth: int = 0) -> bool:
    """Whether a value of that shape, or anything in it, is a secret."""
    if shape.is_sensitive or (shape.kind is Kind.STRING and SECRET_NAMES.search(name)):
        return True
    if depth > _DEEPEST:
        return False
    if shape.kind is Kind.STRUCTURE:
        return any(is_secret(m.shape, n, depth + 1) for n, m in shape.members.items())
    if shape.kind is Kind.LIST:
        return is_secret(shape.element.shape, name, depth + 1)
    return shape.kind is Kind.MAP and is_secret(shape.value.shape, "", depth + 1)


def hide(rows: pa.RecordBatch, names: Collection[str], columns: Iterable[Column]) -> pa.RecordBatch:
    """The rows with those columns' values hidden: text as ``****``, anything else as NULL."""
    if not names:
        return rows
    import pyarrow as pa

    # JSON is text in Arrow too, and the engine reads it as JSON.
    texts = {column.name for column in columns if column.type.name == "VARCHAR"}
    for name in names:
        index = rows.schema.get_field_index(name)
        if index < 0:
            continue
        column = rows.column(index)
        if name in texts:
            cells = [HIDDEN if is_there else None for is_there in column.is_valid().to_pylist()]
            hidden = pa.array(cells, pa.string())
        else:
            hidden = pa.nulls(rows.num_rows, column.type)
        rows = rows.set_column(index, rows.schema.field(index), hidden)
    return rows
