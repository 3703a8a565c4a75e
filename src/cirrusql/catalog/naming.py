"""From an operation's name to words, nouns and identifiers. Pure text rules.

The ``_api`` spelling is that of StackQL's registry: first word the verb, the rest the
noun, made plural by its last letters alone (so ``CreateAccountAlias`` is in
``account_alias``: it ends in s). The plain spelling knows more English.
"""

from __future__ import annotations

import re
from functools import lru_cache

# An acronym's plural (IDs, VPCs), IPv6, an acronym before a word, a word, an acronym, a number.
_WORD = re.compile(r"IPv[46]|Ipv[46]|[A-Z]{2,}s(?=[A-Z]|$)|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

_IRREGULAR = {
    "analyses": "analysis",
    "bases": "base",
    "caches": "cache",
    "cases": "case",
    "children": "child",
    "criteria": "criterion",
    "databases": "database",
    "data": "data",
    "dns": "dns",
    "indices": "index",
    "leases": "lease",
    "licenses": "license",
    "metadata": "metadata",
    "people": "person",
    "phases": "phase",
    "purchases": "purchase",
    "responses": "response",
    "releases": "release",
    "rules": "rule",
    "cors": "cors",
    "settings": "setting",
    "vertices": "vertex",
    "movies": "movie",
    "series": "series",
    "https": "https",
    "kms": "kms",
    "sms": "sms",
    "tls": "tls",
    "aws": "aws",
    "ecs": "ecs",
    "eks": "eks",
    "vpcs": "vpc",
    "ids": "id",
    "apis": "api",
    "canaries": "canary",
}
_PLURAL = {one: many for many, one in _IRREGULAR.items()}


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """``OpenIDConnectProvider`` → open, id, connect, provider. Digits stay with their word."""
    found: list[str] = []
    for token in _WORD.findall(name):
        if token.isdigit() and found:
            found[-1] += token
        else:
            found.append(token.lower())
    return tuple(found)


@lru_cache(maxsize=65536)
def snake_case(name: str) -> str:
    """``AccessKeyId`` → ``access_key_id``; what is snake_case already stays."""
    return "_".join(words(name)) or name.lower()


def singular(word: str) -> str:
    """The singular of one lower-case word; a word that is none stays."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(ss|sh|ch|x|z|us)es$", word):
        return word[:-2]
    if word.endswith("aliases"):
        return word[:-2]
    if word.endswith("s") and not re.search(r"(ss|us|is|alias)$", word):
        return word[:-1]
    return word


def plural(word: str) -> str:
    """The plural of one lower-case word; a plural stays."""
    if word in _PLURAL:
        return _PLURAL[word]
    if word != singular(word) or word in _IRREGULAR:
        return word
    if re.search(r"(ss|sh|ch|x|z|us|alias)$", word):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    if word.endswith("sis"):
        return word[:-2] + "es"
    return word + "s"


def registry_plural(noun: str) -> str:
    """The plural by StackQL's rule: an s at the end is enough, whatever the word means."""
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
    """``QueueUrls`` → ``QueueUrl``: the name of what a list of that name holds, case kept."""
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
