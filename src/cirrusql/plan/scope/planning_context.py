"""What the passes work on: the statement's tree, its cloud tables, and what is known of each.

A draft lives for one planning; the passes fill it in their order (``planner.PASSES``) and
``planner`` turns it into a Plan. Trees are sqlglot's, with positions into ``text``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Column, ParameterRole, Table
from cirrusql.plan.model import CallScope, Scan

if TYPE_CHECKING:
    from cirrusql.plan.scope.scopes import Body, Cte, Item
    from cirrusql.plan.scope.scopes import SelectScope as PlanScope


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
class Equality:
    """A column of a source that can only have certain values in the rows that matter.

    Exactly one of ``constants`` (expressions), ``query`` (a subquery) and ``item`` with
    ``expression`` (a value of another item's rows) is given.
    """

    column: str
    constants: tuple[Any, ...] = ()
    query: Any = None
    position: int = 0
    """Which column of the subquery, or which part of each tuple of a list, it is."""
    item: Item | None = None
    expression: Any = None
    group: Any = None
    """The list of tuples that the constants come from: their parts belong together."""
    is_list: bool = False
    """The one constant is a list of the values."""
    node: Any = None
    """The column as it stands in the condition, where one stands there."""
    shown: Any = None
    """What the engine reads in the column's place, where that is not the constant itself."""
    is_end: bool = False
    """It is one end of a time window."""
    is_start: bool = False
    """The beginning, then."""
    is_for_keys: bool = False
    """Rows in which the column is NULL may matter: only where it must be sent there are none."""

    @property
    def count(self) -> float:
        """How many values, where that is known."""
        if self.is_list or not self.constants:
            return float("inf")
        return float(len(self.constants))


@dataclass(frozen=True)
class PlaceConjunct:
    """A condition that says of a source's rows only where they are, besides what it says of others'."""

    scope: PlanScope
    node: Any
    item: Item
    """What of the scope it is about: the source's own reference, or a query over it."""
    columns: tuple[tuple[str, str], ...]
    """Names of the item's columns, and the context columns that they are."""
    others: tuple[Item, ...]
    """What else its columns belong to."""
    is_named: bool
    """It names places or patterns of them, which ``locations`` has read already."""


@dataclass(eq=False)
class TableReference:
    """One reference to a cloud table."""

    node: Any
    table: Table
    alias: str
    item: Item | None = None
    """Its place in a FROM; None where there is none to see (DELETE … USING)."""
    used: set[str] = field(default_factory=set)
    """Names of the columns that the statement mentions."""
    deciding: set[str] = field(default_factory=set)
    """Those of them that conditions, joins, groups or the order rest on."""
    is_star: bool = False
    equalities: list[Equality] = field(default_factory=list)
    prefixes: set[str] = field(default_factory=set)
    """Prefixes of a field that the statement compares, and the engine by that field."""
    must_send: set[str] = field(default_factory=set)
    """Options that the statement binds: where they are not sent the answer would be another's."""
    places: CallScope = field(default_factory=CallScope)
    mentions: set[str] = field(default_factory=set)
    """The context columns of which a condition says something."""
    place_conjuncts: list[PlaceConjunct] = field(default_factory=list)
    limit: int | None = None
    limit_keys: frozenset[str] = frozenset()
    """The parameters that its calls need for the limit to hold."""
    # Filled when its calls are decided.
    scan: Scan | None = None
    also: tuple[str, ...] = ()
    """Further scans that its relation is made of."""
    relation: str = ""
    """What stands for it in a FROM: a relation's name, or a subquery over several."""

    def column(self, name: str) -> Column | None:
        """The column of that spelling, be it a creating request's."""
        found = self.table.by_alias.get(name.lower())
        if found is None or found.parameter_role is not ParameterRole.OPTION:
            return found
        from cirrusql.catalog.row_model.request_names import read_as

        return read_as(self.table, found)


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
    condition_spans: dict[int, tuple[Any, str, tuple[int, int] | None]] = field(default_factory=dict)
    """Where conditions are written, by the id of their node: with the node, and the text it is said of."""
    numbers: int = 0
    everywhere: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Of sources by number, the context columns that are as good as conditions: any value may matter."""

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

    def scopes(self) -> Iterator[PlanScope]:
        """Every SELECT of the statement, outer before inner."""
        for body in self.bodies:
            yield from body.scopes()

    def next_id(self) -> str:
        """A name for a scan that no user writes."""
        self.numbers += 1
        return f"_scan_{self.numbers}"
