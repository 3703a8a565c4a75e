"""Parameters: ``$1`` in a statement's text, and the bytes that clients bind to it.

PostgreSQL numbers its parameters, the session names them: ``$1`` becomes ``$_1``. If a client does
not declare a parameter's type, its context determines it.
"""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pg_mimic.arrays import parse_array_literal
from pg_mimic.types import decode_binary_param
from sqlglot import exp

from cirrusql.apps.srv.protocol import oids
from cirrusql.errors import DataError, InvalidParameter, NotSupportedError
from cirrusql.sql.split import skip

_NUMBERED = re.compile(r"\$(\d+)")
_BOOLEANS = {"t": True, "true": True, "on": True, "yes": True, "y": True, "1": True} | {
    "f": False, "false": False, "off": False, "no": False, "n": False, "0": False
}  # fmt: skip
MOST = 65_535
"""Maximum parameters of a Bind message."""


def name_of(number: int) -> str:
    """The session's name of parameter ``$number``."""
    return f"_{number}"


def named(text: str) -> tuple[str, int]:
    """The statement with names in place of numbers, and the highest number in it.

    Strings, quoted names and comments are unchanged.
    """
    out = []
    highest = i = 0
    while i < len(text):
        end = skip(text, i)
        if end is None and text[i] == "$" and (found := _NUMBERED.match(text, i)):
            number = int(found[1])
            if not 1 <= number <= MOST:
                raise InvalidParameter(f"there is no parameter {found[0]}", hint=f"$1 to ${MOST}")
            highest = max(highest, number)
            out.append(f"$_{number}")
            i = found.end()
            continue
        end = end or i + 1
        out.append(text[i:end])
        i = end
    return "".join(out), highest


def types_from_place(tree: Any, column_type: Callable[[str], int | None]) -> Mapping[int, int]:
    """The types that the context implies for each parameter: OIDs by number.

    ``column_type`` returns the OID of a column by its name. A cast is explicit; LIMIT and OFFSET
    are integers; a comparison, IN, BETWEEN or LIKE has the type of its column.
    """
    found: dict[int, int] = {}
    for node in tree.find_all(exp.Parameter, exp.Placeholder):
        match = re.fullmatch(r"_(\d+)", node.name or (node.this.name if node.this else ""))
        if match is None:
            continue
        parent = node.parent
        oid: int | None = None
        if isinstance(parent, exp.Cast):
            oid = _oid_of_cast(parent.to.sql(dialect="duckdb"))
        elif isinstance(parent, exp.Limit | exp.Offset):
            oid = oids.INT8
        elif _is_quantified(node):
            beside = _beside(node.find_ancestor(exp.Binary), column_type)
            oid = oids.ARRAYS.get(beside or oids.TEXT, oids.ARRAYS[oids.TEXT])
        elif isinstance(parent, exp.Binary | exp.In | exp.Between):
            oid = _beside(parent, column_type)
        if oid is not None:
            found[int(match[1])] = oid
    return found


_QUANTIFIED = (exp.Any, exp.All)


def _is_quantified(node: Any) -> bool:
    """Whether a parameter is the list of ANY or ALL, which the parser may take for functions."""
    parent = node.parent
    if isinstance(parent, exp.ArrayContains):
        return parent.this is node
    if isinstance(parent, exp.Anonymous):
        return str(parent.this).upper() in ("ANY", "ALL", "SOME")
    return isinstance(node.find_ancestor(*_QUANTIFIED, exp.Select), _QUANTIFIED)


def oids_in(text: str) -> Mapping[int, int]:
    """Parameters cast to ``oid`` or ``oid[]``, which the engine lacks: OIDs by number."""
    found = re.finditer(r"\$_(\d+)\s*::\s*(?:pg_catalog\s*\.\s*)?oid\b(\s*\[\s*\])?", text)
    return {int(m[1]): oids.ARRAYS[oids.OID] if m[2] else oids.OID for m in found}


def _beside(node: Any, column_type: Callable[[str], int | None]) -> int | None:
    """The type of the column in a comparison."""
    columns = [c for c in node.find_all(exp.Column) if c.parent is node] if node is not None else []
    return column_type(columns[0].name) if columns else None


_CASTS = {
    "BIGINT": oids.INT8,
    "INT": oids.INT4,
    "INTEGER": oids.INT4,
    "SMALLINT": oids.INT2,
    "TEXT": oids.TEXT,
    "VARCHAR": oids.TEXT,
    "BOOLEAN": oids.BOOL,
    "DOUBLE": oids.FLOAT8,
    "REAL": oids.FLOAT4,
    "DECIMAL": oids.NUMERIC,
    "DATE": oids.DATE,
    "TIME": oids.TIME,
    "TIMESTAMP": oids.TIMESTAMP,
    "TIMESTAMPTZ": oids.TIMESTAMPTZ,
    "INTERVAL": oids.INTERVAL,
    "BLOB": oids.BYTEA,
    "UUID": oids.UUID,
    "JSON": oids.JSON,
}


