"""Feeds: SQL over scans that gives the values of parameters.

A feed may give more values than the statement needs, never fewer: it reads the scan of its
driver, narrowed by predicates that every row that matters fulfils.
"""

from __future__ import annotations

from typing import Any

from cirrusql.plan.draft import Draft, Equality, Source
from cirrusql.plan.model import Binding, Constant, Feed
from cirrusql.plan.resolve import resolve


def constant_binding(column: str, values: tuple[Any, ...]) -> Binding:
    """A binding of values written in the statement; expressions are the engine's to evaluate."""
    from sqlglot import exp

    found = []
    for value in values:
        if isinstance(value, exp.Literal):
            found.append((_literal(value),))
        elif isinstance(value, exp.Boolean):
            found.append((bool(value.this),))
        else:
            return _evaluated(column, values)
    return Constant((column,), tuple(dict.fromkeys(found)))


def _literal(value: Any) -> object:
    if value.is_string:
        return str(value.this)
    return int(value.this) if value.is_int else float(value.this)


def _evaluated(column: str, values: tuple[Any, ...]) -> Feed:
    parts = " UNION ALL ".join(f"SELECT {v.sql(dialect='duckdb')} AS v" for v in values)
    sql = f"SELECT DISTINCT v FROM ({parts}) WHERE v IS NOT NULL"
    return Feed((column,), sql, reason="expression")


def query_feed(draft: Draft, equality: Equality) -> Feed:
    """The values of a subquery, its cloud tables replaced by their scans."""
    inner, needs = rewritten(draft, equality.query)
    sql = f"SELECT DISTINCT v FROM ({inner}) AS q(v) WHERE v IS NOT NULL"
    return Feed((equality.column,), sql, needs, reason="subquery")


def sources_in(draft: Draft, query: Any) -> list[Source]:
    """The cloud tables that a subquery reads."""
    from sqlglot import exp

    found = (draft.source_of(node) for node in query.find_all(exp.Table))
    return [s for s in found if s is not None]


def rewritten(draft: Draft, query: Any) -> tuple[str, tuple[str, ...]]:
    """A subquery's SQL over scans, with the CTEs around it that it names, and what it needs."""
    from sqlglot import exp

    copy = query.copy()
    needs: list[str] = []
    _replace_tables(draft, copy, needs)
    names = {t.name.lower() for t in copy.find_all(exp.Table)}
    ctes = []
    for cte in draft.tree.find_all(exp.CTE):
        if cte.alias.lower() in names:
            body = cte.copy()
            _replace_tables(draft, body, needs)
            ctes.append(body.sql(dialect="duckdb"))
    text = copy.sql(dialect="duckdb")
    if ctes:
        text = f"WITH {', '.join(ctes)} SELECT * FROM ({text})"
    return text, tuple(dict.fromkeys(needs))


def _replace_tables(draft: Draft, tree: Any, needs: list[str]) -> None:
    from sqlglot import exp

    for node in list(tree.find_all(exp.Table)):
        source = draft.source_of(node)
        if source is None or source.scan is None:
            continue
        needs.append(source.scan.id)
        stand_in = exp.to_table(source.scan.id)
        stand_in.set("alias", exp.TableAlias(this=exp.to_identifier(source.alias, quoted=True)))
        node.replace(stand_in)


def key_feed(draft: Draft, driver: Source, equalities: list[Equality]) -> Feed:
    """The values that one driver's rows give to one or more parameters together."""
    assert driver.scan is not None
    values = [_over_driver(draft, driver, e.expression) for e in equalities]
    names = [f"v{i}" for i in range(len(values))]
    selected = ", ".join(f"{v} AS {n}" for v, n in zip(values, names, strict=True))
    where = [f"{v} IS NOT NULL" for v in values]
    where += [_over_driver(draft, driver, f) for f in driver.filters]
    alias = driver.alias.replace('"', '""')
    sql = f'SELECT DISTINCT {selected} FROM {driver.relation} AS "{alias}" WHERE {" AND ".join(where)}'
    reason = ", ".join(e.expression.sql(dialect="duckdb") for e in equalities)
    return Feed(tuple(e.column for e in equalities), sql, scans_of(driver), reason=reason)


def scans_of(source: Source) -> tuple[str, ...]:
    """The scans that a source's relation is made of."""
    assert source.scan is not None
    return (source.scan.id, *source.also)


def _over_driver(draft: Draft, driver: Source, expression: Any) -> str:
    """An expression over the driver's relation alone: every column bears the driver's alias."""
    from sqlglot import exp

    copy = expression.copy()
    originals = list(expression.find_all(exp.Column))
    copies = list(copy.find_all(exp.Column))
    for original, node in zip(originals, copies, strict=True):
        scope = _scope_of(draft, original)
        found = resolve(draft, scope, original) if scope is not None else None
        if found is None:
            continue
        rest = _rest(original, found.identifier)
        new: Any = exp.column(
            exp.to_identifier(found.column, quoted=True), table=exp.to_identifier(driver.alias, quoted=True)
        )
        for part in rest:
            new = exp.Dot(this=new, expression=exp.to_identifier(part, quoted=True))
        if node is copy:
            return str(new.sql(dialect="duckdb"))
        node.replace(new)
    return f"({copy.sql(dialect='duckdb')})"


def _rest(column: Any, identifier: Any) -> list[str]:
    parts = list(column.parts)
    at = next((i for i, p in enumerate(parts) if p is identifier), len(parts) - 1)
    return [p.name for p in parts[at + 1 :]]


def _scope_of(draft: Draft, node: Any) -> Any:
    """The scope whose query a node stands in."""
    from sqlglot import exp

    query = node.find_ancestor(exp.Select)
    return next((s for s in draft.scopes if s.expression is query), None)
