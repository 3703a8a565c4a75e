"""The audit log: one JSON line before every write call, one after it.

Owns the file: its place, its owner-only mode, its rotation, and that nothing is called of
which it could not be written down beforehand. What of a call may be written is
``redaction``'s; when it is written is ``execution``'s.
"""

from __future__ import annotations

import getpass
import json
import os
import stat
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from cirrusql.errors import AuditFailed

OLD_FILES = 5
"""How many full files stay beside the one that is written: ``audit.jsonl.1`` is the newest."""


class Sink(Protocol):
    """Where lines go. ``write`` has handed the line to the system when it returns, or raises OSError."""

    def write(self, line: bytes) -> None: ...

    def close(self) -> None: ...


@dataclass
class AuditLog:
    """Writes intents and results of calls. Raises AuditFailed from ``intent`` only.

    A result that cannot be written is no reason to lose the call's outcome: it is told by
    ``trouble``.
    """

    sink: Sink
    place: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    trouble: str | None = None
    _user: str = field(default_factory=lambda: _user_name())

    def intent(self, facts: Mapping[str, Any]) -> str:
        """Write down what is about to be called; the id that its result refers to."""
        identifier = uuid.uuid4().hex
        record = {
            "time": self._time(),
            "event": "intent",
            "id": identifier,
            "user": self._user,
            "pid": os.getpid(),
        }
        try:
            self.sink.write(_line({**record, **facts}))
        except OSError as error:
            raise AuditFailed(
                f"not called: the audit log ({self.place}) cannot be written: {error.strerror or error}",
                hint='make room there, or set audit = "off" in the config file',
            ) from error
        return identifier

    def result(self, identifier: str, facts: Mapping[str, Any]) -> None:
        """Write down what became of a call; without an id, what was found out about one later."""
        event = {"event": "result", "id": identifier} if identifier else {"event": "resolved"}
        record = {"time": self._time(), **event, **facts}
        try:
            self.sink.write(_line(record))
        except OSError as error:
            self.trouble = (
                f"the call's result could not be added to the audit log ({self.place}): "
                f"{error.strerror or error}"
            )

    def close(self) -> None:
        """Let go of the file."""
        self.sink.close()

    def _time(self) -> str:
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def open_audit(setting: str, size: int) -> AuditLog | None:
    """The log that the setting ``audit`` means; None for ``off``. The file is opened when written to."""
    folded = setting.strip()
    if folded.lower() in ("off", "none", "false", "no"):
        return None
    if folded.lower() == "stderr":
        return AuditLog(StandardError(), "standard error")
    path = default_path() if folded.lower() in ("file", "on", "true") else Path(folded).expanduser()
    return AuditLog(File(path, size), str(path))


def default_path() -> Path:
    """``audit.jsonl`` in the user's state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("cirrusql")) / "audit.jsonl"


class StandardError:
    """Lines on standard error."""

    def write(self, line: bytes) -> None:
        sys.stderr.write(line.decode("utf-8"))
        sys.stderr.flush()

    def close(self) -> None:
        """It is not ours to close."""


class File:
    """A file that several processes may append to, begun anew after ``size`` bytes.

    Lines go out whole by one write each, so that they do not mix.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._descriptor: int | None = None
        self._is_torn = False

    def write(self, line: bytes) -> None:
        descriptor = self._opened()
        if self._is_torn:
            line = b"\n" + line
        written = 0
        try:
            while written < len(line):
                written += os.write(descriptor, line[written:])
        except OSError:
            # Part of a line may stand there: the next one must not go on in it.
            self._is_torn = self._is_torn or written > 0
            raise
        self._is_torn = False

    def _opened(self) -> int:
        """The descriptor of the file that stands under the path, not yet full."""
        if self._descriptor is None:
            _private_folder(self._path.parent)
            self._descriptor = self._open()
        status = os.fstat(self._descriptor)
        if status.st_size >= self._size and stat.S_ISREG(status.st_mode):
            self._rotate()
        elif not self._is_ours(status):
            self.close()
            self._descriptor = self._open()
        return self._descriptor

    def _open(self) -> int:
        return os.open(self._path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    def _is_ours(self, status: os.stat_result) -> bool:
        """Whether the open file still stands under its path: another process may have moved it."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino)

    def _rotate(self) -> None:
        """Move the full file aside, unless another process does so at this moment."""
        assert self._descriptor is not None
        with exclusive(self._path.with_name(self._path.name + ".lock")):
            if self._is_ours(os.fstat(self._descriptor)):
                names = [self._path.name, *(f"{self._path.name}.{n}" for n in range(1, OLD_FILES + 1))]
                for newer, older in reversed(list(pairwise(names))):
                    with suppress(FileNotFoundError):
                        os.replace(self._path.with_name(newer), self._path.with_name(older))
            self.close()
            self._descriptor = self._open()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class exclusive:  # noqa: N801 - read as a statement
    """``with exclusive(path):`` one process at a time; where there are no locks, everybody."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> None:
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            import fcntl
        except ImportError:
            return
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *exception: object) -> None:
        os.close(self._descriptor)


def _private_folder(folder: Path) -> None:
    """Make a folder that only its owner may look into; one that is there stays as it is."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps({k: v for k, v in record.items() if v is not None}, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace") + b"\n"


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""
