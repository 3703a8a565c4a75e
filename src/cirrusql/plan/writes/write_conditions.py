"""What a write's WHERE alone determines: columns with the values it names, and places.

Reads only the WHERE's own conjuncts; anything it does not understand means that the rows are read
first, by the planner's passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlglot import exp

from cirrusql.catalog.inference.fitness import is_scalar
from cirrusql.catalog.inference.identifiers import fields_for, is_told_of
from cirrusql.catalog.model import Method, Role, Table
from cirrusql.catalog.write_rules.write_identity import are_one_name, identity_of, is_single
from cirrusql.plan.model import CallScope
from cirrusql.plan.parameter_values.value_checks import check_single
from cirrusql.plan.scope.constants import truth_of
from cirrusql.plan.writes.write_methods import PLACES, says_which, sources
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece


@dataclass(frozen=True)
class WhereBindings:
    """Columns with the relation of their possible values; ``is_all``: the WHERE has no other
    conditions.

    A relation is SQL for FROM, with one column: ``(VALUES (1), (2))`` or a subquery.
    """

    values: Mapping[str, str]
    several: frozenset[str]
    """The columns that may have more than one value."""
    scope: CallScope
    is_all: bool

    def parameters(
        self,
        table: Table,
        method: Method,
        assigned: Mapping[str, str],
        which: Mapping[str, tuple[str, bool]] | None = None,
    ) -> Mapping[str, tuple[str, bool]] | None:
        """For each parameter that the WHERE provides: the column, and whether it is one item of a
        list.

        None if the calls cannot be built without reading rows: there are conditions that are not
        sent, SET uses columns of the row, or a parameter is missing.
        """
        if not self.is_all or not all(is_plain(e) for e in assigned.values()):
            return None
        named = which or sources(table, method, assigned) or {}
        by_column = {c: (p, is_list) for p, (c, is_list) in named.items()}
        found: dict[str, tuple[str, bool]] = {}
        for column in self.values:
            if column in assigned:
                return None
            if column in by_column:
                parameter, is_list = by_column[column]
                found[parameter] = (column, is_list)
            elif says_which(table, method, column):
                found[column] = (column, False)
            elif (taking := _taking(table, method, column)) is not None and taking not in assigned:
                found[taking] = (column, False)
            else:
                return None
        is_twice = any(are_one_name(one, other) for one, other in combinations(found, 2))
        if is_twice and not table.is_api_spelling:
            # An API decides which of two names of a resource it uses, or rejects both.
            return None
        if not identity_of(table, method).is_given({*found, *assigned}):
            return None
        return found if found or is_single(table) else None

    def is_product(self) -> bool:
        """Whether the calls would be combinations that need not all exist."""
        return len(self.several) > 1


def _taking(table: Table, method: Method, column: str) -> str | None:
    """The required parameter that also accepts a column's value, according to its documentation:
    name or id."""
    for name in method.required:
        member = method.parameters[name]
        is_told = is_scalar(method, name) and is_told_of(column, member)
        if is_told and column in fields_for(table, name, member):
            return name
    return None


def bound_by_where(
    table: Table, alias: str, where: str, parameters: Mapping[str, object] | None = None
) -> WhereBindings:
    """What the text of a WHERE over a table determines.

    Raises InvalidParameter if a column of single values is compared with a list.
    """
    text = f"SELECT 1 FROM t WHERE {where}\n"
    condition = parse_sql(Piece(text, 0, text)).args["where"].this
    values: dict[str, str] = {}
    several: set[str] = set()
    places: dict[str, tuple[str, ...]] = {}
    is_all = True
    for conjunct in _conjuncts(condition):
        place = _place(conjunct, alias)
        if place is not None and place[0] not in places:
            places[place[0]] = place[1]
            continue
        found = _equality(conjunct, table, alias)
        if found is None or found[0] in values:
            is_all = False
            continue
        name, relation, is_one = found
        check_single(table, table.by_alias[name.lower()], _given(conjunct), parameters or {})
        values[name] = relation
        if not is_one:
            several.add(name)
    scope = CallScope(
        regions=places.get("region"), connections=places.get("connection"), is_exact=True
    )
    return WhereBindings(values, frozenset(several), scope, is_all)


def _conjuncts(condition: exp.Expr) -> Iterator[Any]:
    node = condition.unnest()
    if isinstance(node, exp.And):
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    else:
        yield node


def _name(node: exp.Expr, alias: str) -> str | None:
    """The name of a plain column of the table, as written."""
    node = node.unnest()
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    parts = [p.name for p in node.parts]
    if len(parts) == 2 and parts[0].lower() == alias.lower():
        parts = parts[1:]
    return parts[0] if len(parts) == 1 else None


def _place(conjunct: exp.Expr, alias: str) -> tuple[str, tuple[str, ...]] | None:
    """``region`` or ``connection`` with LIKE patterns, if a conjunct is exactly that."""
    # sqlglot has a flag for NOT LIKE.
    if not isinstance(conjunct, exp.EQ | exp.In | exp.Like) or conjunct.args.get("negate"):
        return None
    name = (_name(conjunct.this, alias) or "").lower()
    given = conjunct.expressions if isinstance(conjunct, exp.In) else [conjunct.expression]
    if (
        name not in PLACES
        or not given
        or not all(isinstance(v, exp.Literal) and v.is_string for v in given)
    ):
        return None
    texts = tuple(v.this for v in given)
    if isinstance(conjunct, exp.Like):
        return name, texts
    return name, ("%",) if texts == ("*",) else tuple(
        re.sub(r"([\\%_])", r"\\\1", t) for t in texts
    )


def _equality(conjunct: exp.Expr, table: Table, alias: str) -> tuple[str, str, bool] | None:
    """The column, the relation of its values, and whether that is a single value."""
    truth = truth_of(conjunct)
    named = _column(truth[0], table, alias) if truth is not None else None
    if (
        truth is not None
        and named is not None
        and table.by_alias[named.lower()].type.name == "BOOLEAN"
    ):
        return _values(named, [exp.Boolean(this=truth[1])], alias)
    if isinstance(conjunct, exp.Or):
        parts = [_equality(p.unnest(), table, alias) for p in conjunct.flatten()]
        known = [p for p in parts if p is not None and p[1].startswith("(VALUES ")]
        if len(known) < len(parts) or len({p[0] for p in known}) > 1:
            return None
        rows = ", ".join(p[1].removeprefix("(VALUES ").removesuffix(")") for p in known)
        return known[0][0], f"(VALUES {rows})", False
    if isinstance(conjunct, exp.EQ):
        for one, other in ((conjunct.left, conjunct.right), (conjunct.right, conjunct.left)):
            column = _column(one, table, alias)
            if column is not None:
                return _values(column, [other], alias)
    if isinstance(conjunct, exp.In):
        column = _column(conjunct.this, table, alias)
        query = conjunct.args.get("query")
        if column is not None:
            return _values(column, [query] if query is not None else conjunct.expressions, alias)
    return None


def _given(conjunct: exp.Expr) -> Iterator[exp.Expr]:
    """The values that an equality, or alternatives of equalities, compare a column with."""
    for part in conjunct.flatten() if isinstance(conjunct, exp.Or) else (conjunct,):
        node = part.unnest()
        if isinstance(node, exp.EQ):
            yield from (node.left.unnest(), node.right.unnest())
        elif isinstance(node, exp.In):
            yield from node.expressions


def _column(node: Any, table: Table, alias: str) -> str | None:
    found = table.by_alias.get((_name(node, alias) or "").lower())
    return found.name if found is not None and found.role is not Role.CONTEXT else None


def _values(column: str, nodes: list[Any], alias: str) -> tuple[str, str, bool] | None:
    if nodes and all(_is_constant(n) for n in nodes):
        listed = ", ".join(f"({n.sql(dialect='duckdb')})" for n in nodes)
        return column, f"(VALUES {listed})", len(nodes) == 1
    if len(nodes) == 1 and isinstance(nodes[0], exp.Subquery | exp.Query):
        query = nodes[0].unnest()
        is_ours = any(
            len(c.parts) > 1 and c.parts[0].name.lower() == alias.lower() for c in _outer(query)
        )
        if (
            isinstance(query, exp.Query)
            and len(query.selects) == 1
            and not query.is_star
            and not is_ours
        ):
            return column, f"({query.sql(dialect='duckdb')})", False
    return None


def _outer(query: exp.Expr) -> Iterator[Any]:
    """The columns of a subquery that could be the outer table's: none if it reads that
    name itself."""
    own = {t.alias_or_name.lower() for t in query.find_all(exp.Table)}
    for column in query.find_all(exp.Column):
        if column.parts[0].name.lower() not in own:
            yield column


def _is_constant(node: exp.Expr) -> bool:
    """Whether an expression has the same value for every row."""
    forbidden = (
        exp.Column,
        exp.Query,
        exp.AggFunc,
        exp.Window,
        exp.Star,
        exp.Null,
        exp.Any,
        exp.All,
    )
    return not any(isinstance(n, forbidden) for n in node.walk())


def is_plain(expression: str) -> bool:
    """Whether an expression mentions no column."""
    tree = parse_sql(Piece(f"SELECT {expression}", 0, f"SELECT {expression}"))
    return tree.find(exp.Column) is None and tree.find(exp.From) is None
