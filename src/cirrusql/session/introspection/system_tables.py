"""The ``cirrusql.*`` system tables: calls and failures of this session, and the catalog.

They are in a separate database inside the engine, so that the user's file never contains them, and
are filled only when a statement names one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from cirrusql.session.introspection import information_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.catalog.catalog import Catalog
    from cirrusql.engine.database import Database
    from cirrusql.session.introspection.call_log import CallLog
    from cirrusql.session.introspection.view_columns import ViewColumn
    from cirrusql.transport.model import CallRecord

DATABASE = "cirrusql"
CATALOG_TABLES = ("services", "resources", "methods", "fields")
SESSION_TABLES = ("calls", "errors")


def load_named(
    text: str,
    database: Database,
    catalog: Catalog,
    journal: CallLog,
    of_views: Callable[[], Iterable[ViewColumn]],
) -> None:
    """Fill the system tables that ``text`` may name. Cheap if it names none.

    ``of_views``: describes the user's views.
    """
    folded = text.lower()
    if information_schema.NAME in folded:
        named = [of for view, of in information_schema.CATALOG_TABLES.items() if view in folded]
        _load_catalog(named, database, catalog)
        database.replace_table(DATABASE, information_schema.VIEWS, views_table(of_views()))
    if DATABASE not in folded:
        return
    if "calls" in folded:
        database.replace_table(DATABASE, "calls", calls_table(journal))
    if "errors" in folded:
        database.replace_table(DATABASE, "errors", errors_table(journal))
    _load_catalog([name for name in CATALOG_TABLES if name in folded], database, catalog)


def _load_catalog(names: Iterable[str], database: Database, catalog: Catalog) -> None:
    for name in names:
        if not database.has_table(DATABASE, name):
            database.replace_table(DATABASE, name, catalog.index().table(name))


def views_table(columns: Iterable[ViewColumn]) -> pa.Table:
    """``cirrusql.view_columns``: what information_schema says of views."""
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in ("view", "name", "type")])
    return pa.Table.from_pylist([column._asdict() for column in columns], schema)


def calls_table(journal: CallLog) -> pa.Table:
    """``cirrusql.calls``: one row per attempt."""
    import pyarrow as pa

    schema = pa.schema(
        [
            ("statement", pa.int64()),
            ("service", pa.string()),
            ("operation", pa.string()),
            ("account", pa.string()),
            ("region", pa.string()),
            ("connection", pa.string()),
            ("page", pa.int32()),
            ("attempt", pa.int32()),
            ("status", pa.int32()),
            ("error", pa.string()),
            ("request_id", pa.string()),
            ("bytes", pa.int64()),
            ("ms", pa.float64()),
            ("cached", pa.bool_()),
        ]
    )
    return pa.Table.from_pylist([_call_row(n, c) for n, c in tuple(journal.calls)], schema)


def _call_row(statement: int, call: CallRecord) -> Mapping[str, object]:
    return {
        "statement": statement,
        "service": call.service,
        "operation": call.operation,
        "account": call.account,
        "region": call.region,
        "connection": call.connection,
        "page": call.page,
        "attempt": call.attempt,
        "status": call.status,
        "error": call.error,
        "request_id": call.request_id,
        "bytes": call.bytes,
        "ms": call.ms,
        "cached": call.is_cached,
    }


def errors_table(journal: CallLog) -> pa.Table:
    """``cirrusql.errors``: one row per region, account or item that could not be read."""
    import pyarrow as pa

    names = "service operation account region connection code message request_id".split()
    schema = pa.schema([("statement", pa.int64()), *((n, pa.string()) for n in names)])
    rows = [{"statement": n, **told} for n, told in tuple(journal.errors)]
    return pa.Table.from_pylist(rows, schema)
