"""Pass: which columns each source must have, in the catalog's spelling.

Also writes the edits that turn the user's spelling into the relation's, and keeps the
heading as the user wrote it.
"""

from __future__ import annotations

from typing import Any

from cirrusql.errors import UnknownColumn
from cirrusql.plan.draft import Draft, Edit, Source
from cirrusql.plan.resolve import resolve


def columns(draft: Draft) -> None:
    """Attribute every column and star; UnknownColumn where no source can have it."""
    from sqlglot import exp

    for scope in draft.scopes:
        for column in scope.columns:
            # A scope's columns include those of the subqueries in it, which have their own turn.
            if isinstance(column.this, exp.Star) or not _stands_in(scope, column):
                continue
            found = resolve(draft, scope, column)
            if found is None:
                _maybe_unknown(draft, scope, column)
                _mark_all(draft, scope, column)
                continue
            found.source.used.add(found.column)
            if not found.is_derived:
                _respell(draft, column, found.identifier, found.column)
        _stars(draft, scope)
        _usings(draft, scope)


def _stands_in(scope: Any, column: Any) -> bool:
    from sqlglot import exp

    query = column.find_ancestor(exp.Query)
    while isinstance(query, exp.Subquery):
        query = query.find_ancestor(exp.Query)
    return query is scope.expression


def _respell(draft: Draft, column: Any, identifier: Any, name: str) -> None:
    from sqlglot import exp

    written = identifier.name
    if written == name or "start" not in identifier.meta:
        return
    start, end = identifier.meta["start"], identifier.meta["end"] + 1
    quoted = f'"{name}"' if identifier.args.get("quoted") else name
    parent = column.parent
    is_heading = isinstance(parent, exp.Select) and column.arg_key == "expressions"
    if is_heading and identifier is column.parts[-1]:
        quoted = f'{quoted} AS "{written}"'
    edit = Edit(start, end, quoted)
    if edit not in draft.edits:
        draft.edits.append(edit)
    identifier.set("this", name)


def _stars(draft: Draft, scope: Any) -> None:
    from sqlglot import exp

    query = scope.expression
    if not isinstance(query, exp.Select):
        return
    for star in query.find_all(exp.Star):
        if star.find_ancestor(exp.Select) is not query or isinstance(star.parent, exp.Count):
            continue
        holder = star.parent
        name = holder.table.lower() if isinstance(holder, exp.Column) and holder.table else None
        for alias, source in scope.sources.items():
            if name is None or alias.lower() == name:
                _star_source(draft, source)
    for call in query.find_all(exp.Columns):
        if call.find_ancestor(exp.Select) is query:
            for source in scope.sources.values():
                _star_source(draft, source)


def _star_source(draft: Draft, source: Any) -> None:
    from sqlglot import exp

    if isinstance(source, exp.Table) and (own := draft.source_of(source)) is not None:
        own.is_star = True


def _usings(draft: Draft, scope: Any) -> None:
    from sqlglot import exp

    if not isinstance(scope.expression, exp.Select):
        return
    for join in scope.expression.args.get("joins") or ():
        for identifier in join.args.get("using") or ():
            for source in _cloud(draft, scope):
                column = source.column(identifier.name)
                if column is not None:
                    source.used.add(column.name)
                    _respell(draft, exp.column(identifier.name), identifier, column.name)


def _cloud(draft: Draft, scope: Any) -> list[Source]:
    from sqlglot import exp

    found = (draft.source_of(s) for s in scope.sources.values() if isinstance(s, exp.Table))
    return [s for s in found if s is not None]


def _mark_all(draft: Draft, scope: Any, column: Any) -> None:
    """An ambiguous name: every source that has it keeps it, and the engine says what it thinks."""
    name = column.parts[0].name
    for source in _cloud(draft, scope):
        if (found := source.column(name)) is not None:
            source.used.add(found.name)
            if name != found.name:
                _respell(draft, column, column.parts[0], found.name)
        elif name.lower() == source.alias.lower() and len(column.parts) == 1:
            # The row itself, as a STRUCT.
            source.is_star = True


def _maybe_unknown(draft: Draft, scope: Any, column: Any) -> None:
    """Raise where the name can be nothing else than a column that does not exist."""
    from sqlglot import exp

    parts = list(column.parts)
    first = parts[0].name
    sources = {name.lower(): s for name, s in scope.sources.items()}
    if len(parts) > 1:
        named = sources.get(first.lower())
        own = draft.source_of(named) if isinstance(named, exp.Table) else None
        if own is not None and own.column(parts[1].name) is None:
            raise unknown_column(parts[1].name, own)
        if named is not None or any(first.lower() in _names_above(s) for s in _above(scope)):
            return
    own_sources = _cloud(draft, scope)
    if not own_sources or len(own_sources) < len(sources) or scope.parent is not None:
        return
    if any(source.column(first) is not None for source in own_sources):
        return
    if first.lower() in {s.alias.lower() for s in own_sources} | _aliases(scope) | _lambdas(column):
        return
    raise unknown_column(first, *own_sources)


def _above(scope: Any) -> list[Any]:
    found = []
    while scope.parent is not None:
        scope = scope.parent
        found.append(scope)
    return found


def _names_above(scope: Any) -> set[str]:
    return {name.lower() for name in scope.sources}


def _aliases(scope: Any) -> set[str]:
    from sqlglot import exp

    query = scope.expression
    found = {a.alias.lower() for a in query.find_all(exp.Alias) if a.alias}
    found |= {i.name.lower() for a in query.find_all(exp.TableAlias) for i in a.find_all(exp.Identifier)}
    found |= {w.name.lower() for w in query.find_all(exp.Window) if w.name}
    return found


def _lambdas(column: Any) -> set[str]:
    from sqlglot import exp

    found: set[str] = set()
    node = column.parent
    while node is not None:
        if isinstance(node, exp.Lambda):
            found |= {i.name.lower() for i in node.expressions}
        node = node.parent
    return found


def unknown_column(name: str, *sources: Source) -> UnknownColumn:
    """The error with the nearest columns of those sources."""
    legal = [c.name for s in sources for c in s.table.columns]
    where = ", ".join(s.table.id for s in sources)
    return UnknownColumn(name, legal, where=where)
