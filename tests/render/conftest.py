"""One table with a value of every type, and the awkward cases of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest

from cirrusql.render.text_values import SQL_TYPE

UTC_TIME = pa.timestamp("us", tz="Etc/UTC")
JSON = {SQL_TYPE: b"JSON"}
STATE = pa.struct(
    [("Name", pa.string()), ("Code", pa.int32()), pa.field("doc", pa.string(), metadata=JSON)]
)

SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("text", pa.string()),
        ("whole", pa.int64()),
        ("huge", pa.decimal128(38, 0)),
        ("money", pa.decimal128(10, 3)),
        ("real", pa.float64()),
        ("single", pa.float32()),
        ("is_ok", pa.bool_()),
        ("at", UTC_TIME),
        ("local", pa.timestamp("us")),
        ("nano", pa.timestamp("ns")),
        ("day", pa.date32()),
        ("clock", pa.time64("us")),
        ("span", pa.month_day_nano_interval()),
        ("blob", pa.binary()),
        ("State", STATE),
        ("Tags", pa.list_(pa.struct([("Key", pa.string()), ("Value", pa.string())]))),
        ("by name", pa.map_(pa.string(), pa.list_(UTC_TIME))),
        pa.field("policy", pa.string(), metadata=JSON),
        ("enum", pa.dictionary(pa.uint8(), pa.string())),
        ("nothing", pa.null()),
    ]
)

_FRACTION = datetime(2026, 11, 24, 10, 17, 25, 120000, UTC)

ROWS: list[tuple[object, ...]] = [
    (
        "alice",
        "",
        1,
        Decimal(12345678901234567890123456789012345678),
        Decimal("1.500"),
        0.1,
        0.1,
        True,
        _FRACTION,
        _FRACTION.replace(tzinfo=None),
        1_764_000_000_123_456_789,
        date(2026, 11, 24),
        time(10, 0, 0, 500000),
        (14, 3, 14_706_500_000_000),
        b"\x00\xff",
        {"Name": 'run"ning', "Code": 16, "doc": '{"a":\n 1}'},
        [{"Key": "Name", "Value": "web,1"}, {"Key": "e", "Value": None}, None],
        [("ä", [_FRACTION, None]), ("", [])],
        '{"Version":\n"2012-10-17"}',
        "a",
        None,
    ),
    (None,) * len(SCHEMA),
    (
        'line\nline "two"\r\n\ttab \\ | <b>\x1b[31mred\x9b\u202e',
        "日本 👩\u200d👩\u200d👧 e\u0301",
        -(2**63),
        Decimal(-1),
        Decimal("-0.001"),
        float("nan"),
        float("-inf"),
        False,
        2**63 - 1,
        -(2**63) + 1,
        0,
        date(1, 1, 1),
        time(0, 0),
        (0, 0, 0),
        b"",
        {"Name": None, "Code": None, "doc": None},
        [],
        [],
        "[]",
        "b",
        None,
    ),
    (
        " padded ",
        "_x_ my_table a*b `c` [d](e) &amp; ~~f~~",
        0,
        Decimal(0),
        Decimal(0),
        1e300,
        1.5,
        True,
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999),
        1,
        date(9999, 12, 31),
        time(23, 59, 59, 999999),
        (-25, -1, -1_000_000),
        b"\n",
        {"Name": "", "Code": -1, "doc": '"s"'},
        [{"Key": "\n", "Value": "\x07"}],
        [("k", None)],
        "null",
        None,
        None,
    ),
]


def batches() -> Iterator[pa.RecordBatch]:
    """The rows in two batches, an empty one between them, the second a slice of a larger one."""
    columns = [pa.array([row[i] for row in ROWS], field.type) for i, field in enumerate(SCHEMA)]
    whole = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
    yield whole.slice(0, 1)
    yield whole.slice(0, 0)
    yield whole.slice(1)


@pytest.fixture
def rows() -> Iterator[pa.RecordBatch]:
    return batches()
