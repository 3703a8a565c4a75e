"""What a resource's rows are, and which parameters and fields name one of them, by their words alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cirrusql.catalog.naming import singular_name, snake_case, thing_noun

_ENDINGS = ("name", "id", "arn", "url", "identifier")
# By what a parameter's name ends in: the spellings of the fields that can be its value, surest
# first; {} is the thing.
SPELLINGS = {
    "name": ("{}_name", "name"),
    "id": ("{}_id", "id", "{}_arn", "arn"),
    "arn": ("{}_arn", "arn"),
    "url": ("{}_url", "url"),
    # What may be a name often is the id or the ARN too, but not the other way round.
    "identifier": ("{}_identifier", "{}_id", "id", "{}_arn", "arn", "{}_name", "name"),
    "": ("{}_id", "id", "{}_arn", "arn", "{}_name", "name"),
}


@dataclass(frozen=True)
class Thing:
    """What the rows of a resource are."""

    resource: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its noun in the singular."""
        return thing_noun(self.resource)

    @cached_property
    def whole(self) -> str:
        """The same in snake_case."""
        return "_".join(self.words)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What it may be called: of an assessment framework, a framework too."""
        return tuple("_".join(self.words[i:]) for i in range(len(self.words)))

    def is_meant(self, stem: tuple[str, ...]) -> bool:
        """Whether a parameter's name without its ending means this thing."""
        return not stem or "_".join(stem) in self.names

    def spellings(self, ending: str) -> list[str]:
        """The fields that can name it, where a parameter's name ends so; surest first."""
        return list(dict.fromkeys(s.format(name) for name in self.names for s in SPELLINGS[ending]))


def stem_of(parameter: str) -> tuple[tuple[str, ...], str]:
    """The words of a parameter's name without its ending, and the ending."""
    words = tuple(snake_case(singular_name(parameter)).split("_"))
    if words[-1] in _ENDINGS:
        return words[:-1], words[-1]
    return words, ""
