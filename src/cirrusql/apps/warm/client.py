"""What a command does that has a warm helper: hand over its streams, pass signals on, wait.

Every way in which the helper cannot be had is Unavailable, and the command runs by itself then: a
helper makes commands faster and nothing else. Once the helper has taken a command over, the command
is never run a second time.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from cirrusql.apps.warm.protocol import (
    READY,
    Unavailable,
    is_wanted,
    python_environment,
    receive,
    send,
    socket_path,
)

COMMANDS = frozenset({"exec"})
"""Commands that are short; those that stay open have nothing to gain."""

LOST = 1
"""The exit status of a command whose helper ended before it."""

_CONNECT = 1.0
"""Seconds in which a helper accepts, or counts as absent."""

_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


def run_warm(arguments: Sequence[str]) -> int | None:
    """The exit status of the command run by the helper; None where it has to run by itself."""
    if not arguments or arguments[0] not in COMMANDS or not is_wanted(os.environ):
        return None
    # Before a file of our own takes the number of a stream that is closed.
    streams = [number for number in range(3) if _is_open(number)]
    try:
        path = socket_path(os.environ)
        connection = _connected(path)
    except Unavailable:
        return None
    with connection:
        try:
            answer, _ = receive(connection)
        except (OSError, EOFError, ValueError):
            return None
        if answer != READY:
            start_helper(path)
            return None
        # From here on the command may have run: it is never run a second time.
        return _handed_over(connection, arguments, streams)


def start_helper(path: Path) -> None:
    """Start a helper in the background. It has no credentials and none of the caller's streams."""
    import subprocess

    kept = {n: os.environ[n] for n in ("HOME", "PATH", "TMPDIR") if n in os.environ}
    subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", "cirrusql.apps.warm.helper", str(path)],
        env={**kept, **python_environment(os.environ)},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_CONNECT)
    try:
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
            start_helper(path)
        raise Unavailable(str(error)) from error
    return connection


def _handed_over(
    connection: socket.socket, arguments: Sequence[str], streams: Sequence[int]
) -> int:
    """Give the helper the command, and wait for its exit status."""
    mask = os.umask(0o077)
    os.umask(mask)
    folder = os.open(".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    request = {
        "arguments": list(arguments),
        "environment": dict(os.environ),
        "streams": list(streams),
        "umask": mask,
    }
    connection.settimeout(None)
    try:
        send(connection, request, [folder, *streams])
        answer, _ = receive(connection)
        pid = answer.get("pid") if isinstance(answer, dict) else None
        if isinstance(pid, int):
            _pass_signals_on(pid)
            answer, _ = receive(connection)
        status = answer.get("status") if isinstance(answer, dict) else None
    except (OSError, EOFError, ValueError):
        status = None
    finally:
        os.close(folder)
    if not isinstance(status, int):
        sys.stderr.write(
            "cirrusql: the warm helper ended before the command did; its outcome is unknown\n"
        )
        return LOST
    # What a shell reports for a program that a signal ended.
    return status if status >= 0 else 128 - status


def _pass_signals_on(pid: int) -> None:
    def pass_on(number: int, frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    for name in _PASSED_ON:
        number = getattr(signal, name)
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, pass_on)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
