"""Turns keys into calls: which values are sent where, and how many per call.

Pure; ``reads`` provides the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from cirrusql.api.model import Operation
from cirrusql.encode.coercion import is_of_one_name
from cirrusql.errors import InvalidParameter
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

    If the statement does not mention regions (``is_silent``), values found elsewhere are used where
    they were found. Values of unknown location are sent to ``homes``: the targets of a statement
    that names no region.
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


def _check_single(operation: Operation, parameters: Mapping[str, object]) -> None:
    """Raise InvalidParameter for a list in place of a name."""
    for name, value in parameters.items():
        member = operation.parameters.get(name)
        is_nested = isinstance(value, Mapping | list | tuple)
        if is_nested and member is not None and is_of_one_name(member):
            raise InvalidParameter(
                f"{operation.id}: {name} is a single value, not a list or structure",
                hint=f"{name} IN (SELECT unnest(…)) compares it with each value of a list",
            )


def found_elsewhere(
    targets: Sequence[Target], places: Sequence[tuple[object, ...]]
) -> list[Target]:
    """The single place where all values were found, if it is not one of the targets."""
    regions = {str(region) for _, _, region in places if region is not None}
    connections = {connection for connection, _, _ in places}
    if len(regions) != 1 or len(connections) != 1:
        return []
    own = [t for t in targets if t.connection in connections]
    return [replace(own[0], region=regions.pop())] if own else []


AnsweredIn = Callable[[Operation, Mapping[str, object], str], str]
"""Maps a target and parameters to the target that answers the call."""


def answered_where(
    operation: Operation, keys: Iterable[Key], answered_in: AnsweredIn, *, is_silent: bool
) -> Iterator[Key]:
    """The same calls; those that a single region answers are made there, or not at all."""
    for target, parameters in keys:
        _check_single(operation, parameters)
        region = answered_in(operation, parameters, target.region)
        if region == target.region:
            yield target, parameters
        elif is_silent:
            yield replace(target, region=region), parameters


def batched(keys: Iterable[Key], call_set: CallSet) -> Iterator[Key]:
    """Merge calls to one place that differ only in the list parameter."""
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
    """Split a call's keys into two calls; empty if it has one key, or no list of keys."""
    keys = call.parameters.get(call.batch)
    if not isinstance(keys, list) or len(keys) < 2:
        return []
    middle = len(keys) // 2
    parts = (keys[:middle], keys[middle:])
    return [call.another({**call.parameters, call.batch: part}, call.narrowing) for part in parts]


def is_place_of(target: Target, place: tuple[object, ...], is_global: bool) -> bool:
    """Whether a key found at ``place`` (connection, account_id, region) is used at ``target``.

    A key found in a service without regions is used in all regions; ``'*'`` stands for any
    connection.
    """
    connection, _, region = place
    is_there = connection == "*" or target.connection == connection
    return is_there and (is_global or region in (None, UNKNOWN) or target.region == region)
