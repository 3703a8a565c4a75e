"""Required parameters that nothing binds, fed by the listings of their values, over several hops.

Which resource lists a parameter's values is ``catalog.parents``' to say; here its rows are
read, and a value is only used in the place where it was found.
"""

from __future__ import annotations

from collections.abc import Sequence

from cirrusql.catalog.model import Method
from cirrusql.catalog.parents import Parent, is_list_of_scalars, is_scalar, parent_of
from cirrusql.plan.draft import Draft, Source
from cirrusql.plan.model import Binding, CallSet, Feed, Scan
from cirrusql.plan.sharing import share

_MOST_HOPS = 6


def with_parents(
    draft: Draft,
    source: Source,
    method: Method,
    missing: Sequence[str],
    bindings: Sequence[Binding] = (),
    *,
    seen: frozenset[str] = frozenset(),
) -> list[Binding] | None:
    """The feeds of the missing parameters: together from one parent where it has them all.

    Two parents side by side would pair what does not belong together, so that is no answer.
    ``bindings`` are what the statement binds of the method: a parent that has the same
    parameters is asked for the same.
    """
    if len(seen) >= _MOST_HOPS:
        return None
    parents = [parent_of(draft.catalog, source.table, name) for name in missing]
    known = [p for p in parents if p is not None]
    is_single = all(is_scalar(method, n) or is_list_of_scalars(method, n) for n in missing)
    if len(known) < len(missing) or not is_single:
        return None
    # The parent that itself hangs on the others' values has them all in its rows.
    deepest = max(known, key=lambda p: len(p.method.keys))
    columns = [_carried(deepest, p, name) for p, name in zip(known, missing, strict=True)]
    found = [c for c in columns if c is not None]
    if len(found) < len(columns):
        return None
    scan = _parent_scan(draft, source, deepest, found, bindings, seen)
    if scan is None:
        return None
    region = "NULL" if deepest.table.is_global else "region"
    cells = [
        f'"{column}" AS v{i}' if is_scalar(method, name) else f'["{column}"] AS v{i}'
        for i, (column, name) in enumerate(zip(found, missing, strict=True))
    ]
    filled = " AND ".join(f'"{column}" IS NOT NULL' for column in found)
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
    draft: Draft,
    source: Source,
    parent: Parent,
    needed: list[str],
    bindings: Sequence[Binding],
    seen: frozenset[str],
) -> Scan | None:
    """The scan of a parent's listing in the places of the child, shared with others like it."""
    key = f"{parent.table.id}.{parent.method.name}"
    if key in seen:
        return None
    keys = set(parent.method.keys)
    same = [b for b in bindings if set(b.parameters) <= keys and not _is_placed(b)]
    given = {n for b in same for n in b.parameters}
    missing = [n for n in parent.method.keys if n not in given]
    if missing:
        stand_in = Source(None, parent.table, parent.table.name, places=source.places)
        feeds = with_parents(draft, stand_in, parent.method, missing, same, seen=seen | {key})
        if feeds is None:
            return None
        same += feeds
    names = {*needed, "connection", "region"}
    columns = tuple(c for c in parent.table.columns if c.name in names)
    call_set = CallSet(parent.method, tuple(same))
    scan = share(draft, Scan("", parent.table, (call_set,), columns, source.places, alias=parent.table.name))
    draft.whole.add(scan.id)
    return scan


def _is_placed(binding: Binding) -> bool:
    return isinstance(binding, Feed) and binding.carries_context
