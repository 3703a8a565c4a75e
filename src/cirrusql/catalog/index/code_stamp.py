"""A fingerprint of the package's own rules and data files, so that caches built from older ones are
not used.

During development they change without a new version.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]
CATALOG = ("api", "catalog", "providers")
"""The packages that determine the tables and their contents."""


def code_stamp(*rooms: str | Path) -> int:
    """Changes with any module or data file of those packages. Raises FileNotFoundError for an
    unknown package."""
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
