"""What an operation's or a member's name speaks of, by rules of the world's own.

``noun_of("ListAccessKeys")`` is ``accesskey``; ``named("AccessKeyId")`` is ``("accesskey", "id")``:
the noun and the kind of identity. Nouns are written without spaces or case, so that ``DBInstance``
and ``dbInstance`` are one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cirrusql.catalog.inference.words import singular, words

_MANY_VERBS = frozenset("list search query scan lookup filter find discover".split())
_BATCH = frozenset(["batch", "bulk"])
_PREPOSITIONS = frozenset("for by in of with from on to granting associated".split())
KINDS = {
    "id": "id",
    "identifier": "id",
    "name": "name",
    "arn": "arn",
    "url": "url",
    "uri": "url",
    "uuid": "id",
}
"""The last word of what identifies, and which kind of identity it is."""
ACCOUNT = frozenset([("account", "id"), ("awsaccount", "id")])
"""What names the account that a call is made in."""
PAGE_TOKENS = frozenset(
    "nexttoken token pagetoken nextpagetoken paginationtoken continuationtoken".split()
)
"""Flat names of what goes on with a page."""
GENERIC = frozenset("resource entity item target source object value key".split())


@lru_cache(maxsize=65536)
def flat(name: str) -> str:
    """``DBInstance_Identifier`` → dbinstanceidentifier."""
    return "".join(c for c in name.lower() if c.isalnum())


@lru_cache(maxsize=65536)
def noun_words(operation: str) -> tuple[str, ...]:
    """``ListGroupsForUser`` → group: the words up to a preposition, in the singular."""
    found = list(words(operation))
    if found and found[0] in _BATCH and len(found) > 2:
        found = found[1:]
    noun = found[1:] or found
    for place, word in enumerate(noun):
        if word in _PREPOSITIONS and place:
            noun = noun[:place]
            break
    if len(noun) > 1 and singular(noun[-1]) in KINDS:
        noun = noun[:-1]  # ListDomainNames lists domains
    if len(noun) > 1 and re.fullmatch(r"v\d+", noun[-1]):
        return (
            *noun[:-2],
            singular(noun[-2]),
            noun[-1],
        )  # ListAggregatorsV2 lists what GetAggregatorV2 gets
    return (*noun[:-1], singular(noun[-1]))


def noun_of(operation: str) -> str:
    """The noun of an operation's name."""
    return "".join(noun_words(operation))


def is_of_many(operation: str) -> bool:
    """Whether the name says that the operation returns many things."""
    found = words(operation)
    if found[0] in _BATCH or found[0] in _MANY_VERBS:
        return True
    noun = list(found[1:] or found)
    for place, word in enumerate(noun):
        if word in _PREPOSITIONS and place:
            noun = noun[:place]
            break
    return noun[-1] != singular(noun[-1]) or noun[-1] in ("data", "series")


def is_batch(operation: str) -> bool:
    """Whether it is a BatchGetX, which returns only what is requested."""
    return words(operation)[0] in _BATCH


@lru_cache(maxsize=65536)
def named(member: str) -> tuple[str, str]:
    """The noun and the kind of identity that a member's name says; the kind is empty where it says
    none.

    ``Arn`` is ("", "arn"), ``cluster`` ("cluster", ""), ``InstanceIds`` ("instance", "id").
    """
    found = words(member)
    if not found:
        return flat(member), ""
    *before, last = found
    if found == ("key",):
        return "", "name"
    kind = KINDS.get(singular(last), "")
    if kind:
        return "".join([*before[:-1], singular(before[-1])]) if before else "", kind
    return "".join([*before, singular(last)]), ""


@lru_cache(maxsize=65536)
def one_of(member: str) -> str:
    """The flat name of one item of a list of that name."""
    found = words(member)
    return "".join([*found[:-1], singular(found[-1])]) if found else flat(member)
