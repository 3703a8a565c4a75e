"""Speeds up start and exit of the command.

Only if the process belongs to the command: a program that calls ``run`` may need numpy, and
continues afterwards.
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

from cirrusql.apps.cli.process.signals import end_by_signals
from cirrusql.apps.cli.process.streams import open_streams

_THRESHOLDS = (300_000, 20, 50)
"""Thresholds of the garbage collector's generations; Python's defaults are 700, 10, 10.

A statement over ec2, the largest model, creates 190,000 objects.
"""


_FILES = 4096
"""Number of files that the process may open, if the hard limit allows it: macOS starts with 256."""


class WithoutNumpy:
    """An import hook that hides numpy from pyarrow, which imports it if available.

    numpy takes half of pyarrow's import time, and half of that of its kernels. Nothing here uses
    numpy arrays from pyarrow; the engine, which needs numpy for Python functions, still finds it.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return None, so that other finders are used, except for numpy imported by pyarrow."""
        if name == "numpy" and _importer().partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("numpy is hidden from pyarrow", name="numpy")
        return None


class WithoutAuthorities:
    """An import hook that keeps aiohttp from loading the system's certificate authorities.

    It loads them twice on import, which takes 30 ms and 2 MB. TLS connections here use a context of
    their own (``transport.http``); those that aiohttp creates trust nobody.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return None, so that other finders are used, except for the module that loads them."""
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
    """The module that contains the import statement. Compiled modules have no frame, so their
    importer is returned."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("importlib."):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


def own_process() -> None:
    """Declare that this process belongs to the command, so nothing else is imported in it.

    Garbage collection also runs less often: the catalog is large and permanent, and scanning it
    repeatedly takes a tenth of a short statement's time. And Arrow uses the system allocator unless
    configured otherwise: its own pool starts with 4 MB.
    """
    open_streams()
    end_by_signals()
    _raise_limit()
    own_imports()


def own_imports() -> None:
    """The part of ``own_process`` that says what is loaded and how memory is kept; once only."""
    gc.set_threshold(*_THRESHOLDS)
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if not any(isinstance(finder, WithoutNumpy) for finder in sys.meta_path):
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
    """End the process, and leave freeing memory to the system.

    Runs everything registered for exit; then Python would free every object and library one by one,
    which takes a fifth of a short statement's time. Not if another thread is still working, or a
    debugger or profiler is attached.
    """
    others = [
        t for t in threading.enumerate() if t is not threading.current_thread() and not t.daemon
    ]
    if others or sys.gettrace() is not None or sys.getprofile() is not None:
        sys.exit(status)
    atexit._run_exitfuncs()
    # Python has None for streams that were closed from the start.
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = status or 1
    os._exit(status)
