"""Checks who else can read files with a password or token."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def readable_by_others(path: Path) -> str | None:
    """A warning if users other than its owner can read a file; otherwise None.

    Not an error: mounted secrets (Kubernetes) often have a mode that the user cannot change.
    """
    if os.name == "nt":
        return None
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    if not mode & 0o077:
        return None
    return f"{path} can be read by other users of this machine: chmod 600 {path}"
