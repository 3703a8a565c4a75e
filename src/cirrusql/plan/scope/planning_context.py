"""The draft that passes work on: the statement's tree, its cloud tables, and facts about each.

A draft exists during one planning; the passes fill it in order (``planner.PASSES``), and
``planner`` turns it into a Plan. Trees are sqlglot's, with positions in ``text``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.plan.model import Scan

if TYPE_CHECKING:
    from cirrusql.plan.scope.scopes import Body, Cte, Item, SelectScope, TableReference


@dataclass(frozen=True)
class PlanOptions:
    """Options of planning. Each pass can be switched off by name."""

    parents: bool = True
    off: frozenset[str] = frozenset()
    is_write: bool = False
    """The rows are the targets of a write."""
    has_target: bool = False
    """The first table of the outermost FROM is the one that is written."""


@dataclass(frozen=True)
class Edit:
    """A replacement in the user's text."""

    start: int
    end: int
    text: str


@dataclass(eq=False)
class PlanningContext:
    """A statement being planned."""

    text: str
    tree: Any
    catalog: Catalog
    options: PlanOptions
    views: Mapping[str, str] = field(default_factory=dict)
    databases: frozenset[str] = frozenset()
    """Names of the engine's own databases, which ``db.schema.table`` may refer to."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Values of ``$name``; the plan is valid for these only."""
    written: str = field(init=False)
    """The original text: in ``text``, views are expanded."""
    bodies: list[Body] = field(default_factory=list)
    items: dict[int, Item] = field(default_factory=dict)
    """The items that a FROM reads, by the id of its node in the tree."""
    ctes: dict[int, Cte] = field(default_factory=dict)
    """The definitions of every WITH, by the id of their node."""
    sources: list[TableReference] = field(default_factory=list)
    filters: dict[Item, list[Any]] = field(default_factory=dict)
    """Conditions on one item alone that its relevant rows must meet."""
    conditions: dict[Item, list[Any]] = field(default_factory=dict)
    """Conditions on one item alone that a row must meet to be kept, whatever else it holds."""
    edits: list[Edit] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """Notices that the user should see."""
    scans: list[Scan] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    """Ids of scans that are needed completely: by a parent's children."""
    spans: dict[int, tuple[int, int] | None] = field(default_factory=dict)
    """The positions of parenthesized queries in the text, by the id of their node."""
    condition_spans: dict[int, tuple[Any, str, tuple[int, int] | None]] = field(
        default_factory=dict
    )
    """The positions of conditions, by the id of their node: with the node and its text."""
    numbers: int = 0
    everywhere: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """By source number, context columns of which any value may matter, as if conditions mentioned
    them."""

    def __post_init__(self) -> None:
        self.written = self.text

    @property
    def target(self) -> TableReference | None:
        """The table that is written, if its rows are read first."""
        items = self.bodies[-1].arms[0].items if self.options.has_target and self.bodies else []
        return items[0].source if items else None

    def source_of(self, node: Any) -> TableReference | None:
        """The source that a table node of the tree, or of a copy, stands for."""
        number = node.meta.get("cirrusql_source")
        return None if number is None else self.sources[number]

    def scopes(self) -> Iterator[SelectScope]:
        """Every SELECT of the statement, outer before inner."""
        for body in self.bodies:
            yield from body.scopes()

    def next_id(self) -> str:
        """A scan name that no user writes."""
        self.numbers += 1
        return f"_scan_{self.numbers}"
