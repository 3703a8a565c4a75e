"""Portals: a statement with its parameters, and its rows as messages."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pg_mimic import messages as codec

from cirrusql.apps.srv.client_commands import Copy, ShowPg
from cirrusql.apps.srv.protocol import copying, data_rows, oids
from cirrusql.apps.srv.protocol.cursors import Scroll
from cirrusql.apps.srv.protocol.message_stream import violation
from cirrusql.apps.srv.worker import Prepared, Run
from cirrusql.errors import NotSupportedError, ProgrammingError

_PIECE = 64 * 1024
"""Bytes of messages to collect before writing to the socket."""
_PATIENCE = 0.05
"""Seconds after which fewer bytes are written too."""


class NoSuchStatement(ProgrammingError, sqlstate="26000"):
    """An unknown prepared statement."""


class NoSuchPortal(ProgrammingError, sqlstate="34000"):
    """An unknown portal."""


class CursorExists(ProgrammingError, sqlstate="42P03"):
    """DECLARE of a cursor that already exists."""


class BlockFailed(ProgrammingError, sqlstate="25P02"):
    """A statement in a transaction block that has failed."""


@dataclass
class Portal:
    """A statement with its parameters, perhaps partly read."""

    prepared: Prepared
    given: Mapping[str, object]
    formats: Sequence[int]
    run: Run | None = None
    is_kept: bool = False
    is_scrollable: bool = False
    scroll: Scroll | None = None
    """The rows of a SCROLL cursor, once they were read."""

    def told(self) -> pa.Schema | None:
        """The columns that the client was told, or will be."""
        own = self.run.schema if self.run is not None else None
        if not self.prepared.is_described or own is None:
            return own
        known = self.prepared.schema
        if known is None or known.names != own.names:
            raise NotSupportedError(
                "cached plan must not change result type", hint="prepare it again"
            )
        return known


@dataclass(frozen=True)
class PortalFormat:
    """How a portal's rows are written."""

    schema: pa.Schema
    types: Sequence[int]
    formats: Sequence[int]
    copy: Copy | None = None

    @classmethod
    def of(cls, portal: Portal, schema: pa.Schema, copy: Copy | None) -> PortalFormat:
        """The format that Bind requested."""
        types = [oids.oid_of(f) for f in schema]
        return cls(schema, types, each_format(portal.formats, len(types)), copy)


def encoded(run: Run, most: int, form: PortalFormat) -> tuple[int, list[Any], bool]:
    """Rows as messages, with their number, and whether those were the last.

    At most ``most`` rows (0: all), and about one chunk of them.
    """
    count, size = 0, 0
    buffers: list[Any] = []
    late = time.monotonic() + _PATIENCE
    while size < _PIECE and not (most and count >= most):
        batch, is_done = run.take(most - count if most else 0)
        if batch is None:
            run.finish()
            return count, buffers, is_done
        batch = data_rows.fitted(batch, form.schema)
        made = (
            list(data_rows.messages(batch, form.types, form.formats))
            if form.copy is None
            else [
                copying.messages(batch, form.types, form.copy, is_first=run.rows == batch.num_rows)
            ]
        )
        buffers += made
        count += batch.num_rows
        size += sum(len(m) for m in made)
        if time.monotonic() > late:
            break
    return count, buffers, False


def each_format(formats: Sequence[int], count: int) -> list[int]:
    if len(formats) == count and count:
        return list(formats)
    if len(formats) > 1:
        raise violation(
            f"bind message has {len(formats)} result formats but query has {count} columns"
        )
    return list(formats or [0]) * count


def row_description(schema: pa.Schema, formats: Sequence[int]) -> bytes:
    types = [oids.oid_of(f) for f in schema]
    codes = each_format(formats, len(types))
    return bytes(
        codec.make_row_description(
            [
                codec.FieldSpec(
                    name.replace("\0", ""), oid, type_size=oids.TYPES[oid].size, format_code=code
                )
                for name, oid, code in zip(schema.names, types, codes, strict=True)
            ]
        )
    )


def described(schema: pa.Schema | None, formats: Sequence[int]) -> bytes:
    """RowDescription, or NoData for a statement without rows."""
    return bytes(codec.make_no_data()) if schema is None else row_description(schema, formats)


def show_schema(found: ShowPg) -> pa.Schema:
    names = ["name", "setting", "description"] if found.name == "all" else [found.name]
    return pa.schema([(n, pa.string()) for n in names])


def tag(run: Run) -> str:
    if run.verb in ("INSERT", "REPLACE"):
        return f"INSERT 0 {run.rows}"
    if run.verb in ("UPDATE", "DELETE"):
        return f"{run.verb} {run.rows}"
    if run.schema is not None or run.verb == "SELECT":
        return f"SELECT {run.rows}"
    return run.verb
