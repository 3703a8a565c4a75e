"""The journal of a transaction: a file that says, after a crash too, how far it came.

Owns the file (owner-only, each line sealed and on disk before the next step), its lock, and how
values stand in it. Identifiers stand there as they are; secrets do not stand there at all. What the
lines mean is ``commit``'s and ``recovery``'s.
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
"""What stands for a secret."""


class Hidden:
    """A value that the journal did not keep."""

    def __repr__(self) -> str:
        return "****"


HIDDEN_VALUE = Hidden()


def folder() -> Path:
    """Where journals are: owner-only, in the user's state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("cirrusql")) / "transactions"


class TransactionJournal:
    """The journal of one transaction, open for writing and locked while it is."""

    def __init__(self, path: Path, descriptor: int, lock: FileLock) -> None:
        self.path = path
        self._descriptor = descriptor
        self._lock = lock
        self._seal = ""
        """Of the last line: the next one's rests on it."""

    @property
    def id(self) -> str:
        """What ``cirrusql recover`` calls the transaction."""
        return self.path.stem

    @classmethod
    def begin(cls, now: datetime | None = None) -> TransactionJournal:
        """A new journal. Raises JournalFailed where there cannot be one."""
        stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S")
        path = folder() / f"{stamp}-{secrets.token_hex(3)}.jsonl"
        try:
            for place in (path.parent.parent, path.parent):
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Locked before it is there: one that is there and free is taken for one that was cut
            # short.
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
        """A journal to go on with; None where a running process holds it."""
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
        # What a crash cut short was not written: the next line must not go on in it.
        os.ftruncate(descriptor, data.rfind(b"\n") + 1)
        for line in lines_of(data, is_chained=True):
            found._seal = line.seal if isinstance(line, Line) else ""
        return found

    def write(self, event: str, **facts: Any) -> None:
        """One line, on disk when this returns. Raises JournalFailed."""
        self.write_all([{"event": event, **facts}])

    def write_all(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Several lines, all of them on disk when this returns. Raises JournalFailed."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        seal, size = self._seal, os.fstat(self._descriptor).st_size
        data = b"".join(self._sealed({"time": now, **facts}) for facts in lines)
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            os.fsync(self._descriptor)
        except OSError as error:
            # What was not written whole was not written: the next line must not go on in it.
            self._seal = seal
            with suppress(OSError):
                os.ftruncate(self._descriptor, size)
            raise _failed(self.path, error) from error

    def _sealed(self, facts: Mapping[str, Any]) -> bytes:
        line, self._seal = sealed(facts, self._seal)
        return line

    def close(self) -> None:
        """Let go of the file and its lock; the file stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._lock.release()

    def remove(self) -> None:
        """The transaction has ended, and nothing of it is left to be done."""
        for path in (self.path, _lock_path(self.path)):
            # Windows keeps the lock's file while it is held.
            with suppress(FileNotFoundError, PermissionError):
                path.unlink()
        with suppress(OSError):
            _sync_folder(self.path.parent)
        self.close()


def journals() -> list[Path]:
    """The journals that are there, the oldest first."""
    return sorted(folder().glob("*.jsonl")) if folder().is_dir() else []


def records(path: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of a journal. One that was cut short by a crash was not written, so it is left out.

    Raises JournalDamaged at a line that is not as it was written: what it said of a step is not
    known.
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
    """Whether a running process writes it."""
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
    """A call's parameters for the journal."""
    return encoded(call.operation.parameters, call.parameters)


def cut_short() -> list[str]:
    """What is to be said of transactions whose process died in the middle: a line, or none."""
    left = [path for path in journals() if not is_held(path)]
    if not left:
        return []
    several = "a transaction was" if len(left) == 1 else f"{len(left)} transactions were"
    return [f"{several} cut short before; `cirrusql recover list` shows what is left"]


def encoded(shapes: Mapping[str, Member], values: Mapping[str, object]) -> dict[str, Any]:
    """Values by parameter name as JSON; secrets are left out, and that they were is said."""
    hidden = secret_parameters(shapes, values)
    return {n: SECRET if n not in shapes or n in hidden else _encoded(v) for n, v in values.items()}


def decoded(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values again; HIDDEN_VALUE for a secret."""
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
    """The lock of a journal: free again when the process that holds it ends, however it ends."""
    # Its import is a tenth of a start, and few processes have a transaction.
    from filelock import FileLock

    return FileLock(_lock_path(path), timeout=0, mode=0o600, thread_local=False)


def _is_acquired(lock: FileLock) -> bool:
    """Whether the lock was free, and is ours now. Raises OSError."""
    from filelock import Timeout

    try:
        lock.acquire()
    except Timeout:
        return False
    return True


def _sync_folder(path: Path) -> None:
    if os.name == "nt":
        # A folder cannot be opened there.
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
