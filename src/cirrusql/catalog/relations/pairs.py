"""Finds operations that create and remove rows of relations: AttachRolePolicy and DetachRolePolicy.

By their words alone they change a resource (``inference.verbs``), and for a table of resources that
is right: AttachVolume changes a volume. If a table's rows are the relation itself, and nothing else
creates or removes one, the pair becomes INSERT and DELETE. Names decide;
``inference.resource_naming`` decides which table an operation belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from cirrusql.catalog.inference.operations_to_tables import plain_noun
from cirrusql.catalog.inference.verbs import ENDS, MAKES, RELATES, SEPARATES, parts
from cirrusql.catalog.inference.words import thing_noun
from cirrusql.catalog.model import Verb

Noun = tuple[str, ...]

_RELATED = frozenset(["attached", "associated"])
"""Prefixes of tables whose rows are resources in their relation to others."""
_RELATION = frozenset(["association", "attachment"])
"""Nouns of rows that relate resources."""


def relation_verbs(
    plain: Mapping[str, Iterable[str]], verb_of: Callable[[str], Verb]
) -> Mapping[str, Verb]:
    """By operation name, the SQL verb of those that create or remove a row of a relation.

    ``plain``: operation names by resource; ``verb_of``: the verb that an operation's name alone
    implies.
    """
    found: dict[str, Verb] = {}
    for resource, names in plain.items():
        here = list(names)
        if any(verb_of(name) is Verb.SELECT for name in here):
            found |= _of_resource(_relation(resource), here)
    return found


def _of_resource(relation: Noun, names: Iterable[str]) -> Mapping[str, Verb]:
    by_word: dict[str, list[str]] = {}
    for name in names:
        if plain_noun(name) == relation and not parts(name).is_batch:
            by_word.setdefault(parts(name).verb, []).append(name)
    words = by_word.keys()
    if words & (MAKES | (ENDS - SEPARATES)) or not words & RELATES or not words & SEPARATES:
        # What is created, or permanently deleted, is a resource of its own.
        return {}
    verbs = dict.fromkeys(words & RELATES, Verb.INSERT) | dict.fromkeys(
        words & SEPARATES, Verb.DELETE
    )
    return {name: verb for word, verb in verbs.items() for name in by_word[word]}


def _relation(resource: str) -> Noun:
    """The noun that operations use for a row's relation: role policy, for attached role
    policies."""
    thing = thing_noun(resource)
    if len(thing) > 1 and thing[0] in _RELATED:
        return thing[1:]
    return thing[:-1] if len(thing) > 1 and thing[-1] in _RELATION else thing
