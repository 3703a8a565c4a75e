"""The lines typed before, kept in the user's state folder; never one that holds a secret."""

from __future__ import annotations

import os
import re
from pathlib import Path

from prompt_toolkit.history import FileHistory

_HUSHED = r"(?:\w*(?:password|secret|token|private_?key|credential)\w*)"
# A literal beside such a name: @SecretString = '…', Password := '…', SET x_token TO '…'.
_ASSIGNED = re.compile(rf"{_HUSHED}\"?\s*(?:=|:=|:|\bto\b)\s*(?:e?'|\"|\$\$)", re.I)
# A list of names with such a name among them, followed by values with a literal.
_INSERTED = re.compile(rf"\([^()]*\b{_HUSHED}\b[^()]*\).*'", re.I | re.S)
_JSON = re.compile(rf"\"{_HUSHED}\"\s*:\s*\"", re.I)
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b.*[A-Za-z0-9/+]{40}", re.S)


def holds_secret(statement: str) -> bool:
    """Whether a statement has a literal that may be a secret. Errs on the side of yes."""
    patterns = (_ASSIGNED, _INSERTED, _JSON, _ACCESS_KEY)
    return any(pattern.search(statement) for pattern in patterns)


class SafeHistory(FileHistory):
    """A history file, readable by its owner only, without statements that hold secrets.

    Such a statement can still be called back until the shell ends.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        super().__init__(path)

    def store_string(self, string: str) -> None:
        if not holds_secret(string):
            super().store_string(string)


def history_path() -> Path:
    """The file of the user's history."""
    import platformdirs

    return Path(platformdirs.user_state_dir("cirrusql")) / "history"
