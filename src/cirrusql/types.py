"""SQL types of columns: their names and their Arrow types.

A leaf. pyarrow is imported when an Arrow type is first needed, so that naming types costs nothing
at start-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class SqlType:
    """A scalar type; ``name`` is the engine's own word for it (``VARCHAR``)."""

    name: str

    @property
    def sql(self) -> str:
        """The type as the engine writes it."""
        return self.name

    @property
    def reference_name(self) -> str:
        """The type as reference pages write it: string, integer, boolean, number, array, object."""
        return _REFERENCE_NAMES[self.name]

    @property
    def contains_json(self) -> bool:
        """Whether a value of this type is, or holds, JSON (which Arrow carries as text)."""
        return self.name == "JSON"

    @cached_property
    def arrow(self) -> pa.DataType:
        """The Arrow type of a column of this type (timestamps: microseconds, UTC)."""
        import pyarrow as pa

        return {
            "VARCHAR": pa.string(),
            "INTEGER": pa.int32(),
            "BIGINT": pa.int64(),
            "DOUBLE": pa.float64(),
            "BOOLEAN": pa.bool_(),
            "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
            "BLOB": pa.binary(),
            # The engine casts it: Arrow cannot nest its JSON extension type everywhere.
            "JSON": pa.string(),
        }[self.name]


VARCHAR = SqlType("VARCHAR")
INTEGER = SqlType("INTEGER")
BIGINT = SqlType("BIGINT")
DOUBLE = SqlType("DOUBLE")
BOOLEAN = SqlType("BOOLEAN")
TIMESTAMPTZ = SqlType("TIMESTAMPTZ")
BLOB = SqlType("BLOB")
JSON = SqlType("JSON")

# The reference page calls a timestamp a string: it is one in the JSON of the API.
_REFERENCE_NAMES = {
    "VARCHAR": "string",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "TIMESTAMPTZ": "string",
    "BLOB": "string",
    "JSON": "object",
    "STRUCT": "object",
    "LIST": "array",
    "MAP": "object",
}


@dataclass(frozen=True)
class StructType(SqlType):
    """``STRUCT(a VARCHAR, …)``; ``fields`` in the order of the model."""

    fields: tuple[tuple[str, SqlType], ...] = ()

    @property
    def sql(self) -> str:
        inner = ", ".join(f'"{name}" {type_.sql}' for name, type_ in self.fields)
        return f"STRUCT({inner})"

    @property
    def contains_json(self) -> bool:
        return any(type_.contains_json for _, type_ in self.fields)

    @cached_property
    def arrow(self) -> pa.DataType:
        import pyarrow as pa

        return pa.struct([pa.field(name, type_.arrow) for name, type_ in self.fields])


@dataclass(frozen=True)
class ListType(SqlType):
    """``element[]``."""

    element: SqlType = VARCHAR

    @property
    def sql(self) -> str:
        return f"{self.element.sql}[]"

    @property
    def contains_json(self) -> bool:
        return self.element.contains_json

    @cached_property
    def arrow(self) -> pa.DataType:
        import pyarrow as pa

        return pa.list_(self.element.arrow)


@dataclass(frozen=True)
class MapType(SqlType):
    """``MAP(VARCHAR, value)``: every map of a cloud API has string keys."""

    value: SqlType = VARCHAR

    @property
    def sql(self) -> str:
        return f"MAP(VARCHAR, {self.value.sql})"

    @property
    def contains_json(self) -> bool:
        return self.value.contains_json

    @cached_property
    def arrow(self) -> pa.DataType:
        import pyarrow as pa

        return pa.map_(pa.string(), self.value.arrow)


def struct_of(fields: tuple[tuple[str, SqlType], ...]) -> SqlType:
    """A STRUCT; an empty one is JSON, since the engine has no STRUCT without fields."""
    return StructType("STRUCT", fields) if fields else JSON


def list_of(element: SqlType) -> ListType:
    """A LIST of ``element``."""
    return ListType("LIST", element)


def map_of(value: SqlType) -> MapType:
    """A MAP from VARCHAR to ``value``."""
    return MapType("MAP", value)
