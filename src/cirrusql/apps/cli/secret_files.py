"""Files that hold a password or token: who else can read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def readable_by_others(path: Path) -> str | None:
    """What is to be said of a file that others than its owner can read; None: nobody else can.

    A warning and no error: where secrets are mounted (Kubernetes) their mode is often not one's own
    to set.
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
