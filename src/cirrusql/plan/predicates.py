"""Pass: what every row that matters fulfils, per source.

A conjunct of WHERE counts for every source: a row it rejects is in no answer, also where an
outer join would have filled it with NULLs, since an equality rejects those too. A conjunct
of ON counts for the sides that the join does not preserve.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cirrusql.plan.draft import Draft, Equality, Source
from cirrusql.plan.resolve import Resolved, may_narrow, resolve


def predicates(draft: Draft) -> None:
    """Fill ``equalities`` and ``filters`` of every source."""
    for scope in draft.scopes:
        for conjunct, allowed in _conjuncts(scope):
            for equality in _equalities(draft, scope, conjunct):
                target, found = equality
                if allowed is None or target.alias.lower() in allowed or target.scope is not scope:
                    target.equalities.append(found)
            if allowed is None:
                _keep_filter(draft, scope, conjunct)


def _conjuncts(scope: Any) -> Iterator[tuple[Any, frozenset[str] | None]]:
    """Each conjunct with the aliases of the sources it may narrow; None: all."""
    from sqlglot import exp

    query = scope.expression
    if not isinstance(query, exp.Select):
        return
    where = query.args.get("where")
    if where is not None:
        for part in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
            yield part.unnest(), None
    before: list[str] = []
    start = query.args.get("from_")
    if start is not None:
        before.append(start.this.alias_or_name.lower())
    for join in query.args.get("joins") or ():
        alias = join.this.alias_or_name.lower()
        allowed = _narrowed_by(join, alias, before)
        condition = join.args.get("on")
        if condition is not None:
            parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
            for part in parts:
                yield part.unnest(), allowed
        for identifier in join.args.get("using") or ():
            for other in before:
                name = identifier.name
                pair = exp.EQ(this=exp.column(name, table=other), expression=exp.column(name, table=alias))
                yield pair, allowed
        before.append(alias)


def _narrowed_by(join: Any, alias: str, before: list[str]) -> frozenset[str] | None:
    if join.args.get("method"):
        return frozenset()
    side, kind = join.side.upper(), join.kind.upper()
    if side == "FULL":
        return frozenset()
    if side == "RIGHT":
        return frozenset(before)
    if side == "LEFT" or kind == "ANTI":
        return frozenset({alias})
    return None


def _equalities(draft: Draft, scope: Any, conjunct: Any) -> Iterator[tuple[Source, Equality]]:
    from sqlglot import exp

    if isinstance(conjunct, exp.EQ):
        for left, right in ((conjunct.left, conjunct.right), (conjunct.right, conjunct.left)):
            yield from _equality(draft, scope, left.unnest(), right.unnest())
    elif isinstance(conjunct, exp.In) and not conjunct.args.get("is_global"):
        yield from _membership(draft, scope, conjunct)
    elif isinstance(conjunct, exp.Or):
        yield from _alternatives(draft, scope, conjunct)


def _target(draft: Draft, scope: Any, node: Any) -> Resolved | None:
    from sqlglot import exp

    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    found = resolve(draft, scope, node)
    if found is None or not found.is_whole:
        return None
    if found.is_derived and not may_narrow(draft, scope, node):
        return None
    return found


def _equality(draft: Draft, scope: Any, left: Any, right: Any) -> Iterator[tuple[Source, Equality]]:
    from sqlglot import exp

    found = _target(draft, scope, left)
    if found is None:
        return
    if is_constant(right):
        yield found.source, Equality(found.column, constants=(right,))
    elif isinstance(right, exp.Subquery) and _is_uncorrelated(draft, right):
        yield found.source, Equality(found.column, query=right.this)
    else:
        driver = _driver(draft, scope, right)
        if driver is not None and driver is not found.source:
            yield found.source, Equality(found.column, driver=driver, expression=right)
        elif driver is None and (query := _other_driver(draft, scope, right)) is not None:
            yield found.source, Equality(found.column, query=query)


def _other_driver(draft: Draft, scope: Any, node: Any) -> Any:
    """The values of an expression over one local or derived table, as a query of its own.

    Only where every column says whose it is; CTEs that recurse or depend on others stay out.
    """
    from sqlglot import exp

    columns = list(node.find_all(exp.Column))
    if not columns or node.find(exp.Query) or node.find(exp.AggFunc) or node.find(exp.Window):
        return None
    names = {c.table.lower() for c in columns}
    sources = {name.lower(): s for name, s in scope.sources.items()}
    source = sources.get(next(iter(names))) if len(names) == 1 else None
    if not isinstance(source, exp.Table) or draft.source_of(source) is not None:
        return None
    return exp.select(node.copy()).from_(source.copy())


def _driver(draft: Draft, scope: Any, node: Any) -> Source | None:
    """The one source whose columns an expression is made of."""
    from sqlglot import exp

    if node.find(exp.Query) or node.find(exp.AggFunc) or node.find(exp.Window):
        return None
    owners = set()
    for column in node.find_all(exp.Column):
        found = resolve(draft, scope, column)
        if found is None:
            return None
        owners.add(found.source)
    return owners.pop() if len(owners) == 1 else None


def _membership(draft: Draft, scope: Any, conjunct: Any) -> Iterator[tuple[Source, Equality]]:
    found = _target(draft, scope, conjunct.this.unnest())
    if found is None:
        return
    query = conjunct.args.get("query")
    if query is not None:
        inner = query.this if query.key == "subquery" else query
        if _is_uncorrelated(draft, inner):
            yield found.source, Equality(found.column, query=inner)
    elif conjunct.expressions and all(is_constant(e) for e in conjunct.expressions):
        yield found.source, Equality(found.column, constants=tuple(conjunct.expressions))


def _alternatives(draft: Draft, scope: Any, conjunct: Any) -> Iterator[tuple[Source, Equality]]:
    """``a = 1 OR a IN (2, 3)`` is ``a IN (1, 2, 3)``."""
    values: list[Any] = []
    owner: tuple[Source, str] | None = None
    for part in conjunct.flatten():
        found = [e for e in _equalities(draft, scope, part.unnest()) if e[1].constants]
        if len(found) != 1:
            return
        source, equality = found[0]
        if owner is not None and owner != (source, equality.column):
            return
        owner = (source, equality.column)
        values += equality.constants
    if owner is not None:
        yield owner[0], Equality(owner[1], constants=tuple(values))


def is_constant(node: Any) -> bool:
    """Whether an expression has the same value for every row: no column, no subquery, no star."""
    from sqlglot import exp

    forbidden = (exp.Column, exp.Query, exp.AggFunc, exp.Window, exp.Star, exp.Null)
    if isinstance(node, exp.Null):
        return False
    return not any(isinstance(n, forbidden) for n in node.walk())


def _is_uncorrelated(draft: Draft, query: Any) -> bool:
    """Whether a subquery stands on its own: every column in it belongs to a source in it."""
    root = next((s for s in draft.scopes if s.expression is query), None)
    if root is None:
        return False
    inside = {id(s) for s in root.traverse()}
    for scope in root.traverse():
        for column in scope.external_columns:
            if not _is_found_within(scope, column, inside):
                return False
    return True


def _is_found_within(scope: Any, column: Any, inside: set[int]) -> bool:
    first = column.parts[0].name.lower()
    while scope is not None and id(scope) in inside:
        names = {name.lower() for name in scope.sources}
        if len(column.parts) == 1 or first in names:
            # An unqualified name is the innermost source's where that could have it.
            return True
        if first not in names and not _could_be_qualified(scope, column):
            return True
        scope = scope.parent
    return False


def _could_be_qualified(scope: Any, column: Any) -> bool:
    """Whether the first part names a source of an outer scope rather than a STRUCT column."""
    first = column.parts[0].name.lower()
    outer = scope.parent
    while outer is not None:
        if first in {name.lower() for name in outer.sources}:
            return True
        outer = outer.parent
    return False


def _keep_filter(draft: Draft, scope: Any, conjunct: Any) -> None:
    """Remember a conjunct of WHERE that mentions one source only: it narrows what that feeds."""
    from sqlglot import exp

    if conjunct.find(exp.Query):
        return
    owner = _driver(draft, scope, conjunct)
    if owner is not None and owner.scope is scope and not _mentions_place_wildcard(conjunct):
        owner.filters.append(conjunct)


def _mentions_place_wildcard(conjunct: Any) -> bool:
    from sqlglot import exp

    return any(literal.is_string and literal.this == "*" for literal in conjunct.find_all(exp.Literal))


def narrowest(equalities: list[Equality], column: str) -> list[Equality]:
    """The equalities on a column, those with fewest values first; constants before all."""
    own = [e for e in equalities if e.column == column]
    return sorted(own, key=lambda e: (not e.constants, e.count, e.query is None))
