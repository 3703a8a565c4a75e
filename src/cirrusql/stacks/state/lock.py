"""One apply at a time for a state: a lock beside the file, with who holds it.

The system releases the lock when its process ends for any reason, so that a local one is never
stale.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cirrusql.errors import OperationalError
from cirrusql.stacks.state.store import StateFailed, now


class StateLocked(OperationalError, sqlstate="55P03"):
    """Another run is applying the stack."""


def this_process() -> dict[str, str]:
    """Who holds a lock: this user and process."""
    return {
        "user": getpass.getuser(),
        "host": socket.gethostname(),
        "pid": str(os.getpid()),
        "since": now(),
    }


def held_by(holder: dict[str, str], what: str, hint: str) -> StateLocked:
    """The error that says who holds a lock."""
    who = f"{holder.get('user', 'someone')} on {holder.get('host', 'an unknown host')}"
    return StateLocked(
        f"{what} is locked by {who}, process {holder.get('pid', '?')}, since "
        f"{holder.get('since', 'an unknown time')}; nothing was changed",
        hint=hint,
    )


@contextmanager
def local_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a state's file. Raises StateLocked if another process has it."""
    # Imported late: the import takes a tenth of start-up, and only an apply needs it.
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=0, mode=0o600, thread_local=False)
    holder = path.with_name(f"{path.name}.holder")
    try:
        lock.acquire()
    except Timeout:
        raise held_by(_read(holder), f"the state {path}", "wait until it has ended") from None
    except OSError as error:
        raise StateFailed(f"the state {path} cannot be locked: {error}") from None
    try:
        try:
            holder.write_text(json.dumps(this_process()), "utf-8")
        except OSError as error:
            raise StateFailed(f"the state {path} cannot be locked: {error}") from None
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read(holder: Path) -> dict[str, str]:
    try:
        said = json.loads(holder.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
