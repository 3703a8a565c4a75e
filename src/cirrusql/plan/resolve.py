"""Which source a column of the tree belongs to, through scopes, CTEs and derived tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cirrusql.plan.draft import Draft, Source


@dataclass(frozen=True)
class Resolved:
    """A column of a cloud table."""

    source: Source
    column: str
    """As the catalog spells it."""
    identifier: Any
    """The identifier in the tree that names the column."""
    is_whole: bool
    """False where a part of it is meant (``State.Name``)."""
    is_derived: bool = False
    """Whether it was reached through a CTE or derived table."""


def resolve(draft: Draft, scope: Any, column: Any) -> Resolved | None:
    """The cloud column that a column node means, or None: another table's, or not to be told."""
    parts = list(column.parts)
    while scope is not None:
        found = _in_scope(draft, scope, parts)
        if found is not None:
            return found
        if _is_named_here(scope, parts):
            return None
        scope = scope.parent
    return None


def _in_scope(draft: Draft, scope: Any, parts: list[Any]) -> Resolved | None:
    sources = {name.lower(): s for name, s in scope.sources.items()}
    first = parts[0].name.lower()
    if len(parts) > 1 and first in sources:
        return _column_of(draft, sources[first], parts[1:])
    if len(parts) > 3 and parts[2].name.lower() in sources:
        return _column_of(draft, sources[parts[2].name.lower()], parts[3:])
    found = [r for s in sources.values() if (r := _column_of(draft, s, parts)) is not None]
    return found[0] if len(found) == 1 else None


def _is_named_here(scope: Any, parts: list[Any]) -> bool:
    names = {name.lower() for name in scope.sources}
    return len(parts) > 1 and parts[0].name.lower() in names


def _column_of(draft: Draft, source: Any, parts: list[Any]) -> Resolved | None:
    from sqlglot import exp

    name = parts[0].name
    if isinstance(source, exp.Table):
        own = draft.source_of(source)
        column = own.column(name) if own is not None else None
        if own is None or column is None:
            return None
        return Resolved(own, column.name, parts[0], is_whole=len(parts) == 1)
    return _through(draft, source, parts)


def _through(draft: Draft, inner: Any, parts: list[Any]) -> Resolved | None:
    """The base column behind a column of a derived table that passes it on unchanged."""
    from sqlglot import exp

    query = inner.expression
    if not isinstance(query, exp.Select):
        return None
    wanted = parts[0].name.lower()
    for item in query.selects:
        if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
            found = _in_scope(draft, inner, parts[:1])
        elif item.alias_or_name.lower() == wanted and isinstance(item.unalias(), exp.Column):
            found = resolve(draft, inner, item.unalias())
        else:
            continue
        if found is not None:
            whole = found.is_whole and len(parts) == 1
            return Resolved(found.source, found.column, parts[0], whole, is_derived=True)
    return None


def may_narrow(draft: Draft, scope: Any, column: Any) -> bool:
    """Whether a predicate on a derived column may narrow the source behind it.

    Not where rows are counted, cut or compared before the predicate sees them, nor where the
    same CTE is read elsewhere without it.
    """
    from sqlglot import exp

    parts = list(column.parts)
    sources = {name.lower(): s for name, s in scope.sources.items()}
    names = [parts[0].name.lower()] if len(parts) > 1 else list(sources)
    for name in names:
        inner = sources.get(name)
        if inner is None or isinstance(inner, exp.Table):
            continue
        query = inner.expression
        blocked = ("group", "limit", "offset", "qualify", "having")
        if any(query.args.get(b) for b in blocked) or query.find(exp.Window) or query.find(exp.AggFunc):
            return False
        if sum(s is inner for other in draft.scopes for s in other.sources.values()) > 1:
            return False
        for item in query.selects:
            if item.alias_or_name.lower() == parts[-1].name.lower() and isinstance(
                item.unalias(), exp.Column
            ):
                return may_narrow(draft, inner, item.unalias())
    return True
