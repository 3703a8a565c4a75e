"""Pass: by which calls each source is read: method, bindings, and who feeds whom.

Sources are decided one after the other. First what stands on its own or on constants, then
what is fed by those; where feeds go in a circle, the listing that needs nothing begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cirrusql.catalog.model import Column, Method, Role, Verb
from cirrusql.catalog.parents import Parent, is_list_of_scalars, is_scalar, parent_of
from cirrusql.errors import MissingParameter, NotSupportedError, UnknownColumn
from cirrusql.plan.draft import Draft, Equality, Source
from cirrusql.plan.feeds import constant_binding, key_feed, query_feed, sources_in
from cirrusql.plan.model import Binding, CallSet, Feed, Scan, Scope
from cirrusql.plan.predicates import narrowest

_LISTING_COST = 25.0
"""A listing's pages, in calls: up to so many keys are asked for one by one instead."""
_FED_COST = 100.0
_MOST_HOPS = 6


def calls(draft: Draft) -> None:
    """Give every source its scan. Raises MissingParameter where a source cannot be read."""
    waiting = list(draft.sources)
    while waiting:
        ready = [s for s in waiting if not _waits(draft, s, waiting)] or _stand_alone(waiting)
        ready = ready or waiting[:1]
        for source in ready[:1]:
            _decide(draft, source, [s for s in waiting if s is not source])
            waiting.remove(source)


def _waits(draft: Draft, source: Source, waiting: list[Source]) -> bool:
    """Whether a parameter of the source is to be fed by a source that is not decided yet."""
    parameters = _parameters(source)
    for equality in source.equalities:
        if equality.column not in parameters or _has_constants(source, equality.column):
            continue
        if equality.driver is not None and equality.driver in waiting:
            return True
        if equality.query is not None and any(s in waiting for s in sources_in(draft, equality.query)):
            return True
    return source.region_driver is not None and source.region_driver in waiting


def _has_constants(source: Source, column: str) -> bool:
    return any(e.column == column and e.constants for e in source.equalities)


def _stand_alone(waiting: list[Source]) -> list[Source]:
    """Sources with a listing that takes none of the parameters others would feed."""
    found = []
    for source in waiting:
        fed = {e.column for e in source.equalities if not e.constants}
        for method in _readers(source):
            rows = method.rows
            if rows is not None and rows.lists and not method.keys and not fed & set(method.parameters):
                found.append(source)
                break
    return found


def _parameters(source: Source) -> set[str]:
    return {name for method in _readers(source) for name in method.parameters}


def _readers(source: Source) -> list[Method]:
    found = [m for m in source.table.methods if Verb.SELECT in (m.verb, m.api_verb) and m.rows is not None]
    if not found:
        raise NotSupportedError(
            f"{source.table.id} cannot be read: none of its methods lists or gets anything",
            hint=f"SHOW METHODS IN {source.table.id}",
        )
    return found


def _decide(draft: Draft, source: Source, waiting: list[Source]) -> None:
    _only_what_can_be_read(source)
    options = [_bound(draft, source, m, waiting) for m in _readers(source)]
    complete = [(m, b) for m, b, missing in options if not missing]
    wanted = _wanted(source)
    best = _best(source, complete, wanted)
    if best is None or not wanted <= set(_fields(best[0])):
        by_parent = _with_parents(draft, source, options, wanted)
        if by_parent is not None and (best is None or _covers_more(by_parent[0], best[0], wanted)):
            best = by_parent
    if best is None:
        raise _missing(draft, source, options)
    _give_scan(draft, source, best[0], tuple(best[1]))


def _only_what_can_be_read(source: Source) -> None:
    """UnknownColumn for a parameter that only writing methods have: no row bears it."""
    readable = _parameters(source)
    for name in sorted(source.used):
        column = source.column(name)
        if column is not None and column.role is Role.PARAMETER and name not in readable:
            owners = [_name(source, m) for m in source.table.methods if name in m.parameters]
            fields = [c.name for c in source.table.columns if c.role is Role.FIELD]
            raise UnknownColumn(
                name,
                where=source.table.id,
                hint=f"it is a parameter of {', '.join(owners)}; the fields are {', '.join(fields[:12])}",
            )


def _covers_more(method: Method, other: Method, wanted: set[str]) -> bool:
    return len(wanted & set(_fields(method))) > len(wanted & set(_fields(other)))


def _wanted(source: Source) -> set[str]:
    """The FIELD columns that the statement needs."""
    own = {c.name for c in source.table.columns if c.role is Role.FIELD}
    return set() if source.is_star else source.used & own


def _fields(method: Method) -> tuple[str, ...]:
    return tuple(method.rows.fields) if method.rows is not None else ()


