"""Pairs operations that undo each other, by their names alone: CreateUser and DeleteUser.

The verbs are opposites and the nouns equal, whatever preposition is between the two resources of a
relation (AddUserToGroup, RemoveUserFromGroup). ``inverses`` decides whether the parameters are
available.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from cirrusql.catalog.inference.verbs import ENDED_BY, RELATIONS, SWITCHES, parts
from cirrusql.catalog.inference.words import singular, words


class PairKind(StrEnum):
    """What a pair of opposite operations does."""

    MAKE = "make"
    """Create and remove. A removed resource cannot be restored."""
    RELATE = "relate"
    """Relate two resources or separate them: each undoes the other."""
    SWITCH = "switch"
    """Turn a resource on or off."""


_BETWEEN = frozenset(["to", "from", "for", "in", "on", "with"])


def _undone_by() -> Mapping[str, tuple[tuple[str, ...], PairKind]]:
    """For each verb its possible inverses, the plainest first, and the kind of pair."""
    found = {verb: (ends, PairKind.MAKE) for verb, ends in ENDED_BY.items()}
    for kind, pairs in ((PairKind.RELATE, RELATIONS), (PairKind.SWITCH, SWITCHES)):
        for one, other in (*pairs, *((b, a) for a, b in pairs)):
            before, _ = found.get(one, ((), kind))
            found[one] = ((*before, other), kind)
    return found


_UNDONE_BY = _undone_by()


def kind_of(operation: str) -> PairKind | None:
    """The kind of pair that an operation of that name belongs to."""
    found = _UNDONE_BY.get(parts(operation).verb)
    return found[1] if found is not None else None


def counterparts(operation: str, names: Collection[str]) -> Iterator[str]:
    """The names of the operations that may undo it, the plainest first.

    Batch operations (BatchCreate) have no inverse: part of them may have failed.
    """
    here = parts(operation)
    if here.is_batch:
        return
    wanted = _UNDONE_BY[here.verb][0] if here.verb in _UNDONE_BY else ()
    noun = _noun(operation)
    for verb in wanted:
        for name in names:
            there = parts(name)
            if there.verb == verb and not there.is_batch and _noun(name) == noun:
                yield name


def _noun(name: str) -> tuple[str, ...]:
    """The noun with every word in the singular and prepositions unified."""
    return tuple("~" if w in _BETWEEN else singular(w) for w in words(name)[1:])
