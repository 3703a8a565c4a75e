"""Converts engine values to the API's types: text to timestamps, JSON text to structures.

Never fails: a value that cannot be converted is passed on unchanged, for ``validation`` to report.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cirrusql.api.model import Kind, Member, Operation, Shape
from cirrusql.catalog.inference.identifiers import says_which
from cirrusql.encode.array_literals import array_items


def parameters_of(operation: Operation, given: Mapping[str, object]) -> dict[str, Any]:
    """The parameters in the model's types; NULL means not set."""
    found = {}
    for name, value in given.items():
        if value is None:
            continue
        member = operation.parameters.get(name)
        if member is None:
            found[name] = value
        elif member.traits.get("jsonvalue"):
            # The model says text, but serializers expect the value and write the JSON themselves.
            found[name] = _document(value)
        elif is_of_one_name(member) and isinstance(value, Mapping | list | tuple):
            # Not to be sent as its text: no resource is called so.
            found[name] = value
        elif (separator := _separator(operation, name, given)) and isinstance(value, list | tuple):
            found[name] = _joined(value, separator)
        else:
            found[name] = _cut(operation, coerced(value, member.shape), member.shape)
    return found


def _separator(operation: Operation, name: str, given: Mapping[str, object]) -> str:
    """What the items of a list are separated by in a text that is one; empty if it is none."""
    note = operation.overlay.section("wire.toml", "joined").get(operation.id, {}).get(name)
    if note is None or any(given.get(n) != value for n, value in note["where"].items()):
        return ""
    return str(note["by"])


def _joined(items: list[Any] | tuple[Any, ...], separator: str) -> Any:
    texts = [_text(item) for item in items]
    is_told = all(isinstance(t, str) and t and separator not in t for t in texts)
    return separator.join(texts) if is_told and texts else list(items)


def is_of_one_name(member: Member) -> bool:
    """Whether a parameter takes one name or id, for which no list or structure can stand."""
    return (
        member.shape.kind is Kind.STRING
        and says_which(member.name)
        and not _DOCUMENT.search(member.shape.name)
    )


def coerced(value: Any, shape: Shape) -> Any:
    """One value in the type of the shape."""
    if value is None:
        return None
    match shape.kind:
        case Kind.DOCUMENT:
            return _document(value)
        case Kind.STRUCTURE | Kind.LIST | Kind.MAP:
            items = _array(value, shape)
            return _nested(_parsed(value) if items is None else items, shape)
        case Kind.STRING:
            return _text(value)
        case Kind.INTEGER | Kind.LONG:
            return _whole(value)
        case Kind.FLOAT | Kind.DOUBLE:
            return _number(value)
        case Kind.BOOLEAN:
            return (
                {"true": True, "false": False}.get(value.lower(), value)
                if isinstance(value, str)
                else value
            )
        case Kind.TIMESTAMP:
            return _moment(value)
        case Kind.BLOB:
            return _bytes(value)


def _array(value: Any, shape: Shape) -> list[str] | None:
    """The items of PostgreSQL's array text, if a list of scalars is expected; JSON is not array
    text."""
    if (
        not isinstance(value, str)
        or shape.kind is not Kind.LIST
        or not value.lstrip().startswith("{")
    ):
        return None
    if shape.element.shape.kind in (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT):
        return None
    return array_items(value) if isinstance(_parsed(value), str) or value.strip() == "{}" else None


def _nested(value: Any, shape: Shape) -> Any:
    if shape.kind is Kind.STRUCTURE and isinstance(value, Mapping):
        members = {name.lower(): (name, m) for name, m in shape.members.items()}
        found = {}
        for name, inner in value.items():
            own = members.get(str(name).lower())
            if own is None:
                found[name] = inner
            elif inner is not None:
                found[own[0]] = coerced(inner, own[1].shape)
        return found
    if shape.kind is Kind.LIST and isinstance(value, list | tuple):
        return [_item(v, shape) for v in value if v is not None]
    if (
        shape.kind is Kind.LIST
        and isinstance(value, Mapping)
        and (keyed := _keyed(shape.element.shape, value))
    ):
        # Tags as a MAP.
        return [coerced({keyed[0]: k, keyed[1]: v}, shape.element.shape) for k, v in value.items()]
    if shape.kind is Kind.LIST and not isinstance(value, Mapping):
        return [coerced(value, shape.element.shape)]
    if shape.kind is Kind.MAP:
        pairs = value if isinstance(value, Mapping) else _pairs(value) or _items(value)
        if pairs is not None:
            return {str(k): coerced(v, shape.value.shape) for k, v in pairs.items()}
    return value


