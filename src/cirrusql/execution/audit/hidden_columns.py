"""Hides secrets in rows, reports and previews unless the statement names the column.

A value is secret if the model marks it sensitive, or if its name is typical of secrets. ``*`` does
not name a column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from cirrusql.catalog.model import Column
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.catalog.secrets.secret_columns import HIDDEN, is_secret_column, is_secret_member
from cirrusql.plan.model import Plan

if TYPE_CHECKING:
    import pyarrow as pa


def reads_secrets(plan: Plan) -> bool:
    """Whether a plan passes secret values to the engine."""
    scanned = (c for s in plan.scans for c in s.columns if c.name not in s.masked)
    answered = (
        c for w in plan.writes if w.named for c in method_columns(w.method) if c.aliases & w.named
    )
    sent = any(
        is_secret_member(n, w.method.parameters.get(n)) for w in plan.writes for n in w.given
    )
    return sent or any(is_secret_column(c) for c in (*scanned, *answered))


def hide(rows: pa.RecordBatch, names: Collection[str], columns: Iterable[Column]) -> pa.RecordBatch:
    """The rows with the values of these columns hidden: text as ``****``, anything else as NULL."""
    if not names:
        return rows
    import pyarrow as pa

    # In Arrow, JSON is text too, but the engine must be able to parse it.
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
