"""Evaluates the rules of a waiter over one response or error.

The rules are those of the model's waiters, in order. Three matchers are ours: ``missing`` is true
if the resource does not exist, ``kindAll`` and ``kindAny`` if statuses are of that kind
(``catalog.behaviour.statuses``). Uses no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import jmespath

from cirrusql.api.model import Acceptor
from cirrusql.catalog.behaviour.statuses import kind_of
from cirrusql.errors import CallFailed, Error, NotFound

_OK = 200


def state_of(acceptors: Iterable[Acceptor], answer: Mapping[str, Any] | Error) -> str | None:
    """``success``, ``failure`` or ``retry`` from the first rule that matches; None if none does."""
    for acceptor in acceptors:
        if _holds(acceptor, answer):
            return acceptor.state
    return None


def _holds(acceptor: Acceptor, answer: Mapping[str, Any] | Error) -> bool:
    expected = acceptor.expected
    match acceptor.matcher:
        case "error" if isinstance(expected, bool):
            return isinstance(answer, Error) is expected
        case "error":
            return isinstance(answer, CallFailed) and answer.code == expected
        case "missing":
            return isinstance(answer, NotFound) or _is_empty(acceptor, answer)
        case "status":
            return _status(answer) == expected
    if isinstance(answer, Error) or acceptor.argument is None:
        return False
    found = _compiled(acceptor.argument).search(answer)
    if acceptor.matcher == "path":
        return bool(found == expected)
    is_of_kind = acceptor.matcher.startswith("kind")
    if is_of_kind and isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not found:
        return False
    test = any if acceptor.matcher.endswith("Any") else all
    return test((kind_of(str(item)) if is_of_kind else item) == expected for item in found)


def _is_empty(acceptor: Acceptor, answer: Mapping[str, Any] | Error) -> bool:
    """Whether a listing is empty."""
    if isinstance(answer, Error) or acceptor.argument is None:
        return False
    return not _compiled(acceptor.argument).search(answer)


def _status(answer: Mapping[str, Any] | Error) -> int | None:
    return getattr(answer, "status", None) if isinstance(answer, Error) else _OK


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)
