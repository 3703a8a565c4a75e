"""Searches the catalog by words, and ranks the results.

Any word may match; more matches rank higher. The name counts most, then other words that people use
(``OtherNames.words``), the service, the columns, the description. Among equals, the most used come
first. Words are compared by their stems, so that ``expiring`` matches ``expiry``; stop words
(``the``, ``list``) count only if there are no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cirrusql.api.other_names import OtherNames
from cirrusql.catalog.index.listing import CatalogListing, ListedMethod, ListedTable
from cirrusql.catalog.inference.words import singular, snake_case


@dataclass(frozen=True)
class Hit:
    """One result of a search."""

    kind: str
    """``service``, ``resource``, ``method``, ``field`` or ``question``."""
    name: str
    """Its full name, as in a statement; of a question its name in the cookbook."""
    description: str
    score: float = 0
    words: str = ""
    """Further words that find it."""


@dataclass(frozen=True)
class Sought:
    """What is searched besides the listing."""

    services: Sequence[tuple[str, str, str]]
    """Provider, name and title."""
    names: Mapping[str, OtherNames]
    """By provider."""
    questions: Sequence[Hit] = ()
    """Of the cookbook."""


_OWN, _WORD, _SERVICE, _ALIAS, _BEGINNING, _COLUMN, _DESCRIBED = 20, 18, 14, 8, 10, 7, 5
_NOTHING_ELSE, _EACH_OTHER = 14, 1.5
_USED, _USED_TABLE = 8, 4
_METHOD, _VERB, _FIELD, _QUESTION = 0.55, 1.6, 11, 18
_SAYS_NOTHING = frozenset(
    "a all an and any anyone are be by can cannot do does find for from get has have how i in is "
    "it list me my no not of on or our show still that the their there these this to us was what "
    "when where which who whose with without".split()
)
_ENDINGS = ("ing", "ion", "ed", "es", "e", "y")
_SHORT = 4
"""A shorter word is looked for as a word of a text, not within its words."""
_MOST = 200
"""So many of a kind are kept while looking."""


def search(listing: CatalogListing, sought: Sought, text: str, limit: int) -> list[Hit]:
    """The hits for a text, best first."""
    told = [w for w in _telling(text) if w not in sought.names] or _telling(text)
    words = tuple(dict.fromkeys(map(_stem, told)))
    if not words:
        return []
    uses = {provider: _Use(names) for provider, names in sought.names.items()}
    found = [
        *_services(sought, words),
        *_tables(listing, uses, sought, words),
        *_methods(listing, uses, words),
        *_fields(listing, uses, words),
        *_questions(sought, words),
    ]
    called = text.strip().lower()
    found.sort(key=lambda h: (not _is_called(h, called), -h.score, len(h.name), h.name))
    return found[:limit]


def _is_called(hit: Hit, text: str) -> bool:
    """Whether the text is the entry's own name, possibly without the provider's."""
    return "." in text and text in (hit.name.lower(), hit.name.lower().partition(".")[2])


def _telling(text: str) -> list[str]:
    """The words of a text that have a meaning of their own; all words if none has."""
    words = re.findall(r"[a-z0-9]+", snake_case(text.replace("-", " ")).lower().replace("_", " "))
    return [w for w in words if w not in _SAYS_NOTHING] or words


@cache
def _stem(word: str) -> str:
    """What words of one origin have in common, more or less: ``encrypt`` of ``unencrypted``."""
    word = singular(word)
    if word.startswith("un") and word.endswith("ed") and len(word) > 7:
        word = word[2:]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORT:
            return word[: -len(ending)]
    return word


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, re.findall(r"[a-z0-9]+", text.lower().replace("_", " "))))


class _Use:
    """How people refer to a provider's resources, and which ones they use most."""

    def __init__(self, names: OtherNames) -> None:
        count = len(names.first) or 1
        self.services = {s: _USED * (1 - i / count) for i, s in enumerate(names.first)}
        self.words = {table: _stems(words) for table, words in names.words.items()}
        for noun, table in names.tables.items():
            self.words[table] = self.words.get(table, frozenset()) | _stems(noun)
        self.aliases: dict[str, set[str]] = {}
        for name, meant in names.services.items():
            for stem in _stems(name):
                self.aliases.setdefault(stem, set()).update(meant)


def _services(sought: Sought, words: Sequence[str]) -> Iterable[Hit]:
    for provider, name, title in sought.services:
        known = _stems(name)
        titled = known | _stems(title)
        hits = sum(w in titled for w in words)
        if hits and hits == len(words):
            own = _NOTHING_ELSE if known <= set(words) else 0
            yield Hit("service", f"{provider}.{name}", title, _OWN * hits + own)


