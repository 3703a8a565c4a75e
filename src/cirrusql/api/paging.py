"""Paging as a generator: yields request parameters, receives page tokens, until there are none."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from hashlib import sha256

from cirrusql.api.model import Follows, Kind, Operation
from cirrusql.errors import BadAnswer

_LARGEST = 1000
_NOT_WITH_TOKEN = re.compile(
    r"(?:cannot|can't) specify this parameter if you specify (?:the )?(?:<code>)?NextToken",
    re.IGNORECASE,
)

Pages = Generator[Mapping[str, object], Mapping[str, object] | None, None]


def pages(
    operation: Operation, parameters: Mapping[str, object], page_size: int | None = None
) -> Pages:
    """Yield the parameters of each request; receive the tokens of its page.

    Only a page without tokens is the last; the number of pages is not limited. Raises BadAnswer if
    a service repeats an earlier token, because paging would never end. If the source says that a
    listing ends by returning the token that was sent, it ends there.
    """
    given = dict(parameters)
    _limit(operation, given, page_size)
    _start(operation, given)
    seen = _Seen()
    tokens: Mapping[str, object] = {}
    ends_on_repeat = operation.paging is not None and operation.paging.ends_on_repeat
    number = 0
    while True:
        sent = tokens
        got = yield {**given, **tokens}
        if number == 0:
            given = {n: v for n, v in given.items() if not _is_of_first_page(operation, n)}
        number += 1
        if got is None:
            return
        tokens = _counted_up(operation, {**given, **sent}, got)
        if ends_on_repeat and _digest(tokens) == _digest(_sent(given, sent, tokens)):
            return
        if seen.has(tokens):
            raise BadAnswer(
                f"{operation.id}: page {number} returned a page token that an earlier page had "
                "returned",
                hint="paging would never end; the rows up to that page were read",
            )


def _counted_up(
    operation: Operation, sent: Mapping[str, object], got: Mapping[str, object]
) -> Mapping[str, object]:
    """The next page number or offset, for paging by number or offset."""
    paging = operation.paging
    if paging is None or paging.follows not in (Follows.PAGE, Follows.OFFSET):
        return got
    ((name, count),) = got.items()
    if paging.follows is Follows.PAGE:
        return {name: int(str(sent.get(name, paging.starts_at))) + 1}
    return {name: int(str(sent.get(name, 0))) + int(str(count))}


def _is_of_first_page(operation: Operation, name: str) -> bool:
    """Whether a parameter must be left out when a token is sent, which implies it: ListShards'
    StreamName."""
    member = operation.parameters.get(name)
    return member is not None and _NOT_WITH_TOKEN.search(member.documentation) is not None


def _sent(
    given: Mapping[str, object], sent: Mapping[str, object], got: Mapping[str, object]
) -> Mapping[str, object]:
    """The tokens that the last request carried; for the first request, those the caller
    provided."""
    return sent or {name: given[name] for name in got if name in given}


def _limit(operation: Operation, given: dict[str, object], page_size: int | None) -> None:
    """Set the page size, within the model's limits, unless the caller did."""
    limit = operation.paging.limit_key if operation.paging else None
    if limit is None or limit in given or limit not in operation.parameters:
        return
    if page_size is None:
        if limit not in operation.required:
            return
        page_size = _LARGEST  # ListUserPools is rejected without a page size
    shape = operation.parameters[limit].shape
    is_number = shape.kind in (Kind.INTEGER, Kind.LONG)
    low, high = (shape.minimum, shape.maximum) if is_number else (None, None)
    size = max(page_size, int(low)) if low is not None else page_size
    size = min(size, int(high)) if high is not None else size
    given[limit] = size if is_number else str(size)


def _start(operation: Operation, given: dict[str, object]) -> None:
    """Set the start for APIs that require an offset."""
    for token in operation.paging.input_tokens if operation.paging else ():
        if token in operation.required and operation.parameters[token].shape.kind is Kind.INTEGER:
            given.setdefault(token, 0)


class _Seen:
    """Detects a cycle of tokens of any length in constant memory (Brent's algorithm).

    Each page is compared with the page at the last power of two, so a cycle is detected after at
    most three times its length.
    """

    def __init__(self) -> None:
        self._landmark = b""
        self._count = 0
        self._next = 1

    def has(self, tokens: Mapping[str, object]) -> bool:
        digest = _digest(tokens)
        if digest == self._landmark:
            return True
        self._count += 1
        if self._count == self._next:
            self._landmark, self._next = digest, self._next * 2
        return False


def _digest(tokens: Mapping[str, object]) -> bytes:
    return sha256(json.dumps(tokens, sort_keys=True, default=repr).encode()).digest()
