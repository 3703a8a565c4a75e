"""Which operation takes away what another gives a thing: DeleteRetentionPolicy for
PutRetentionPolicy.

By their names alone; whether its parameters are known is for those that ask.
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
"""What gives a thing a value, and what takes it away."""
_BETWEEN = frozenset("to from for in on with".split())
_WRAPS = frozenset({"configuration", "config", "setting"})


def unset_by(operation: str, names: Collection[str]) -> Iterator[str]:
    """The operations that take away what this one gives; none where it is a thing that is made."""
    noun = _noun(operation)
    verb = parts(operation).verb
    if verb not in RELATES and any(parts(n).verb in MAKES and _noun(n) == noun for n in names):
        return
    for word in _TAKEN_BY.get(verb, ()):
        yield from (n for n in names if parts(n).verb == word and _noun(n) == noun)


def _noun(name: str) -> tuple[str, ...]:
    """An operation's noun, prepositions alike: AssociateKmsKey, PutBucketLifecycleConfiguration."""
    noun = ["~" if w in _BETWEEN else singular(w) for w in parts(name).noun]
    while len(noun) > 1 and noun[-1] in _WRAPS:
        noun.pop()
    return tuple(noun)
