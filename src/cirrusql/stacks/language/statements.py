"""The statements of a stack's files. Values only; ``reading`` parses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cirrusql.errors import ProgrammingError


@dataclass(frozen=True)
class Place:
    """A position in a file of a stack. ``offset`` counts characters from 0."""

    file: str
    script: str
    offset: int

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return self.script.count("\n", 0, self.offset) + 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def at(self, offset: int) -> Place:
        """The position that many characters further on."""
        return Place(self.file, self.script, self.offset + offset)


class StackError(ProgrammingError, sqlstate="42601"):
    """A stack's text is wrong, or it may not be planned or applied as it is.

    ``place``: where; None if it concerns no line of a file.
    """

    def __init__(self, message: str, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(f"{place}: {message}" if place is not None else message, hint=hint)
        self.at = place


class StackErrors(StackError):
    """Several errors of one stack, found together."""

    def __init__(self, errors: list[StackError]) -> None:
        hints = [e.hint for e in errors if e.hint]
        super().__init__(
            "\n".join(e.message for e in errors), hint=hints[0] if len(set(hints)) == 1 else None
        )
        self.errors = errors


@dataclass(frozen=True)
class QueryText:
    """A query or expression as written, and where it starts."""

    text: str
    place: Place


class OnDelete(StrEnum):
    """What happens to a row that is no longer desired."""

    DELETE = "DELETE"
    """It is deleted."""
    RESTRICT = "RESTRICT"
    """A plan that would delete or replace it is refused."""
    RETAIN = "RETAIN"
    """It is forgotten and stays."""
    CASCADE = "CASCADE"
    """It is deleted with what it contains."""


class OnReplace(StrEnum):
    """In which order a row is replaced whose columns cannot be changed."""

    DELETE_FIRST = "DELETE FIRST"
    CREATE_FIRST = "CREATE FIRST"
    RESTRICT = "RESTRICT"
    """A plan that would replace it is refused."""


@dataclass(frozen=True)
class StackName:
    """``STACK 'name' [STATE 'place']``."""

    name: str
    state: str
    """Where the state is stored, which may contain ``$param``; empty: beside the files."""
    owner_tags: bool
    place: Place


@dataclass(frozen=True)
class Param:
    """``PARAM name type [DEFAULT expr] [CHECK (condition)] [SECRET]``."""

    name: str
    type: str
    default: QueryText | None
    check: QueryText | None
    is_secret: bool
    place: Place


@dataclass(frozen=True)
class View:
    """``VIEW name AS select``."""

    name: str
    body: QueryText
    place: Place


@dataclass(frozen=True)
class Macro:
    """``MACRO name(parameters) AS expression``."""

    name: str
    parameters: str
    body: QueryText
    place: Place


@dataclass(frozen=True)
class Resource:
    """``RESOURCE name IN table … AS select``."""

    name: str
    table: tuple[str, ...]
    body: QueryText
    place: Place
    key: tuple[str, ...] = ()
    on_delete: OnDelete = OnDelete.DELETE
    on_replace: OnReplace = OnReplace.DELETE_FIRST
    ignored: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    await_seconds: float | None = None
    """None: not given."""


@dataclass(frozen=True)
class StackOutput:
    """``OUTPUT name [SECRET] AS select``."""

    name: str
    is_secret: bool
    body: QueryText
    place: Place


@dataclass(frozen=True)
class Check:
    """``TEST name AS select`` or ``POLICY name [ON PLAN] AS select``: rows are violations."""

    name: str
    kind: str
    """``test`` or ``policy``."""
    is_on_plan: bool
    body: QueryText
    place: Place


@dataclass(frozen=True)
class Include:
    """``INCLUDE 'folder' AS name (param => expr, …) [FOR EACH (select)]``."""

    folder: str
    name: str
    given: Mapping[str, QueryText]
    each: QueryText | None
    place: Place


@dataclass(frozen=True)
class Moved:
    """``MOVED a TO b`` or ``MOVED a [TO b] USING (SELECT old_key, new_key …)``."""

    old: str
    new: str
    using: QueryText | None
    place: Place


@dataclass(frozen=True)
class Removed:
    """``REMOVED a``: its rows are forgotten, and stay."""

    name: str
    place: Place


@dataclass(frozen=True)
class Import:
    """``IMPORT a FROM 'id'`` or ``IMPORT a USING (SELECT key, id FROM …)``."""

    name: str
    identifier: str
    using: QueryText | None
    place: Place


Item = (
    StackName
    | Param
    | View
    | Macro
    | Resource
    | StackOutput
    | Check
    | Include
    | Moved
    | Removed
    | Import
)


@dataclass(frozen=True)
class StackText:
    """The statements of one folder."""

    folder: str
    name: StackName | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    macros: Mapping[str, Macro] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    outputs: Mapping[str, StackOutput] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    includes: Mapping[str, Include] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
    removed: tuple[Removed, ...] = ()
    imports: tuple[Import, ...] = ()