def _tables(
    listing: CatalogListing, uses: Mapping[str, _Use], sought: Sought, words: Sequence[str]
) -> list[Hit]:
    titles = {(p, name): _stems(f"{name} {title}") for p, name, title in sought.services}
    found = []
    for table in listing.tables:
        score = _table_score(table, uses[table.provider], titles, words)
        if score > 0:
            name = f"{table.provider}.{table.service}.{table.name}"
            found.append(Hit("resource", name, table.description, score))
    found.sort(key=lambda h: -h.score)
    return found[:_MOST]


def _table_score(
    table: ListedTable,
    use: _Use,
    titles: Mapping[tuple[str, str], frozenset[str]],
    words: Sequence[str],
) -> float:
    own = _parts(table.name)
    called = use.words.get(f"{table.service}.{table.name}", frozenset())
    title = titles.get((table.provider, table.service), frozenset())
    score, matched = 0.0, 0
    for word in words:
        if word in own:
            found = float(_OWN)
        elif word in called:
            found = _WORD
        elif word in title:
            found = _SERVICE if word in _parts(table.service) else _ALIAS
        elif table.service in use.aliases.get(word, ()) or (
            len(word) > 2 and word in table.service
        ):
            found = _ALIAS
        elif len(word) >= _SHORT and any(p.startswith(word) for p in own):
            found = _BEGINNING
        elif _says(table.columns, word):
            found = _COLUMN
        elif _says(table.description, word):
            found = _DESCRIBED
        else:
            continue
        matched += 1
        score += found
    if not matched:
        return 0
    others = own - set(words)
    score += -_EACH_OTHER * len(others) if others else _NOTHING_ELSE
    used = use.services.get(table.service, 0) + (_USED_TABLE if called else 0)
    return (score + used) * (matched / len(words)) ** 2


@cache
def _parts(name: str) -> frozenset[str]:
    return frozenset(_stem(p) for p in name.split("_"))


def _says(text: str, word: str) -> bool:
    """Whether a text has the word, or one that it is the stem of."""
    if len(word) >= _SHORT:
        return word in text.lower()
    if word not in text.lower():
        return False
    return word in _stems(snake_case(text))


_VERBS = re.compile(r"[a-z]+")


def _methods(listing: CatalogListing, uses: Mapping[str, _Use], words: Sequence[str]) -> list[Hit]:
    found = []
    for method in listing.methods:
        score = _method_score(method, words)
        if score > 0:
            used = uses[method.provider].services.get(method.service, 0) / 2
            where = f"{method.provider}.{method.service}.{method.table}.{method.name}"
            found.append(Hit("method", where, method.description, score + used))
    found.sort(key=lambda h: -h.score)
    return found[:_MOST]


def _method_score(method: ListedMethod, words: Sequence[str]) -> float:
    own = _parts(method.name)
    score, matched, named = 0.0, 0, 0
    for word in words:
        if word in own:
            named += 1
            score += _OWN
        elif word in _parts(method.service):
            score += _SERVICE
        elif word in _parts(method.table):
            score += _ALIAS
        elif len(word) >= _SHORT and word in method.description.lower():
            score += _DESCRIBED
        else:
            continue
        matched += 1
    if not named or matched < len(words):
        return 0
    others = own - set(words)
    score += -_EACH_OTHER * len(others) if others else _NOTHING_ELSE
    verb = _VERBS.match(method.name)
    is_verb = verb is not None and _stem(verb[0]) == words[0]
    return score * _METHOD * (_VERB if is_verb else 1)


def _fields(listing: CatalogListing, uses: Mapping[str, _Use], words: Sequence[str]) -> list[Hit]:
    """Columns that are called so: all of a column's words are sought, and all that is sought is
    in it or in the names before it."""
    wanted = set(words)
    found = []
    for table in listing.tables:
        told = table.columns.lower()
        if not any(w in told for w in words):
            continue
        before = _parts(table.service) | _parts(table.name)
        for column in table.columns.split():
            if words[0] not in column.lower() and words[-1] not in column.lower():
                continue
            own = _parts(snake_case(column))
            if own <= wanted <= own | before:
                name = f"{table.provider}.{table.service}.{table.name}.{column}"
                score = float(_FIELD * len(own) + _ALIAS * len(wanted - own))
                score += _NOTHING_ELSE if own == wanted else 0
                score += uses[table.provider].services.get(table.service, 0)
                found.append(Hit("field", name, table.description, score))
    found.sort(key=lambda h: -h.score)
    return found[:_MOST]


def _questions(sought: Sought, words: Sequence[str]) -> Iterable[Hit]:
    for question in sought.questions:
        told = f"{question.name.replace('-', ' ')} {question.description} {question.words}"
        matched = sum(w in _stems(told) for w in words)
        if matched == len(words) or matched >= 2:
            score = (_QUESTION * matched + _NOTHING_ELSE) * (matched / len(words)) ** 2
            yield Hit("question", question.name, question.description, score)