def _item(value: Any, shape: Shape) -> Any:
    """An item of a list. A structure in place of a name is not converted to a document, so that it
    is reported."""
    is_name = shape.element.shape.kind is Kind.STRING and not _DOCUMENT.search(
        shape.element.shape.name
    )
    return value if is_name and isinstance(value, Mapping) else coerced(value, shape.element.shape)


_DOCUMENT = re.compile(r"json|document|policy", re.IGNORECASE)
"""Part of the names of text shapes that hold a structure as JSON."""


def _keyed(shape: Shape, value: Mapping[Any, Any]) -> tuple[str, str] | None:
    """The key and value members, if a list's items have only these and the value is a map.

    A structure meant as a single item is recognized by its member names.
    """
    if shape.kind is not Kind.STRUCTURE or len(shape.member_names) != 2:
        return None
    if value and {str(k).lower() for k in value} <= {n.lower() for n in shape.member_names}:
        return None
    ends = {re.sub("^.*(key|name|value)$", r"\1", n.lower()): n for n in shape.member_names}
    key = ends.get("key") or ends.get("name")
    return (key, ends["value"]) if key is not None and "value" in ends else None


def _items(value: Any) -> Mapping[Any, Any] | None:
    """A map of tags as a list, if a list is expected."""
    if not isinstance(value, list) or not all(
        isinstance(i, Mapping) and len(i) == 2 for i in value
    ):
        return None
    folded = [{str(k).lower().removeprefix("tag"): v for k, v in i.items()} for i in value]
    return (
        {i["key"]: i["value"] for i in folded}
        if all(set(i) == {"key", "value"} for i in folded)
        else None
    )


def _pairs(value: Any) -> Mapping[Any, Any] | None:
    """The engine returns a MAP as a list of pairs."""
    if isinstance(value, list) and all(isinstance(p, tuple) and len(p) == 2 for p in value):
        return {str(key): inner for key, inner in value}
    return None


def _parsed(value: Any) -> Any:
    """Parse JSON text if a structure is expected; other text is unchanged."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _document(value: Any) -> Any:
    """A document: what is written as JSON text is sent as it is, with its nulls."""
    return _parsed(value) if isinstance(value, str) else _plain(value)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, Mapping | list):
        # A policy given as a STRUCT: the API expects its text.
        return json.dumps(_plain(value))
    return value.isoformat() if isinstance(value, date) else value


def _bytes(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()
    return bytes(value) if isinstance(value, bytearray | memoryview) else value


def _plain(value: Any) -> Any:
    """An engine value in JSON's types.

    Members that are NULL are left out, as in parameters: the structures of a list have each other's
    members, and a statement of a policy has no Condition because another one has.
    """
    match value:
        case Mapping():
            return {str(k): _plain(v) for k, v in value.items() if v is not None}
        case list() | tuple():
            return [_plain(v) for v in value]
        case Decimal():
            is_whole = value.is_finite() and value == value.to_integral_value()
            return int(value) if is_whole else float("nan") if value.is_nan() else float(value)
        case date():
            return value.isoformat()
        case bytes() | bytearray():
            return b64encode(value).decode()
        case _:
            return value


def _cut(operation: Operation, value: Any, shape: Shape) -> Any:
    """Remove a prefix that the service returns but does not accept."""
    if not isinstance(value, str):
        return value
    said = operation.overlay.section("wire.toml", "cut_off").get(operation.service.key, {})
    return re.sub(said[shape.name], "", value) if shape.name in said else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return value
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == int(value) else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | Decimal | int):
        return value
    try:
        return float(value)
    except (ValueError, OverflowError):
        return value


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
