"""A state that is one object of a store, with a lock object beside it.

The file that an apply works on is local, with its journal; the object is replaced at the end, if it
is still the one that was read. What could not be written stays in the file, and the next run on
this machine writes it first.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.api.stored import StoredObjects
from cirrusql.errors import Error
from cirrusql.stacks.state.lock import held_by, this_process
from cirrusql.stacks.state.store import State, StateFailed, now

if TYPE_CHECKING:
    from cirrusql.session.session import Session

_MAGIC = b"CQSTATE1"
_HEARTBEAT = 15.0
"""Seconds between two signs of life of a lock's holder."""


@dataclass
class RemoteState:
    """The object ``key`` of a bucket. ``path``: the local file."""

    session: Session
    statements: StoredObjects
    bucket: str
    key: str
    path: Path
    notices: list[str] = field(default_factory=list)
    _beat_at: float = 0.0
    _lock_tag: str = ""
    _holder: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"{self.bucket}/{self.key}"

    @property
    def _tag_file(self) -> Path:
        """Which object the local file was made from, and whether it has more than that."""
        return self.path.with_name(f"{self.path.name}.json")

    def fetch(self) -> None:
        """Make the local file what the object is, unless it has more than the object."""
        kept = self._kept()
        if kept.get("is_ahead") and self.path.exists():
            return
        found = self._get(self.key)
        if found is None and kept.get("etag"):
            raise StateFailed(
                f"the state {self.name} was there before and is gone",
                hint=f"put it back, or delete {self._tag_file} to start without a state",
            )
        if found is not None and found[1] == kept.get("etag") and self.path.exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if found is None:
            self.path.unlink(missing_ok=True)
            self._keep("", is_ahead=False)
            return
        body = _unpacked(found[0], self.name)
        part = self.path.with_name(f"{self.path.name}.part")
        part.write_bytes(body)
        os.chmod(part, 0o600)
        os.replace(part, self.path)
        self._keep(found[1], is_ahead=False)

    @contextmanager
    def held(self, state: State, *, breaks_lock: bool) -> Iterator[None]:
        """Hold the lock while the state is changed, and write the object at the end.

        Raises StateLocked if another run has it, StateFailed if the object is not the one that was
        read.
        """
        self._lock(state, breaks_lock=breaks_lock)
        try:
            self._check_unchanged()
            if self._kept().get("is_ahead"):
                self._push()
                self.notices.append(f"the state {self.name} now has what {self.path} kept")
            self._keep(str(self._kept().get("etag") or ""), is_ahead=True)
            try:
                yield
            finally:
                self._push()
        finally:
            self._unlock()

    def beat(self) -> None:
        """Show that the holder of the lock is alive, if the last time was some seconds ago."""
        if self._lock_tag and time.monotonic() - self._beat_at > _HEARTBEAT:
            self._holder["heartbeat"] = now()
            try:
                self._lock_tag = self._put(f"{self.key}.lock", self._holder_text(), self._lock_tag)
            except _Changed:
                raise StateFailed(
                    f"the lock of the state {self.name} was taken by another run",
                    hint="nothing more is changed; plan again",
                ) from None
            self._beat_at = time.monotonic()

    def _lock(self, state: State, *, breaks_lock: bool) -> None:
        lock = f"{self.key}.lock"
        self._holder = {**this_process(), "heartbeat": now()}
        try:
            self._lock_tag = self._put(lock, self._holder_text(), None)
        except _Changed:
            found = self._get(lock)
            holder = _holder_of(found[0]) if found is not None else {}
            if not breaks_lock:
                raise held_by(
                    holder,
                    f"the state {self.name}",
                    f"last sign of life {_age(holder)}; --break-lock takes it if that run has died",
                ) from None
            begun = [f"{e.action} {e.address}" for e in state.unfinished()]
            self.notices.append(
                f"took the lock of {holder.get('user', '?')} on {holder.get('host', '?')}, process "
                f"{holder.get('pid', '?')}"
                + (f"; begun and not ended: {', '.join(begun)}" if begun else "")
            )
            tag = found[1] if found is not None else None
            try:
                self._lock_tag = self._put(lock, self._holder_text(), tag)
            except _Changed:
                raise held_by({}, f"the state {self.name}", "another run took the lock") from None
        self._beat_at = time.monotonic()

    def _unlock(self) -> None:
        self._lock_tag = ""
        try:
            self._run(self.statements.delete, f"{self.key}.lock")
        except Error as error:
            self.notices.append(f"the lock of {self.name} is still there: {error.message}")

    def _check_unchanged(self) -> None:
        found = self._get(self.key)
        etag = found[1] if found is not None else ""
        if etag != (self._kept().get("etag") or ""):
            more = self._kept().get("is_ahead")
            raise StateFailed(
                f"the state {self.name} was changed by another run since it was read",
                hint=f"{self.path} has writes that it lacks; cirrusql stack recover"
                if more
                else "plan again",
            )

    def _push(self) -> None:
        """Replace the object. Raises StateFailed with the path of the file if that fails."""
        body = _packed(self.path.read_bytes())
        etag = str(self._kept().get("etag") or "") or None
        try:
            tag = self._put(self.key, body, etag)
        except _Changed:
            raise StateFailed(
                f"the state {self.name} was changed by another run; what this run did is in "
                f"{self.path}",
                hint="compare the two before you go on",
            ) from None
        except Error as error:
            raise StateFailed(
                f"the state {self.name} cannot be written: {error.message}; it is kept in "
                f"{self.path}",
                hint="the next apply on this machine writes it first",
            ) from None
        self._keep(tag, is_ahead=False)

    def _kept(self) -> Mapping[str, Any]:
        try:
            said = json.loads(self._tag_file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def _keep(self, etag: str, *, is_ahead: bool) -> None:
        try:
            self._tag_file.parent.mkdir(parents=True, exist_ok=True)
            self._tag_file.write_text(json.dumps({"etag": etag, "is_ahead": is_ahead}), "utf-8")
        except OSError as error:
            raise StateFailed(f"the state {self.path} cannot be written: {error}") from None

    def _holder_text(self) -> bytes:
        return json.dumps(self._holder).encode()

    # Calls.

    def _get(self, key: str) -> tuple[bytes, str] | None:
        rows = self._run(self.statements.get, key)
        if not rows:
            return None
        return bytes(rows[0]["Body"]), str(rows[0]["ETag"])

    def _put(self, key: str, body: bytes, etag: str | None) -> str:
        given: dict[str, object] = {"body": body}
        if etag is None:
            (row,) = self._run(self.statements.create, key, given)
        else:
            (row,) = self._run(self.statements.replace, key, {**given, "etag": etag})
        return str(row["ETag"])

    def _run(
        self, sql: str, key: str, more: Mapping[str, object] | None = None
    ) -> list[dict[str, Any]]:
        given = {"bucket": self.bucket, "key": key, **(more or {})}
        try:
            (result,) = self.session.run(f"/*+ FRESH */ {sql}", given)
            rows: list[dict[str, Any]] = result.table().to_pylist()
            failures = [f.error.message for f in result.failures]
        except Error as error:
            rows, failures = [], [error.message]
        failures += [str(r["error"]) for r in rows if r.get("status") in ("failed", "unknown")]
        if any(self.statements.refused in f for f in failures):
            raise _Changed(failures[0])
        if failures:
            raise StateFailed(f"the state {self.name}: {failures[0]}")
        return rows


class _Changed(Exception):
    """The condition of a write did not hold."""


def open_remote(
    session: Session, stored: Mapping[str, StoredObjects], where: str, folder: Path
) -> RemoteState | None:
    """The remote state that a text names (``SCHEME://bucket/key``); None if it names a file."""
    scheme, separator, rest = where.partition("://")
    if not separator:
        return None
    if scheme not in stored:
        raise StateFailed(
            f"STATE '{where}': {scheme} is not known", hint=" or ".join(f"{s}://…" for s in stored)
        )
    bucket, _, key = rest.partition("/")
    if not bucket or not key:
        raise StateFailed(f"STATE '{where}' names no object", hint=f"{scheme}://bucket/key")
    name = hashlib.sha256(where.encode()).hexdigest()[:16]
    found = RemoteState(session, stored[scheme], bucket, key, folder / f"{name}.state")
    found.fetch()
    return found


def _packed(body: bytes) -> bytes:
    """A state as it is stored: with what shows that all of it is there."""
    import pyarrow as pa

    packed: bytes = pa.compress(body, codec="zstd", asbytes=True)
    return _MAGIC + len(body).to_bytes(8, "big") + hashlib.sha256(body).digest() + packed


def _unpacked(packed: bytes, name: str) -> bytes:
    import pyarrow as pa

    head = len(_MAGIC) + 8 + 32
    if packed[: len(_MAGIC)] != _MAGIC or len(packed) < head:
        raise StateFailed(f"the state {name} is not the state of a stack, or is cut short")
    size = int.from_bytes(packed[len(_MAGIC) : len(_MAGIC) + 8], "big")
    try:
        body: bytes = pa.decompress(packed[head:], size, codec="zstd", asbytes=True)
    except (OSError, ValueError, MemoryError):
        body = b""
    if hashlib.sha256(body).digest() != packed[len(_MAGIC) + 8 : head]:
        raise StateFailed(
            f"the state {name} is damaged or cut short",
            hint="restore an earlier version of the object",
        )
    return body


def _holder_of(body: bytes) -> dict[str, str]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _age(holder: Mapping[str, str]) -> str:
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(holder["heartbeat"])).total_seconds()
    except (KeyError, ValueError):
        return "unknown"
    return f"{seconds:.0f} s ago"
