"""The process that waits with the program loaded, and copies itself for each command.

    python -m cirrusql.apps.warm.helper SOCKET [SECONDS]

It has one thread, since only the thread that forks lives on in a copy, and ends by itself after
ten minutes without a command, or when a file of the program has changed. What modules a command
loaded beyond those here, its helper loads afterwards, so that the next command finds them.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from cirrusql.apps.warm.protocol import READY, receive, send

IDLE = 600.0
"""Seconds without a command after which a helper ends."""

_READ = 2.0
"""Seconds in which a client has sent its command whole."""

_LEARNT = 256 * 1024
"""Most bytes of module names that a command reports."""

_LOADED_FIRST = ("cirrusql.apps.cli.main", "cirrusql.apps.cli.commands.exec_command")

_LIBRARIES = frozenset({
    *("cirrusql", "sqlglot", "duckdb", "_duckdb", "pyarrow", "aiohttp", "botocore", "msgspec"),
    *("click", "rich", "lxml", "uvloop", "filelock", "platformdirs", "dateutil", "yarl"),
    *("multidict", "frozenlist", "propcache", "jmespath", "wcwidth", "zstandard"),
})  # fmt: skip
"""What a helper loads because a command did, beside the standard library. Not numpy, whose import
starts threads, and not a user's own modules, which may change while the helper lives."""


@dataclass
class _Command:
    """A command that runs in a copy."""

    connection: socket.socket
    learnt: int
    """The file from which the names of the modules that it loaded are read."""


@dataclass
class _Request:
    """One command line, as the copy that runs it sees it."""

    arguments: list[str]
    environment: dict[str, str]
    descriptors: list[int]
    streams: list[int]
    umask: int
    learnt: int


@dataclass
class Helper:
    """Accepts commands at a socket's path until idle, told to end, or out of date."""

    path: Path
    idle: float = IDLE
    listener: socket.socket = field(init=False)
    _running: dict[int, _Command] = field(default_factory=dict)
    _loaded: dict[str, int] = field(default_factory=dict)
    _is_ending: bool = False

    def serve(self) -> _Request | None:
        """Wait for commands. Returns in each copy with its request, in the helper with None."""
        _load(_LOADED_FIRST)
        self._note_files()
        with selectors.DefaultSelector() as selector:
            wake = _woken_by_signals(self._end)
            selector.register(wake, selectors.EVENT_READ)
            # Last, since clients come as soon as it is there.
            self.listener = _listening(self.path)
            selector.register(self.listener, selectors.EVENT_READ)
            while self._running or not self._is_ending:
                ready = selector.select(None if self._running else self.idle)
                if not ready and not self._running:
                    return None
                for key, _ in ready:
                    if key.fileobj is wake:
                        wake.recv(4096)
                    elif key.fileobj is self.listener:
                        request = self._accept(selector)
                        if request is not None:
                            return request
                    else:
                        # The client has gone: its command ends as when a terminal closes.
                        selector.unregister(key.fileobj)
                        os.kill(key.data, signal.SIGHUP)
                self._reap(selector)
        return None

    def _accept(self, selector: selectors.BaseSelector) -> _Request | None:
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return None
        descriptors: list[int] = []
        try:
            connection.settimeout(_READ)
            _same_user(connection)
            if self._has_changed():
                self._end()
                send(connection, {"ready": False})
                connection.close()
                return None
            send(connection, READY)
            told, descriptors = receive(connection)
            return self._copy(selector, connection, told, descriptors)
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            connection.close()
            return None
        finally:
            if os.getpid() == _PID:
                for number in descriptors:
                    os.close(number)

    def _copy(
        self,
        selector: selectors.BaseSelector,
        connection: socket.socket,
        told: Any,
        descriptors: list[int],
    ) -> _Request | None:
        learnt, report = os.pipe()
        request = _Request(
            [str(argument) for argument in told["arguments"]],
            {str(name): str(value) for name, value in told["environment"].items()},
            descriptors,
            [int(number) for number in told["streams"]],
            int(told["umask"]),
            report,
        )
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            os.close(learnt)
            connection.close()
            self.listener.close()
            for kept in _KEPT:
                kept.close()
            for command in self._running.values():
                command.connection.close()
                os.close(command.learnt)
            return request
        os.close(report)
        os.set_blocking(learnt, False)
        self._running[pid] = _Command(connection, learnt)
        selector.register(connection, selectors.EVENT_READ, pid)
        send(connection, {"pid": pid})
        return None

    def _reap(self, selector: selectors.BaseSelector) -> None:
        while self._running:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            command = self._running.pop(pid, None)
            if command is None:
                continue
            with suppress(KeyError, ValueError):
                selector.unregister(command.connection)
            with command.connection, suppress(OSError):
                send(command.connection, {"status": os.waitstatus_to_exitcode(status)})
            with suppress(OSError):
                names = os.read(command.learnt, _LEARNT).decode("utf-8", "replace")
                _load(names.split("\n"))
            os.close(command.learnt)
            self._note_files()

    def _end(self) -> None:
        """Take no further commands; those that run are waited for."""
        self._is_ending = True

    def _note_files(self) -> None:
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if path and name.startswith("cirrusql") and path not in self._loaded:
                self._loaded[path] = os.stat(path).st_mtime_ns

    def _has_changed(self) -> bool:
        try:
            return any(os.stat(p).st_mtime_ns != then for p, then in self._loaded.items())
        except OSError:
            return True


