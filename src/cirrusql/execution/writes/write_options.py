"""How far a session may write, and how its interface is told to allow more. Separate from
``write_runner``, so that options can be set without importing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cirrusql.execution.writes.preview import Preview


@dataclass(frozen=True)
class WriteHints:
    """What an interface's user does to see calls that were refused, and to have them made."""

    statement: str
    """After the refusal of a statement."""
    commit: str
    """After that of a COMMIT."""
    preview: str
    """How to preview a write, for EXPLAIN ANALYZE, which is rejected."""
    value: str
    """How to set ``$name`` of a statement; ``{0}`` stands for the name."""


_FEWER = (
    "name each thing by its key, as in WHERE UserName IN ('ann', 'bob'), and at most max_writes of "
    "them: a server has nobody to ask"
)

COMMAND_LINE = WriteHints(
    "--dry-run shows them, --yes makes them",
    "EXPLAIN COMMIT shows them, --yes makes them",
    "--dry-run shows every call of a write",
    "--var {0}=VALUE",
)
SHELL = WriteHints(
    "a shell asks on a terminal; elsewhere use exec: --dry-run shows them, --yes makes them",
    "EXPLAIN COMMIT shows them; a shell asks on a terminal, elsewhere exec --yes makes them",
    "EXPLAIN shows what a write would call",
    "write the value in place of ${0}, or use exec: --var {0}=VALUE",
)
SERVER = WriteHints(
    _FEWER,
    f"EXPLAIN COMMIT shows them; {_FEWER}",
    "EXPLAIN shows what a write would call",
    "the client passes the value of ${0} with the statement",
)
AGENT = WriteHints(
    "preview_write shows them, run_write makes them",
    "preview_write shows them, run_write makes them",
    "preview_write shows every call of a write",
    'parameters: {{"{0}": …}}',
)
LIBRARY = WriteHints(
    "connect(dry_run=True) shows them, connect(yes=True) makes them",
    "EXPLAIN COMMIT shows them, connect(yes=True) makes them",
    "connect(dry_run=True) shows every call of a write",
    'pass it with the statement: {{"{0}": …}}',
)


@dataclass(frozen=True)
class WriteOptions:
    """How far a session may write without confirmation."""

    assume_yes: bool = False
    is_dry_run: bool = False
    confirm: Callable[[Preview], bool] | None = None
    """Called with a preview; returning True continues. None: there is nobody to ask."""
    show: Callable[[Preview], None] | None = None
    """Called, before the write, with a preview of what needs no confirmation but is not named
    literally in the statement. None: the result's notices contain it."""
    approve: Callable[[Preview], bool] | None = None
    """Called with every write, however small and regardless of ``assume_yes``; returning False
    stops it."""
    hints: WriteHints = LIBRARY
