"""The parameters that a method requires: according to the model, or only to its documentation.

A key is required, or the response without it is an error, empty, or the caller's own. If one of
several is enough, the key is the one that a parent can fill, and the others are its alternatives.
The overlay lists what no rule can know.

A batch operation (BatchGetCollection, BatchGetSecretValue) returns what it is given keys of, even
if its model requires none: it is a detail of the listing, never the listing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cirrusql.api.model import Kind, Operation
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Verb

_NAMES_THINGS = re.compile(
    rf"(^|_)(ids|{FULL}s|names|identifiers|inputs|(id|{FULL}|name|identifier)_list)$"
)


@dataclass(frozen=True)
class Keys:
    """The keys of a method."""

    required: tuple[str, ...]
    """Required by the model."""
    all: tuple[str, ...]
    instead: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By key, its alternatives: parameters of which each can replace it."""


def keys_of(operation: Operation, verb: Verb, given: Sequence[str] = ()) -> Keys:
    """The keys of an operation; ``given`` are the overlay's, where ``a|b`` is a, or else b."""
    required = required_of(operation)
    found = list(required)
    instead: dict[str, frozenset[str]] = {}
    said = [tuple(text.split("|")) for text in given]
    if verb is Verb.SELECT and not said and (lists := tuple(_of_batch(operation))):
        said = [lists]
    for key, *others in said:
        if key not in found:
            found.append(key)
            if others:
                instead[key] = frozenset(others)
    return Keys(required, tuple(found), instead)


def required_of(operation: Operation) -> tuple[str, ...]:
    """The parameters that a statement must bind: idempotency tokens are generated, paging is
    automatic."""
    paging = operation.paging.parameters if operation.paging else frozenset[str]()
    return tuple(
        n
        for n in operation.required
        if n not in paging and not operation.parameters[n].is_idempotency_token
    )


def _of_batch(operation: Operation) -> Iterator[str]:
    """The lists of which a batch needs one, the one with names first; empty if it has required
    parameters."""
    if not parts(operation.name).is_batch:
        return
    shapes = {n: m.shape for n, m in operation.parameters.items()}
    if any(shapes[n].kind in (Kind.LIST, Kind.MAP) for n in operation.required):
        return
    lists = [n for n, shape in shapes.items() if shape.kind is Kind.LIST]
    names = [n for n in lists if _NAMES_THINGS.search(snake_case(n))]
    if names:
        yield names[0]
        yield from (n for n in lists if n != names[0])
