"""The standard streams of the command's own process: ensures that each exists, and reports failed
writes.

A program may be started with any of them closed (``>&-``). The next file opened would get its
number, and a library that writes to standard output would write into that file.
"""

from __future__ import annotations

import errno
import os
import sys

from cirrusql.errors import OperationalError, OutputFailed


def open_streams() -> None:
    """Replace every closed standard stream: reading gives nothing, writing fails.

    Lost output is reported as a failed write; only standard error discards what is written.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, mode)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def silence_output() -> None:
    """Discard standard output from now on: it failed, and Python would try to flush it at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_HINTS = dict.fromkeys(_FULL, "free some disk space")
_HINTS |= dict.fromkeys(_NO_FILES, "`ulimit -n` raises the number of files a process may have open")
_HINTS[errno.EROFS] = _HINTS[errno.EACCES] = (
    "XDG_CACHE_HOME, XDG_STATE_HOME and TMPDIR set where files are written"
)


def output_failed(error: OSError, name: str = "standard output") -> OutputFailed:
    """The error for rows that could not be written."""
    return OutputFailed(f"cannot write {name}: {_reason(error)}", hint=_HINTS.get(error.errno or 0))


def system_failed(error: OSError) -> OperationalError:
    """The error for any other system call that failed: its message, the file, and a hint."""
    if error.filename is None and error.errno in _FULL | {errno.EBADF, errno.EIO}:
        return output_failed(error)
    where = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
    return OperationalError(f"{where}{_reason(error)}", hint=_HINTS.get(error.errno or 0))


def _reason(error: OSError) -> str:
    if error.errno == errno.EBADF:
        return "it is closed"
    return error.strerror or str(error) or type(error).__name__
