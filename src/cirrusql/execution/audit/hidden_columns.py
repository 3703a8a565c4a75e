"""What must not be shown unless it is named: in rows, reports, previews.

A value is secret where the model marks it sensitive, or where its name is one that secrets
have. A star does not name anything.
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
    """Whether a plan gives the engine values of secrets."""
    scanned = (c for s in plan.scans for c in s.columns if c.name not in s.masked)
    answered = (
        c for w in plan.writes if w.named for c in method_columns(w.method) if c.aliases & w.named
    )
    sent = any(
        is_secret_member(n, w.method.parameters.get(n)) for w in plan.writes for n in w.given
    )
    return sent or any(is_secret_column(c) for c in (*scanned, *answered))


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
