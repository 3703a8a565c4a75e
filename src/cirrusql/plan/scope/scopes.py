"""The SELECTs of a statement: their items, joins, and visible CTEs.

Only the structure, as the engine sees it; ``resolve`` resolves columns. Trees are sqlglot's, but
not its scopes: these know neither nested joins, nor which joins preserve rows, nor statements that
start with FROM.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from sqlglot import exp

from cirrusql.catalog.model import ParameterRole
from cirrusql.catalog.row_model.made_columns import made_columns
from cirrusql.catalog.row_model.request_names import read_as
from cirrusql.plan.model import CallScope

if TYPE_CHECKING:
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.catalog.model import Column, Table
    from cirrusql.catalog.row_model.made_columns import MadeColumn
    from cirrusql.plan.model import Scan


@dataclass(eq=False)
class Body:
    """A query: one SELECT, or the arms of a set operation; neither for VALUES and similar."""

    node: Any
    arms: tuple[SelectScope, ...] = ()
    is_cut: bool = False
    """A LIMIT or OFFSET applies to all arms, or one arm is not a SELECT."""

    def scopes(self) -> Iterator[SelectScope]:
        """Every SELECT in it, including nested ones."""
        for arm in self.arms:
            yield from arm.scopes()


@dataclass(eq=False)
class Cte:
    """One definition of a WITH."""

    name: str
    node: Any
    is_recursive: bool
    body: Body | None = None
    """None while it is being read, for references from inside it."""
    uses: int = 0


@dataclass(eq=False)
class Item:
    """One item that a FROM reads: a cloud table, a derived table, a CTE, or the
    engine's own table."""

    name: str
    """The qualifier of its columns, lower-case."""
    node: Any
    scope: SelectScope
    source: TableReference | None = None
    body: Body | None = None
    cte: Cte | None = None
    columns: tuple[str, ...] = ()
    """Column aliases."""
    is_fixed: bool = False
    """Rows are combined by position: no outside predicate may drop one."""
    is_on_only: bool = False
    """The right side of a SEMI or ANTI join: only its ON sees its columns."""


@dataclass(frozen=True, eq=False)
class Conjunct:
    """A condition that rows must meet, and the items of which other rows need not be read.

    An equality that is not true for any row of an item's partner also rejects NULLs, so it applies
    to the item even if an outer join fills it with NULLs.
    """

    node: Any
    narrows: frozenset[Item]
    is_where: bool = False


@dataclass(frozen=True, eq=False)
class Natural:
    """Two items that a NATURAL JOIN joins by their common columns, and what it narrows."""

    left: Item
    right: Item
    narrows: frozenset[Item]


@dataclass(frozen=True, eq=False)
class MergedColumn:
    """A column that USING merged."""

    equal: tuple[Item, ...]
    """The items whose column it equals."""
    filled: tuple[Item, ...] = ()
    """Those whose column has the same value or is NULL, since an outer join fills it."""


@dataclass(eq=False)
class SelectScope:
    """One SELECT (or FROM … SELECT)."""

    node: Any
    parent: SelectScope | None
    ctes: dict[str, Cte]
    items: list[Item] = field(default_factory=list)
    conjuncts: list[Conjunct] = field(default_factory=list)
    inner: list[Body] = field(default_factory=list)
    """The queries in its expressions and its FROM."""
    naturals: list[Natural] = field(default_factory=list)
    usings: dict[str, dict[Item, None]] = field(default_factory=dict)
    """By lower-case name: the items whose columns of that name USING merged, in order."""
    merged: dict[str, list[MergedColumn]] = field(default_factory=dict)
    """By lower-case name: what each merged column equals."""
    named: tuple[int, dict[str, list[Item]]] = (0, {})
    """The items by what may qualify their columns (``resolve``), and the number of them."""
    resolved: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    """Results of ``resolve`` by id of the node: with the node, so that the id stays valid."""
    _own: list[Any] | None = None

    @cached_property
    def aliases(self) -> dict[str, list[Any]]:
        """By lower-case name: the expressions of the select list with that alias."""
        found: dict[str, list[Any]] = {}
        for item in self.node.expressions:
            if isinstance(item, exp.Alias):
                found.setdefault(item.alias.lower(), []).append(item)
        return found

    def scopes(self) -> Iterator[SelectScope]:
        """This and every SELECT in it."""
        yield self
        for body in self.inner:
            yield from body.scopes()

    def own(self, *types: type) -> Iterator[Any]:
        """The nodes of those types outside nested queries."""
        if self._own is None:
            self._own = list(_own(self.node))
        return (node for node in self._own if isinstance(node, types))


