"""The input history in the user's state folder, without statements that contain secrets."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory

from cirrusql.sql.statement_secrets import may_give_secret


class SafeHistory(FileHistory):
    """A history file, readable by its owner only, without statements that contain secrets.

    Such a statement can be recalled until the shell ends.
    """

    _is_kept = True

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError:
            # The home folder cannot be written: history lasts until the shell ends.
            self._is_kept = False
        super().__init__(path)

    def store_string(self, string: str) -> None:
        if self._is_kept and not may_give_secret(string):
            with suppress(OSError):
                super().store_string(string)


def history_path() -> Path:
    """The file of the user's history."""
    import platformdirs

    return Path(platformdirs.user_state_dir("cirrusql")) / "history"
