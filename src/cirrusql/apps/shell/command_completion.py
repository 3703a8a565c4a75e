"""Completion of backslash commands: their names, then their arguments."""

from __future__ import annotations

from collections.abc import Sequence

from cirrusql.apps.shell.backslash_commands import COMMANDS, TEXT_FORMATS
from cirrusql.apps.shell.completion import Candidate, Names, complete
from cirrusql.apps.shell.named_queries import query_names
from cirrusql.apps.shell.statement_help import FORMS
from cirrusql.render.display.pager import WAYS

_ON_OFF = ("on", "off")
_ARGUMENTS = {
    "\\x": (*_ON_OFF, "auto"),
    "\\timing": _ON_OFF,
    "\\pset": ("pager", "format", "expanded"),
    "\\pset pager": WAYS,
    "\\pset format": TEXT_FORMATS,
    "\\pset expanded": (*_ON_OFF, "auto"),
    "\\h": tuple(FORMS),
}


def complete_command(before: str, names: Names) -> list[Candidate]:
    """The candidates at the end of a line that begins with a backslash, best first."""
    head, blank, word = before.rpartition(" ")
    if not blank:
        return [Candidate(c, len(word), "command") for c in COMMANDS if c.startswith(word)]
    head = " ".join(head.split())
    if head in ("\\d", "\\browse"):
        return complete(f"DESCRIBE {word}", "", names)
    if head in ("\\n", "\\nd", "\\ns"):
        return _starting(word, query_names(), "named query")
    return _starting(word, _ARGUMENTS.get(head, ()), "value")


def _starting(word: str, texts: Sequence[str], kind: str) -> list[Candidate]:
    folded = word.lower()
    return [Candidate(t, len(word), kind) for t in texts if t.lower().startswith(folded)]
