"""Which operations make and end rows that relate things: AttachRolePolicy and DetachRolePolicy.

Their words alone say that a thing is changed (``inference.verbs``), and of a thing they do:
AttachVolume changes a volume. Where a table's rows are the relation itself, and nothing else makes
or ends one, the one of the pair is an INSERT and the other a DELETE. Names decide; where an
operation stands is ``inference.resource_naming``' to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from cirrusql.catalog.inference.resource_naming import plain_noun
from cirrusql.catalog.inference.verbs import ENDS, MAKES, RELATES, SEPARATES, parts
from cirrusql.catalog.inference.words import thing_noun
from cirrusql.catalog.model import Verb

Noun = tuple[str, ...]

_RELATED = frozenset(["attached", "associated"])
"""What a table's name begins with whose rows are things as they are related to others."""
_RELATION = frozenset(["association", "attachment"])
"""What a row is called that relates things."""


def relation_verbs(
    plain: Mapping[str, Iterable[str]], verb_of: Callable[[str], Verb]
) -> Mapping[str, Verb]:
    """By operation name the SQL verb of those that make or end a row which relates things.

    ``plain``: operation names by resource; ``verb_of``: what an operation's name alone tells.
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
        # What is created, or deleted for good, is a thing of its own.
        return {}
    verbs = dict.fromkeys(words & RELATES, Verb.INSERT) | dict.fromkeys(
        words & SEPARATES, Verb.DELETE
    )
    return {name: verb for word, verb in verbs.items() for name in by_word[word]}


def _relation(resource: str) -> Noun:
    """The noun by which operations call what a row relates: role policy,
    of attached role policies."""
    thing = thing_noun(resource)
    if len(thing) > 1 and thing[0] in _RELATED:
        return thing[1:]
    return thing[:-1] if len(thing) > 1 and thing[-1] in _RELATION else thing
