"""Converts the model's documentation, which is HTML, to text."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</?(?:p|li|ul|ol|note|important|br|dl|dt|dd|div)\b[^>]*>", re.IGNORECASE)


def plain_text(html: str) -> str:
    """One line of text: tags removed, whitespace collapsed, entities resolved."""
    text = _TAG.sub("", _BREAK.sub(" ", html))
    return re.sub(r"\s+", " ", unescape(text)).strip()


def first_sentence(html: str) -> str:
    """The first sentence, for listings."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", plain_text(html), maxsplit=1)[0]
