"""A filled emulator kept for the next commands: a process that copies itself for each of them.

Owns the copy that stays behind (``keep``), which socket it waits at and for how long, and who may
reach it: nobody but the user, since the socket's folder is the user's alone. Every command gets a
process of its own, with all that was filled in and nothing that another command changed. Leaves
serving to ``emulator``, by the function that it is given.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cirrusql.apps.sandbox import guard
from cirrusql.private_folder import is_private

CAN_KEEP = hasattr(os, "fork") and hasattr(socket, "AF_UNIX")
_LONGEST_PATH = 100
"""What every system takes as the path of a socket."""


def keep(path: Path, seconds: float, serve: Callable[[socket.socket], None]) -> bool:
    """Leave a copy of this process behind that waits at ``path``. Whether it did.

    The process must serve nobody meanwhile: a copy has the thread that copies, and no other.
    ``serve`` answers one connection's commands in a copy of the copy, until it ends.
    """
    if not _is_alone():
        return False
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if guard.fork():
        return True
    try:
        _let_go_of_owner()
        _wait(path, seconds, serve)
    finally:
        os._exit(0)


def connect(path: Path) -> socket.socket | None:
    """A connection to what waits at ``path``; None where nothing does, or not only this user's."""
    if not CAN_KEEP or not is_private(path.parent):
        return None
    found = socket.socket(socket.AF_UNIX)
    try:
        found.connect(str(path))
    except OSError:
        found.close()
        return None
    return found


def prepared(path: Path) -> bool:
    """Whether something may wait at ``path``: its folder is made, and is this user's alone."""
    if not CAN_KEEP or len(str(path)) > _LONGEST_PATH:
        return False
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return is_private(path.parent)


def _is_alone() -> bool:
    """Whether all other threads end within a moment, as those do whose clients have gone."""
    for _ in range(100):
        if threading.active_count() == 1:
            return True
        time.sleep(0.01)
    return False


def _let_go_of_owner() -> None:
    """Close the owner's pipes: it waits for their end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    sys.stdin = sys.stdout = sys.stderr = open(os.devnull, "r+")  # noqa: SIM115 - until the end


def _wait(path: Path, seconds: float, serve: Callable[[socket.socket], None]) -> None:
    """Copy this process for each connection, until none has come for ``seconds``."""
    own = path.with_suffix(f".{os.getpid()}")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(own))
        listener.listen(16)
        here = own.stat().st_ino
        # Whole at once: whoever finds it can connect. Of two that began together one is forgotten.
        own.replace(path)
        listener.settimeout(seconds)
        while True:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                break
            if not guard.fork():
                listener.close()
                connection.settimeout(None)
                serve(connection)
                os._exit(0)
            connection.close()
        try:
            if path.stat().st_ino == here:
                path.unlink()
        except OSError:
            pass
