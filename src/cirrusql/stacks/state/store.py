"""The state of a stack: an SQLite file with its rows, journal, outputs and history.

It holds no secret and no live value beyond the managed columns.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cirrusql.errors import OperationalError

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
  address TEXT PRIMARY KEY, resource TEXT NOT NULL, table_name TEXT NOT NULL, key TEXT NOT NULL,
  id TEXT NOT NULL, place TEXT NOT NULL, desired TEXT NOT NULL, echo TEXT NOT NULL,
  secrets TEXT NOT NULL, depends TEXT NOT NULL, on_delete TEXT NOT NULL, status TEXT NOT NULL,
  applied_at TEXT NOT NULL, seen_at TEXT NOT NULL, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outputs (name TEXT PRIMARY KEY, value TEXT NOT NULL, is_secret INTEGER);
CREATE TABLE IF NOT EXISTS once (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY AUTOINCREMENT, serial INTEGER, address TEXT, action TEXT,
  table_name TEXT, facts TEXT, began_at TEXT, ended_at TEXT, status TEXT, error TEXT);
CREATE TABLE IF NOT EXISTS history (
  serial INTEGER PRIMARY KEY, at TEXT, user TEXT, command TEXT, counts TEXT, status TEXT);
"""


class StateFailed(OperationalError, sqlstate="58030"):
    """The state of a stack cannot be read or written; nothing is applied without it."""


@dataclass(frozen=True)
class StateRow:
    """A row that the stack owns."""

    address: str
    resource: str
    """The address of its RESOURCE."""
    table: str
    key: Mapping[str, Any]
    id: Mapping[str, Any]
    """By identity column."""
    place: Mapping[str, str]
    """``region``, ``connection`` and ``account_id``."""
    desired: Mapping[str, Any]
    """By managed column, the value last applied."""
    echo: Mapping[str, Any]
    """By managed column, the value as read after it was applied; a column is missing until it was
    read."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """By column that cannot be read: a keyed hash of the value last applied."""
    depends: tuple[str, ...] = ()
    """Addresses of the resources that it was made from."""
    on_delete: str = "DELETE"
    status: str = "applied"
    """``applied``; ``creating`` or ``deleting`` while a call's outcome is not known."""
    applied_at: str = ""
    seen_at: str = ""
    """When its live values were last as applied."""
    position: int = 0
    """The order in which rows were created."""


@dataclass(frozen=True)
class JournalEntry:
    """A write that was begun."""

    number: int
    address: str
    action: str
    table: str
    facts: Mapping[str, Any]
    status: str
    error: str


