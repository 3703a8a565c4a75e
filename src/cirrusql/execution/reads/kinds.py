"""Calls for one kind after the other, of which a row says itself which it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cirrusql.plan.model import CallSet, Constant, Scan
from cirrusql.transport.model import Batch


def unsaid(call_set: CallSet, given: Mapping[str, object]) -> frozenset[str]:
    """The kinds that a row must bear itself: one without any is of the first,
    as the API means it."""
    firsts = {
        name: binding.rows[0][0]
        for binding in call_set.bindings
        if isinstance(binding, Constant)
        for name in binding.parameters[:1]
    }
    return frozenset(n for n in call_set.partition if given.get(n) != firsts.get(n))


def of_its_kind(batch: Batch, scan: Scan) -> Batch:
    """The rows of the kind that was asked for:
    an API that knows no kinds answers each call with all."""
    import pyarrow.compute as pc

    kinds = {n for call_set in scan.calls for n in call_set.partition} & {*batch.rows.schema.names}
    for name in kinds:
        is_of = pc.equal(batch.rows.column(name), batch.call.parameters[name])
        batch = replace(batch, rows=batch.rows.filter(is_of))
    return batch
