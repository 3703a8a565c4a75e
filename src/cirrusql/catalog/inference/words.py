"""Splits operation names into words, nouns and identifiers. Pure text rules.

The ``_api`` spelling is that of StackQL's registry: the first word is the verb, the rest the noun,
with a plural ending chosen by its last letters alone (so ``CreateAccountAlias`` is in
``account_alias``: it ends in s). The plain spelling knows more English.
"""

from __future__ import annotations

import re
from functools import lru_cache

# In order: names that are one word however they are written; an acronym's plural (IDs, VPCs);
# letters and digits that continue in lower case (M2ts, S3object, sha256sum); an acronym before a
# word; a word; an acronym; a number.
_WORD = re.compile(
    r"IPv[46]s?|Ipv[46]s?|iSCSI|OAuth|OTel|PartiQL|WhatsApp"
    r"|[A-Z]{2,}s(?=[A-Z]|$)"
    r"|[A-Z]+\d+[a-z]+(?:\d+[a-z]+)*"
    r"|[A-Z]+(?=[A-Z][a-z])"
    r"|[A-Z]?[a-z]+?(?=iSCSI)"
    r"|[A-Z]?[a-z]+(?:\d+[a-z]+)*"
    r"|[A-Z]+|\d+"
)

# Words without a plural, or plural already.
_UNCOUNTABLE = frozenset(
    """aws cors data dns ecs efs eks equipment fargate feedback hardware hdfs health https information kms
    macie media metadata nfs rds redis series sms software telemetry tls traffic zfs""".split()  # noqa: E501
)
_IRREGULAR = {
    "analyses": "analysis",
    "aliases": "alias",
    "bases": "base",
    "buses": "bus",
    "caches": "cache",
    "children": "child",
    "cpus": "cpu",
    "criteria": "criterion",
    "ephemerides": "ephemeris",
    "gpus": "gpu",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "movies": "movie",
    "people": "person",
    "standbys": "standby",
    "thesauri": "thesaurus",
    "vertices": "vertex",
}
_PLURAL = {one: many for many, one in _IRREGULAR.items()}
# The suffix of a resource's name that distinguishes generations of the API.
_GENERATION = re.compile(r"_v\d$")
# The words in -us that APIs use; any other "uses" at the end is the plural of "use" (warehouses).
_US = re.compile(r"(stat|bon|radi|vir|camp|corp|cens|foc)us$")


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """``OpenIDConnectProvider`` → open, id, connect, provider. Digits stay with their word."""
    group, slash, own = name.rpartition("/")
    if slash and own:
        # projects/list-for-user, as in OpenAPI documents: the verb comes first.
        verb, *rest = words(own) or (own,)
        return (verb, *words(group), *rest)
    found: list[str] = []
    for token in _WORD.findall(name):
        if token.isdigit() and found:
            found[-1] += token
        else:
            found.append(token.lower())
    return tuple(found)


@lru_cache(maxsize=65536)
def snake_case(name: str) -> str:
    """``AccessKeyId`` → ``access_key_id``; names with underscores are unchanged."""
    return name.lower() if "_" in name else "_".join(words(name)) or name.lower()


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """The singular of one lower-case word; unknown words are unchanged."""
    if word in _UNCOUNTABLE or word in _PLURAL:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("uses") and _US.search(word[:-2]):
        return word[:-2]
    if re.search(r"(ss|sh|ch|x|zz)es$", word):
        return word[:-2]
    if word.endswith("yses"):
        return word[:-2] + "is"
    if word.endswith("s") and not re.search(r"(ss|us|sis|xis|^is)$", word):
        return word[:-1]
    return word


@lru_cache(maxsize=65536)
def plural(word: str) -> str:
    """The plural of one lower-case word; a plural is unchanged."""
    if word in _UNCOUNTABLE or word in _IRREGULAR:
        return word
    if word in _PLURAL:
        return _PLURAL[word]
    if word != singular(word):
        return word
    if re.search(r"(ss|sh|ch|x|zz|us)$", word):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    if word.endswith("sis"):
        return word[:-2] + "es"
    return word + "s"


def is_plural(word: str) -> bool:
    """Whether a word is a plural."""
    return word in ("cors", "data", "series") or word != singular(word)


def registry_plural(noun: str) -> str:
    """The plural by StackQL's rule: a word that ends in s is a plural."""
    if noun.endswith("s"):
        return noun
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"(sh|ch|x|z)$", noun):
        return noun + "es"
    return noun + "s"


def singular_noun(noun: tuple[str, ...]) -> tuple[str, ...]:
    """The noun with its last word in the singular."""
    return (*noun[:-1], singular(noun[-1])) if noun else noun


def plural_noun(noun: tuple[str, ...]) -> tuple[str, ...]:
    """The noun with its last word in the plural."""
    return (*noun[:-1], plural(noun[-1])) if noun else noun


def singular_name(name: str) -> str:
    """``QueueUrls`` → ``QueueUrl``: the name of an item of the list, keeping its case."""
    tail = re.search(r"[A-Z]?[a-z]+$|[A-Z]{2,}s$", name)
    if tail is None:
        return name
    one = singular(tail[0].lower())
    if one == tail[0].lower():
        return name
    kept = 0
    while kept < len(one) and one[kept] == tail[0][kept].lower():
        kept += 1
    return name[: tail.start()] + tail[0][:kept] + one[kept:]


@lru_cache(maxsize=65536)
def thing_noun(resource: str) -> tuple[str, ...]:
    """The noun for a row of a resource, in singular words: ``clusters_v1`` → cluster."""
    return singular_noun(tuple(_GENERATION.sub("", resource).split("_")))
