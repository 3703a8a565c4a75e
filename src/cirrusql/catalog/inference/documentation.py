"""The model's documentation as text. The source has it as HTML, of more or less care."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</?(?:p|li|ul|ol|note|important|br|dl|dt|dd|div)\b[^>]*>", re.IGNORECASE)


def plain_text(html: str) -> str:
    """One line of text without tags: blanks folded, entities resolved."""
    text = _TAG.sub("", _BREAK.sub(" ", html))
    return re.sub(r"\s+", " ", unescape(text)).strip()


def first_sentence(html: str) -> str:
    """The first sentence of the text: what a list of many things has room for."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", plain_text(html), maxsplit=1)[0]
