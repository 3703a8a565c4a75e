"""Chooses the method that reads a source, and binds its parameters: the cheapest that can serve."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from math import prod

from sqlglot import exp

from cirrusql.api.model import Kind
from cirrusql.catalog.behaviour.completeness import excused
from cirrusql.catalog.inference.fitness import is_list_of_scalars
from cirrusql.catalog.inference.identifiers import stem_of
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.model import Detail, Method, ParameterRole, Role, Table
from cirrusql.catalog.relations.batch_size import most_of
from cirrusql.catalog.relations.parents import candidates, parents_of
from cirrusql.catalog.relations.projection import gives_same_rows, is_listing, row_source
from cirrusql.errors import MissingParameter
from cirrusql.plan.locations.location_feeds import place_cells, placed_by
from cirrusql.plan.model import Binding, Constant
from cirrusql.plan.parameter_values.feeds import constant_binding, key_feed, query_feed
from cirrusql.plan.parameter_values.known_values import known, said
from cirrusql.plan.parameter_values.parent_feeds import with_parents
from cirrusql.plan.parameter_values.pruning import pruned_by_join
from cirrusql.plan.parameter_values.unbound_parameters import filling
from cirrusql.plan.parameter_values.value_sources import read_by, sources_of
from cirrusql.plan.passes.predicates import narrowest
from cirrusql.plan.reads.bound_method import FED_COUNT, BoundMethod
from cirrusql.plan.reads.method_ranking import (
    asks_for_nothing,
    best_of,
    columns_given,
    is_field,
    rank,
    says_which,
    unsaid_keys,
)
from cirrusql.plan.reads.readers import readers
from cirrusql.plan.reads.row_details import details_for
from cirrusql.plan.reads.scope_keys import keys_of_scopes
from cirrusql.plan.reads.sent_together import never_together, sends_all
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.scopes import Equality, TableReference
from cirrusql.plan.scope.unfilled_columns import refuse_unfilled


def choose(
    draft: PlanningContext, source: TableReference, undecided: list[TableReference]
) -> BoundMethod:
    """Choose the method that returns most of the wanted columns with the fewest calls.

    ``undecided`` sources cannot feed it: itself and those decided later. Raises MissingParameter if
    a key is not bound and no parent lists its values.
    """
    wanted = _wanted(source)
    options = [
        _with_details(source, bound(draft, source, method, undecided), wanted)
        for method in readers(source)
    ]
    options += _by_key_itself(draft, source, undecided, wanted)
    options += _straight(draft, source, undecided, wanted)
    options = [o for o in options if sends_all(source, o.method, o.is_listing and o.detail is None)]
    if not options:
        raise never_together(source, readers(source))
    best = _chosen(draft, source, _of_the_table(source, options), wanted)
    lost = set() if best is None else source.deciding & wanted - best.gives(source)
    if best is None or lost:
        # A parameter that no row contains can still be sent to a method that accepts it.
        asked = [o for o in options if lost <= o.sent(source)]
        other = _chosen(draft, source, asked, wanted)
        if other is not None and (
            best is None
            or columns_given(source, other, wanted) > columns_given(source, best, wanted)
        ):
            best = other
    if best is None:
        raise _missing(draft, source, options)
    draft.notices += (f"{source.table.id}: {words}" for words in best.filling.missing)
    missing = [
        c for n in sorted(wanted - best.gives(source)) if (c := source.column(n)) is not None
    ]
    refuse_unfilled(draft, source, best.method, missing)
    return best


def _by_key_itself(
    draft: PlanningContext,
    source: TableReference,
    undecided: list[TableReference],
    wanted: set[str],
) -> Iterator[BoundMethod]:
    """Methods that do not take another name of a resource in place of its key: their rows would
    lack the key."""
    for method in readers(source):
        given = {e.column for e in source.equalities}
        for key, others in method.instead.items():
            column = source.column(key)
            same = (n for n in others if n in given and stem_of(n) == stem_of(key))
            fields = {n for n in same if is_field(source, n)}
            if (
                fields
                and column is not None
                and column.role is Role.PARAMETER
                and column.name in wanted
            ):
                yield _with_details(
                    source, bound(draft, source, method, undecided, leaving=fields), wanted
                )


def _of_the_table(source: TableReference, options: list[BoundMethod]) -> list[BoundMethod]:
    """The options whose rows are the table's: those of its row source, and those that read its
    resources by key.

    Another listing is used if the statement binds a parameter of it that the row source lacks.
    """
    rows = row_source(readers(source))
    if rows is None:
        return options

    def is_asked_for(option: BoundMethod) -> bool:
        columns = (source.column(n) for n in option.names if n not in rows.parameters)
        return any(c is not None and c.role is Role.PARAMETER for c in columns)

    return [
        o
        for o in options
        if not is_listing(o.method) or gives_same_rows(o.method, rows) or is_asked_for(o)
    ]


def _chosen(
    draft: PlanningContext, source: TableReference, options: list[BoundMethod], wanted: set[str]
) -> BoundMethod | None:
    """The best of some options; None if each lacks a key."""
    complete = [o for o in options if not o.missing]
    best = best_of(source, complete, wanted)
    if best is None or not wanted <= best.gives(source):
        fed = _by_parents(draft, source, options, wanted)
        if fed is not None and (
            best is None or columns_given(source, fed, wanted) > columns_given(source, best, wanted)
        ):
            best = fed
    callers = [o for o in complete if asks_for_nothing(source, o)]
    return best or min(callers, key=lambda o: rank(source, o, wanted), default=None)


def _with_details(source: TableReference, option: BoundMethod, wanted: set[str]) -> BoundMethod:
    if not source.table.details:
        return option
    return replace(option, details=details_for(source.table, option.own(source), wanted))


def _straight(
    draft: PlanningContext,
    source: TableReference,
    undecided: list[TableReference],
    wanted: set[str],
) -> Iterator[BoundMethod]:
    """Details that can replace the listing, if the statement binds their key.

    Of another resource's details, only those that a star shows, and those that mostly repeat the
    listing: every resource has one, so no row is lost. Of the table's own, those whose response
    contains, under another name, what the listing would.
    """
    own = {m.operation for m in source.table.methods}
    for detail in source.table.details:
        if detail.many or not (
            _says_all_keys(source, detail)
            if detail.method.operation in own
            else detail.is_shown or detail.is_twin
        ):
            continue
        found = replace(bound(draft, source, detail.method, undecided), detail=detail)
        keys = {parameter for parameter, _ in detail.keys}
        if keys == found.names and wanted <= found.own(source):
            yield found


def _says_all_keys(source: TableReference, detail: Detail) -> bool:
    """Whether the response contains each key column of the detail, under another name
    or as sent."""
    again = {
        c.told_by for c in source.table.columns if c.role is Role.FIELD and c.name in detail.picks
    }
    columns = {c for p, c in detail.keys if p.lower() != c.lower()}
    return bool(columns) and columns <= again


def _wanted(source: TableReference) -> set[str]:
    """The columns that the statement needs: fields, parameters that it binds, and those that every
    row has."""
    given = {e.column for e in source.equalities}
    names = {*source.used, *(source.table.starred if source.is_star else ())}
    columns = (source.column(name) for name in names)
    return {
        c.name
        for c in columns
        if c is not None
        and (
            c.role is Role.FIELD
            or c.parameter_role is ParameterRole.KEY
            or (c.role is Role.PARAMETER and c.name in source.table.starred)
            or (c.parameter_role is ParameterRole.FILTER and c.name in given)
        )
    }


def bound(
    draft: PlanningContext,
    source: TableReference,
    method: Method,
    undecided: list[TableReference],
    *,
    leaving: Collection[str] = (),
) -> BoundMethod:
    """A method with its parameters bound by the equalities, except those that must not be sent."""
    chosen: dict[str, Equality] = {}
    is_bound = "predicates" not in draft.options.off
    for name in (n for n in method.parameters if n not in leaving):
        column = source.column(name)
        found = _equalities_for(source, method, name)
        if is_bound or (column is not None and column.name in source.must_send):
            for equality in found:
                if equality.is_for_keys and name not in method.keys:
                    continue
                equality = said(column, equality) if column is not None else equality
                if not any(s in undecided for s in needed_by(draft, equality)):
                    chosen[name] = replace(equality, column=name)
                    break
    found_by, batch = {}, ""
    known = keys_of_scopes(
        source, method, lambda e: not any(s in undecided for s in needed_by(draft, e))
    )
    for scope, column_name, parameter, equality in known:
        found_by[scope] = column_name
        if is_bound and parameter in method.parameters and parameter not in chosen:
            chosen[parameter] = replace(equality, column=parameter)
            batch = parameter if method.parameters[parameter].shape.kind is Kind.LIST else ""
    bindings = []
    count = 1.0
    for group in _groups(chosen):
        binding = _binding(draft, source, method, group)
        bindings.append(binding)
        count *= len(group[0].constants) or _count_of(source, group)
    needless = excused(method.operation, chosen)
    missing = tuple(n for n in method.unbound(chosen) if n not in needless)
    filled = filling(
        source.table,
        method,
        chosen,
        found_by=found_by,
        is_needed=lambda name: _is_needed(source, name),
        fed=missing,
        sent=_sent_as_detail(source.table, method, chosen),
    )
    return BoundMethod(
        method, tuple(bindings), missing, count=count * filled.count, filling=filled, batch=batch
    )


def _sent_as_detail(table: Table, method: Method, given: Collection[str]) -> dict[str, object]:
    """Parameters that a detail always sends, used when it is called directly, so that the same
    columns are returned."""
    own = method.operation
    constants = [c for d in table.details if d.method.operation is own for c in d.constants]
    return {name: value for name, value in constants if name not in given}


def _is_needed(source: TableReference, name: str) -> bool:
    column = source.column(name)
    return column is not None and (
        column.name in source.used or (source.is_star and source.table.is_starred(column))
    )


def _equalities_for(source: TableReference, method: Method, name: str) -> list[Equality]:
    """The equalities on a parameter; for a required list, also those on the field that it lists."""
    column = source.column(name)
    if column is None:
        return []
    found = narrowest(source.equalities, column.name)
    is_detail = any(d.method.operation is method.operation for d in source.table.details)
    if not found and column.told_by and name in method.keys and not is_detail:
        found = [e for e in narrowest(source.equalities, column.told_by) if not e.is_for_keys]
    return found


def needed_by(draft: PlanningContext, equality: Equality) -> list[TableReference]:
    """The sources that must be read before the values of an equality are known."""
    if equality.query is not None:
        return read_by(draft, equality.query)[0]
    return sources_of(draft, equality.item) if equality.item is not None else []


def _groups(chosen: dict[str, Equality]) -> Iterator[list[Equality]]:
    """Groups of equalities whose values belong together: of one item, subquery or list
    of tuples."""
    groups: dict[object, list[Equality]] = {}
    for name, equality in chosen.items():
        key: object = name
        if equality.item is not None:
            key = ("item", id(equality.item))
        elif equality.query is not None:
            key = ("query", id(equality.query))
        elif equality.group is not None:
            key = ("group", id(equality.group))
        groups.setdefault(key, []).append(equality)
    yield from groups.values()


def _binding(
    draft: PlanningContext, source: TableReference, method: Method, group: list[Equality]
) -> Binding:
    first = group[0]
    if first.constants:
        return constant_binding(group)
    if first.query is not None:
        return query_feed(draft, group, placed_by(source, first))
    assert first.item is not None
    feed = key_feed(draft, first.item, group, places=place_cells(draft, source, first.item))
    return pruned_by_join(draft, source, method, group, feed)


def _count_of(source: TableReference, group: list[Equality]) -> float:
    """Estimated number of a feed's values: few if its source has few rows, or was itself read by
    key."""
    counts_said = [k.count for e in group if (k := known(e, source.column(e.column))) is not None]
    if counts_said:
        return min(counts_said)
    item = group[0].item
    scan = item.source.scan if item is not None and item.source is not None else None
    if scan is None:
        return FED_COUNT
    counts = []
    for call_set in scan.calls:
        is_listing = call_set.method.rows is not None and call_set.method.rows.lists
        rows = [len(b.rows) if isinstance(b, Constant) else FED_COUNT for b in call_set.bindings]
        counts.append(FED_COUNT if is_listing or not rows else float(prod(rows)))
    return sum(counts)


def _by_parents(
    draft: PlanningContext, source: TableReference, options: list[BoundMethod], wanted: set[str]
) -> BoundMethod | None:
    """The best of the methods whose missing parameters can all be fed by parents."""
    if not draft.options.parents or "parents" in draft.options.off:
        return None
    has_rows = row_source(readers(source)) is not None

    def is_of_one(option: BoundMethod) -> bool:
        """Whether it returns a single resource that no parameter identifies: the API
        decides which."""
        return has_rows and not is_listing(option.method) and not says_which(source, option)

    ordered = sorted(
        (o for o in options if o.missing),
        key=lambda o: (
            is_of_one(o),
            *rank(source, o, wanted)[:2],
            len(o.missing),
            not o.is_listing,
            *rank(source, o, wanted)[2:],
        ),
    )
    for option in ordered:
        bindings = with_parents(draft, source, option.method, option.bindings)
        if bindings is not None:
            fed_count = FED_COUNT * option.filling.count
            batch = option.batch or _batch_of_fed(draft, source, option)
            return replace(
                option,
                bindings=tuple(bindings),
                fed=option.missing,
                missing=(),
                count=fed_count,
                batch=batch,
            )
    return None


def _batch_of_fed(draft: PlanningContext, source: TableReference, option: BoundMethod) -> str:
    """A list among the keys that parents feed, if one call for several keys tells its rows apart.

    That is so if a field says which key each row belongs to, or if the operation is named a batch.
    In the latter case a row shows the whole list that was sent, so a query that selects that column
    makes one call per key.
    """
    lists = [n for n in option.missing if is_list_of_scalars(option.method, n)]
    if (
        len(lists) != 1
        or most_of(option.method.operation, lists[0]) < 2
        or "batches" in draft.options.off
    ):
        return ""
    column = source.column(lists[0])
    is_batch = parts(option.method.operation.name).is_batch and not _is_needed(source, lists[0])
    return lists[0] if column is not None and (column.told_by or is_batch) else ""


def _recursion_around(source: TableReference) -> str:
    """The name of the recursive query that contains the reading of a table; empty if
    there is none."""
    cte = source.node.find_ancestor(exp.CTE)
    with_ = cte.find_ancestor(exp.With) if cte is not None else None
    if cte is None or with_ is None or not with_.args.get("recursive"):
        return ""
    name = str(cte.alias)
    return name if any(t.name.lower() == name.lower() for t in cte.this.find_all(exp.Table)) else ""


def _missing(
    draft: PlanningContext, source: TableReference, options: list[BoundMethod]
) -> MissingParameter:
    """Name the missing parameters, the methods that could serve, and the query that
    lists values."""
    options = [o if o.missing else replace(o, missing=unsaid_keys(source, o)) for o in options]
    nearest = min(options, key=lambda o: (not o.missing, len(o.missing), o.method.name))
    names = ", ".join(nearest.missing)
    other = "; ".join(
        f"{source.table.spelled(o.method)} requires "
        f"{', '.join({**dict.fromkeys(o.method.keys), **dict.fromkeys(o.missing)}) or 'nothing'}"
        for o in options
    )
    hint = f"add WHERE {' AND '.join(f'{n} = …' for n in nearest.missing)}"
    values = [
        f"SELECT {field} FROM {listing}"
        for name in nearest.missing
        for listing, field in candidates(draft.catalog, source.table, nearest.method, name)[:2]
    ]
    if values:
        is_sure = all(
            parents_of(draft.catalog, source.table, nearest.method, n) for n in nearest.missing
        )
        hint += f"; {'; '.join(values)} {'lists' if is_sure else 'may list'} the values"
    recursion = _recursion_around(source)
    if recursion:
        hint += (
            f"; the values that {recursion} returns are unknown before the table is read: list "
            "them outside the recursive query, or write its steps as joins"
        )
    verb = "are" if len(nearest.missing) > 1 else "is"
    return MissingParameter(f"{source.table.id}: {names} {verb} required ({other})", hint=hint)
