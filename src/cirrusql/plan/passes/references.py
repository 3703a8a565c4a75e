"""Pass: finds the statement's cloud tables and the SELECTs that contain them."""

from __future__ import annotations

import re

from sqlglot import exp

from cirrusql.errors import NotSupportedError, ProgrammingError
from cirrusql.plan.reads.readers import readers
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.scope_reader import bodies
from cirrusql.plan.scope.scopes import TableReference
from cirrusql.plan.scope.source_text import applied
from cirrusql.sql.split import Piece

_MOST_VIEWS = 64
"""Number of view expansions after which the views must be recursive."""

_ENGINE_DATABASES = frozenset({"cirrusql", "memory", "system", "temp"})


def references(draft: PlanningContext) -> None:
    """Expand views, and find every ``provider.service.resource`` with the query that reads it.

    Raises the UnknownName for the part of a path that does not exist.
    """
    _refuse_view(draft)
    _expand_views(draft)
    providers = {name for name, _ in draft.catalog.providers()}
    for node in draft.tree.find_all(exp.Table):
        path = [p.name for p in node.parts]
        if len(path) != 3 or not isinstance(node.this, exp.Identifier):
            continue
        if path[0].lower() not in providers:
            if path[0].lower() not in _ENGINE_DATABASES and path[0].lower() not in draft.databases:
                draft.catalog.source(path[0])  # Raises UnknownProvider.
            continue
        table = draft.catalog.table(*path)
        _refuse_target(draft.tree, node)
        node.meta["cirrusql_source"] = len(draft.sources)
        draft.sources.append(TableReference(node, table, node.alias or path[2], draft.catalog))
    if draft.sources:
        draft.bodies = bodies(draft, draft.tree)
    for source in draft.sources:
        readers(source)
        if source.item is None or source.item.columns or source.node.args.get("pivots"):
            source.is_star = True


def _refuse_target(tree: exp.Expr, node: exp.Expr) -> None:
    """Raise an error if the engine would write to a cloud table, or store a relation of this
    statement."""
    if isinstance(tree, exp.Create) and tree.kind == "VIEW":
        raise ProgrammingError(
            "the name of a view over cloud tables must have one part, without a schema",
            hint="use CREATE VIEW name AS SELECT …",
        )
    target = None
    if isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    elif isinstance(tree, exp.Create | exp.Alter | exp.Drop | exp.TruncateTable | exp.Comment):
        target = node if node.find_ancestor(exp.Query) is None else None
    elif isinstance(tree, exp.Copy) and tree.args.get("kind"):
        target = tree.this
    if target is node and isinstance(tree, exp.TruncateTable):
        name = ".".join(part.name for part in node.parts)
        raise NotSupportedError(
            "TRUNCATE of a cloud table is not supported",
            hint=f"DELETE FROM {name} WHERE true shows and deletes every row",
        )
    if target is node:
        raise NotSupportedError(
            f"this form of {tree.key.upper()} cannot write to a cloud table",
            hint="use INSERT INTO, REPLACE INTO, UPDATE or DELETE FROM, with any WITH inside "
            "the SELECT",
        )


def _refuse_view(draft: PlanningContext) -> None:
    """Raise an error if a statement would write to a view, which has no rows of its own."""
    tree = draft.tree
    if isinstance(tree, exp.TruncateTable):
        targets = list(tree.expressions)
    elif isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        targets = [tree.this.this if isinstance(tree.this, exp.Schema) else tree.this]
    else:
        return
    for node in targets:
        name = ".".join(p.name.lower() for p in node.parts) if isinstance(node, exp.Table) else ""
        if name not in draft.views:
            continue
        read = _CLOUD_NAME.search(draft.views[name])
        verb = "TRUNCATE" if isinstance(tree, exp.TruncateTable) else tree.key.upper()
        raise NotSupportedError(
            f"{verb}: {name} is a view, which cannot be written to",
            hint=f"write to the table that it reads: {read[0] if read else draft.views[name]}",
        )


_CLOUD_NAME = re.compile(r"\b\w+\.\w+\.\w+\b")


def _expand_views(draft: PlanningContext) -> None:
    """Replace each view that the text names by its SELECT, and parse again."""
    from cirrusql.sql.parse import parse_sql

    for _ in range(_MOST_VIEWS):
        if not draft.views:
            return
        ctes = {c.alias.lower() for c in draft.tree.find_all(exp.CTE)}
        edits = []
        for node in draft.tree.find_all(exp.Table):
            name = ".".join(p.name.lower() for p in node.parts)
            if name in draft.views and name not in ctes:
                start, end = node.parts[0].meta["start"], node.parts[-1].meta["end"]
                alias = "" if node.alias else f" AS {node.this.sql()}"
                # DESCRIBE and SUMMARIZE accept a name or a SELECT, but no relation.
                is_told = isinstance(node.parent, exp.Describe | exp.Summarize)
                selected = "SELECT * FROM " if is_told else ""
                edits.append(Edit(start, end + 1, f"{selected}({draft.views[name]}){alias}"))
        if not edits:
            return
        draft.text = applied(draft.text, edits)
        draft.tree = parse_sql(Piece(draft.text, 0, draft.text))
