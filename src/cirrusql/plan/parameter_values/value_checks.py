"""Checks from a value's form, before any call, whether it can be a parameter of a given type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from cirrusql.catalog.inference.identifiers import says_which
from cirrusql.catalog.model import Column, Role, Table
from cirrusql.errors import InvalidParameter
from cirrusql.types import ListType, MapType, SqlType, StructType

_TRUTHS = frozenset({"true", "false"})


def value_of(node: exp.Expr, parameters: Mapping[str, object]) -> object:
    """The value of a literal or bound parameter; None for an expression, which the engine
    evaluates."""
    node = node.unnest()
    if isinstance(node, exp.Placeholder):
        return parameters.get(node.name)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else Decimal(node.this)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return -Decimal(node.this.this)
    if isinstance(node, exp.Struct):
        return {}
    if isinstance(node, exp.Array):
        return []
    return None


def check_single(
    table: Table, column: Column, nodes: Iterable[exp.Expr], parameters: Mapping[str, object]
) -> None:
    """Raise InvalidParameter if a column of single values is compared with a list or structure.

    As a parameter, its text would be sent. A text that is no field and names nothing may be a
    document, which takes a structure.
    """
    is_single = not isinstance(column.type, ListType | StructType | MapType)
    if not is_single or column.type.name == "JSON":
        return
    if column.role is not Role.FIELD and not says_which(column.name):
        return
    for node in nodes:
        value = value_of(node, parameters)
        if not isinstance(value, list | tuple | Mapping):
            continue
        is_list = not isinstance(value, Mapping)
        told = node.sql(dialect="duckdb")
        raise InvalidParameter(
            f"{table.id}: {column.name} is a single value, and {told} is a "
            f"{'list' if is_list else 'structure'}",
            hint=f"{column.name} = ANY({told}) compares it with each value of the list"
            if is_list
            else f"compare {column.name} with a member of it",
        )


def fits(value: object, type_: SqlType) -> bool:
    """Whether a value can have the type. None is unknown, and fits every type."""
    if value is None or type_.name == "JSON":
        return True
    if isinstance(type_, ListType):
        return _is_nested(value, list) or (not _looks_nested(value) and fits(value, type_.element))
    if isinstance(type_, StructType | MapType):
        return _is_nested(value, Mapping) or (
            isinstance(type_, MapType) and _is_nested(value, list)
        )
    if isinstance(value, Mapping | list | tuple):
        return type_.name == "VARCHAR"
    return _is_scalar(value, type_.name)


def _is_scalar(value: object, name: str) -> bool:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    match name:
        case "VARCHAR":
            return not is_number and not isinstance(value, bool)
        case "BOOLEAN":
            is_text = isinstance(value, str) and value.lower() in _TRUTHS
            return isinstance(value, bool) or is_text or (is_number and value in (0, 1))
        case "INTEGER" | "BIGINT":
            return (_is_whole(value) if is_number else False) or _is_read(value, int)
        case "DOUBLE":
            return is_number or _is_read(value, float)
        case "TIMESTAMPTZ":
            return isinstance(value, date) or _is_read(value, datetime.fromisoformat)
        case _:
            return True


def _is_whole(value: Any) -> bool:
    return (
        bool(value == int(value)) if not isinstance(value, float) or value.is_integer() else False
    )


def _is_read(value: object, read: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        read(value)
    except ValueError:
        return False
    return True


def _looks_nested(value: object) -> bool:
    return isinstance(value, Mapping | list) or (
        isinstance(value, str) and value.lstrip()[:1] in ("{", "[")
    )


def _is_nested(value: object, kind: type) -> bool:
    """Whether a value has that nested type, or is its JSON or engine text."""
    if not isinstance(value, str):
        return isinstance(value, kind | tuple if kind is list else kind)
    text = value.lstrip()
    if text[:1] != ("[" if kind is list else "{"):
        return False
    try:
        return isinstance(json.loads(text), kind)
    except ValueError:
        return False
