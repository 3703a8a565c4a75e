"""Converts the model's HTML to Markdown that fits a table cell and can neither break a page nor
execute.

Code and web links are kept, everything else becomes text. Whatever Markdown or HTML would interpret
is escaped, so that no part of a description reaches a browser except what this module wrote.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    "p ul ol dl dt dd br div note important table tr td th h1 h2 h3 h4 title".split()
)
_CODE = frozenset(("code", "pre", "codeph"))
SPECIAL = {c: f"&#{ord(c)};" for c in "\\`*_{}[]<>|&~"}
"""Characters that Markdown, its usual extensions or HTML interpret."""


def prose(html: str) -> str:
    """One line of Markdown for an HTML description."""
    return _Prose.of(html)


def quoted(text: str) -> str:
    """Text escaped for Markdown."""
    return "".join(SPECIAL.get(c, c) for c in text)


class _Prose(HTMLParser):
    """Collects the line; ``_inner`` holds the contents of code or a link until it ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._code: list[str] | None = None
        self._link: tuple[str, int] | None = None
        self._hidden = 0

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        parser.close()
        parser._end_code()
        parser._end_link()
        return re.sub(r"\s+", " ", "".join(parser._out)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag in _CODE:
            self._code = [] if self._code is None else self._code
        elif tag == "a":
            self._end_link()
            target = dict(attrs).get("href") or ""
            if re.fullmatch(r"https?://[\w.~/?#&=%:+,;-]+", target):
                self._link = (target, len(self._out))
        elif tag == "li":
            self._put(" • ")
        elif tag in _BLOCKS:
            self._put(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)
        elif tag in _CODE:
            self._end_code()
        elif tag == "a":
            self._end_link()
        elif tag in _BLOCKS:
            self._put(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._put(data)

    def _put(self, text: str) -> None:
        if self._code is not None:
            self._code.append(text)
        else:
            self._out.append(quoted(text))

    def _end_code(self) -> None:
        if self._code is not None:
            text = re.sub(r"\s+", " ", "".join(self._code)).strip()
            self._code = None
            if text:
                self._out.append(f"<code>{quoted(text)}</code>")

    def _end_link(self) -> None:
        if self._link is not None:
            target, start = self._link
            self._link = None
            text = re.sub(r"\s+", " ", "".join(self._out[start:])).strip()
            if text:
                self._out[start:] = [f'<a href="{target.replace("&", "&amp;")}">{text}</a>']
