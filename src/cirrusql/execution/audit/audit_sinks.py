"""Destinations of audit lines: rotated files, standard error, an open file descriptor, syslog,
HTTP.

``write`` returns once the line is handed over, or raises OSError. A call that cannot be logged is
not made.
"""

from __future__ import annotations

import os
import socket
import stat
import sys
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from cirrusql.errors import ConfigError
from cirrusql.loopback import is_loopback

OLD_FILES = 5
"""Number of rotated files that are kept; ``audit.jsonl.1`` is the newest."""
_SECONDS = 10.0
"""Seconds that an HTTP server may take to accept a line."""
_SYSLOG_PORT = 601
"""Port of syslog over TCP (RFC 6587)."""
_PRIORITY = 10 * 8 + 5
"""Priority of a syslog line: authpriv.notice."""
_SOCKETS = ("/dev/log", "/var/run/syslog")


class AuditSink(Protocol):
    """A destination of lines. ``write`` returns when the system has the line, or raises OSError."""

    def write(self, line: bytes) -> None: ...

    def close(self) -> None: ...


def sink_of(setting: str, size: int) -> tuple[AuditSink, str] | None:
    """The sink that the setting ``audit`` names, and its name for messages; None for ``off``.

    Nothing is opened before the first write. Raises ConfigError for an invalid setting.
    """
    said = setting.strip()
    folded = said.lower()
    if folded in ("off", "none", "false", "no"):
        return None
    if folded == "stderr":
        return StandardError(), "standard error"
    if folded.startswith("fd:"):
        if not folded[3:].isdecimal():
            raise ConfigError(
                f"audit = {said!r}: expected the number of an open file descriptor after fd:",
                hint="fd:3",
            )
        return Descriptor(int(folded[3:])), f"file descriptor {folded[3:]}"
    if folded == "syslog" or folded.startswith("syslog://"):
        parts = urlsplit(said)
        return Syslog(parts.hostname, parts.port or _SYSLOG_PORT), said
    if folded.startswith(("https://", "http://")):
        if folded.startswith("http://") and not is_loopback(urlsplit(said).hostname or ""):
            raise ConfigError(f"audit = {said!r}: http is allowed for loopback only; use https")
        return Http(said), said
    path = default_path() if folded in ("file", "on", "true") else Path(said).expanduser()
    return File(path, size), str(path)


def default_path() -> Path:
    """``audit.jsonl`` in the user's state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("cirrusql")) / "audit.jsonl"


class StandardError:
    """Writes to standard error."""

    def write(self, line: bytes) -> None:
        sys.stderr.write(line.decode("utf-8"))
        sys.stderr.flush()

    def close(self) -> None:
        """Standard error is not closed."""


class Descriptor:
    """A file descriptor opened by the parent process, for files that this process cannot open
    itself."""

    def __init__(self, number: int) -> None:
        self._number = number

    def write(self, line: bytes) -> None:
        _write_all(self._number, line)

    def close(self) -> None:
        """The parent's descriptor is not closed."""


class Syslog:
    """The local syslog, or a remote one over TCP with octet counting (RFC 6587)."""

    def __init__(self, host: str | None, port: int) -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None

    def write(self, line: bytes) -> None:
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = f"<{_PRIORITY}>1 {stamp} {socket.gethostname()} cirrusql {os.getpid()} audit - "
        message = head.encode() + line.rstrip(b"\n")
        if self._host is not None:
            message = f"{len(message)} ".encode() + message
        try:
            self._opened().sendall(message)
        except OSError:
            # Try twice: the peer may have closed the open connection.
            self.close()
            self._opened().sendall(message)

    def _opened(self) -> socket.socket:
        if self._socket is None:
            if self._host is not None:
                self._socket = socket.create_connection((self._host, self._port), _SECONDS)
            else:
                self._socket = _local_syslog()
        return self._socket

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _local_syslog() -> socket.socket:
    for path in _SOCKETS:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            made.connect(path)
        except OSError:
            made.close()
        else:
            return made
    raise OSError(f"no syslog socket found at {' or '.join(_SOCKETS)}")


class Http:
    """A server that accepts each line by POST and answers 2xx once it has stored it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def write(self, line: bytes) -> None:
        import urllib.error
        import urllib.request

        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url, line, headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                answer.read()
        except urllib.error.HTTPError as error:
            error.close()
            raise OSError(f"the server returned HTTP {error.code}") from None

    def close(self) -> None:
        """No connection is kept open."""


class File:
    """A file that several processes may append to, rotated after ``size`` bytes.

    Each line is written by a single write, so that lines of different processes do not mix.
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
        before = os.fstat(descriptor).st_size
        try:
            _write_all(descriptor, line)
        except OSError:
            # Part of a line may have been written: the next line must not continue it.
            self._is_torn = self._is_torn or os.fstat(descriptor).st_size > before
            raise
        self._is_torn = False

    def _opened(self) -> int:
        """The descriptor of the current file at the path, rotated if full."""
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
        """Whether the open file is still the one at its path: another process may have
        rotated it."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino)

    def _rotate(self) -> None:
        """Rotate the full file, unless another process is doing so."""
        # Imported late: the import takes a tenth of start-up, and few processes rotate.
        from filelock import FileLock

        assert self._descriptor is not None
        with FileLock(self._path.with_name(self._path.name + ".lock"), mode=0o600):
            if self._is_ours(os.fstat(self._descriptor)):
                names = [
                    self._path.name,
                    *(f"{self._path.name}.{n}" for n in range(1, OLD_FILES + 1)),
                ]
                for newer, older in reversed(list(pairwise(names))):
                    with suppress(FileNotFoundError):
                        os.replace(self._path.with_name(newer), self._path.with_name(older))
            self.close()
            self._descriptor = self._open()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _private_folder(folder: Path) -> None:
    """Create a folder that only its owner can access; an existing one is left unchanged."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
