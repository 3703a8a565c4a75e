"""The noun for a resource's rows, from its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cirrusql.catalog.inference.identifiers import Noun, nouns_of, stem_of
from cirrusql.catalog.inference.words import thing_noun


@dataclass(frozen=True)
class Thing:
    """What the rows of a resource are."""

    resource: str

    @cached_property
    def words(self) -> Noun:
        """Its noun in the singular."""
        return thing_noun(self.resource)

    @cached_property
    def whole(self) -> str:
        """The same in snake_case."""
        return "_".join(self.words)

    def is_meant(self, parameter: str) -> bool:
        """Whether a parameter is named after this resource, or after nothing."""
        stem = stem_of(parameter)
        return not stem or "_".join(stem) in nouns_of(self.words)
