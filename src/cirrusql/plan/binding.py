"""What a WHERE alone gives a write: columns with the values it names, and the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Table
from cirrusql.plan.columns import columns
from cirrusql.plan.draft import Draft, Options, Source
from cirrusql.plan.model import Scope
from cirrusql.plan.places import places
from cirrusql.plan.predicates import predicates
from cirrusql.plan.references import references
from cirrusql.plan.write_methods import is_single, says_which, sources
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece


@dataclass(frozen=True)
class Bound:
    """Columns with the relation of the values they may have; ``is_all``: the WHERE says no more.

    A relation is SQL for FROM, of one column: ``(VALUES (1), (2))`` or a subquery.
    """

    values: Mapping[str, str]
    several: frozenset[str]
    """The columns that may have more than one value."""
    scope: Scope
    is_all: bool

    def parameters(
        self, table: Table, method: Method, assigned: Mapping[str, str]
    ) -> Mapping[str, tuple[str, bool]] | None:
        """For each parameter that the WHERE gives: the column, and whether it is one item of a list.

        None where the calls do not follow from the WHERE without a row having been read: it has
        conditions that are not sent, or SET computes over the row, or a parameter is missing.
        """
        if not self.is_all or not all(is_plain(e) for e in assigned.values()):
            return None
        by_column = {c: (p, is_list) for p, (c, is_list) in (sources(table, method, assigned) or {}).items()}
        found: dict[str, tuple[str, bool]] = {}
        for column in self.values:
            if column in assigned:
                return None
            if column in by_column:
                parameter, is_list = by_column[column]
                found[parameter] = (column, is_list)
            elif says_which(table, method, column):
                found[column] = (column, False)
            else:
                return None
        if not set(method.required) <= {*found, *assigned}:
            return None
        return found if found or is_single(table) else None

    def is_product(self) -> bool:
        """Whether the calls would be combinations that need not all exist."""
        return len(self.several) > 1


def bound_by_where(text: str, catalog: Catalog) -> Bound:
    """What ``SELECT 1 FROM table WHERE …`` says of its first table."""
    draft = Draft(text, parse_sql(Piece(text, 0, text)), catalog, Options())
    for step in (references, columns, predicates, places):
        step(draft)
    source = draft.sources[0]
    values: dict[str, str] = {}
    several: set[str] = set()
    for equality in source.equalities:
        if equality.column in _PLACES or equality.column in values:
            continue
        if equality.constants:
            listed = ", ".join(f"({e.sql(dialect='duckdb')})" for e in equality.constants)
            values[equality.column] = f"(VALUES {listed})"
        elif equality.query is not None:
            values[equality.column] = f"({equality.query.sql(dialect='duckdb')})"
        else:
            continue
        if equality.count > 1:
            several.add(equality.column)
    is_all = _says_nothing_else(source, draft.tree.args["where"].this, values)
    return Bound(values, frozenset(several), source.places, is_all)


_PLACES = frozenset({"region", "connection", "account_id"})


def _says_nothing_else(source: Source, where: Any, values: Mapping[str, str]) -> bool:
    """Whether each conjunct is one of the equalities, or one about the place."""
    from sqlglot import exp

    seen: set[str] = set()
    for conjunct in where.flatten() if isinstance(where, exp.And) else [where]:
        node = conjunct.unnest()
        if not isinstance(node, exp.EQ | exp.In | exp.Or):
            return False
        mentioned = {c.name for c in node.find_all(exp.Column) if _is_outside(c, where)}
        is_place = mentioned <= {"region", "connection"} and bool(mentioned)
        if is_place and not node.find(exp.Query):
            continue
        if len(mentioned) != 1 or not mentioned <= set(values) or mentioned & seen:
            return False
        seen |= mentioned
    return True


def _is_outside(column: Any, where: Any) -> bool:
    """Whether a column stands in the WHERE itself, not in a subquery of it."""
    from sqlglot import exp

    return column.find_ancestor(exp.Select) is where.find_ancestor(exp.Select)


def is_plain(expression: str) -> bool:
    """Whether an expression mentions no column."""
    from sqlglot import exp

    tree = parse_sql(Piece(f"SELECT {expression}", 0, f"SELECT {expression}"))
    return tree.find(exp.Column) is None and tree.find(exp.From) is None
