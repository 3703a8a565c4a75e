"""Pass: in which regions, accounts and connections each source is read.

``region = '*'`` means every region, as in other tools; the rows have real regions, so the
text that the engine runs says ``LIKE '%'`` instead.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from cirrusql.plan.draft import Draft, Edit, Source
from cirrusql.plan.model import Scope
from cirrusql.plan.predicates import _conjuncts
from cirrusql.plan.resolve import resolve

_PLACES = frozenset({"region", "connection", "account_id"})
_STAR = re.compile(r"\s*=\s*'\*'")


def places(draft: Draft) -> None:
    """Fill ``places`` and ``region_driver`` from the predicates on context columns."""
    from sqlglot import exp

    for scope in draft.scopes:
        for conjunct, allowed in _conjuncts(scope):
            found = _place(draft, scope, conjunct)
            if found is None:
                continue
            source, column, wanted, excluded = found
            if allowed is not None and source.alias.lower() not in allowed:
                continue
            _narrow(source, column, wanted, excluded)
    for source in draft.sources:
        for equality in source.equalities:
            is_region = isinstance(equality.expression, exp.Column) and equality.expression.name == "region"
            if equality.column == "region" and equality.driver is not None and is_region:
                source.region_driver = equality.driver
        if source.region_driver is not None and source.places.regions is None:
            driver = source.region_driver.places
            if driver.regions is not None:
                source.places = replace(source.places, regions=driver.regions)


def _narrow(source: Source, column: str, wanted: tuple[str, ...] | None, excluded: tuple[str, ...]) -> None:
    now: Scope = source.places
    if column == "region":
        source.places = replace(
            now,
            regions=now.regions or wanted,
            excluded_regions=(*now.excluded_regions, *excluded),
        )
    elif column == "connection":
        source.places = replace(
            now,
            connections=now.connections or wanted,
            excluded_connections=(*now.excluded_connections, *excluded),
        )
    else:
        source.places = replace(now, accounts=now.accounts or wanted)


def _place(
    draft: Draft, scope: Any, conjunct: Any
) -> tuple[Source, str, tuple[str, ...] | None, tuple[str, ...]] | None:
    """Source, context column, patterns wanted and patterns excluded by a conjunct."""
    from sqlglot import exp

    negated = isinstance(conjunct, exp.Not)
    node = conjunct.this.unnest() if negated else conjunct
    if not isinstance(node, exp.EQ | exp.NEQ | exp.In | exp.Like):
        return None
    side = node.this.unnest()
    if not isinstance(side, exp.Column):
        return None
    found = resolve(draft, scope, side)
    if found is None or found.column not in _PLACES:
        return None
    if found.source.column(found.column) is None:
        return None
    values = _strings(node)
    if values is None:
        return None
    if isinstance(node, exp.EQ | exp.NEQ) and values == ("*",):
        _say_like(draft, side)
        values = ("%",)
    elif not isinstance(node, exp.Like):
        values = tuple(_literal(v) for v in values)
    if isinstance(node, exp.NEQ) != negated:
        return found.source, found.column, None, values
    return found.source, found.column, values, ()


def _strings(node: Any) -> tuple[str, ...] | None:
    from sqlglot import exp

    if isinstance(node, exp.In) and node.args.get("query") is not None:
        return None
    given = node.expressions if isinstance(node, exp.In) else [node.expression]
    if not all(isinstance(v, exp.Literal) and v.is_string for v in given):
        return None
    return tuple(v.this for v in given)


def _literal(value: str) -> str:
    """A name as a LIKE pattern that matches itself only."""
    return re.sub(r"([\\%_])", r"\\\1", value)


def _say_like(draft: Draft, column: Any) -> None:
    end = column.this.meta.get("end")
    match = _STAR.match(draft.text, end + 1) if end is not None else None
    if match is not None:
        edit = Edit(match.start(), match.end(), " LIKE '%'")
        if edit not in draft.edits:
            draft.edits.append(edit)