def _bound(
    draft: Draft, source: Source, method: Method, waiting: list[Source]
) -> tuple[Method, list[Binding], list[str]]:
    """A method, the bindings that there are for it, and the required parameters without one."""
    found: list[Binding] = []
    driven: dict[Source, list[Equality]] = {}
    bound: set[str] = set()
    if "predicates" not in draft.options.off:
        for name in method.parameters:
            for equality in narrowest(source.equalities, name):
                if equality.constants:
                    found.append(constant_binding(name, equality.constants))
                elif equality.query is not None:
                    if any(s in waiting or s is source for s in sources_in(draft, equality.query)):
                        continue
                    found.append(query_feed(draft, equality))
                elif equality.driver is not None and equality.driver not in waiting:
                    driven.setdefault(equality.driver, []).append(equality)
                else:
                    continue
                bound.add(name)
                break
    found += [key_feed(draft, driver, equalities) for driver, equalities in driven.items()]
    return method, found, [n for n in method.keys if n not in bound]


def _best(
    source: Source, complete: list[tuple[Method, list[Binding]]], wanted: set[str]
) -> tuple[Method, list[Binding]] | None:
    """The method whose rows have the most of what is wanted, by the fewest calls."""
    has_listing = any(m.rows is not None and m.rows.lists for m in _readers(source))
    options = []
    for method, bindings in complete:
        is_listing = method.rows is not None and bool(method.rows.lists)
        if not is_listing and has_listing and not bindings:
            # A Get without its key answers for the caller, not for the table.
            continue
        options.append((method, bindings))
    if not options:
        return None
    return min(
        options,
        key=lambda o: (
            -len(wanted & set(_fields(o[0]))),
            _cost(*o),
            -len(_fields(o[0])),
            -len(o[0].name),
        ),
    )


def _cost(method: Method, bindings: list[Binding]) -> float:
    cost = 1.0
    for binding in bindings:
        cost *= _FED_COST if isinstance(binding, Feed) else len(binding.rows)
    keyed = set(method.keys) | ({n for b in bindings for n in b.parameters} & set(method.parameters))
    is_listing = method.rows is not None and bool(method.rows.lists)
    return cost if keyed and not is_listing else cost * (_LISTING_COST if not keyed else 2.0)


def _with_parents(
    draft: Draft,
    source: Source,
    options: list[tuple[Method, list[Binding], list[str]]],
    wanted: set[str],
) -> tuple[Method, list[Binding]] | None:
    """The best method whose missing parameters all have parents, fed by them."""
    if not draft.options.parents or "parents" in draft.options.off:
        return None
    ordered = sorted(
        (o for o in options if o[2]),
        key=lambda o: (-len(wanted & set(_fields(o[0]))), len(o[2]), not (o[0].rows and o[0].rows.lists)),
    )
    for method, bindings, missing in ordered:
        feeds = _parent_feeds(draft, source, method, missing, hops=0, seen=frozenset({source.table.id}))
        if feeds is not None:
            return method, [*bindings, *feeds]
    return None


def _parent_feeds(
    draft: Draft, source: Source, method: Method, missing: list[str], hops: int, seen: frozenset[str]
) -> list[Binding] | None:
    """The feeds of the missing parameters: together from one parent where it has them all.

    Two parents side by side would pair what does not belong together, so that is no answer.
    """
    if hops >= _MOST_HOPS:
        return None
    parents = [parent_of(draft.catalog, source.table, name) for name in missing]
    known = [p for p in parents if p is not None]
    scalar_or_list = all(is_scalar(method, n) or is_list_of_scalars(method, n) for n in missing)
    if len(known) < len(missing) or not scalar_or_list:
        return None
    # The parent that itself hangs on the others' values has them all in its rows.
    deepest = max(known, key=lambda p: len(p.method.keys))
    columns = [_carried(deepest, p, name) for p, name in zip(known, missing, strict=True)]
    if None in columns:
        return None
    scan = _parent_scan(draft, source, deepest, [c for c in columns if c is not None], hops, seen)
    if scan is None:
        return None
    region = "NULL" if deepest.table.is_global else "region"
    cells = [
        f'"{column}" AS v{i}' if is_scalar(method, name) else f'["{column}"] AS v{i}'
        for i, (column, name) in enumerate(zip(columns, missing, strict=True))
    ]
    filled = " AND ".join(f'"{column}" IS NOT NULL' for column in columns)
    sql = (
        f"SELECT DISTINCT {', '.join(cells)}, connection, NULL AS account_id, {region} AS region "
        f"FROM {scan.id} WHERE {filled}"
    )
    reason = f"parent {deepest.table.id}"
    return [Feed(tuple(missing), sql, (scan.id,), reason, carries_context=True)]


