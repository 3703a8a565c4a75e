"""What an answer says of the next page: expressions of the model, evaluated over few values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jmespath

from cirrusql.api.model import Operation

_FIRST_NAME = re.compile(r'(?:^|\|\||&&|[(,!])\s*"?([A-Za-z_]\w*)')

Tokens = Mapping[str, object] | None


class PageTokens:
    """The tokens of an operation's answers; compiled once."""

    def __init__(self, operation: Operation) -> None:
        paging = operation.paging
        self._more = _search(paging.more_results) if paging and paging.more_results else None
        pairs = zip(paging.input_tokens, paging.output_tokens, strict=True) if paging else ()
        self._tokens = [(name, _search(expression)) for name, expression in pairs]
        members = operation.output.members if operation.output is not None else {}
        expressions = (*paging.output_tokens, paging.more_results or "") if paging else ()
        named = (name for e in expressions for name in _FIRST_NAME.findall(e))
        self.members = [name for name in dict.fromkeys(named) if name in members]
        """The answer's own members that the expressions look at."""

    def tokens(self, values: Mapping[str, Any]) -> Tokens:
        """What asks for the next page, given those members' values; None at the end."""
        if self._more is not None and not self._more(values):
            return None
        found = {name: search(values) for name, search in self._tokens}
        return {name: value for name, value in found.items() if value} or None


def _search(expression: str) -> Callable[[Mapping[str, Any]], Any]:
    if expression.isidentifier():
        return lambda values: values.get(expression)
    parsed = jmespath.compile(expression)
    return lambda values: parsed.search(values)