def _oid_of_cast(sql: str) -> int | None:
    bare = re.sub(r"\(.*?\)", "", sql)
    if bare.endswith("[]"):
        return oids.ARRAYS.get(_CASTS.get(bare[:-2], 0))
    return _CASTS.get(bare)


def samples(types: Sequence[int]) -> dict[str, object]:
    """A value of each parameter's type, by name, for describing a statement.

    Text and unknown types are NULL, because a sample string could be invalid somewhere.
    """
    found: dict[str, object] = {}
    for number, oid in enumerate(types, 1):
        element = oids.ELEMENTS.get(oid)
        found[name_of(number)] = (
            _SAMPLES.get(oid) if element is None else [_SAMPLES.get(element, "")]
        )
    return found


_SAMPLES: dict[int, object] = {
    oids.BOOL: True,
    oids.INT2: 1,
    oids.INT4: 1,
    oids.OID: 2**31,
    oids.INT8: 2**40,
    oids.FLOAT4: 1.0,
    oids.FLOAT8: 1.0,
    oids.NUMERIC: Decimal("1.0"),
    oids.DATE: date(2000, 1, 1),
    oids.TIME: time(0),
    oids.TIMESTAMP: datetime(2000, 1, 1),
    oids.TIMESTAMPTZ: datetime(2000, 1, 1, tzinfo=UTC),
    oids.INTERVAL: timedelta(1),
    oids.BYTEA: b"",
    oids.UUID: uuid.UUID(int=0),
}


def values(
    raw: Sequence[bytes | None], formats: Sequence[int], types: Sequence[int]
) -> dict[str, object]:
    """Bound parameters as session values, by name.

    ``formats`` as in Bind: none, one for all, or one each. Raises DataError for bytes that do not
    match the parameter's type.
    """
    return {
        name_of(i + 1): _value(v, _format(formats, i), types[i], i + 1) for i, v in enumerate(raw)
    }


def _format(formats: Sequence[int], index: int) -> int:
    if not formats:
        return 0
    return formats[0] if len(formats) == 1 else formats[index]


def _value(raw: bytes | None, code: int, oid: int, number: int) -> object:
    if raw is None:
        return None
    try:
        if code == 0:
            text: Any = raw.decode("utf-8")
            if oid in oids.ELEMENTS and text.lstrip()[:1] != "[":
                # A list may also be sent as JSON text, whatever its context implies.
                text = parse_array_literal(text)
        elif oid in oids.TYPES:
            text = decode_binary_param(oid, raw)
        else:
            raise NotSupportedError(
                f"parameter ${number} is binary and of an unknown type (OID {oid})"
            )
        return python(oid, text)
    except (ValueError, struct.error, IndexError, InvalidOperation, OverflowError) as error:
        kind = oids.TYPES[oid].sql_name if oid in oids.TYPES else f"OID {oid}"
        raise DataError(f"parameter ${number} is not a valid {kind}") from error


def python(oid: int, text: Any) -> object:
    """A value's PostgreSQL text (for an array: a list of texts) as a Python value."""
    if isinstance(text, list):
        element = oids.ELEMENTS.get(oid, oids.TEXT)
        return [
            None if t is None else python(oid if isinstance(t, list) else element, t) for t in text
        ]
    read = _READ.get(oid)
    return text if read is None else read(text)


def _bool(text: str) -> bool:
    try:
        return _BOOLEANS[text.strip().lower()]
    except KeyError:
        raise ValueError(text) from None


def _bytea(text: str) -> bytes:
    return bytes.fromhex(text[2:]) if text.startswith("\\x") else text.encode("latin-1")


def _timestamptz(text: str) -> datetime:
    found = datetime.fromisoformat(_offset(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _offset(text: str) -> str:
    # PostgreSQL writes +00 where ISO 8601 requires +00:00; Python 3.11 accepts both.
    return text.strip().replace(" UTC", "+00:00")


_CLOCK = re.compile(
    r"(?:(?P<days>-?\d+) days?)? ?(?:(?P<sign>-)?(?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?))?"
)


def _interval(text: str) -> object:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        # With months, its length is not fixed: the engine parses the text.
        return text
    clock = timedelta(
        hours=int(found["h"] or 0), minutes=int(found["m"] or 0), seconds=float(found["s"] or 0)
    )
    return timedelta(days=int(found["days"] or 0)) + (-clock if found["sign"] else clock)


_READ: dict[int, Callable[[str], object]] = {
    oids.BOOL: _bool,
    oids.INT2: int,
    oids.INT4: int,
    oids.INT8: int,
    oids.OID: int,
    oids.FLOAT4: float,
    oids.FLOAT8: float,
    oids.NUMERIC: Decimal,
    oids.DATE: date.fromisoformat,
    oids.TIME: time.fromisoformat,
    oids.TIMESTAMP: lambda t: datetime.fromisoformat(_offset(t)).replace(tzinfo=None),
    oids.TIMESTAMPTZ: _timestamptz,
    oids.INTERVAL: _interval,
    oids.UUID: uuid.UUID,
    oids.BYTEA: _bytea,
}