def _carried(deepest: Parent, parent: Parent, name: str) -> str | None:
    """The column of the deepest parent's rows that has a parameter's value.

    Its own field, or the parameter by which it was itself asked for, which its rows bear.
    """
    if parent.table is deepest.table:
        return parent.field
    column = deepest.table.by_alias.get(name.lower())
    return column.name if column is not None and column.name in deepest.method.keys else None


def _parent_scan(
    draft: Draft, source: Source, parent: Parent, needed: list[str], hops: int, seen: frozenset[str]
) -> Scan | None:
    """The scan of a parent's listing in the places of the child, shared with others like it."""
    bindings: list[Binding] = []
    key = f"{parent.table.id}.{parent.method.name}"
    if key in seen:
        return None
    if parent.method.keys:
        stand_in = Source(None, parent.table, parent.table.name, places=source.places)
        missing = list(parent.method.keys)
        feeds = _parent_feeds(draft, stand_in, parent.method, missing, hops + 1, seen | {key})
        if feeds is None:
            return None
        bindings = feeds
    names = {*needed, "connection", "region"}
    columns = tuple(c for c in parent.table.columns if c.name in names)
    call_set = CallSet(parent.method, tuple(bindings))
    return share(draft, Scan("", parent.table, (call_set,), columns, source.places, alias=parent.table.name))


def share(draft: Draft, scan: Scan) -> Scan:
    """The scan that makes the same calls already, with the columns of both; else a new one."""
    for i, other in enumerate(draft.scans):
        same = (
            other.table.columns is scan.table.columns
            and other.scope == scan.scope
            and other.limit == scan.limit
            and [(c.method.operation, c.bindings) for c in other.calls]
            == [(c.method.operation, c.bindings) for c in scan.calls]
        )
        if same and "share" not in draft.options.off:
            names = {c.name for c in (*other.columns, *scan.columns)}
            columns = tuple(c for c in other.table.columns if c.name in names)
            draft.scans[i] = replace(other, columns=columns)
            return draft.scans[i]
    new = replace(scan, id=draft.next_id())
    draft.scans.append(new)
    return new


def _give_scan(draft: Draft, source: Source, method: Method, bindings: tuple[Binding, ...]) -> None:
    places: Scope = source.places
    driver = source.region_driver
    if driver is not None and driver.scan is not None and "places" not in draft.options.off:
        sql = f"SELECT DISTINCT region FROM {driver.scan.id} WHERE region IS NOT NULL"
        places = replace(
            places, region_feed=Feed(("region",), sql, (driver.scan.id,), f"{driver.alias}.region")
        )
    call_set = CallSet(method, bindings, source.limit)
    scan = Scan(
        "",
        source.table,
        (call_set,),
        scan_columns(source, bindings),
        places,
        limit=source.limit,
        alias=source.alias,
    )
    source.scan = share(draft, scan)
    source.relation = source.scan.id


def scan_columns(source: Source, bindings: tuple[Binding, ...]) -> tuple[Column, ...]:
    """What the relation has: for a star, fields, bound parameters and context."""
    bound = {name for b in bindings for name in b.parameters}
    return tuple(c for c in source.table.columns if _is_shown(source, c, bound))


def _is_shown(source: Source, column: Column, bound: set[str]) -> bool:
    if column.name in source.used:
        return True
    return source.is_star and (column.role is not Role.PARAMETER or column.name in bound)


def _missing(
    draft: Draft, source: Source, options: list[tuple[Method, list[Binding], list[str]]]
) -> MissingParameter:
    """Names the parameters, the methods that could serve, and the query that lists values."""
    _, _, missing = min(options, key=lambda o: (len(o[2]), o[0].name))
    names = ", ".join(missing)
    other = "; ".join(f"{_name(source, m)} wants {', '.join(m.keys) or 'nothing'}" for m, _, _ in options)
    hint = f"add WHERE {' AND '.join(f'{n} = …' for n in missing)}"
    values = list(_listings(draft, source, missing))
    if values:
        hint += f"; {'; '.join(values)} lists the values"
    return MissingParameter(f"{source.table.id}: {names} must be given ({other})", hint=hint)


def _listings(draft: Draft, source: Source, missing: list[str]) -> Iterator[str]:
    for name in missing:
        parent = parent_of(draft.catalog, source.table, name)
        if parent is not None:
            yield f"SELECT {parent.field} FROM {parent.table.id}"


def _name(source: Source, method: Method) -> str:
    return method.api_name if source.table.is_api_spelling else method.name