def now() -> str:
    """The time as the state records it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class State:
    """The state of one stack, open. Close it when done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not path.exists()
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            if is_new:
                os.chmod(path, 0o600)
        except (OSError, sqlite3.Error) as error:
            raise StateFailed(f"the state {path} cannot be opened: {error}") from None
        version = int(self.meta("schema_version") or SCHEMA_VERSION)
        if version > SCHEMA_VERSION:
            self.close()
            raise StateFailed(
                f"the state {path} was written by a newer CirruSQL (schema {version})",
                hint="use that version",
            )
        if not self.meta("lineage"):
            self.set_meta(lineage=str(uuid.uuid4()), serial="0", schema_version=str(SCHEMA_VERSION))
            self.set_meta(hash_key=os.urandom(16).hex())

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> State:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Facts about the whole.

    def meta(self, name: str) -> str:
        """A fact; empty if it is not recorded."""
        found = self._all("SELECT value FROM meta WHERE name = ?", name)
        return str(found[0][0]) if found else ""

    def set_meta(self, **facts: str) -> None:
        """Record facts."""
        for name, value in facts.items():
            self._do("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    @property
    def serial(self) -> int:
        """The number of the last apply."""
        return int(self.meta("serial") or 0)

    # Rows.

    def rows(self) -> dict[str, StateRow]:
        """All rows by address, in the order of their creation."""
        found = self._all(
            "SELECT address, resource, table_name, key, id, place, desired, echo, secrets, "
            "depends, on_delete, status, applied_at, seen_at, position FROM rows ORDER BY position"
        )
        return {row[0]: _row(row) for row in found}

    def put(self, row: StateRow) -> None:
        """Record a row, new or changed."""
        if not row.position:
            (top,) = self._all("SELECT coalesce(max(position), 0) FROM rows")[0]
            known = self._all("SELECT position FROM rows WHERE address = ?", row.address)
            row = replace(row, position=known[0][0] if known else top + 1)
        self._do(
            "INSERT OR REPLACE INTO rows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            row.address,
            row.resource,
            row.table,
            _json(row.key),
            _json(row.id),
            _json(row.place),
            _json(row.desired),
            _json(row.echo),
            _json(row.secrets),
            _json(row.depends),
            row.on_delete,
            row.status,
            row.applied_at,
            row.seen_at,
            row.position,
        )

    def remove(self, address: str) -> None:
        """Forget a row."""
        self._do("DELETE FROM rows WHERE address = ?", address)

    # Values drawn once, and outputs.

    def once(self) -> dict[str, Any]:
        """The values of ``once()`` by name."""
        return {n: json.loads(v) for n, v in self._all("SELECT name, value FROM once")}

    def set_once(self, values: Mapping[str, Any]) -> None:
        """Keep values of ``once()``."""
        for name, value in values.items():
            self._do("INSERT OR REPLACE INTO once VALUES (?, ?)", name, _json(value))

    def forget_once(self, prefix: str) -> None:
        """Forget the values of one resource or row."""
        for name in self.once():
            if name.startswith(prefix):
                self._do("DELETE FROM once WHERE name = ?", name)

    def outputs(self) -> dict[str, tuple[Any, bool]]:
        """By output, its value and whether it is secret; secret ones have none."""
        found = self._all("SELECT name, value, is_secret FROM outputs")
        return {name: (json.loads(value), bool(secret)) for name, value, secret in found}

    def set_outputs(self, values: Mapping[str, Any], secret: set[str]) -> None:
        """Replace all outputs. The value of a secret one is not stored."""
        with self.transaction():
            self._do("DELETE FROM outputs")
            for name, value in values.items():
                kept = None if name in secret else value
                self._do("INSERT INTO outputs VALUES (?,?,?)", name, _json(kept), name in secret)

    # The journal.

    def begin(self, address: str, action: str, table: str, facts: Mapping[str, Any]) -> int:
        """Record that a write begins; returns its number. On disk when this returns."""
        return self._do(
            "INSERT INTO journal (serial, address, action, table_name, facts, began_at, status, "
            "error) VALUES (?,?,?,?,?,?,?,?)",
            self.serial,
            address,
            action,
            table,
            _json(facts),
            now(),
            "begun",
            "",
        )

    def end(self, number: int, status: str, error: str = "") -> None:
        """Record a write's outcome: ``done``, ``failed`` or ``unknown``."""
        self._do(
            "UPDATE journal SET ended_at = ?, status = ?, error = ? WHERE number = ?",
            now(),
            status,
            error,
            number,
        )

    def unfinished(self) -> list[JournalEntry]:
        """The writes that were begun and whose outcome is not recorded."""
        found = self._all(
            "SELECT number, address, action, table_name, facts, status, error FROM journal "
            "WHERE status IN ('begun', 'unknown') ORDER BY number"
        )
        return [JournalEntry(n, a, c, t, json.loads(f), s, e) for n, a, c, t, f, s, e in found]

    def mark(self) -> tuple[int, int]:
        """What changes with each apply and each write: a plan holds while it is the same."""
        (last,) = self._all("SELECT coalesce(max(number), 0) FROM journal")[0]
        return self.serial, last

    def journal(self) -> list[tuple[Any, ...]]:
        """All writes: serial, address, action, table, began, ended, status, error."""
        return self._all(
            "SELECT serial, address, action, table_name, began_at, ended_at, status, error "
            "FROM journal ORDER BY number"
        )

    def add_history(self, user: str, command: str, counts: Mapping[str, int], status: str) -> None:
        """Count an apply: raises the serial."""
        serial = self.serial + 1
        self.set_meta(serial=str(serial))
        self._do(
            "INSERT OR REPLACE INTO history VALUES (?,?,?,?,?,?)",
            serial,
            now(),
            user,
            command,
            _json(counts),
            status,
        )

    def history(self) -> list[tuple[Any, ...]]:
        """All applies: serial, time, user, command, counts, status."""
        return self._all("SELECT serial, at, user, command, counts, status FROM history")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several changes of the state as one."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _do(self, sql: str, *values: object) -> int:
        try:
            return self._db.execute(sql, values).lastrowid or 0
        except sqlite3.Error as error:
            raise StateFailed(f"the state {self.path} cannot be written: {error}") from None

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StateFailed(f"the state {self.path} cannot be read: {error}") from None


def _row(row: tuple[Any, ...]) -> StateRow:
    address, resource, table, *texts = row
    key, id_, place, desired, echo, secrets, depends = map(json.loads, texts[:7])
    on_delete, status, applied, seen, position = texts[7:]
    return StateRow(
        address, resource, table, key, id_, place, desired, echo, secrets, tuple(depends),
        on_delete, status, applied, seen, position,
    )  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
