"""Values that a statement assigns, in the type of their columns, for RETURNING where no response
has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cirrusql.errors import InvalidParameter
from cirrusql.execution.writes.answer_rows import as_arrow
from cirrusql.plan.model import Write
from cirrusql.plan.writes.set_values import SET_COLUMN
from cirrusql.types import ListType, MapType, SqlType, StructType

_WORDS = {"true": True, "false": False}


def set_values(write: Write, row: dict[str, Any]) -> dict[str, object]:
    """The values of a row by column; they are removed from the row.

    Raises InvalidParameter, before any call, for values that a column cannot hold.
    """
    given = {n.removeprefix(SET_COLUMN): row.pop(n) for n in list(row) if n.startswith(SET_COLUMN)}
    types = {c.name: c.type for c in write.table.columns}
    return {
        n: _checked(n, _typed(n, v, types[n]), types[n]) for n, v in given.items() if v is not None
    }


def _typed(name: str, value: Any, type_: SqlType) -> Any:
    try:
        return as_typed(value, type_)
    except json.JSONDecodeError as error:
        raise InvalidParameter(
            f"nothing was called: {name} is not valid JSON: {error.msg} at character "
            f"{error.pos + 1}",
            hint=f"{name} is a {type_.sql}",
        ) from error


def as_typed(value: Any, type_: SqlType) -> Any:
    """Convert a value to the form of a column: text, wrapped values and maps may be shown
    differently.

    Raises json.JSONDecodeError for text that looks like JSON but is not.
    """
    is_nested = isinstance(type_, StructType | ListType | MapType)
    if is_nested and isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = json.loads(value)
    if (
        isinstance(type_, ListType)
        and isinstance(value, Mapping)
        and (names := _pair(type_.element))
    ):
        key, inner = names
        return [{key: k, inner: v} for k, v in value.items()]
    if isinstance(type_, MapType) and isinstance(value, list):
        return {
            str(next(iter(i.values()))): list(i.values())[-1]
            for i in value
            if isinstance(i, Mapping)
        }
    if (
        not is_nested
        and type_.name != "JSON"
        and isinstance(value, Mapping)
        and set(value) == {"Value"}
    ):
        value = value["Value"]
    if isinstance(value, str):
        if type_.name == "BOOLEAN":
            return _WORDS.get(value.lower(), value)
        if type_.name in ("BIGINT", "INTEGER") and value.lstrip("-").isdigit():
            return int(value)
    return value


def _pair(type_: SqlType) -> tuple[str, str] | None:
    """The members of a structure that is a key with its value."""
    names = [n for n, _ in type_.fields] if isinstance(type_, StructType) else []
    is_pair = (
        len(names) == 2 and names[0].lower().endswith("key") and names[1].lower().endswith("value")
    )
    return (names[0], names[1]) if is_pair else None


def _checked(name: str, value: Any, type_: SqlType) -> Any:
    import pyarrow as pa

    try:
        pa.array([as_arrow(value, type_)], type_.arrow)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise InvalidParameter(
            f"RETURNING: nothing was called: the value of {name} cannot be returned as "
            f"{type_.sql}: {error}",
            hint=f"CAST it to {type_.sql}, or remove RETURNING",
        ) from error
    return value
