"""A start without what the command line never uses, and an end without taking all of it down.

Only where the process is the command's own: a program that calls ``run`` may want numpy, and
goes on afterwards.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import NoReturn

_THRESHOLDS = (300_000, 20, 50)
"""Objects and turns between two looks at each generation; Python's own are 700, 10, 10.

A statement over ec2, the largest model, makes 190,000.
"""


_FILES = 4096
"""Files that the process may open, where it may have so many: macOS gives 256 at first."""


class WithoutNumpy:
    """An import hook that hides numpy from pyarrow, which takes it along where it can.

    It is half of pyarrow's time and half of that of its kernels. Nothing of ours asks pyarrow for
    numpy's arrays; the engine, which wants numpy for functions in Python, still finds it.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """None, so that others look, but for numpy where pyarrow asks."""
        if name == "numpy" and _importer().partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("numpy is hidden from pyarrow", name="numpy")
        return None


class WithoutAuthorities:
    """An import hook that keeps aiohttp from reading the system's certificate authorities.

    It reads them twice when it is imported, which takes 30 ms and 2 MB. Whoever speaks TLS here has
    a context of his own (``transport.http``); those that aiohttp makes trust nobody.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None, so that others look, but for the module that reads them."""
        if name != "aiohttp.connector":
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is not None and type(found.loader) is SourceFileLoader:
            found.loader = _TrustingNobody(found.loader.name, found.loader.path)
        return found


class _TrustingNobody(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        from ssl import SSLContext

        real, here = SSLContext.set_default_verify_paths, threading.get_ident()

        def read(context: SSLContext) -> None:
            if threading.get_ident() != here:
                real(context)

        SSLContext.set_default_verify_paths = read  # type: ignore[method-assign, assignment]
        try:
            super().exec_module(module)
        finally:
            del SSLContext.set_default_verify_paths


def _importer() -> str:
    """The module whose code asks for an import.
    Compiled modules have no frame: who imports them has."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("importlib."):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


def own_process() -> None:
    """Say that this process is the command's: nobody else imports anything in it.

    Garbage is looked for less often too: the catalog is large and stays, and looking through it
    again and again is a tenth of what a short statement costs. And Arrow, unless it was told
    otherwise, takes its memory where all others do: a pool of its own begins with 4 MB.
    """
    from cirrusql.apps.cli.signals import end_by_signals
    from cirrusql.apps.cli.streams import open_streams

    open_streams()
    end_by_signals()
    _raise_limit()
    gc.set_threshold(*_THRESHOLDS)
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    sys.meta_path[:0] = [WithoutNumpy(), WithoutAuthorities()]


def _raise_limit() -> None:
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def leave(status: int) -> NoReturn:
    """End the process, and leave it to the system to take memory back.

    All that stands to be done at exit is done, and then Python would free every object and library
    one by one: a fifth of what a short statement costs. Not where another thread has work left, or
    where a debugger or profiler looks on.
    """
    others = [
        t for t in threading.enumerate() if t is not threading.current_thread() and not t.daemon
    ]
    if others or sys.gettrace() is not None or sys.getprofile() is not None:
        sys.exit(status)
    atexit._run_exitfuncs()
    # Python has none of them where they were closed from the start.
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = status or 1
    os._exit(status)
