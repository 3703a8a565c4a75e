"""Pass: chooses the calls that read each source, and which source feeds which.

Sources are decided one by one: first those that need nothing or only constants, then those that
they feed; if feeds form a cycle, a listing without required parameters starts it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from cirrusql.catalog.model import Column, Role
from cirrusql.catalog.row_model.request_names import shown_in
from cirrusql.catalog.rows.readable_columns import is_readable_column
from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.errors import UnknownColumn
from cirrusql.plan.locations.location_conditions import needed_for_places, settle_places
from cirrusql.plan.model import UNKNOWN, Binding, CallScope, CallSet, Feed, Scan
from cirrusql.plan.passes.limits import limit_of
from cirrusql.plan.passes.locations import in_any_region
from cirrusql.plan.reads.bound_method import BoundMethod
from cirrusql.plan.reads.detail_joins import (
    join_details,
    options_of_details,
    read_detail_alone,
)
from cirrusql.plan.reads.method_selection import choose, needed_by
from cirrusql.plan.reads.page_size import page_size
from cirrusql.plan.reads.readers import readers
from cirrusql.plan.reads.row_details import asked_by
from cirrusql.plan.reads.scope_keys import scope_keys
from cirrusql.plan.reads.sharing import share
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.scopes import TableReference
from cirrusql.sql.quoting import quoted


def calls(draft: PlanningContext) -> None:
    """Give every source its scan. Raises MissingParameter if a source cannot be read."""
    waiting = list(draft.sources)
    for source in waiting:
        _take_apart(source)
    fed_by = {source: _fed_by(draft, source) for source in waiting}
    while waiting:
        source = _next(draft, waiting, fed_by)
        waiting.remove(source)
        _only_what_can_be_read(source)
        if source.needs_no_rows and "predicates" not in draft.options.off:
            columns = scan_columns(source)
            scan = Scan("", source.table, (), columns, source.places, alias=source.alias)
            source.scan = share(draft, scan)
            source.relation = source.scan.id
            _pack(source)
            continue
        settle_places(draft, source, [source, *waiting])
        _give_scan(draft, source, choose(draft, source, [source, *waiting]))
        _pack(source)


def _take_apart(source: TableReference) -> None:
    """Replace the columns that a statement names by those that they are made of."""
    used = {n: m for n in source.used if (m := source.made_column(n)) and m.column.name == n}
    for name, made in used.items():
        source.made.append(made)
        source.used |= {*made.parts}
        if name in source.deciding:
            source.deciding |= {*made.parts}
    source.used -= used.keys()
    source.deciding -= used.keys()


def _pack(source: TableReference) -> None:
    """Add them to the source's relation."""
    if source.made:
        cells = (f"{m.sql} AS {quoted(m.column.name)}" for m in source.made)
        source.relation = f"(SELECT *, {', '.join(cells)} FROM {source.relation})"


@dataclass(frozen=True)
class _FedBy:
    """The sources that must be read before the values of some columns are known."""

    parameters: frozenset[TableReference]
    all: frozenset[TableReference]


def _fed_by(draft: PlanningContext, source: TableReference) -> _FedBy:
    fixed = {e.column for e in source.equalities if e.constants}
    parameters = (_parameters(source) | scope_keys(source)) - fixed
    needed = [(e.column, needed_by(draft, e)) for e in source.equalities]
    return _FedBy(
        frozenset(s for column, found in needed if column in parameters for s in found) - {source},
        frozenset(s for _, found in needed for s in found) - {source},
    )


def _next(
    draft: PlanningContext,
    waiting: list[TableReference],
    fed_by: Mapping[TableReference, _FedBy],
) -> TableReference:
    """The source to decide next: the first one that no undecided source feeds."""
    ready, undecided = None, frozenset(waiting)
    for source in waiting:
        if _waits(draft, source, undecided, fed_by[source]):
            continue
        # A listing whose details other rows would narrow waits for them if it can.
        if not _is_narrowed(source, undecided, fed_by[source]):
            return source
        ready = ready or source
    return ready or (_stand_alone(waiting) or waiting)[0]


def _waits(
    draft: PlanningContext,
    source: TableReference,
    undecided: frozenset[TableReference],
    fed_by: _FedBy,
) -> bool:
    """Whether an undecided source could feed a parameter of this one."""
    if not fed_by.parameters.isdisjoint(undecided):
        return True
    return any(s in undecided and s is not source for s in needed_for_places(draft, source))


def _is_narrowed(
    source: TableReference, undecided: frozenset[TableReference], fed_by: _FedBy
) -> bool:
    """Whether details of the source are used, and reading another source first would
    reduce them."""
    if fed_by.all.isdisjoint(undecided):
        return False
    return any(n in detail.picks for detail in source.table.details for n in source.used)


def _stand_alone(waiting: list[TableReference]) -> list[TableReference]:
    """Sources with a listing that needs none of the parameters that others could feed."""
    found = []
    for source in waiting:
        fed = {e.column for e in source.equalities if not e.constants}
        for method in readers(source):
            is_listing = method.rows is not None and method.rows.lists
            if is_listing and not method.keys and not fed & _columns_for(source, method.parameters):
                found.append(source)
                break
    return found


def _parameters(source: TableReference) -> set[str]:
    return {c for m in readers(source) for c in _columns_for(source, m.parameters)}


