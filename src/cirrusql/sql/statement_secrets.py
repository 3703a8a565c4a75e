"""Finds statements that may contain secrets, for errors and history.

Works on words, because it must handle text that cannot be parsed. When in doubt it hides. Takes
linear time: each character is read a fixed number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_WORD = re.compile(r"\w+")
_NAMES = re.compile(r"passw|passphrase|secret|token|private_?key|credential", re.IGNORECASE)
# Text before a literal that makes it the value of a name: Password := '…', SET x_token TO '…',
# PASSWORD '…', Password = upper('…').
_ASSIGNED = re.compile(
    r"\"?\s*(?:(?:=|:=|:|\bto\b)\s*[^,;'\"$]{0,60}(?:'|\"|\$\$)|e?')", re.IGNORECASE
)
_GIVES = re.compile(r"\b(exec|insert|update|replace|create|attach|set)\b", re.IGNORECASE)
_SPOKEN = re.compile(_NAMES.pattern + r"|api_?key|\bbody\b|environment|_key['\"]", re.IGNORECASE)
"""Words of statements that may set a secret or something that contains one: bodies, environment
variables."""
_ALIAS = re.compile(r"\bas\s+\"?(\w+)", re.IGNORECASE)
_LISTED = re.compile(r"[()]|\w+")
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_SECRET_KEY = re.compile(r"[A-Za-z0-9/+]{40}")
_SECURE = re.compile(r"'SecureString'", re.IGNORECASE)

_STARTS = re.compile(r"--|/\*|\"|(?:(?<!\w)[eE])?'|\$(?:[A-Za-z_]\w*)?\$")
# Possessive quantifiers prevent backtracking, so that a missing end is searched for once.
_PLAIN = re.compile(r"(?:[^']++|'')*+")
_ESCAPED = re.compile(r"(?:[^'\\]++|''|\\.)*+", re.DOTALL)
_NAME = re.compile(r"(?:[^\"]++|\"\")*+")

_HIDDEN = "****"
_SHORTEST = 3
"""Minimum length of literals that are searched for in messages: shorter ones would match
everywhere."""


class _Literal(NamedTuple):
    """The offsets of the text between a literal's quotes; an unterminated one extends
    to the end."""

    start: int
    end: int


def holds_secret(statement: str) -> bool:
    """Whether a statement has a literal that may be a secret."""
    return (
        _is_assigned(statement)
        or _is_listed(statement)
        or _is_aliased(statement)
        or _has_access_key(statement)
        or _SECURE.search(statement) is not None
    )


def may_give_secret(statement: str) -> bool:
    """Whether a statement may set a secret: it changes something with a literal, and mentions
    secrets."""
    is_giving = _GIVES.search(statement) is not None and "'" in statement
    return (is_giving and _SPOKEN.search(statement) is not None) or holds_secret(statement)


def names_secret(text: str) -> bool:
    """Whether a text has a word that names secrets, or looks like a secret itself."""
    return bool(_NAMES.search(text)) or holds_secret(text)


def _is_assigned(text: str) -> bool:
    """``Password = '…'``: a literal next to a secret's name, or a member of a JSON text."""
    return any(
        _NAMES.search(word[0]) and _ASSIGNED.match(text, word.end())
        for word in _WORD.finditer(text)
    )


def _is_listed(text: str) -> bool:
    """``(UserName, Password) VALUES ('…')``: a literal after a list of names that includes a
    secret's."""
    last = text.rfind("'")
    is_named = False
    for part in _LISTED.finditer(text, 0, last + 1):
        if part[0] == "(":
            is_named = False
        elif part[0] != ")":
            is_named = is_named or _NAMES.search(part[0]) is not None
        elif is_named:
            return True
    return False


def _is_aliased(text: str) -> bool:
    """``SELECT '…' AS Password``: a literal with such an alias."""
    first = text.find("'")
    return first >= 0 and any(_NAMES.search(alias[1]) for alias in _ALIAS.finditer(text, first))


def _has_access_key(text: str) -> bool:
    found = _ACCESS_KEY.search(text)
    return found is not None and _SECRET_KEY.search(text, found.end()) is not None


def _literals(text: str) -> Iterator[_Literal]:
    """The positions of the literals; skips comments and quoted names."""
    i = 0
    while (found := _STARTS.search(text, i)) is not None:
        sign, inside = found[0], found.end()
        if sign == "--":
            end = text.find("\n", inside)
            i = len(text) if end < 0 else end
        elif sign == "/*":
            end = text.find("*/", inside)
            i = len(text) if end < 0 else end + 2
        elif sign == '"':
            i = _end_of(_NAME, text, inside) + 1
        elif sign[0] == "$":
            end = text.find(sign, inside)
            yield _Literal(inside, len(text) if end < 0 else end)
            i = len(text) if end < 0 else end + len(sign)
        else:
            end = _end_of(_PLAIN if sign == "'" else _ESCAPED, text, inside)
            yield _Literal(inside, end)
            i = end + 1


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found is not None else start


def hidden(text: str) -> str:
    """The text with the contents of every literal masked, keeping all positions."""
    out, i = [], 0
    for literal in _literals(text):
        out += [text[i : literal.start], re.sub(r"[^\n]", "*", text[literal.start : literal.end])]
        i = literal.end
    return "".join([*out, text[i:]])


def literals(text: str) -> Iterator[str]:
    """The texts of the literals, as written and unescaped."""
    for literal in _literals(text):
        inside = text[literal.start : literal.end]
        if inside:
            yield inside
            yield inside.replace("''", "'")


def without(text: str, values: Iterable[str]) -> str:
    """A message without these values."""
    for value in sorted(
        {v for v in values if len(v) >= _SHORTEST and v in text}, key=len, reverse=True
    ):
        text = text.replace(value, _HIDDEN)
    return text
