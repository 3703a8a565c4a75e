"""A mark of our own rules and data files: what is cached of them is of no use once they are
changed.

While they are worked on, versions do not change.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]
CATALOG = ("api", "catalog", "providers")
"""The rooms that say which tables there are, and what they are like."""


def code_stamp(*rooms: str | Path) -> int:
    """Changes with any module or data file of those rooms.
    FileNotFoundError where there is no such room."""
    told = []
    for name in rooms:
        if not (_PACKAGE / name).is_dir():
            raise FileNotFoundError(_PACKAGE / name)
        for folder, folders, files in os.walk(_PACKAGE / name):
            folders[:] = sorted(f for f in folders if f != "__pycache__")
            for file in sorted(f for f in files if f.endswith((".py", ".toml", ".zip"))):
                s = os.stat(f"{folder}/{file}")
                told.append((folder, file, s.st_size, s.st_mtime_ns))
    return zlib.crc32(repr(told).encode())
