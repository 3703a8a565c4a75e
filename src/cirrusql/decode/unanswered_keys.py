"""Reads from a successful response which keys it has no result for.

Operations over several keys reject single keys beside the rows of the others: ``failures`` in ECS,
``UnprocessedQueryExecutionIds`` in Athena, ``failedItems`` in Inspector. Such a row was not read,
which differs from having no detail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cirrusql.api.http_messages import Fault
from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.model import RowPath

_TELLING = re.compile(r"unprocessed|fail|error", re.IGNORECASE)
_CODE = re.compile(r"code|reason|type|result", re.IGNORECASE)
_MESSAGE = re.compile(r"message|detail|description", re.IGNORECASE)
_GONE = re.compile(r"not[ _-]?found|missing|not[ _-]?exist|no[ _-]?such|unknown", re.IGNORECASE)
"""A key that does not exist has no rows, which is a valid result."""


def telling_members(operation: Operation, rows: RowPath) -> tuple[str, ...]:
    """The response members that report rejected keys; none of them are the rows themselves."""
    if operation.output is None:
        return ()
    listed = {path[0] for path in (*rows.lists, rows.single) if path}
    # In a single structure, all members belong to the row and describe the resource itself.
    fields = set() if rows.lists else {path.path[0] for path in rows.fields.values() if path.path}
    return tuple(
        name
        for name, member in operation.output.members.items()
        if _TELLING.search(name) and name not in listed | fields and _is_telling(name, member.shape)
    )


def _is_telling(name: str, shape: Shape) -> bool:
    if shape.kind is Kind.MAP:
        item = shape.value.shape
    elif shape.kind is Kind.LIST:
        item = shape.element.shape
    else:
        return False
    if item.kind is Kind.STRUCTURE:
        return any(_CODE.search(n) for n in item.member_names)
    return name.lower().startswith("unprocessed")


def refusals(
    values: Mapping[str, Any], members: tuple[str, ...], request_id: str | None
) -> tuple[Fault, ...]:
    """The rejected keys, grouped by reason."""
    keys: dict[tuple[str, str], list[str]] = {}
    for name in members:
        for key, code, message in _items(values.get(name)):
            if not _GONE.search(f"{code} {message}"):
                keys.setdefault((code or name, message), []).append(key)
    return tuple(
        Fault(200, code, f"{message or 'not processed'} ({listed(found)})", request_id)
        for (code, message), found in keys.items()
    )


def listed(keys: list[str]) -> str:
    """The first few of them."""
    more = len(keys) - _SHOWN
    return ", ".join(keys[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


_SHOWN = 5


def _items(value: Any) -> Iterator[tuple[str, str, str]]:
    """Key, code and message of each rejected key."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield (str(key), *told(item)[1:])
    elif isinstance(value, list):
        yield from map(told, value)


def told(item: Any) -> tuple[str, str, str]:
    """Key, code and message of one rejected key."""
    if not isinstance(item, Mapping):
        return str(item), "", ""
    flat = {name: str(v) for name, v in _flat(item)}
    codes = [v for n, v in flat.items() if _CODE.search(n) and not _MESSAGE.search(n)]
    # The HTTP status adds nothing to a code in words.
    code = next((v for v in codes if not v.isdigit()), next(iter(codes), ""))
    message = next((v for n, v in flat.items() if _MESSAGE.search(n)), "")
    key = next((v for v in flat.values() if v not in (*codes, message)), "")
    return key, code, message


def _flat(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The text members of a structure; Glue and Batch nest the error in a structure of its own."""
    for name, value in item.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        elif isinstance(value, str | int):
            yield name, value
