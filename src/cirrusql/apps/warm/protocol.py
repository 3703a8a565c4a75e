"""What a command and its warm helper agree on: the socket's path, and the messages over it.

Imports little, since the client's whole worth is its short start.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path

from cirrusql.private_folder import is_private
from cirrusql.version import __version__

WARM = "CIRRUSQL_WARM"
"""The environment variable that asks for a helper: on, yes, true or 1."""

READY = {"ready": True}
"""What a helper says first, before the client tells the command: until then nothing has been
asked of it, and the client can run the command by itself."""

_LENGTH = 4
_STREAMS = 3

_OF_PYTHON = ("LANG", "LANGUAGE", "VIRTUAL_ENV")
_PREFIXES = ("PYTHON", "LC_")


class Unavailable(Exception):
    """There is no helper that could be asked; the command runs by itself."""


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the environment asks for a helper, on a system that can have one."""
    asked = environ.get(WARM, "").strip().lower() in ("1", "on", "yes", "true")
    return asked and hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


def python_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What of the environment decides how Python itself starts: its options and the locale."""
    return {
        name: value
        for name, value in environ.items()
        if name in _OF_PYTHON or name.startswith(_PREFIXES)
    }


def socket_path(environ: Mapping[str, str]) -> Path:
    """Where the helper of this user, interpreter and release listens.

    ``$XDG_RUNTIME_DIR`` where the system has one, else a folder beside other temporary files.
    Raises Unavailable where that folder is not the user's alone.
    """
    import hashlib

    told = json.dumps(
        [
            sys.executable,
            __version__,
            str(Path(__file__).parent),
            list(sys.flags),
            sorted(python_environment(environ).items()),
        ]
    )
    name = hashlib.sha256(told.encode()).hexdigest()[:16]
    runtime = environ.get("XDG_RUNTIME_DIR")
    # What somebody else made there first is refused below.
    shared = environ.get("TMPDIR") or "/tmp"  # noqa: S108
    folder = Path(runtime, "cirrusql") if runtime else Path(shared, f"cirrusql-{os.getuid()}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Unavailable(str(error)) from error
    if not is_private(folder):
        raise Unavailable(f"{folder} is not this user's alone")
    return folder / f"{name}.sock"


def send(connection: socket.socket, message: object, descriptors: Sequence[int] = ()) -> None:
    """Send one message as JSON behind its length, and open files with its first byte."""
    text = json.dumps(message).encode("utf-8", "surrogateescape")
    length = len(text).to_bytes(_LENGTH, "big")
    if descriptors:
        socket.send_fds(connection, [length], list(descriptors))
        connection.sendall(text)
    else:
        connection.sendall(length + text)


def receive(connection: socket.socket, most: int = _STREAMS + 1) -> tuple[object, list[int]]:
    """The next message and the files sent with it, at most ``most`` of them.

    Raises EOFError where the other side has gone, ValueError where it is no JSON.
    """
    size = array("i").itemsize
    start, ancillary, _, _ = connection.recvmsg(_LENGTH, socket.CMSG_SPACE(most * size))
    descriptors = array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % size])
    head = start + _exactly(connection, _LENGTH - len(start)) if start else b""
    if not head:
        raise EOFError
    text = _exactly(connection, int.from_bytes(head, "big"))
    return json.loads(text.decode("utf-8", "surrogateescape")), list(descriptors)


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = connection.recv(min(count, 65536))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
