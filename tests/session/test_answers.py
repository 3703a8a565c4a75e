"""Whole answers as rows, with the values that a read would return."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cirrusql.decode.casting import fitted
from cirrusql.execution.writes.answer_rows import as_arrow
from cirrusql.types import (
    BLOB,
    BOOLEAN,
    INTEGER,
    JSON,
    TIMESTAMPTZ,
    VARCHAR,
    SqlType,
    list_of,
    map_of,
    struct_of,
)

VALUES = {
    "bytes": b"\x00\xff",
    "time": datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
    "parts": [{"a": b"abc"}, float("nan"), None, True],
}


def test_bytes_in_json_are_base64() -> None:
    assert as_arrow({"Data": b"\x00\xff"}, JSON) == '{"Data": "AP8="}'


def test_times_in_json_are_of_utc() -> None:
    assert as_arrow([datetime(2024, 5, 1, tzinfo=UTC)], JSON) == '["2024-05-01T00:00:00+00:00"]'


@pytest.mark.parametrize(
    "type_", [JSON, map_of(JSON), struct_of((("bytes", BLOB), ("parts", JSON)))]
)
def test_an_answer_reads_as_a_page_does(type_: object) -> None:
    assert as_arrow(VALUES, type_) == fitted(VALUES, type_)  # type: ignore[arg-type]


def test_an_object_where_text_is_expected_is_its_json() -> None:
    assert as_arrow([{"a": b"abc"}], list_of(VARCHAR)) == ['{"a": "YWJj"}']


def test_bytes_stay_bytes_in_a_blob() -> None:
    assert as_arrow(b"\x00", BLOB) == b"\x00"


@pytest.mark.parametrize(
    ("value", "type_"),
    [(1 << 64, INTEGER), ("many", INTEGER), ("so-so", BOOLEAN), (1, TIMESTAMPTZ)],
)
def test_what_does_not_fit_is_null_as_in_a_page(value: object, type_: SqlType) -> None:
    assert as_arrow(value, type_) is None
