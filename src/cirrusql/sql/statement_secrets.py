"""Statements that may hold secrets: what is shown of them in errors, what history keeps.

By words, since this must hold for text that cannot be parsed. Errs on the side of hiding.
Everything here takes time in proportion to the text: each character is looked at a fixed number of
times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_WORD = re.compile(r"\w+")
_NAMES = re.compile(r"passw|passphrase|secret|token|private_?key|credential", re.IGNORECASE)
# What makes a literal the value of the name before it: Password := '…', SET x_token TO '…',
# PASSWORD '…', Password = upper('…').
_ASSIGNED = re.compile(
    r"\"?\s*(?:(?:=|:=|:|\bto\b)\s*[^,;'\"$]{0,60}(?:'|\"|\$\$)|e?')", re.IGNORECASE
)
_GIVES = re.compile(r"\b(exec|insert|update|replace|create|attach|set)\b", re.IGNORECASE)
_SPOKEN = re.compile(_NAMES.pattern + r"|api_?key|\bbody\b|environment|_key['\"]", re.IGNORECASE)
"""What statements speak of that hand over a secret or what may hold one: bodies,
environment variables."""
_ALIAS = re.compile(r"\bas\s+\"?(\w+)", re.IGNORECASE)
_LISTED = re.compile(r"[()]|\w+")
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_SECRET_KEY = re.compile(r"[A-Za-z0-9/+]{40}")
_SECURE = re.compile(r"'SecureString'", re.IGNORECASE)

_STARTS = re.compile(r"--|/\*|\"|(?:(?<!\w)[eE])?'|\$(?:[A-Za-z_]\w*)?\$")
# The possessive quantifiers keep what they have read: an end that is missing is looked for once.
_PLAIN = re.compile(r"(?:[^']++|'')*+")
_ESCAPED = re.compile(r"(?:[^'\\]++|''|\\.)*+", re.DOTALL)
_NAME = re.compile(r"(?:[^\"]++|\"\")*+")

_HIDDEN = "****"
_SHORTEST = 3
"""Characters of a literal that is looked for in a message: of shorter ones there are too many."""


class _Literal(NamedTuple):
    """The offsets of what stands between the quotes of a literal;
    one that does not end goes to the end."""

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
    """Whether a statement may hand over a secret: it changes something by a literal,
    and speaks of some."""
    is_giving = _GIVES.search(statement) is not None and "'" in statement
    return (is_giving and _SPOKEN.search(statement) is not None) or holds_secret(statement)


def names_secret(text: str) -> bool:
    """Whether a text has a word that names secrets, or looks as if it held one."""
    return bool(_NAMES.search(text)) or holds_secret(text)


def _is_assigned(text: str) -> bool:
    """``Password = '…'``: a literal beside a name of a secret, or a member of a JSON text."""
    return any(
        _NAMES.search(word[0]) and _ASSIGNED.match(text, word.end())
        for word in _WORD.finditer(text)
    )


def _is_listed(text: str) -> bool:
    """``(UserName, Password) VALUES ('…')``: a list of names with such a name,
    a literal after it."""
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
    """``SELECT '…' AS Password``: a literal that is given such a name."""
    first = text.find("'")
    return first >= 0 and any(_NAMES.search(alias[1]) for alias in _ALIAS.finditer(text, first))


def _has_access_key(text: str) -> bool:
    found = _ACCESS_KEY.search(text)
    return found is not None and _SECRET_KEY.search(text, found.end()) is not None


def _literals(text: str) -> Iterator[_Literal]:
    """Where the literals are; comments and quoted names are passed over."""
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
    """The text with the inside of every literal replaced, each character by one: places stay."""
    out, i = [], 0
    for literal in _literals(text):
        out += [text[i : literal.start], re.sub(r"[^\n]", "*", text[literal.start : literal.end])]
        i = literal.end
    return "".join([*out, text[i:]])


def literals(text: str) -> Iterator[str]:
    """The texts of the literals, as they are written and as they are meant."""
    for literal in _literals(text):
        inside = text[literal.start : literal.end]
        if inside:
            yield inside
            yield inside.replace("''", "'")


def without(text: str, values: Iterable[str]) -> str:
    """A message without the values: what they are part of says the rest."""
    for value in sorted(
        {v for v in values if len(v) >= _SHORTEST and v in text}, key=len, reverse=True
    ):
        text = text.replace(value, _HIDDEN)
    return text
