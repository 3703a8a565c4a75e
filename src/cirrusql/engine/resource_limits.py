"""What an engine may use of the machine: memory, threads, disk space, and a private folder.

Owns the limits and how the engines of one process share memory. ``Database.guard`` prevents clients
from changing them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cirrusql.errors import ConfigError, Error
from cirrusql.private_folder import is_private


@dataclass(frozen=True)
class Limits:
    """0: the engine's own default."""

    memory: int = 0
    spill: int = 0
    threads: int = 0

    def config(self) -> dict[str, Any]:
        """The configuration with which the engine is opened."""
        given: dict[str, Any] = {}
        if self.memory:
            given["memory_limit"] = f"{self.memory}B"
        if self.spill:
            given["max_temp_directory_size"] = f"{self.spill}B"
        if self.threads:
            given["threads"] = str(self.threads)
        return given


class SharedMemory:
    """An amount of memory, divided evenly among the open engines. Thread-safe.

    ``total`` 0: the first engine's default, 80 % of the machine's memory.
    """

    def __init__(self, total: int = 0) -> None:
        self._total = total
        self._lock = threading.Lock()
        self._engines: dict[Any, Callable[[int], None]] = {}

    def join(self, engine: Any, limit: Callable[[int], None], own: Callable[[], int]) -> None:
        """Add an engine. ``limit`` sets its memory in bytes, ``own`` returns its default."""
        most = own()
        with self._lock:
            self._total = self._total or most
            self._engines[engine] = limit
            self._divide()

    def leave(self, engine: Any) -> None:
        """Remove an engine and give its share to the others."""
        with self._lock:
            if self._engines.pop(engine, None) is not None:
                self._divide()

    def _divide(self) -> None:
        limits = list(self._engines.values())
        for limit in limits:
            # An engine that uses more now, and cannot spill it to disk, keeps it until the next
            # change.
            with suppress(Error):
                limit(self._total // len(limits))


_own: list[str] = []


def spill_folder() -> str:
    """This process's folder for spilled data: randomly named, accessible by its owner only.

    Empty if none can be created: the engine then works in memory alone. Raises ConfigError if other
    users can access the new folder.
    """
    if not _own:
        try:
            made = tempfile.mkdtemp(prefix="cirrusql-")
        except OSError:
            return ""
        if hasattr(os, "getuid") and not is_private(Path(made)):
            raise ConfigError(f"other users can access {made}", hint="set TMPDIR to another folder")
        _own.append(made)
        atexit.register(shutil.rmtree, made, ignore_errors=True)
    return _own[0]


def engine_config(limits: Limits) -> dict[str, Any]:
    """Nothing is downloaded, Python variables are not tables, and the home folder stays
    untouched."""
    own = spill_folder()
    return {
        **limits.config(),
        # Eight threads of each engine would wait for files on the network, which it never reads.
        "async_threads": "1",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "temp_directory": f"{own}/spill" if own else "",
        "extension_directory": f"{own or os.devnull}/extensions",
        "secret_directory": f"{own or os.devnull}/secrets",
    }
