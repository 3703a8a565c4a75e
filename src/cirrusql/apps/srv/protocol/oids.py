"""Maps columns to PostgreSQL types: Arrow types to OIDs, and OIDs to names.

OIDs are those of ``pg_type`` in every PostgreSQL. Nested types, except lists of scalars, are
``json``: PostgreSQL has no anonymous structs.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from pg_mimic.arrays import ARRAY_OID, ELEMENT_OID
from pyarrow import types as kinds

from cirrusql.render.text_values import is_json

BOOL = 16
BYTEA = 17
NAME = 19
INT8 = 20
INT2 = 21
INT4 = 23
TEXT = 25
OID = 26
JSON = 114
FLOAT4 = 700
FLOAT8 = 701
UNKNOWN = 705
BPCHAR = 1042
VARCHAR = 1043
DATE = 1082
TIME = 1083
TIMESTAMP = 1114
TIMESTAMPTZ = 1184
INTERVAL = 1186
NUMERIC = 1700
UUID = 2950
JSONB = 3802

ARRAYS: dict[int, int] = dict(ARRAY_OID)
"""The OID of the array by the OID of its element."""
ELEMENTS: dict[int, int] = dict(ELEMENT_OID)
"""The OID of the element by the OID of the array."""


@dataclass(frozen=True)
class PgType:
    """One row of ``pg_type`` for a type that results can have."""

    oid: int
    name: str
    sql_name: str
    """As written by ``format_type``."""
    size: int
    """Bytes; -1: variable length."""
    category: str


_SCALARS = (
    PgType(BOOL, "bool", "boolean", 1, "B"),
    PgType(BYTEA, "bytea", "bytea", -1, "U"),
    PgType(18, "char", '"char"', 1, "Z"),
    PgType(NAME, "name", "name", 64, "S"),
    PgType(INT8, "int8", "bigint", 8, "N"),
    PgType(INT2, "int2", "smallint", 2, "N"),
    PgType(INT4, "int4", "integer", 4, "N"),
    PgType(TEXT, "text", "text", -1, "S"),
    PgType(OID, "oid", "oid", 4, "N"),
    PgType(JSON, "json", "json", -1, "U"),
    PgType(FLOAT4, "float4", "real", 4, "N"),
    PgType(FLOAT8, "float8", "double precision", 8, "N"),
    PgType(UNKNOWN, "unknown", "unknown", -2, "X"),
    PgType(BPCHAR, "bpchar", "character", -1, "S"),
    PgType(VARCHAR, "varchar", "character varying", -1, "S"),
    PgType(DATE, "date", "date", 4, "D"),
    PgType(TIME, "time", "time without time zone", 8, "D"),
    PgType(TIMESTAMP, "timestamp", "timestamp without time zone", 8, "D"),
    PgType(TIMESTAMPTZ, "timestamptz", "timestamp with time zone", 8, "D"),
    PgType(INTERVAL, "interval", "interval", 16, "T"),
    PgType(NUMERIC, "numeric", "numeric", -1, "N"),
    PgType(UUID, "uuid", "uuid", 16, "U"),
    PgType(JSONB, "jsonb", "jsonb", -1, "U"),
)

TYPES: dict[int, PgType] = {t.oid: t for t in _SCALARS} | {
    ARRAYS[t.oid]: PgType(ARRAYS[t.oid], f"_{t.name}", f"{t.sql_name}[]", -1, "A")
    for t in _SCALARS
    if t.oid in ARRAYS
}

_BY_ARROW = {
    pa.bool_(): BOOL,
    pa.int8(): INT2,
    pa.int16(): INT2,
    pa.int32(): INT4,
    pa.int64(): INT8,
    pa.uint8(): INT2,
    pa.uint16(): INT4,
    # The only unsigned type of PostgreSQL, common in its catalogs.
    pa.uint32(): OID,
    pa.uint64(): NUMERIC,
    pa.float32(): FLOAT4,
    pa.float64(): FLOAT8,
}


def oid_of(field: pa.Field) -> int:
    """The OID of a result's column."""
    kind = field.type
    if kinds.is_dictionary(kind):
        kind = kind.value_type
    if kind in _BY_ARROW:
        return _BY_ARROW[kind]
    if is_json(field):
        return JSON
    if kinds.is_decimal(kind):
        return NUMERIC
    if kinds.is_timestamp(kind):
        return TIMESTAMPTZ if kind.tz else TIMESTAMP
    if kinds.is_date(kind):
        return DATE
    if kinds.is_time(kind):
        return TIME
    if kinds.is_interval(kind):
        return INTERVAL
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        return BYTEA
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        element = oid_of(kind.value_field)
        # PostgreSQL's nested arrays must be rectangular, and ours need not be.
        return ARRAYS.get(element, JSON) if element != JSON else JSON
    if kinds.is_nested(kind):
        return JSON
    return TEXT


_BY_SQL = {
    "VARCHAR": TEXT,
    "INTEGER": INT4,
    "BIGINT": INT8,
    "DOUBLE": FLOAT8,
    "BOOLEAN": BOOL,
    "TIMESTAMPTZ": TIMESTAMPTZ,
    "TIMESTAMP WITH TIME ZONE": TIMESTAMPTZ,
    "TIMESTAMP": TIMESTAMP,
    "DATE": DATE,
    "TIME": TIME,
    "INTERVAL": INTERVAL,
    "UUID": UUID,
    "FLOAT": FLOAT4,
    "TINYINT": INT2,
    "UTINYINT": INT2,
    "SMALLINT": INT2,
    "USMALLINT": INT4,
    "UINTEGER": OID,
    "UBIGINT": NUMERIC,
    "HUGEINT": NUMERIC,
    "UHUGEINT": NUMERIC,
    "DECIMAL": NUMERIC,
    "ENUM": TEXT,
    "BIT": TEXT,
    "BLOB": BYTEA,
    "JSON": JSON,
}


def oid_of_sql(sql_type: str) -> int:
    """The OID of a column's type, given as the engine writes it."""
    if sql_type.endswith("[]"):
        element = oid_of_sql(sql_type[:-2])
        return ARRAYS.get(element, JSON) if element != JSON else JSON
    word = sql_type.partition("(")[0]
    return _BY_SQL.get(sql_type if word == "STRUCT" else word, JSON)
