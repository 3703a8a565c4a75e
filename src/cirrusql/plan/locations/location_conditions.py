"""Conditions on where calls are made, as SQL that the engine evaluates over the possible places.

A place is left out only if a condition that every row must meet is not true of it, whatever the
row: the condition uses only context columns, constants, subqueries and the rows of other items, all
of which are determined. Otherwise the place stays in, and the engine filters the rows.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from cirrusql.catalog.inference import full_names
from cirrusql.plan.model import Constant, Feed, PlaceCondition
from cirrusql.plan.parameter_values.feeds import (
    as_feed,
    column_of,
    constant_binding,
    over,
    query_feed,
    scans_of,
)
from cirrusql.plan.parameter_values.value_sources import (
    is_faithful,
    is_recursive,
    partners,
    read_by,
    sources_of,
)
from cirrusql.plan.scope.constants import is_chained, is_volatile
from cirrusql.plan.scope.filters import is_plain
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import resolve
from cirrusql.plan.scope.scopes import Cte, Equality, PlaceConjunct, SelectScope, TableReference
from cirrusql.plan.scope.source_text import item_text, with_clause
from cirrusql.plan.scope.spans import condition_text

_BESIDE_KEYS = frozenset({"_says_region", "_same_connection"})
"""Functions that ``joined_locations`` adds beside the equality of a key, and that occur nowhere
else."""


def settle_places(
    draft: PlanningContext, source: TableReference, undecided: list[TableReference]
) -> None:
    """Attach to a source's scope the conditions that the engine can evaluate before its calls."""
    if "regions" in draft.options.off:
        return
    kept = source.place_conjuncts
    if len(kept) > 1 or not all(c.is_named for c in kept):
        found = [_condition(draft, c, undecided) for c in kept]
        conditions = tuple(dict.fromkeys(c for c in found if c is not None))
        source.places = replace(source.places, conditions=conditions)
    if source.places.regions == ("%",):
        source.places = replace(source.places, region_feed=_named(draft, source, undecided))


def needed_for_places(draft: PlanningContext, source: TableReference) -> list[TableReference]:
    """The sources to read first, because only their rows determine where this one is read.

    If it has a condition of its own, the others can wait for it instead.
    """
    kept = source.place_conjuncts
    needed = [_needed(draft, c) for c in kept] or [
        read_by(draft, e.query)[0] for e in source.equalities if _says_places(e)
    ]
    return [s for some in needed for s in some] if all(needed) else []


def _needed(draft: PlanningContext, kept: PlaceConjunct) -> list[TableReference]:
    found = read_by(draft, kept.node)[0]
    for other in kept.others:
        found += [s for s in sources_of(draft, other) if s not in found]
    return found


def _named(
    draft: PlanningContext, source: TableReference, undecided: list[TableReference]
) -> Feed | None:
    """The regions that an equality allows: constant expressions, so that no discovery is needed, or
    those of a subquery that returns each value's region."""
    for own in source.equalities:
        if own.column != "region" or own.is_for_keys:
            continue
        equality = _of_the_other(own)
        if equality.constants:
            binding = constant_binding([replace(equality, group=None)])
            return as_feed(binding) if isinstance(binding, Constant) else binding
        if _says_places(equality):
            needed = read_by(draft, equality.query)[0]
            if not any(s in undecided or s.scan is None for s in needed):
                return query_feed(draft, [equality])
    return None


def _of_the_other(equality: Equality) -> Equality:
    """From ``b.region = a.region AND a.region = 'x'``, derive that b's region is 'x'."""
    item = equality.item
    if item is None or item.source is None or column_of(equality.expression, item) != "region":
        return equality
    known = (
        e
        for e in item.source.equalities
        if e.column == "region" and e.constants and not e.is_for_keys
    )
    return next(known, equality)


def _says_places(equality: Equality) -> bool:
    """Whether a subquery returns the region of each value."""
    return equality.column == "region" and equality.query is not None and equality.position > 0


