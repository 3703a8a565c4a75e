"""Casting values to unsuitable types: something sensible, or NULL,
and never an error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.decode.casting import fitted, json_text
from cirrusql.types import (
    BIGINT,
    BLOB,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    JSON,
    TIMESTAMPTZ,
    VARCHAR,
    SqlType,
    list_of,
    map_of,
    struct_of,
)  # fmt: skip

SCALARS = (BIGINT, BLOB, BOOLEAN, DOUBLE, JSON, TIMESTAMPTZ, VARCHAR)
TYPES = (
    *SCALARS,
    list_of(VARCHAR),
    map_of(BIGINT),
    struct_of((("a", VARCHAR), ("b", list_of(JSON)))),
)


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        ("12", BIGINT, 12),
        ("x", BIGINT, None),
        (1.9, INTEGER, 1),
        (float("inf"), BIGINT, None),
        (2**31, INTEGER, None),
        (-(2**63), BIGINT, -(2**63)),
        ("9" * 5000, BIGINT, None),
        (True, VARCHAR, "true"),
        ({"a": 1}, VARCHAR, '{"a": 1}'),
        ("a", list_of(VARCHAR), ["a"]),
        ({"b": [1]}, struct_of((("a", VARCHAR), ("b", list_of(JSON)))), {"a": None, "b": ["1"]}),
        ([1], map_of(VARCHAR), None),
        ("true", BOOLEAN, None),
        (b"a", BLOB, b"a"),
        (None, JSON, None),
    ],
)
def test_a_value_is_made_to_fit(value: object, type_: SqlType, expected: object) -> None:
    assert fitted(value, type_) == expected


def test_json_has_a_word_for_everything() -> None:
    value = {
        "t": datetime(2024, 5, 1, tzinfo=UTC),
        "b": b"\x00\xff",
        "n": float("nan"),
        "i": -float("inf"),
        1: (None,),
    }
    assert json.loads(json_text(value)) == {
        "t": "2024-05-01T00:00:00+00:00",
        "b": "AP8=",
        "n": "NaN",
        "i": "-Infinity",
        "1": [None],
    }


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=4)
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),  # noqa: E501
    max_leaves=8,
)  # fmt: skip


@given(VALUES, st.sampled_from(TYPES))
def test_whatever_fits_is_what_arrow_takes(value: Any, type_: SqlType) -> None:
    pa.array([fitted(value, type_)], type_.arrow).validate(full=True)
