"""Builds the catalog's index beside the server's start, for table browsers.

Building it reads every model of every service. A separate process does so, at low priority, so that
clients are served meanwhile; a query that needs the index waits for that process.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

_MAKE = """
import os, sys
if hasattr(os, "nice"):
    os.nice(10)
from cirrusql.providers import default_catalog
from cirrusql.settings import Settings
named = dict(argument.split("=", 1) for argument in sys.argv[1:])
default_catalog(Settings(providers=named)).index().table("fields")
"""


def warming_command(providers: Mapping[str, str]) -> tuple[str, ...]:
    """The command that builds the index of AWS and of these further providers."""
    # -P excludes the current folder, from which the server may have imported a provider of the
    # config file.
    safe = () if providers else ("-P",)
    return (
        sys.executable,
        *safe,
        "-c",
        _MAKE,
        *(f"{name}={place}" for name, place in providers.items()),
    )


class Warming:
    """Does nothing until ``start``. ``wait`` returns immediately if nothing was started."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._ended.set()

    def start(self) -> None:
        """Start. Errors appear when the index is used."""
        self._ended.clear()
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._ended.set()

    def wait(self) -> None:
        """Wait until it is built, or has failed."""
        self._ended.wait()

    def stop(self) -> None:
        """End it, finished or not. May be called more than once."""
        if self._process is not None:
            self._process.terminate()
            self._ended.wait()
            self._process = None
