"""A plan: what differs between the desired, the last applied and the live rows. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What a plan does with a row."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"
    """It leaves the state, and stays as it is."""
    MOVE = "move"
    """Its address changes, nothing else."""
    IMPORT = "import"
    """It is there and becomes the stack's."""
    NONE = "no-op"
    UNREADABLE = "unreadable"
    """It could not be read, so nothing is known of it."""


@dataclass(frozen=True)
class Cell:
    """One value that a row should have."""

    column: str
    value: Any
    """Plain; None: not given. A secret's reference stands for its value."""
    sql: str = "NULL"
    """The value as SQL."""
    unknown: tuple[str, ...] = ()
    """What it is known after, as ``topic.TopicArn``; empty: it is known."""
    tag: str = ""
    is_readable: bool = True
    is_tags: bool = False
    is_exact: bool = False
    is_secret: bool = False
    write: str = ""
    written: str = ""
    """As the query names the column."""

    @property
    def name(self) -> str:
        """The column, or ``Tags['k']``."""
        return f"{self.column}['{self.tag}']" if self.tag else self.column


@dataclass(frozen=True)
class DesiredRow:
    """A row of a RESOURCE's query."""

    address: str
    key: Mapping[str, Any]
    cells: tuple[Cell, ...]
    place: Mapping[str, str]
    """``region``, ``connection`` and ``account_id``, as far as given."""
    locals: Mapping[str, Any] = field(default_factory=dict)

    def cell(self, name: str) -> Cell | None:
        """The cell of that column."""
        return next((c for c in self.cells if c.name.lower() == name.lower()), None)


@dataclass(frozen=True)
class CellChange:
    """One value that changes."""

    column: str
    before: Any
    after: Any
    unknown: tuple[str, ...] = ()
    is_secret: bool = False
    is_drift: bool = False
    """It was changed outside of the stack."""
    forces: str = ""
    """``replace`` if the API cannot change it."""


@dataclass(frozen=True)
class StackCall:
    """One call of a plan, without secrets."""

    operation: str
    parameters: Mapping[str, Any]
    permissions: tuple[str, ...] = ()
    inverse: str = ""


@dataclass
class RowChange:
    """What a plan does with one row."""

    address: str
    resource: str
    """The address of its RESOURCE."""
    action: Action
    table: str
    key: Mapping[str, Any] = field(default_factory=dict)
    id: Mapping[str, Any] | None = None
    place: Mapping[str, str] = field(default_factory=dict)
    cells: list[CellChange] = field(default_factory=list)
    desired: DesiredRow | None = None
    live: Mapping[str, Any] | None = None
    previous_address: str = ""
    reason: str = ""
    refused: str = ""
    """Why it may not be applied."""
    hint: str = ""
    calls: list[StackCall] = field(default_factory=list)
    depends_on: tuple[str, ...] = ()
    source: str = ""
    wave: int = 1
    notes: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    """Statements that delete what is inside it, before it is deleted."""

    @property
    def writes(self) -> bool:
        """Whether it makes calls that change something."""
        if self.action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE):
            return True
        return self.action is Action.IMPORT and bool(self.cells)

    @property
    def is_pending(self) -> bool:
        """Whether applying the plan does anything with it."""
        return self.action not in (Action.NONE, Action.UNREADABLE)


@dataclass(frozen=True)
class Drift:
    """A value that was changed outside of the stack."""

    address: str
    resource: str
    column: str
    """Empty if the whole row is gone."""
    managed: Any
    last_applied: Any
    live: Any
    since: str
    """When it was last seen as applied, in ISO 8601."""


@dataclass(frozen=True)
class Deferred:
    """A resource whose rows are known only after others have been applied."""

    address: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class CheckResult:
    """What a TEST or POLICY found; its rows are violations."""

    name: str
    kind: str
    status: str
    """``pass``, ``fail`` or ``unknown``."""
    rows: tuple[Mapping[str, Any], ...] = ()


@dataclass
class StackPlan:
    """Everything that one plan found."""

    stack: str
    environment: str
    serial: int
    created: str
    """When, in ISO 8601."""
    changes: list[RowChange] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    deferred: list[Deferred] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    outputs_before: dict[str, Any] = field(default_factory=dict)
    """After the last apply; without secret ones."""
    secret_outputs: set[str] = field(default_factory=set)
    checks: list[CheckResult] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What could not be read."""
    notices: list[str] = field(default_factory=list)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    """Reads made, by operation."""
    policy: Mapping[str, Any] | None = None
    """The permissions that planning and applying it need, as a document; None: not asked for."""
    seconds: float = 0.0
    place: str = ""
    """The region and account of the session."""
    once: dict[str, Any] = field(default_factory=dict)
    """Values that were drawn for the first time, by resource, key and number."""

    @property
    def pending(self) -> list[RowChange]:
        """What applying it would do."""
        return [c for c in self.changes if c.is_pending]

    @property
    def refusals(self) -> list[RowChange]:
        """What may not be applied."""
        return [c for c in self.changes if c.refused]

    @property
    def is_partial(self) -> bool:
        """Whether something could not be read."""
        return bool(self.errors) or any(c.action is Action.UNREADABLE for c in self.changes)

    @property
    def is_applicable(self) -> bool:
        """Whether it may be applied."""
        failed = any(c.kind == "policy" and c.status == "fail" for c in self.checks)
        return not self.refusals and not failed

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be done."""
        return not self.pending and not self.deferred
