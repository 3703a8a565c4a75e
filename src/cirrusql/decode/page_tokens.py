"""Extracts the token of the next page: expressions of the model, evaluated over few values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jmespath

from cirrusql.api.exchange import NEXT_URL
from cirrusql.api.model import Follows, Operation

_FIRST_NAME = re.compile(r'(?:^|\|\||&&|[(,!])\s*"?([A-Za-z_]\w*)')

Tokens = Mapping[str, object] | None


class PageTokens:
    """The page tokens in an operation's responses; compiled once."""

    def __init__(self, operation: Operation) -> None:
        paging = operation.paging
        self._follows = paging.follows if paging is not None else Follows.TOKEN
        self._counted = ""
        if paging is not None and self._follows in (Follows.PAGE, Follows.OFFSET):
            (self._counted,) = paging.input_tokens
            self._items = _search(paging.result_keys[0])
        if paging is not None and self._follows is Follows.URL:
            self._url = _search(paging.output_tokens[0])
        self._more = _search(paging.more_results) if paging and paging.more_results else None
        is_by_token = paging is not None and self._follows is Follows.TOKEN
        pairs = (
            zip(paging.input_tokens, paging.output_tokens, strict=True)
            if paging and is_by_token
            else ()
        )
        self._tokens = [(name, _search(expression)) for name, expression in pairs]
        members = operation.output.members if operation.output is not None else {}
        expressions = (*paging.output_tokens, paging.more_results or "") if paging else ()
        expressions += paging.result_keys[:1] if paging and self._counted else ()
        named = (name for e in expressions for name in _FIRST_NAME.findall(e))
        self.members = [name for name in dict.fromkeys(named) if name in members]
        """The response's top-level members that the expressions refer to."""

    def tokens(self, values: Mapping[str, Any], headers: Mapping[str, str]) -> Tokens:
        """Return the token of the next page, from these members' values and the headers; None at
        the end.

        With page-number or offset paging, the token is computed from the number of items on this
        page.
        """
        if self._more is not None and not self._more(values):
            return None
        if self._follows in (Follows.LINK, Follows.URL):
            url = (
                next_link(headers.get("link", ""))
                if self._follows is Follows.LINK
                else self._url(values)
            )
            return {NEXT_URL: str(url)} if url else None
        if self._counted:
            count = len(self._items(values) or ())
            return {self._counted: count} if count else None
        found = {name: search(values) for name, search in self._tokens}
        return {name: value for name, value in found.items() if value} or None


# One link of a ``Link`` header: its URL and parameters; a quoted parameter may contain commas.
_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:"[^"]*"|[^\s";,]+))?)*)')
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]+))', re.IGNORECASE)


def next_link(header: str) -> str | None:
    """The URL of the next page in a ``Link`` header, unmodified; None if there is none."""
    for link in _LINK.finditer(header):
        relation = _RELATION.search(link[2])
        if relation is not None and "next" in (relation[1] or relation[2] or "").lower().split():
            return link[1]
    return None


def _search(expression: str) -> Callable[[Mapping[str, Any]], Any]:
    if expression.isidentifier():
        return lambda values: values.get(expression)
    parsed = jmespath.compile(expression)
    return lambda values: parsed.search(values)
