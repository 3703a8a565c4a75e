"""Statements that may hold secrets: what is shown of them in errors, what history keeps.

By words, since this must hold for text that cannot be parsed. Errs on the side of hiding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_HUSHED = r"(?:\w*(?:passw|passphrase|secret|token|private_?key|credential)\w*)"
_NAMES = re.compile(_HUSHED, re.IGNORECASE)
# A literal beside such a name: @SecretString = '…', Password := '…', SET x_token TO '…'.
_ASSIGNED = re.compile(rf"{_HUSHED}\"?\s*(?:=|:=|:|\bto\b)\s*(?:e?'|\"|\$\$)", re.I)
# A list of names with such a name among them, followed by values with a literal.
_INSERTED = re.compile(rf"\([^()]*\b{_HUSHED}\b[^()]*\).*'", re.I | re.S)
# A literal that is given such a name.
_NAMED = re.compile(rf"'.*\bas\s+\"?{_HUSHED}", re.I | re.S)
_JSON = re.compile(rf"\"{_HUSHED}\"\s*:\s*\"", re.I)
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b.*[A-Za-z0-9/+]{40}", re.S)
_SECURE = re.compile(r"'SecureString'", re.I)

# What is skipped over whole; a literal that does not end goes to the end of the text.
_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|"(?:[^"]|"")*"?|(?:(?P<e>(?<!\w)[eE])?'|\$(?P<tag>\w*)\$)"""
    r"""(?P<inside>(?(tag).*?(?=\$(?P=tag)\$|\Z)|(?(e)(?:[^'\\]|''|\\.)*|(?:[^']|'')*)))"""
    r"""(?:'|\$\w*\$|\Z)""",
    re.DOTALL,
)

_HIDDEN = "****"
_SHORTEST = 3
"""Characters of a literal that is looked for in a message: of shorter ones there are too many."""


def holds_secret(statement: str) -> bool:
    """Whether a statement has a literal that may be a secret."""
    patterns = (_ASSIGNED, _INSERTED, _NAMED, _JSON, _ACCESS_KEY, _SECURE)
    return any(pattern.search(statement) for pattern in patterns)


def names_secret(text: str) -> bool:
    """Whether a text has a word that names secrets, or looks as if it held one."""
    return bool(_NAMES.search(text)) or holds_secret(text)


def hidden(text: str) -> str:
    """The text with the inside of every literal replaced, each character by one: places stay."""

    def stars(found: re.Match[str]) -> str:
        if found["inside"] is None:
            return found[0]
        start, end = found.start("inside") - found.start(), found.end("inside") - found.start()
        return found[0][:start] + re.sub(r"[^\n]", "*", found["inside"]) + found[0][end:]

    return _TOKEN.sub(stars, text)


def literals(text: str) -> Iterator[str]:
    """The texts of the literals, as they are written and as they are meant."""
    for found in _TOKEN.finditer(text):
        if found["inside"]:
            yield found["inside"]
            yield found["inside"].replace("''", "'")


def without(text: str, values: Iterable[str]) -> str:
    """A message without the values: what they are part of says the rest."""
    for value in sorted({v for v in values if len(v) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(value, _HIDDEN)
    return text
