"""The catalog's index made at the server's start, beside it, for the first table browser to find.

Making it reads every model of every service. A process of its own does it, at low priority, so
that clients are served meanwhile; who needs the index waits for that process, not for a second one.
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
    """What makes the index of AWS and of these further providers."""
    # -P leaves the current folder out, from which the server may have found a provider of the
    # config.
    safe = () if providers else ("-P",)
    return (
        sys.executable,
        *safe,
        "-c",
        _MAKE,
        *(f"{name}={place}" for name, place in providers.items()),
    )


class Warming:
    """Nothing until ``start``. ``wait`` returns at once where nothing was started."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._ended.set()

    def start(self) -> None:
        """Begin. What goes wrong shows when the index is asked for."""
        self._ended.clear()
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._ended.set()

    def wait(self) -> None:
        """Wait until it is made, or cannot be."""
        self._ended.wait()

    def stop(self) -> None:
        """End it, made or not. May be called again."""
        if self._process is not None:
            self._process.terminate()
            self._ended.wait()
            self._process = None
