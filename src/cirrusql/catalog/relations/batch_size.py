"""The maximum number of keys per call of a detail."""

from __future__ import annotations

import re

from cirrusql.api.model import Operation
from cirrusql.catalog.inference.words import snake_case

_UP_TO = re.compile(
    r"(?:up to|maximum of|maximum number[^.]{0,60}? is|no more than)\s+(\d+)\b", re.IGNORECASE
)


def most_of(operation: Operation, parameter: str) -> int:
    """How many keys a list parameter takes, according to the model or its documentation; otherwise
    one."""
    member = operation.parameters[parameter]
    if member.shape.maximum is not None:
        return int(member.shape.maximum)
    told = _UP_TO.search(re.sub(r"<[^>]+>", "", member.documentation or member.shape.documentation))
    if told is not None:
        return int(told[1])
    counted = rf"up to (\d+) {re.escape(snake_case(parameter).rpartition('_')[2])}\b"
    told = re.search(counted, re.sub(r"<[^>]+>", "", operation.documentation), re.IGNORECASE)
    return int(told[1]) if told is not None else 1
