"""Which operation undoes which, by their names alone: CreateUser and DeleteUser.

The verbs are counterparts and the nouns are the same, whatever stands between the two things
of a relation (AddUserToGroup, RemoveUserFromGroup). Whether the parameters can be had is
``inverses``' to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum

from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.naming import singular, words


class Kind(StrEnum):
    """What two counterparts do to a thing."""

    MAKE = "make"
    """It makes a thing; its counterpart ends it. A thing that was ended cannot be had back."""
    RELATE = "relate"
    """It relates two things, or takes them apart: each undoes the other."""
    SWITCH = "switch"
    """It turns a thing on or off."""


_MAKERS = {
    "create": ("delete", "terminate", "remove"),
    "run": ("terminate",),
    "launch": ("terminate", "delete"),
    "allocate": ("release", "deallocate"),
    "register": ("deregister", "unregister"),
    "import": ("delete",),
    "upload": ("delete",),
    "request": ("delete",),
    "subscribe": ("unsubscribe",),
    "provision": ("deprovision",),
}
_RELATIONS = (
    ("attach", "detach"),
    ("add", "remove"),
    ("associate", "disassociate"),
    ("authorize", "revoke"),
    ("assign", "unassign"),
)
_SWITCHES = (
    ("enable", "disable"),
    ("start", "stop"),
    ("activate", "deactivate"),
    ("suspend", "resume"),
)
_BETWEEN = frozenset(["to", "from", "for", "in", "on", "with"])

_EACH = {
    a: (b, kind) for pairs, kind in ((_RELATIONS, Kind.RELATE), (_SWITCHES, Kind.SWITCH)) for a, b in pairs
}
_EACH |= {
    b: (a, kind) for pairs, kind in ((_RELATIONS, Kind.RELATE), (_SWITCHES, Kind.SWITCH)) for a, b in pairs
}

ON = frozenset(["enable", "start", "activate", "resume"])
"""The switches that turn a thing on."""


def kind_of(operation: str) -> Kind | None:
    """What an operation of that name does that a counterpart could undo."""
    verb = parts(operation).verb
    if verb in _MAKERS:
        return Kind.MAKE
    return _EACH[verb][1] if verb in _EACH else None


def counterparts(operation: str, names: Collection[str]) -> Iterator[str]:
    """The names of the operations that may undo it, the plainest first.

    What takes many at once (BatchCreate) is no counterpart: part of it may have failed.
    """
    here = parts(operation)
    if here.is_batch:
        return
    wanted = _MAKERS.get(here.verb) or ((_EACH[here.verb][0],) if here.verb in _EACH else ())
    noun = _noun(operation)
    for verb in wanted:
        for name in names:
            there = parts(name)
            if there.verb == verb and not there.is_batch and _noun(name) == noun:
                yield name


def _noun(name: str) -> tuple[str, ...]:
    """The noun with every word in the singular, prepositions alike."""
    return tuple("~" if w in _BETWEEN else singular(w) for w in words(name)[1:])