def _columns_for(source: TableReference, parameters: Iterable[str]) -> set[str]:
    found = (source.column(name) for name in parameters)
    return {c.name for c in found if c is not None}


def _only_what_can_be_read(source: TableReference) -> None:
    """Raise UnknownColumn for a parameter of write methods only: no row has it."""
    for name in sorted(source.used):
        column = source.column(name)
        if column is not None and not is_readable_column(source.table, column):
            owners = [source.table.spelled(m) for m in source.table.methods if name in m.parameters]
            fields = [c.name for c in source.table.columns if c.role is Role.FIELD]
            shown = shown_in(source.table, name)
            told = (
                f"the rows have it in {', '.join(shown)}"
                if shown
                else f"the fields are {', '.join(fields[:12])}"
            )
            raise UnknownColumn(
                name,
                where=source.table.id,
                hint=f"it is a request parameter of {', '.join(owners)}; {told}",
            )


def masked(
    draft: PlanningContext, source: TableReference, columns: tuple[Column, ...]
) -> tuple[str, ...]:
    """The columns with secrets that only a star selects. A notice says that their
    values are NULL."""
    hidden = [c for c in columns if c.name not in source.used and is_secret_column(c)]
    nulls = [c.name for c in hidden if c.type.name != "VARCHAR" and c.role is Role.FIELD]
    if nulls:
        draft.notices.append(
            f"{source.table.id}: {', '.join(nulls)} may hold secrets, so SELECT * shows NULL; "
            "name the column to see it"
        )
    return tuple(c.name for c in hidden)


def _give_scan(draft: PlanningContext, source: TableReference, chosen: BoundMethod) -> None:
    bindings = (*chosen.bindings, *chosen.filling.bindings)
    limit = limit_of(source, chosen)
    # APIs reject a page size beside a list of keys.
    page = page_size(source.table, chosen.method, limit) if not chosen.batch else None
    partition = _partition(source, chosen)
    columns = scan_columns(source, partition)
    call_set = CallSet(
        chosen.method,
        bindings,
        page,
        constants=chosen.filling.constants,
        completeness=chosen.completeness,
        partition=partition,
        batch=chosen.batch,
        batch_size=chosen.batch_size,
    )
    by_rows = bool(source.table.region_field) and chosen.is_listing
    is_of_all = by_rows and not source.table.shows_others
    scan = Scan(
        "",
        source.table,
        (call_set,),
        columns,
        in_any_region(source.places) if is_of_all else _places(source, bindings),
        limit=limit,
        alias=source.alias,
        masked=masked(draft, source, columns),
        local_filter=_local_filter(draft, source),
        shows_region=source.is_star or "region" in source.used,
    )
    if scan.scope.says_no_region and not by_rows:
        _say_where(draft, source)
    if chosen.detail is not None:
        read_detail_alone(draft, source, scan, columns, chosen.detail)
        return
    asked = asked_by(source.table, chosen.itself(source)) if chosen.is_listing else {}
    if not chosen.details and chosen.detail is None:
        # Without a detail to call, nothing is sent, but invalid values are still rejected.
        options_of_details(draft, source, chosen.sent(source))
    if chosen.details or by_rows or any(c.name in asked for c in columns):
        join_details(draft, source, scan, columns, chosen.details)
        return
    source.scan = share(draft, scan)
    source.relation = source.scan.id


def _say_where(draft: PlanningContext, source: TableReference) -> None:
    """Notice about a source read in one region beside others read in many, so that it does not pass
    for complete."""
    others = [s for s in draft.sources if "region" in s.mentions and not s.table.is_global]
    if others and not source.table.is_global:
        draft.notices.append(
            f"{source.alias}: the statement does not name its region, so it is read in one "
            f"region only; {source.alias}.region = {others[0].alias}.region reads it in the "
            f"regions of {others[0].alias}"
        )


def _places(source: TableReference, bindings: tuple[Binding, ...]) -> CallScope:
    for binding in bindings:
        if isinstance(binding, Feed) and binding.says_regions and source.places.regions is None:
            sql = f"SELECT DISTINCT region FROM ({binding.sql}) WHERE region <> '{UNKNOWN}'"
            found = Feed(("region",), sql, binding.needs, "its parent's rows", says_regions=True)
            return replace(source.places, region_feed=found)
    return source.places


def _partition(source: TableReference, chosen: BoundMethod) -> tuple[str, ...]:
    """The parameters that iterate over values which a row contains itself."""
    rows = chosen.method.rows
    found = []
    for binding in chosen.filling.bindings:
        (name,) = binding.parameters
        column = source.column(name)
        kinds = {row[0] for row in binding.rows}
        if (
            rows is not None
            and name in rows.fields
            and column is not None
            and kinds <= {*column.enum}
        ):
            found.append(name)
    return tuple(found)


def scan_columns(source: TableReference, needed: Collection[str] = ()) -> tuple[Column, ...]:
    """The columns of the relation: those named, and for a star those that it shows."""
    table = source.table
    named = {*source.used, *needed}
    return tuple(
        c for c in table.columns if c.name in named or (source.is_star and table.is_starred(c))
    )


def _local_filter(draft: PlanningContext, source: TableReference) -> str:
    """The conditions on this source that only the engine evaluates, for EXPLAIN."""
    found = draft.filters.get(source.item, ()) if source.item is not None else ()
    return " AND ".join(node.sql(dialect="duckdb") for node in found)