_PID = os.getpid()


def run(request: _Request) -> NoReturn:
    """Become the command: its folder, streams and environment, then what ``cirrusql`` does."""
    signal.set_wakeup_fd(-1)
    for ours in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ours, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, *streams = request.descriptors
    os.fchdir(folder)
    os.close(folder)
    for number in range(3):
        if number not in request.streams:
            os.close(number)
    for descriptor, number in zip(streams, request.streams, strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.umask(request.umask)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.argv = ["cirrusql", *request.arguments]
    _open_streams()
    atexit.register(_report, request.learnt, frozenset(sys.modules))

    from cirrusql.apps.cli.main import main

    main()
    raise AssertionError("main ends the process")


def _open_streams() -> None:
    """Python's streams anew: those of the helper were made for the null device.

    One that is closed is None, as Python itself has it; the command's own start mends that.
    """
    encoding = sys.stdout.encoding
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            stream = None
        else:
            errors = getattr(sys, name).errors
            is_line_wise = number == 2 or (number == 1 and os.isatty(1))
            stream = open(  # noqa: SIM115
                number,
                "r" if number == 0 else "w",
                encoding=encoding,
                errors=errors,
                buffering=1 if is_line_wise else -1,
                closefd=False,
            )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _report(learnt: int, known: frozenset[str]) -> None:
    names = "\n".join(name for name in sys.modules.copy() if name not in known)
    os.set_blocking(learnt, False)
    with suppress(OSError):
        os.write(learnt, names.encode()[:_LEARNT])


def _load(names: Iterable[str]) -> None:
    for name in names:
        top = name.partition(".")[0]
        if name and name not in sys.modules and _is_loadable(top):
            with suppress(Exception):
                import_module(name)


def _is_loadable(top: str) -> bool:
    return top in _LIBRARIES or (top in sys.stdlib_module_names and not top.startswith("__"))


def _same_user(connection: socket.socket) -> None:
    """Raise OSError where another user is at the other end.

    The folder of the socket keeps others out already; Linux tells who it is.
    """
    peer = getattr(socket, "SO_PEERCRED", None)
    if peer is None:
        return
    credentials = connection.getsockopt(socket.SOL_SOCKET, peer, 12)
    uid = int.from_bytes(credentials[4:8], sys.byteorder)
    if uid != os.getuid():
        raise PermissionError("another user's command")


def _woken_by_signals(end: Callable[[], None]) -> socket.socket:
    """A socket that can be read after each signal. SIGTERM and SIGHUP end the helper."""
    wake, woken = socket.socketpair()
    wake.setblocking(False)
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: end())
    # It lives as long as the process does.
    _KEPT.append(woken)
    return wake


_KEPT: list[socket.socket] = []


def _is_only_one(path: Path) -> bool:
    """Whether no other helper serves at ``path``; none will then as long as this process lives."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return False
    return True


def _listening(path: Path) -> socket.socket:
    """A socket at ``path`` that only this user can reach, in place of one that was left there."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    listener.listen(64)
    return listener


def main(arguments: list[str]) -> None:
    """Serve on the socket that the first argument names; a second one is IDLE in seconds."""
    path, idle = Path(arguments[0]), float(arguments[1]) if arguments[1:] else IDLE
    if not _is_only_one(path):
        return
    from cirrusql.apps.cli.process.process_tuning import leave, own_imports

    own_imports()
    # Arrow's allocator would start a thread, and only the thread that forks lives on in a copy.
    os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
    request = Helper(path, idle).serve()
    if request is not None:
        run(request)
    path.unlink(missing_ok=True)
    leave(0)


if __name__ == "__main__":
    main(sys.argv[1:])
