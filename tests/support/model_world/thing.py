"""A thing is a noun, a place and a number; seeded draws decide its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True)
class Place:
    """Where things are: an account and a region, or all regions."""

    account: str
    region: str


@dataclass(frozen=True)
class Thing:
    """One thing. ``owner``: of what there is one of each owner."""

    noun: str
    place: Place
    number: int
    owner: Thing | None = None


def foreign(sent: Mapping[str, str], place: Place, holder: Thing | None = None) -> Thing | None:
    """What owns the things that a call finds by values of which the world knows nothing."""
    pairs = "\n".join(f"{name}={value}" for name, value in sorted(sent.items()))
    return Thing(f"={pairs}", place, 0, holder) if sent else holder


def holder_of(thing: Thing) -> Thing | None:
    """The thing that a thing is of, whatever else it was asked by."""
    owner = thing.owner
    while owner is not None and is_foreign(owner):
        owner = owner.owner
    return owner


def is_foreign(thing: Thing) -> bool:
    """Whether a thing only stands for values that a call was asked by."""
    return thing.noun.startswith("=")


def draw(*parts: object) -> int:
    """A pseudo-random number determined by the parts."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=6).digest(), "big")
