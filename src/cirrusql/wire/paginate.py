"""Paging as a protocol: parameters out, tokens in, until there are none."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping

from cirrusql.api.model import Operation
from cirrusql.errors import BadAnswer

Pages = Generator[Mapping[str, object], Mapping[str, object] | None, None]


def pages(operation: Operation, parameters: Mapping[str, object], page_size: int | None = None) -> Pages:
    """Yields the parameters of each request; is sent the tokens of its page.

    There is no last page but the one without tokens. Raises BadAnswer where a service gives the
    same tokens twice in a row: it would go on for ever.
    """
    limit = operation.paging.limit_key if operation.paging else None
    given = dict(parameters)
    if page_size is not None and limit is not None and limit not in given:
        given[limit] = _allowed(operation, limit, page_size)
    before: Mapping[str, object] | None = None
    number = 1
    while True:
        tokens = yield {**given, **(before or {})}
        if tokens is None:
            return
        if before is not None and _same(tokens, before):
            if operation.paging is not None and operation.paging.ends_on_repeat:
                return
            raise BadAnswer(
                f"{operation.id}: page {number} asked for the next page by the token that led to it",
                hint="the service repeats a page token; the rows up to there were read",
            )
        before = tokens
        number += 1


def _allowed(operation: Operation, limit: str, wanted: int) -> int:
    """The page size within what the model allows."""
    shape = operation.parameters[limit].shape
    if shape.minimum is not None:
        wanted = max(wanted, int(shape.minimum))
    return wanted if shape.maximum is None else min(wanted, int(shape.maximum))


def _same(tokens: Mapping[str, object], before: Mapping[str, object]) -> bool:
    return json.dumps(tokens, sort_keys=True, default=str) == json.dumps(before, sort_keys=True, default=str)
