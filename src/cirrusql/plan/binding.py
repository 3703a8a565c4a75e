"""What a WHERE alone gives a write: parameters with the values it names, and the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method
from cirrusql.plan.columns import columns
from cirrusql.plan.draft import Draft, Options
from cirrusql.plan.model import Scope
from cirrusql.plan.places import places
from cirrusql.plan.predicates import predicates
from cirrusql.plan.references import references
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece


@dataclass(frozen=True)
class Bound:
    """Columns with the expressions they may equal; ``is_all``: the WHERE says nothing else."""

    values: Mapping[str, tuple[str, ...]]
    scope: Scope
    is_all: bool

    def used_by(self, method: Method) -> tuple[str, ...]:
        """The bound columns that are parameters of a method."""
        return tuple(c for c in self.values if c in method.parameters)

    def is_enough_for(self, method: Method, assigned: Mapping[str, str]) -> bool:
        """Whether the calls follow from the WHERE, without a row having been read."""
        if not self.is_all or any(c not in method.parameters for c in self.values):
            return False
        if any(not is_plain(e) for e in assigned.values()):
            return False
        return set(method.required) <= {*self.values, *assigned}


def bound_by_where(text: str, catalog: Catalog) -> Bound:
    """What ``SELECT 1 FROM table WHERE …`` says of its one table."""
    draft = Draft(text, parse_sql(Piece(text, 0, text)), catalog, Options())
    for step in (references, columns, predicates, places):
        step(draft)
    source = draft.sources[0]
    values: dict[str, tuple[str, ...]] = {}
    for equality in source.equalities:
        if equality.constants and equality.column not in ("region", "connection", "account_id"):
            values[equality.column] = tuple(e.sql(dialect="duckdb") for e in equality.constants)
    return Bound(values, source.places, _says_nothing_else(draft, values))


def _says_nothing_else(draft: Draft, values: Mapping[str, Any]) -> bool:
    """Whether each conjunct is one of the equalities, or one about the place."""
    from sqlglot import exp

    where = draft.tree.args["where"].this
    conjuncts = list(where.flatten()) if isinstance(where, exp.And) else [where]
    names = set(values)
    seen: set[str] = set()
    for conjunct in conjuncts:
        node = conjunct.unnest()
        mentioned = {c.name for c in node.find_all(exp.Column)}
        is_place = mentioned <= {"region", "connection"} and bool(mentioned)
        if is_place and isinstance(node, exp.EQ | exp.In) and not node.find(exp.Query):
            continue
        if not isinstance(node, exp.EQ | exp.In | exp.Or) or node.find(exp.Query) or len(mentioned) != 1:
            return False
        if not mentioned <= names or mentioned & seen:
            return False
        seen |= mentioned
    return True


def is_plain(expression: str) -> bool:
    """Whether an expression mentions no column."""
    from sqlglot import exp

    tree = parse_sql(Piece(f"SELECT {expression}", 0, f"SELECT {expression}"))
    return tree.find(exp.Column) is None and tree.find(exp.From) is None
