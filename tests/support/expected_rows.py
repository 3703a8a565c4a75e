"""The rows an answer must give, derived from botocore's parser and handlers."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import HierarchicalEmitter
from botocore.parsers import create_parser
from requests.structures import CaseInsensitiveDict

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Operation
from cirrusql.catalog.model import Column, RowPath
from cirrusql.types import ListType, MapType, SqlType, StructType

_after_call = HierarchicalEmitter()
for _event, _handler, *_ in BUILTIN_HANDLERS:
    if _event.startswith("after-call"):
        _after_call.register(_event, _handler)


def parsed(operation: Operation, response: Response) -> dict[str, Any]:
    """The answer as botocore's client would return it, without its metadata."""
    native: Any = operation.native
    found: dict[str, Any] = create_parser(operation.service.protocol).parse(
        {
            "status_code": response.status,
            "headers": CaseInsensitiveDict(response.headers),
            "body": _body(operation, response),
            "context": {"operation_name": operation.name},
        },
        native.output_shape,
    )
    service = native.service_model.service_id.hyphenize()
    _after_call.emit(
        f"after-call.{service}.{operation.name}",
        parsed=found,
        model=native,
        context={"encoding_type_auto_set": True},
        http_response=SimpleNamespace(raw=True, content=response.body),
    )
    found.pop("ResponseMetadata", None)
    return found


def _body(operation: Operation, response: Response) -> Any:
    """botocore reads a body of bytes as text, and leaves a stream as it is."""
    output = operation.output
    payload = output.traits.get("payload") if output is not None else None
    if (
        output is not None
        and payload is not None
        and output.members[str(payload)].shape.kind == "blob"
    ):
        return bytearray(response.body)
    return response.body


def expected_rows(
    answer: Mapping[str, Any], rows: RowPath, columns: Sequence[Column]
) -> list[dict[str, Any]]:
    """One mapping per row, its values as ``comparable`` makes them."""
    return [
        {
            c.name: _value(_at(items[rows.fields[c.name].level], rows.fields[c.name].path), c.type)
            for c in columns
        }
        for items in _items(answer, rows)
    ]


def _items(answer: Mapping[str, Any], rows: RowPath) -> Iterator[list[Any]]:
    if not rows.lists and rows.single and _at(answer, rows.single) is None:
        return
    found: list[list[Any]] = [[answer]]
    for path in rows.lists:
        found = [
            [*above, item]
            for above in found
            for item in _entered(_at(above[-1], path))
            if item is not None
        ]
    yield from found


def _entered(value: Any) -> Sequence[Any]:
    """The items of a list, or the entries of a map."""
    if isinstance(value, Mapping):
        return [{"key": k, "value": v} for k, v in value.items() if v is not None]
    return value or ()


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _value(value: Any, type_: SqlType) -> Any:
    if value is None:
        return None
    if isinstance(type_, StructType):
        return {n: _value(value.get(n), inner) for n, inner in type_.fields}
    if isinstance(type_, ListType):
        return [_value(v, type_.element) for v in value]
    if isinstance(type_, MapType):
        return {k: _value(v, type_.value) for k, v in value.items()}
    match type_.name:
        case "JSON":
            return _plain(value)
        case "DOUBLE":
            return "NaN" if math.isnan(float(value)) else float(value)
        case "BLOB":
            return bytes(value)
        case "TIMESTAMPTZ":
            return value.astimezone(UTC)
        case "VARCHAR" if isinstance(value, Mapping):
            return value
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def comparable(value: Any, type_: SqlType, expected: Any) -> Any:
    """A value of an Arrow batch's ``to_pylist`` in the form of ``expected``."""
    if value is None:
        return None
    if isinstance(type_, StructType):
        return {
            n: comparable(value[n], inner, (expected or {}).get(n)) for n, inner in type_.fields
        }
    if isinstance(type_, ListType):
        others = [*(expected or ()), *[None] * len(value)]
        return [comparable(v, type_.element, e) for v, e in zip(value, others, strict=False)]
    if isinstance(type_, MapType):
        return {k: comparable(v, type_.value, (expected or {}).get(k)) for k, v in value}
    if type_.name == "JSON" or isinstance(expected, Mapping):
        return _plain(json.loads(value))
    return "NaN" if type_.name == "DOUBLE" and math.isnan(value) else value


def in_no_order(value: Any) -> Any:
    """A value of Arrow's with its maps as dicts, sorted: their keys have no order."""
    if isinstance(value, dict):
        return {k: in_no_order(v) for k, v in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) for item in value):
            return {k: in_no_order(v) for k, v in sorted(value, key=itemgetter(0))}
        return [in_no_order(v) for v in value]
    return value
