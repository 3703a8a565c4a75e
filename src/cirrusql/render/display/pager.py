"""Shows rows through a pager if they are taller or wider than the terminal, like psql.

Owns the pager's process. Nothing is started before the rows are known not to fit; output is
buffered until then.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO

from cirrusql.render.terminal import cells

WAYS = ("on", "off", "always")
"""The values of ``\\pset pager``: if rows do not fit, never, always."""

_OWN_LINES = 2
"""Lines of the terminal that the prompt needs."""


class PagerClosed(Exception):
    """The pager was closed before the last row: the rest is not needed."""


def pager_command(environ: Mapping[str, str]) -> str | None:
    """The first of ``CIRRUSQL_PAGER``, ``PAGER`` and ``less -SRX``. Empty: no pager.

    ``X`` leaves the rows on the terminal, beside the next statement.
    """
    for name in ("CIRRUSQL_PAGER", "PAGER"):
        if name in environ:
            return environ[name].strip() or None
    return "less -SRX" if shutil.which("less") else None


class Paged:
    """A binary stream over the terminal; entered for one result.

    ``size`` is the terminal's (columns, lines).
    """

    def __init__(
        self,
        out: BinaryIO,
        command: str | None,
        way: str,
        size: os.terminal_size,
        *,
        may_wrap: bool = False,
    ) -> None:
        self._out = out
        self._command = None if way == "off" else command
        self._is_always = way == "always"
        self._size = size
        self._may_wrap = may_wrap
        self.was_left = False
        """Before the last row: the rest was not read."""
        self._held = bytearray()
        self._pager: subprocess.Popen[bytes] | None = None

    def write(self, data: bytes) -> int:
        """Take bytes. Raises PagerClosed once the pager has been left."""
        if self._pager is not None:
            self._pass_on(data)
        elif self._command is None:
            self._out.write(data)
        else:
            self._held += data
            if self._is_always or self._is_large():
                self._start(self._command)
        return len(data)

    def flush(self) -> None:
        """Does nothing: buffered output is shown at the end."""

    def _is_large(self) -> bool:
        lines = self._held.decode("utf-8", "replace").split("\n")
        if len(lines) > self._size.lines - _OWN_LINES:
            return True
        return not self._may_wrap and any(cells(line) > self._size.columns for line in lines)

    def _start(self, command: str) -> None:
        # As in psql, PAGER is a shell command line.
        self._pager = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE)  # noqa: S602
        self._pass_on(bytes(self._held))
        self._held.clear()

    def _pass_on(self, data: bytes) -> None:
        assert self._pager is not None
        assert self._pager.stdin is not None
        try:
            self._pager.stdin.write(data)
            self._pager.stdin.flush()
        except BrokenPipeError:
            raise PagerClosed from None

    def __enter__(self) -> Paged:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Show what fits, or wait until the pager is closed. Closing it early is not an error."""
        if self._pager is None:
            self._out.write(bytes(self._held))
            self._out.flush()
            return False
        # Ctrl-C is the pager's while it is all that is there.
        former = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            assert self._pager.stdin is not None
            with suppress(BrokenPipeError):
                self._pager.stdin.close()
            self._pager.wait()
        finally:
            signal.signal(signal.SIGINT, former)
        self.was_left = kind is PagerClosed
        return self.was_left
