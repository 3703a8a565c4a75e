"""Statements as values: what the user wrote, before any name is looked up.

``text`` is always the user's own; trees are sqlglot's, with positions in that text. Importing this
module imports no parser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True)
class Hints:
    """The hints in ``/*+ … */``."""

    is_fresh: bool = False
    """``FRESH``: do not use the cache."""
    awaits: float | None = None
    """``AWAIT`` or ``AWAIT('5m')``: seconds to wait for a write to take effect."""
    is_required: bool = False
    """``REQUIRED``: for SHOW INSERT, only the required columns."""


@dataclass(frozen=True)
class Statement:
    """Any statement."""

    text: str
    hints: Hints = field(default=Hints(), kw_only=True)


@dataclass(frozen=True)
class QueryStatement(Statement):
    """A query, or a statement on local tables; the engine runs it. ``tree`` is its parse tree."""

    tree: Any = field(compare=False, repr=False)
    verb: str = "SELECT"


@dataclass(frozen=True)
class Insert(Statement):
    """INSERT INTO, or REPLACE INTO if ``is_replace``. ``source`` is the text of VALUES
    or SELECT."""

    path: Path
    columns: tuple[str, ...]
    source: str
    returning: str | None = None
    is_replace: bool = False
    ctes: str = ""
    """The WITH clause before it."""


@dataclass(frozen=True)
class Assignment:
    """``column = expression``, or ``column[key] = expression``."""

    column: str
    expression: str
    key: str | None = None


@dataclass(frozen=True)
class Update(Statement):
    """UPDATE of a cloud table; also REPLACE … SET."""

    path: Path
    alias: str | None
    assignments: tuple[Assignment, ...]
    where: str | None
    returning: str | None = None
    ctes: str = ""


@dataclass(frozen=True)
class Delete(Statement):
    """DELETE FROM a cloud table."""

    path: Path
    alias: str | None
    where: str | None
    returning: str | None = None
    ctes: str = ""


@dataclass(frozen=True)
class Exec(Statement):
    """EXEC of one method: argument expressions by name, or a whole request as JSON."""

    path: Path
    arguments: Mapping[str, str]
    json: str | None = None
    over: tuple[str, str] | None = None
    """``SELECT … FROM (EXEC …) …``: the query's text before and after the EXEC's relation."""

    @property
    def keeps(self) -> bool:
        """Whether the rows are stored: ``CREATE TABLE t AS SELECT … FROM (EXEC …)``, COPY."""
        first = (self.over[0] if self.over is not None else "").split()
        return bool(first) and first[0].upper() in ("CREATE", "INSERT", "COPY")


@dataclass(frozen=True)
class Show(Statement):
    """SHOW; ``kind`` is the next word in lower case; ``path`` is what follows IN or INTO."""

    kind: str
    path: Path = ()
    like: str | None = None
    is_extended: bool = False


@dataclass(frozen=True)
class Describe(Statement):
    """DESCRIBE of a table, or of a method if ``is_method``."""

    path: Path
    is_extended: bool = False
    is_method: bool = False


@dataclass(frozen=True)
class Explain(Statement):
    """EXPLAIN. ``format`` is ``table``, ``json``, ``tree`` or ``policy``."""

    inner: Statement
    format: str = "table"
    is_analyze: bool = False


@dataclass(frozen=True)
class SetVariable(Statement):
    """SET, or RESET with no value."""

    name: str
    value: str | None


@dataclass(frozen=True)
class TransactionStatement(Statement):
    """``begin``, ``commit`` or ``rollback``."""

    action: str


@dataclass(frozen=True)
class CreateView(Statement):
    """CREATE [OR REPLACE] [MATERIALIZED] VIEW; ``body`` is the text of its SELECT."""

    name: str
    body: str
    is_materialized: bool = False
    may_replace: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True)
class Refresh(Statement):
    """REFRESH MATERIALIZED VIEW."""

    name: str


@dataclass(frozen=True)
class DropView(Statement):
    """DROP [MATERIALIZED] VIEW."""

    name: str
    if_exists: bool = False


@dataclass(frozen=True)
class Foreign(Statement):
    """A statement of another tool's: ``kind`` is its first word, lower-case."""

    kind: str
    names: Path = ()
