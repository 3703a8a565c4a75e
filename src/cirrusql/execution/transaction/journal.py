"""The journal of a transaction: a file that records its progress, so that it survives a crash.

Owns the file (readable by its owner only; each line is sealed and synced before the next step), its
lock, and the encoding of values. Identifiers are stored as they are; secrets are not stored at all.
``commit`` and ``recovery`` define what the lines mean.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.api.model import Member
from cirrusql.errors import JournalDamaged, JournalFailed
from cirrusql.execution.audit.redaction import secret_parameters
from cirrusql.execution.audit.sealed_lines import Damage, Line, lines_of, sealed
from cirrusql.transport.model import Call

if TYPE_CHECKING:
    from filelock import FileLock

SECRET = {"$secret": True}
"""Stored in place of a secret."""


class Hidden:
    """A value that the journal does not store."""

    def __repr__(self) -> str:
        return "****"


HIDDEN_VALUE = Hidden()


def folder() -> Path:
    """The folder of journals: in the user's state folder, accessible by its owner only."""
    import platformdirs

    return Path(platformdirs.user_state_dir("cirrusql")) / "transactions"


class TransactionJournal:
    """The journal of one transaction: open for writing, and locked while it is open."""

    def __init__(self, path: Path, descriptor: int, lock: FileLock) -> None:
        self.path = path
        self._descriptor = descriptor
        self._lock = lock
        self._seal = ""
        """The seal of the last line; the next line's seal includes it."""

    @property
    def id(self) -> str:
        """The identifier of the transaction in ``cirrusql recover``."""
        return self.path.stem

    @classmethod
    def begin(cls, now: datetime | None = None) -> TransactionJournal:
        """Create a journal. Raises JournalFailed if that is not possible."""
        stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S")
        path = folder() / f"{stamp}-{secrets.token_hex(3)}.jsonl"
        try:
            for place in (path.parent.parent, path.parent):
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Locked before the journal exists, because an unlocked one would be taken for an
            # interrupted transaction.
            lock = _lock_of(path)
            lock.acquire()
            found = cls(
                path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY, 0o600), lock
            )
            _sync_folder(path.parent)
        except OSError as error:
            raise _failed(path, error) from error
        return found

    @classmethod
    def reopen(cls, path: Path) -> TransactionJournal | None:
        """Open a journal to continue it; None if a running process holds it."""
        lock = _lock_of(path)
        try:
            if not _is_acquired(lock):
                return None
            descriptor = os.open(path, os.O_APPEND | os.O_RDWR)
        except OSError as error:
            lock.release()
            raise _failed(path, error) from error
        found = cls(path, descriptor, lock)
        data = path.read_bytes()
        # Remove a line that a crash cut short, so that the next line does not continue it.
        os.ftruncate(descriptor, data.rfind(b"\n") + 1)
        for line in lines_of(data, is_chained=True):
            found._seal = line.seal if isinstance(line, Line) else ""
        return found

    def write(self, event: str, **facts: Any) -> None:
        """Write one line and sync it to disk. Raises JournalFailed."""
        self.write_all([{"event": event, **facts}])

    def write_all(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Write several lines and sync them to disk. Raises JournalFailed."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        seal, size = self._seal, os.fstat(self._descriptor).st_size
        data = b"".join(self._sealed({"time": now, **facts}) for facts in lines)
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            os.fsync(self._descriptor)
        except OSError as error:
            # Remove what was written partly, so that the next line does not continue it.
            self._seal = seal
            with suppress(OSError):
                os.ftruncate(self._descriptor, size)
            raise _failed(self.path, error) from error

    def _sealed(self, facts: Mapping[str, Any]) -> bytes:
        line, self._seal = sealed(facts, self._seal)
        return line

    def close(self) -> None:
        """Close the file and release its lock; the file remains."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._lock.release()

    def remove(self) -> None:
        """Delete the journal of a finished transaction."""
        for path in (self.path, _lock_path(self.path)):
            # Windows does not delete a lock file while it is held.
            with suppress(FileNotFoundError, PermissionError):
                path.unlink()
        with suppress(OSError):
            _sync_folder(self.path.parent)
        self.close()


def journals() -> list[Path]:
    """The existing journals, oldest first."""
    return sorted(folder().glob("*.jsonl")) if folder().is_dir() else []


def records(path: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of a journal, without a last line that a crash cut short.

    Raises JournalDamaged at the first line whose seal does not match.
    """
    for line in lines_of(path.read_bytes(), is_chained=True):
        if isinstance(line, Damage):
            raise JournalDamaged(
                f"the journal {path} is damaged: line {line.line}: {line.reason}",
                hint="check the resources named in its other lines; `cirrusql recover forget` "
                "removes the journal",
            )
        yield line.record


def is_held(path: Path) -> bool:
    """Whether a running process holds the journal."""
    if not path.exists():
        return False
    lock = _lock_of(path)
    try:
        is_free = _is_acquired(lock)
    except OSError:
        return False
    lock.release()
    return not is_free


def parameters_of(call: Call) -> dict[str, Any]:
    """A call's parameters in the form the journal stores."""
    return encoded(call.operation.parameters, call.parameters)


ENDED = "ended"
"""The event of a transaction that came to its end, with steps that could not be undone."""


def left_behind() -> list[str]:
    """A notice about transactions that left something, or none.

    Those whose process died in the middle, and those that ended with steps that are not undone.
    """
    left = [has_ended(path) for path in journals() if not is_held(path)]
    if not left:
        return []
    told = []
    if dead := left.count(False):
        several = "a transaction was" if dead == 1 else f"{dead} transactions were"
        told.append(f"{several} interrupted and not finished")
    if ended := left.count(True):
        several = "a transaction" if ended == 1 else f"{ended} transactions"
        told.append(f"{several} ended with steps that were not undone")
    return [f"{' and '.join(told)}; `cirrusql recover list` shows what is left"]


def has_ended(path: Path) -> bool:
    """Whether a transaction came to its end, with steps that could not be undone."""
    try:
        return f'"event": "{ENDED}"'.encode() in path.read_bytes()
    except OSError:
        return False


def encoded(shapes: Mapping[str, Member], values: Mapping[str, object]) -> dict[str, Any]:
    """Values by parameter name as JSON; secrets are replaced by a marker."""
    hidden = secret_parameters(shapes, values)
    return {n: SECRET if n not in shapes or n in hidden else _encoded(v) for n, v in values.items()}


def decoded(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values from their JSON form; HIDDEN_VALUE for a secret."""
    return {n: _decoded(v) for n, v in values.items()}


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return {"$bytes": b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, Mapping):
        return {str(k): _encoded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(v) for v in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if value == SECRET:
            return HIDDEN_VALUE
        if set(value) == {"$bytes"}:
            return b64decode(value["$bytes"])
        if set(value) == {"$time"}:
            return datetime.fromisoformat(value["$time"])
        return {k: _decoded(v) for k, v in value.items()}
    return [_decoded(v) for v in value] if isinstance(value, list) else value


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


def _lock_of(path: Path) -> FileLock:
    """The lock of a journal; the system releases it when the process ends for any reason."""
    # Imported late: the import takes a tenth of start-up, and few processes use transactions.
    from filelock import FileLock

    return FileLock(_lock_path(path), timeout=0, mode=0o600, thread_local=False)


def _is_acquired(lock: FileLock) -> bool:
    """Try to acquire the lock. Raises OSError."""
    from filelock import Timeout

    try:
        lock.acquire()
    except Timeout:
        return False
    return True


def _sync_folder(path: Path) -> None:
    if os.name == "nt":
        # Windows cannot open a folder.
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(path: Path, error: OSError) -> JournalFailed:
    return JournalFailed(
        f"cannot write the transaction journal ({path}): {error.strerror or error}",
        hint="no transaction starts without a journal, because it could not be recovered",
    )
