"""Calls per kind, for APIs that must be asked for one kind of resource at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cirrusql.plan.model import CallSet, Constant, Scan
from cirrusql.transport.model import Batch


def unsaid(call_set: CallSet, given: Mapping[str, object]) -> frozenset[str]:
    """The kinds that rows must name themselves: a row without a kind has the first, the API's
    default."""
    firsts = {
        name: binding.rows[0][0]
        for binding in call_set.bindings
        if isinstance(binding, Constant)
        for name in binding.parameters[:1]
    }
    return frozenset(n for n in call_set.partition if given.get(n) != firsts.get(n))


def of_its_kind(batch: Batch, scan: Scan) -> Batch:
    """The rows of the requested kind: an API that ignores the kind returns all rows every time."""
    kinds = {n for call_set in scan.calls for n in call_set.partition} & {*batch.rows.schema.names}
    if not kinds:
        return batch
    import pyarrow.compute as pc

    for name in kinds:
        is_of = pc.equal(batch.rows.column(name), batch.call.parameters[name])
        batch = replace(batch, rows=batch.rows.filter(is_of))
    return batch
