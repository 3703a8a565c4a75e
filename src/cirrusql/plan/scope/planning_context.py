"""What the passes work on: the statement's tree, its cloud tables, and what is known of each.

A draft lives for one planning; the passes fill it in their order (``planner.PASSES``) and
``planner`` turns it into a Plan. Trees are sqlglot's, with positions into ``text``.
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
    """What shapes a plan besides the statement. Each pass can be switched off by name."""

    parents: bool = True
    off: frozenset[str] = frozenset()
    is_write: bool = False
    """The rows are those that a write acts on."""
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
    """Names of the engine's own databases: ``db.schema.table`` is theirs."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Values of ``$name``; a plan is for these."""
    written: str = field(init=False)
    """The text as it was given: ``text`` has views in their names' places."""
    bodies: list[Body] = field(default_factory=list)
    items: dict[int, Item] = field(default_factory=dict)
    """What a FROM reads, by the id of its node in the tree."""
    ctes: dict[int, Cte] = field(default_factory=dict)
    """The definitions of every WITH, by the id of their node."""
    sources: list[TableReference] = field(default_factory=list)
    filters: dict[Item, list[Any]] = field(default_factory=dict)
    """Conditions on one item alone that its rows must fulfil wherever they matter."""
    conditions: dict[Item, list[Any]] = field(default_factory=dict)
    """Conditions on one item alone without which a row of it is dropped, whatever else it holds."""
    edits: list[Edit] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """What the user should know of the answer before trusting it."""
    scans: list[Scan] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    """Ids of scans whose every row something needs: a parent's children."""
    spans: dict[int, tuple[int, int] | None] = field(default_factory=dict)
    """Where queries in parentheses are written, by the id of their node."""
    condition_spans: dict[int, tuple[Any, str, tuple[int, int] | None]] = field(
        default_factory=dict
    )
    """Where conditions are written, by the id of their node: with the node,
    and the text it is said of."""
    numbers: int = 0
    everywhere: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Of sources by number, the context columns that are as good as conditions:
    any value may matter."""

    def __post_init__(self) -> None:
        self.written = self.text

    @property
    def target(self) -> TableReference | None:
        """The table that is written, where its rows are read first."""
        items = self.bodies[-1].arms[0].items if self.options.has_target and self.bodies else []
        return items[0].source if items else None

    def source_of(self, node: Any) -> TableReference | None:
        """The source that a table node of the tree, or of a copy of it, stands for."""
        number = node.meta.get("cirrusql_source")
        return None if number is None else self.sources[number]

    def scopes(self) -> Iterator[SelectScope]:
        """Every SELECT of the statement, outer before inner."""
        for body in self.bodies:
            yield from body.scopes()

    def next_id(self) -> str:
        """A name for a scan that no user writes."""
        self.numbers += 1
        return f"_scan_{self.numbers}"
