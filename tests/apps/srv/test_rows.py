"""DataRow messages, compared with what PostgreSQL's own client makes of them."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from psycopg.adapt import Transformer
from psycopg.pq import Format

from cirrusql.apps.srv.protocol import data_rows
from cirrusql.apps.srv.protocol.oids import oid_of
from cirrusql.errors import DataError

MOMENT = datetime(2024, 2, 29, 23, 59, 59, 500_000, UTC)

VALUES: list[tuple[pa.DataType, list[Any]]] = [
    (pa.bool_(), [True, False, None]),
    (pa.int16(), [-1, 32767, None]),
    (pa.int32(), [-1, 2**31 - 1, None]),
    (pa.int64(), [-(2**63), 2**63 - 1, None]),
    (pa.uint32(), [0, 2**32 - 1, None]),
    (pa.uint64(), [Decimal(0), Decimal(2**64 - 1), None]),
    (pa.float32(), [0.5, -1.25, None]),
    (pa.float64(), [1e300, -0.1, float("inf"), float("-inf"), None]),
    (pa.string(), ["", "héllo\n\t\\'\"", "x" * 100_000, None]),
    (pa.decimal128(20, 4), [Decimal("-12345.6789"), Decimal("0.0001"), Decimal("0.0000"), None]),
    (pa.date32(), [date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31), None]),
    (pa.time64("us"), [time(0), time(23, 59, 59, 1), None]),
    (pa.timestamp("us"), [MOMENT.replace(tzinfo=None), datetime(1970, 1, 1), None]),
    (pa.timestamp("us", "UTC"), [MOMENT, datetime(1999, 12, 31, 23, 0, tzinfo=UTC), None]),
    (pa.binary(), [b"", b"\x00\xff\\", None]),
    (pa.list_(pa.int32()), [[1, None, -3], [], None]),
    (pa.list_(pa.string()), [["a", None, "NULL", 'q"\\', ""], None]),
    (pa.list_(pa.timestamp("us", "UTC")), [[MOMENT], None]),
    (pa.struct([("a", pa.int64()), ("b", pa.string())]), [{"a": 1, "b": None}, None]),
    (pa.list_(pa.struct([("k", pa.string())])), [[{"k": "v"}], [], None]),
    (pa.list_(pa.list_(pa.int32())), [[[1], [2, 3]], None]),
]


def batch_of(kind: pa.DataType, values: list[Any]) -> pa.RecordBatch:
    """One column of the values."""
    return pa.RecordBatch.from_arrays([pa.array(values, kind)], names=["c"])


def cells(message: bytes, columns: int = 1) -> list[list[bytes | None]]:
    """The cells of a run of DataRow messages, taken apart by hand."""
    found = []
    at = 0
    while at < len(message):
        kind, length, count = struct.unpack_from("!cih", message, at)
        assert (kind, count) == (b"D", columns)
        end = at + 1 + length
        at += 7
        row: list[bytes | None] = []
        for _ in range(count):
            (size,) = struct.unpack_from("!i", message, at)
            at += 4
            row.append(None if size < 0 else message[at : at + size])
            at += max(size, 0)
        assert at == end
        found.append(row)
    return found


@pytest.mark.parametrize("code", [Format.TEXT, Format.BINARY])
@pytest.mark.parametrize(("kind", "values"), VALUES, ids=[str(k) for k, _ in VALUES])
def test_a_client_reads_back_every_type_in_both_formats(
    kind: pa.DataType, values: list[Any], code: Format
) -> None:
    batch = batch_of(kind, values)
    oid = oid_of(batch.schema.field(0))
    message = b"".join(bytes(m) for m in data_rows.messages(batch, [oid], [int(code)]))
    loader = Transformer().get_loader(oid, code)
    assert [None if c is None else loader.load(c) for (c,) in cells(message)] == values


def test_a_batch_of_any_length_is_one_message_a_row() -> None:
    batch = pa.RecordBatch.from_pydict({"a": range(5001), "b": ["x"] * 5001})
    found = [row for m in data_rows.messages(batch, [20, 25], [0, 0]) for row in cells(bytes(m), 2)]
    assert found == [[str(i).encode(), b"x"] for i in range(5001)]


def test_a_slice_of_a_batch_is_its_own_rows_only() -> None:
    batch = pa.RecordBatch.from_pydict({"a": [1, 2, None, 4]}).slice(1, 2)
    (message,) = data_rows.messages(batch, [20], [1])
    assert cells(bytes(message)) == [[struct.pack("!q", 2)], [None]]


def test_rows_without_columns_are_still_rows() -> None:
    batch = pa.RecordBatch.from_struct_array(pa.array([{}, {}], pa.struct([])))
    assert b"".join(bytes(m) for m in data_rows.messages(batch, [], [])) == b"D\0\0\0\x06\0\0" * 2


def test_a_column_that_came_out_wider_than_described_is_fitted_or_refused() -> None:
    told = pa.schema([("c", pa.int32())])
    assert data_rows.fitted(batch_of(pa.int64(), [7]), told).column(0).type == pa.int32()
    with pytest.raises(DataError, match="described as int32"):
        data_rows.fitted(batch_of(pa.int64(), [2**40]), told)


def test_what_was_described_as_text_is_written_as_text() -> None:
    told = pa.schema([("c", pa.string())])
    found = data_rows.fitted(batch_of(pa.timestamp("us", "UTC"), [MOMENT, None]), told)
    assert found.column(0).to_pylist() == ["2024-02-29 23:59:59.5+00", None]


@pytest.mark.parametrize(
    ("months", "days", "micros", "text"),
    [
        (0, 0, 0, "00:00:00"),
        (14, 3, 4_500_000, "1 year 2 mons 3 days 00:00:04.5"),
        (0, -1, -3_600_000_000, "-1 days -01:00:00"),
        (-1, 0, 0, "-1 mons"),
    ],
)
def test_an_interval_is_worded_as_postgresql_does(
    months: int, days: int, micros: int, text: str
) -> None:
    assert data_rows.interval_text(months, days, micros) == text