@dataclass(frozen=True)
class Equality:
    """A column of a source that can only have certain values in relevant rows.

    Exactly one of ``constants`` (expressions), ``query`` (a subquery) and ``item`` with
    ``expression`` (a value of another item's rows) is set.
    """

    column: str
    constants: tuple[Any, ...] = ()
    query: Any = None
    position: int = 0
    """Its position among the subquery's columns, or in each tuple of a list."""
    item: Item | None = None
    expression: Any = None
    group: Any = None
    """The list of tuples that the constants come from: their parts belong together."""
    is_list: bool = False
    """The only constant is a list of the values."""
    node: Any = None
    """The column node in the condition, if there is one."""
    shown: Any = None
    """The expression that replaces the column for the engine, if it is not the constant itself."""
    is_end: bool = False
    """It bounds one end of a time window."""
    is_start: bool = False
    """If so, the window's start."""
    is_for_keys: bool = False
    """Rows with NULL in the column may matter, unless the parameter must be sent, in which case
    they do not exist."""

    @property
    def count(self) -> float:
        """The number of values, if known."""
        if self.is_list or not self.constants:
            return float("inf")
        return float(len(self.constants))


@dataclass(frozen=True)
class PlaceConjunct:
    """A condition that restricts a source's rows only by where they are, besides restricting
    others."""

    scope: SelectScope
    node: Any
    item: Item
    """The reference that it is about: the source's own, or a query over it."""
    columns: tuple[tuple[str, str], ...]
    """Names of the item's columns, and the context columns that they stand for."""
    others: tuple[Item, ...]
    """The other sources of its columns."""
    is_named: bool
    """It names places or patterns, which ``locations`` has interpreted already."""


@dataclass(eq=False)
class TableReference:
    """One reference to a cloud table."""

    node: Any
    table: Table
    alias: str
    catalog: Catalog | None = None
    """Has the service's other operations, whose structures are columns made of the table's."""
    item: Item | None = None
    """Its item in a FROM; None if it has none (DELETE … USING)."""
    used: set[str] = field(default_factory=set)
    """Names of the columns that the statement mentions."""
    deciding: set[str] = field(default_factory=set)
    """Those used by conditions, joins, grouping or ordering."""
    is_star: bool = False
    needs_no_rows: bool = False
    """The statement has a condition that none of its rows can meet: ``UserName = NULL``."""
    equalities: list[Equality] = field(default_factory=list)
    prefixes: set[str] = field(default_factory=set)
    """Prefix parameters that the statement compares, which the engine compares through
    their field."""
    must_send: set[str] = field(default_factory=set)
    """Options that the statement binds: without sending them, the rows would be different."""
    places: CallScope = field(default_factory=CallScope)
    mentions: set[str] = field(default_factory=set)
    """The context columns that conditions mention."""
    place_conjuncts: list[PlaceConjunct] = field(default_factory=list)
    limit: int | None = None
    limit_keys: frozenset[str] = frozenset()
    """The parameters that its calls need for the limit to be valid."""
    # Filled when its calls are decided.
    made: list[MadeColumn] = field(default_factory=list)
    """The columns that the statement reads which are made of others."""
    scan: Scan | None = None
    also: tuple[str, ...] = ()
    """Further scans that make up its relation."""
    relation: str = ""
    """Its replacement in a FROM: a relation's name, or a subquery over several."""

    def column(self, name: str) -> Column | None:
        """The column with that spelling, including those of creating requests."""
        found = self.table.by_alias.get(name.lower())
        if found is not None and found.parameter_role is not ParameterRole.OPTION:
            return found
        made = self.made_column(name)
        if made is not None:
            return made.column
        if found is None:
            return None
        return read_as(self.table, found)

    def made_column(self, name: str) -> MadeColumn | None:
        """The column with that spelling that is made of the table's own."""
        if self.catalog is None:
            return None
        service, _ = self.catalog.service_catalog(self.table.provider, self.table.schema)
        return made_columns(service, self.table).get(name.lower())


class Registry(Protocol):
    """The registry of a statement's SELECTs, by the id of their nodes."""

    items: dict[int, Item]
    ctes: dict[int, Cte]

    def source_of(self, node: Any) -> TableReference | None: ...


def _own(node: exp.Expr) -> Iterator[Any]:
    # Not recursive: recursion would take quadratic time in a chain of operators.
    waiting = list(node.iter_expressions(reverse=True))
    while waiting:
        child = waiting.pop()
        yield child
        if not isinstance(child, exp.With) and not is_query(child):
            waiting += child.iter_expressions(reverse=True)


def is_query(node: exp.Expr) -> bool:
    """Whether a node is a query, rather than parentheses around joined tables."""
    if isinstance(node, exp.Subquery):
        return is_query(node.this)
    return isinstance(node, exp.Query | exp.Values)


def conjuncts(condition: exp.Expr) -> list[Any]:
    """The operands of a conjunction."""
    node = condition.unnest() if isinstance(condition, exp.Paren) else condition
    if isinstance(node, exp.And):
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return [node]
