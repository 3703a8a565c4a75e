"""Converts the model's documentation, which is HTML, to text."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</?(?:p|li|ul|ol|note|important|br|dl|dt|dd|div)\b[^>]*>", re.IGNORECASE)

_NOTE = re.compile(r"\s*(?:<p>\s*)?<(note|important)\b[^>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)


def plain_text(html: str) -> str:
    """One line of text: tags removed, whitespace collapsed, entities resolved."""
    text = _TAG.sub("", _BREAK.sub(" ", html))
    return re.sub(r"\s+", " ", unescape(text)).strip()


def first_sentence(html: str) -> str:
    """The first sentence, for listings. A note before the text says where something does not work,
    not what it does."""
    while (note := _NOTE.match(html)) is not None and plain_text(html[note.end() :]):
        html = html[note.end() :]
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", plain_text(html), maxsplit=1)[0]
