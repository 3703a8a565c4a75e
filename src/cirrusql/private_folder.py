"""Whether only this user can reach what is in a folder.

Owns the check that folders for sockets and spilled data must pass before they are used.
Leaves choosing and creating them to their users.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def is_private(folder: Path) -> bool:
    """Whether it is a folder (not a link to one) that belongs to this user and is closed to others.

    False if it cannot be examined, and on systems without file owners.
    """
    if not hasattr(os, "getuid"):
        return False
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    )
