"""Keeps the emulator's process inside this machine.

Some emulated operations would act outside (an SNS topic posts to its HTTP subscribers, a function
runs in a container). In a sandbox nothing does: an audit hook, which cannot be removed, rejects
every connection beyond loopback, every lookup of a foreign name and every new process, whichever
library tries.
"""

from __future__ import annotations

import os
import sys

from cirrusql.loopback import is_loopback

LOCAL_NAMES = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - names, not a bind


class OutsideSandbox(OSError):
    """The emulator tried to leave this machine."""


_may_fork = False


def fork() -> int:
    """``os.fork``, for the sandbox itself; nobody else may."""
    global _may_fork
    _may_fork = True
    try:
        return os.fork()
    finally:
        _may_fork = False


def install() -> None:
    """Reject connections beyond loopback and new processes from now on, permanently."""
    sys.addaudithook(_refuse)


def is_local(host: object) -> bool:
    """Whether a host name or address is this machine. A path (a Unix socket) is not."""
    name = host.decode("utf-8", "replace") if isinstance(host, bytes) else str(host or "")
    return name.lower() in LOCAL_NAMES or is_loopback(name)


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
        # A path is a Unix socket, most likely the container daemon's.
        if host is None or not is_local(host):
            raise OutsideSandbox(f"the sandbox does not connect to {address!r}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if not is_local(args[0]):
            raise OutsideSandbox(f"the sandbox does not look up {args[0]!r}")
    elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"):
        if event == "os.fork" and _may_fork:
            return
        raise OutsideSandbox("the sandbox starts no process")