def _condition(
    draft: PlanningContext, kept: PlaceConjunct, undecided: list[TableReference]
) -> PlaceCondition | None:
    needed = _needed(draft, kept)
    is_decided = not any(s in undecided or s.scan is None for s in needed)
    if not is_decided or is_volatile(kept.node) or is_recursive(draft, kept.node):
        return None
    text = _printed(kept) if kept.others else None
    text = text or condition_text(draft, kept.node) or _printed(kept)
    ctes = read_by(draft, kept.node)[1]
    if text is None:
        return None
    if kept.others:
        around = _around(draft, kept, text)
        if around is None:
            return None
        text, more = around
        ctes = [*ctes, *more]
    is_direct = kept.item.source is not None
    return PlaceCondition(
        sql=text,
        alias=kept.item.node.alias_or_name or "_places",
        columns=kept.columns,
        ctes=with_clause(draft, ctes),
        needs=scans_of(needed),
        # A row that an outer join fills with NULLs has no place: if it meets the condition, all
        # rows matter.
        is_true_of_null=not is_direct or _has_outer_join(kept.scope),
        reason=_in_words(kept.node),
    )


def _in_words(node: exp.Expr) -> str:
    """The condition in readable form: conditions added beside the equality of a key are shown as a
    user would write them."""
    copy = exp.Paren(this=node.copy())
    for part in list(copy.find_all(exp.Anonymous, exp.Identifier)):
        if isinstance(part, exp.Identifier):
            part.set("quoted", part.args.get("quoted") and not part.name.replace("_", "").isalnum())
        elif part.name.lower() == "_same_connection":
            part.replace(exp.EQ(this=part.expressions[0], expression=part.expressions[1]))
        elif part.name.lower() in ("_region_of", "_connection_of"):
            part.replace(part.expressions[1])
        elif part.name.lower() == "_says_region":
            part.replace(
                exp.Like(this=part.expressions[0], expression=exp.Literal.string(full_names.LIKE))
            )
    return str(copy.this.sql(dialect="duckdb"))


def _around(draft: PlanningContext, kept: PlaceConjunct, text: str) -> tuple[str, list[Cte]] | None:
    """The condition as an EXISTS over the rows of the other items that it reads."""
    if any(_has_outer_join(item.scope) for item in (kept.item, *kept.others)) and not _is_strict(
        kept.node
    ):
        return None
    tables: list[str] = []
    ctes: list[Cte] = []
    for other in kept.others:
        beside = partners(other)
        if beside is None or kept.item in beside or is_recursive(draft, other.node):
            return None
        for part in (*beside, other):
            if part.source is not None and not part.source.relation:
                return None
            found, needed = item_text(draft, part)
            tables += [] if found in tables else [found]
            ctes += needed
    filters = [over(f, other) for other in kept.others for f in draft.filters.get(other, ())]
    where = " AND ".join([f"({text})", *filters])
    return f"EXISTS (SELECT 1 FROM {', '.join(tables)} WHERE {where})", ctes


def _is_strict(node: exp.Expr) -> bool:
    """Whether a condition cannot be true where the columns of either side are NULL."""
    node = node.unnest()
    if isinstance(node, exp.Or):
        return _is_strict(node.left) and _is_strict(node.right)
    if isinstance(node, exp.EQ):
        return _is_null_of_nulls(node.left) and _is_null_of_nulls(node.right)
    if isinstance(node, exp.ArrayContains):
        return is_plain(node.this) and is_plain(node.expression)
    # Added beside the equality of a key, which is not true for NULL.
    return isinstance(node, exp.Anonymous) and node.name.lower() in _BESIDE_KEYS


def _is_null_of_nulls(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous) and node.name.lower() in ("_region_of", "_connection_of"):
        return all(map(_is_null_of_nulls, node.expressions))
    return is_plain(node)


def _has_outer_join(scope: SelectScope) -> bool:
    return any(
        str(join.text("side")).upper() in ("LEFT", "RIGHT", "FULL") for join in scope.own(exp.Join)
    )


def _printed(kept: PlaceConjunct) -> str | None:
    """The condition with every column qualified by its item, if printing preserves its meaning."""
    if not all(is_faithful(part) and not is_chained(part) for part in kept.node.walk()):
        return None
    copy = kept.node.copy()
    for original, node in list(
        zip(kept.node.find_all(exp.Column), copy.find_all(exp.Column), strict=True)
    ):
        found = resolve(kept.scope, original)
        if found is None or found.rest or not found.item.node.alias_or_name:
            return None
        name = exp.to_identifier(found.column, quoted=True)
        own = exp.column(name, table=exp.to_identifier(found.item.node.alias_or_name, quoted=True))
        if node is copy:
            copy = own
        else:
            node.replace(own)
    return f"({copy.sql(dialect='duckdb')})"
