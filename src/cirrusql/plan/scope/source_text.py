"""Pieces of the user's own text, because a feed must contain the user's expressions exactly."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from cirrusql.errors import SqlSyntaxError
from cirrusql.plan.parameter_values.value_sources import read_by
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.scopes import Cte, Item, TableReference
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece, skip


def applied(text: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """The text from ``start`` to ``end`` with its edits applied; edits do not overlap."""
    end = len(text) if end is None else end
    out = []
    position = start
    for edit in sorted(edits, key=lambda e: e.start):
        if start <= edit.start and edit.end <= end:
            out += [text[position : edit.start], edit.text]
            position = edit.end
    return "".join([*out, text[position:end]])


def all_edits(draft: PlanningContext) -> list[Edit]:
    """Every spelling that changes, and each cloud table's relation, as far as decided."""
    return [*draft.edits, *(table_edit(s) for s in draft.sources if s.relation)]


def table_edit(source: TableReference) -> Edit:
    """The edit that replaces a cloud table's name by its relation, keeping its alias."""
    parts = source.node.parts
    start, end = parts[0].meta["start"], parts[-1].meta["end"] + 1
    takes_alias = source.node.parent is None or source.node.parent.key not in ("copy", "summarize")
    alias = f" AS {quoted(source.alias)}" if takes_alias and not source.node.alias else ""
    return Edit(start, end, f"{source.relation}{alias}")


def query_text(draft: PlanningContext, query: exp.Expr) -> str:
    """A subquery as written, over relations, with the outer CTEs that it names."""
    span = span_of(draft, query)
    if span is not None:
        text = applied(draft.text, all_edits(draft), *span)
    else:
        text = _printed(draft, query)
    _, ctes = read_by(draft, query)
    prefix = _with(draft, ctes)
    return f"{prefix}SELECT * FROM ({text})" if prefix else text


def item_text(draft: PlanningContext, item: Item) -> tuple[str, list[Cte]]:
    """An item of a FROM with its alias, and the outer CTEs that it needs."""
    node = item.node
    _, ctes = read_by(draft, node)
    if item.source is not None:
        text = item.source.relation
    elif isinstance(node, exp.Table) and node.parts and isinstance(node.this, exp.Identifier):
        start, end = node.parts[0].meta.get("start"), node.parts[-1].meta.get("end")
        text = (
            draft.text[start : end + 1]
            if start is not None and end is not None
            else _printed(draft, node)
        )
    else:
        text = _derived(draft, node)
    alias = node.args.get("alias")
    name = node.alias_or_name
    columns = (
        ", ".join(quoted(c.name) for c in alias.columns)
        if isinstance(alias, exp.TableAlias)
        else ""
    )
    called = f" AS {quoted(name)}" if name else ""
    return f"{text}{called}{f'({columns})' if columns and name else ''}", ctes


def _derived(draft: PlanningContext, node: exp.Expr) -> str:
    inner = node.this if isinstance(node, exp.Lateral) else node
    is_lateral = "LATERAL " if isinstance(node, exp.Lateral) else ""
    if isinstance(inner, exp.Subquery):
        span = span_of(draft, inner.this)
        if span is not None:
            return f"{is_lateral}({applied(draft.text, all_edits(draft), *span)})"
    return is_lateral + _printed(draft, inner)


def with_clause(draft: PlanningContext, ctes: Iterable[Cte]) -> str:
    """``WITH …`` with these definitions, in the order of the text, followed by a space; empty if
    there are none."""
    return _with(draft, list(dict.fromkeys(ctes)))


def _with(draft: PlanningContext, ctes: list[Cte]) -> str:
    if not ctes:
        return ""
    ordered = sorted(ctes, key=lambda c: _start(c.node) or 0)
    word = "WITH RECURSIVE" if any(c.is_recursive for c in ctes) else "WITH"
    return f"{word} {', '.join(_definition(draft, c) for c in ordered)} "


def _definition(draft: PlanningContext, cte: Cte) -> str:
    start = cte.node.args["alias"].this.meta.get("start")
    span = span_of(draft, cte.node.this)
    if start is None or span is None:
        return _printed(draft, cte.node)
    return applied(draft.text, all_edits(draft), start, span[1]) + ")"


def _printed(draft: PlanningContext, node: exp.Expr) -> str:
    """sqlglot's output, for nodes without a position in the text."""
    copy = node.copy()
    copy.set("alias", None) if not isinstance(copy, exp.CTE) else None
    for table in list(copy.find_all(exp.Table)):
        source = draft.source_of(table)
        if source is not None and source.relation:
            stand_in = exp.to_table(source.relation)
            stand_in.set("alias", exp.TableAlias(this=exp.to_identifier(source.alias, quoted=True)))
            table.replace(stand_in)
    return str(copy.sql(dialect="duckdb"))


def span_of(draft: PlanningContext, query: exp.Expr) -> tuple[int, int] | None:
    """The position of a parenthesized query, between its parentheses.

    Of the parentheses around its names, those whose contents parse to exactly this query.
    """
    if id(query) not in draft.spans:
        draft.spans[id(query)] = _found_span(draft, query)
    return draft.spans[id(query)]


def remember_spans(draft: PlanningContext, node: exp.Expr) -> None:
    """Record the positions of the queries around a node, before the tree is changed."""
    query = node.find_ancestor(exp.Query)
    while query is not None:
        if not isinstance(query, exp.Subquery):
            span_of(draft, query)
        query = query.find_ancestor(exp.Query)


def _found_span(draft: PlanningContext, query: exp.Expr) -> tuple[int, int] | None:
    from cirrusql.sql.parse import parse_sql

    places = [n.meta["start"] for n in query.walk() if "start" in n.meta]
    if not places:
        return None
    wanted = as_written(query)
    low, high = min(places), max(places)
    for start, end in parentheses(draft.text):
        if start < low and high < end:
            text = draft.text[start + 1 : end]
            try:
                tree = parse_sql(Piece(text, 0, text))
            except SqlSyntaxError:
                continue
            if tree.sql(dialect="duckdb") == wanted:
                return start + 1, end
    return None


def as_written(query: exp.Expr) -> str:
    """A query's text with names as the user spelled them."""
    holder = exp.Paren(this=query.copy())
    for literal in list(holder.find_all(exp.Literal)):
        if "written" in literal.meta:
            literal.replace(literal.meta["written"].copy())
    for identifier in holder.find_all(exp.Identifier):
        if "written" in identifier.meta:
            identifier.set("this", identifier.meta["written"])
    return str(holder.this.sql(dialect="duckdb"))


def parentheses(text: str) -> list[tuple[int, int]]:
    """The offsets of matching parentheses outside strings and comments, inner before outer."""
    found = []
    opened = []
    i = 0
    while i < len(text):
        after = skip(text, i)
        if after is not None:
            i = after
            continue
        if text[i] == "(":
            opened.append(i)
        elif text[i] == ")" and opened:
            found.append((opened.pop(), i))
        i += 1
    return found


def _start(node: exp.Expr) -> int | None:
    return min((n.meta["start"] for n in node.walk() if "start" in n.meta), default=None)
