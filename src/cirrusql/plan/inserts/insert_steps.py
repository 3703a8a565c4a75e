"""INSERTs that take several calls: one creates the resource, others set the remaining columns, then
the tags.

The creating call takes what it can; every other column is set as an UPDATE would set it. The
resource's identity comes from the given row (Bucket) or from the creating call's response (VpcId).
All calls of a row are planned from the same row, so that a computed value is computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.row_model.request_fields import ValueForm, is_tags, places_of
from cirrusql.errors import ProgrammingError
from cirrusql.plan.inserts.insert_values import (
    ROWS,
    InsertPlan,
    InsertStep,
    is_apart,
    maker_place,
    plainest_makers,
)
from cirrusql.plan.updates.differences import adding_first
from cirrusql.plan.updates.first_settings import creating_first
from cirrusql.plan.updates.row_values import parameters_of
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.updates.switching import switching
from cirrusql.plan.updates.tagging import adding
from cirrusql.plan.writes.write_methods import sources
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.quoting import quoted


def in_steps(
    catalog: Catalog, table: Table, candidates: Iterable[Method], columns: tuple[str, ...]
) -> InsertPlan | None:
    """The simplest creating method with the steps that set what it does not accept, if there is
    one."""
    if len({c.lower() for c in columns}) < len(columns):
        return None
    for maker in plainest_makers(candidates):
        placed = {c: p for c in columns if (p := maker_place(table, maker, c)) is not None}
        values = parameters_of(table, maker, {c: (p, _cell(c)) for c, p in placed.items()}, None)
        rest = [c for c in columns if c not in placed]
        if not rest or not is_apart(placed.values()) or not set(maker.required) <= set(values):
            continue
        steps = _steps(catalog, table, maker, values, rest)
        if steps is not None:
            return InsertPlan(maker, values, tuple(steps), tuple(rest))
    return None


def _cell(column: str) -> str:
    return f"{ROWS}.{quoted(column)}"


def _steps(
    catalog: Catalog, table: Table, maker: Method, values: Mapping[str, str], rest: Sequence[str]
) -> list[InsertStep] | None:
    tags = [c for c in rest if is_tags(c)]
    sets = {c: ways for c in rest if (ways := adding_first(catalog, table, c, _cell(c)))}
    turned, others = switching(
        catalog, table, {c: _cell(c) for c in rest if c not in tags and c not in sets}, None
    )
    try:
        found = splitting(catalog, table, others, None) if others else []
        split = creating_first(catalog, table, found, None)
    except ProgrammingError:
        return None
    split += [*turned, *sets.values()]
    for column in tags:
        split.append(adding(catalog, table, f"tags({_cell(column)})"))
    taken = []
    for ways in split:
        steps = (s for part in ways if (s := _step(table, maker, values, part)) is not None)
        step = next(steps, None)
        if step is None:
            return None
        taken.append(step)
    return taken


def _step(table: Table, maker: Method, values: Mapping[str, str], part: Part) -> InsertStep | None:
    """A part of an UPDATE as a step: where each identifying parameter comes from."""
    which = part.which or sources(table, part.method, part.assigned)
    if not which:
        return None
    given = dict(part.assigned)
    answered: dict[str, str] = {}
    places = places_of(table, maker)
    for parameter, (column, is_item) in which.items():
        place = places.get(column)
        if parameter in values:
            sent = values[parameter]
        elif place is not None and place.form is ValueForm.WHOLE and place.parameter in values:
            sent = values[place.parameter]
        elif maker.rows is not None and column in maker.rows.fields and not is_item:
            answered[parameter] = column
            continue
        else:
            return None
        given[parameter] = f"[{sent}]" if is_item else sent
    told = [v for n, v in part.assigned.items() if not v.strip("() ").startswith("'")]
    only_if = part.only_if or " OR ".join(f"({v}) IS NOT NULL" for v in told) or "true"
    return InsertStep(part.method, given, answered, only_if)
