"""Keys as they become calls: which values go where, and how many in one call.

Pure; which keys there are is ``reads``' to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from cirrusql.api.model import Operation
from cirrusql.execution.reads.read_cache import frozen
from cirrusql.plan.model import UNKNOWN, CallSet
from cirrusql.transport.model import Call, Target

Key = tuple[Target, Mapping[str, object]]


def keys_of(
    targets: Sequence[Target],
    rows: Sequence[Sequence[tuple[dict[str, object], tuple[object, ...] | None]]],
    is_global: bool,
    *,
    is_silent: bool = False,
    homes: Sequence[Target] = (),
) -> Iterator[Key]:
    """Every combination of values at every target that the values belong to.

    Where the statement says nothing of regions (``is_silent``), values that were found elsewhere
    are used where they were found. Of what nobody knows where it is, ``homes`` are asked: the
    targets of a statement that names no region.
    """
    for combination in product(*rows):
        parameters: dict[str, object] = {}
        places: list[tuple[object, ...]] = []
        for given, place in combination:
            parameters |= given
            if place is not None:
                places.append(place)
        is_unknown = any(region == UNKNOWN for _, _, region in places)
        among = homes if is_unknown else targets
        found = [t for t in among if all(is_place_of(t, place, is_global) for place in places)]
        for target in found or (found_elsewhere(targets, places) if is_silent else ()):
            yield target, parameters


def found_elsewhere(
    targets: Sequence[Target], places: Sequence[tuple[object, ...]]
) -> list[Target]:
    """The one place that all values were found in, which is none of the targets."""
    regions = {str(region) for _, _, region in places if region is not None}
    connections = {connection for connection, _, _ in places}
    if len(regions) != 1 or len(connections) != 1:
        return []
    own = [t for t in targets if t.connection in connections]
    return [replace(own[0], region=regions.pop())] if own else []


AnsweredIn = Callable[[Operation, Mapping[str, object], str], str]
"""Where a call with those parameters is answered that is to be made in a region."""


def answered_where(
    operation: Operation, keys: Iterable[Key], answered_in: AnsweredIn, *, is_silent: bool
) -> Iterator[Key]:
    """The same calls, those that one region alone answers made there, or not at all."""
    for target, parameters in keys:
        region = answered_in(operation, parameters, target.region)
        if region == target.region:
            yield target, parameters
        elif is_silent:
            yield replace(target, region=region), parameters


def batched(keys: Iterable[Key], call_set: CallSet) -> Iterator[Key]:
    """The same values in fewer calls:
    those of one place that differ in the listed parameter alone."""
    name = call_set.batch
    if not name:
        yield from keys
        return
    groups: dict[object, tuple[Target, dict[str, object], dict[object, object]]] = {}
    for target, parameters in keys:
        rest = {n: v for n, v in parameters.items() if n != name}
        group = groups.setdefault((target, frozen(rest)), (target, rest, {}))
        value = parameters[name]
        for one in value if isinstance(value, list) else [value]:
            group[2].setdefault(frozen(one), one)
    for target, rest, found in groups.values():
        values = list(found.values())
        for start in range(0, len(values), call_set.batch_size):
            yield target, {**rest, name: values[start : start + call_set.batch_size]}


def halved(call: Call) -> list[Call]:
    """The same call for each half of its keys; none where it is for one, or for no list of them."""
    keys = call.parameters.get(call.batch)
    if not isinstance(keys, list) or len(keys) < 2:
        return []
    middle = len(keys) // 2
    parts = (keys[:middle], keys[middle:])
    return [call.another({**call.parameters, call.batch: part}, call.narrowing) for part in parts]


def is_place_of(target: Target, place: tuple[object, ...], is_global: bool) -> bool:
    """Whether a key found at ``place`` (connection, account_id, region) is used at ``target``.

    What was found in a service that has no regions is used in all of them; ``'*'`` is any
    connection.
    """
    connection, _, region = place
    is_there = connection == "*" or target.connection == connection
    return is_there and (is_global or region in (None, UNKNOWN) or target.region == region)
