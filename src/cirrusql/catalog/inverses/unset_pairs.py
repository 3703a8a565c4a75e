"""Pairs operations with those that remove what they set: DeleteRetentionPolicy for
PutRetentionPolicy.

By their names alone; callers check whether the parameters are known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cirrusql.catalog.inference.verbs import MAKES, RELATES, parts
from cirrusql.catalog.inference.words import singular

_TAKEN_BY: Mapping[str, tuple[str, ...]] = {
    "put": ("delete", "remove"),
    "set": ("delete", "remove"),
    "associate": ("disassociate", "dissociate"),
    "attach": ("detach",),
    "assign": ("unassign",),
}
"""Verbs that set a value of a resource, and verbs that remove it."""
_BETWEEN = frozenset("to from for in on with".split())
_WRAPS = frozenset({"configuration", "config", "setting"})


def unset_by(operation: str, names: Collection[str]) -> Iterator[str]:
    """The operations that remove what this one sets; none if it creates a resource."""
    noun = _noun(operation)
    verb = parts(operation).verb
    if verb not in RELATES and any(parts(n).verb in MAKES and _noun(n) == noun for n in names):
        return
    for word in _TAKEN_BY.get(verb, ()):
        yield from (n for n in names if parts(n).verb == word and _noun(n) == noun)


def _noun(name: str) -> tuple[str, ...]:
    """An operation's noun with prepositions unified: AssociateKmsKey,
    PutBucketLifecycleConfiguration."""
    noun = ["~" if w in _BETWEEN else singular(w) for w in parts(name).noun]
    while len(noun) > 1 and noun[-1] in _WRAPS:
        noun.pop()
    return tuple(noun)
