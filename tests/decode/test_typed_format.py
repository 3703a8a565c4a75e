"""JSON by a typed decoder: only what is wanted is read,
and what does not fit is for the lenient family."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.model import FieldPath
from cirrusql.decode.fast.observed_schema import ObservedSchema
from cirrusql.decode.fast.typed_decoder import Unfit, typed_decoder
from cirrusql.decode.fast.typed_format import TypedFormat
from cirrusql.decode.formats.object_format import ObjectFormat, json_key
from cirrusql.decode.wanted_rows import RowReader, Wanted, wanted
from cirrusql.types import BIGINT, BLOB, JSON, VARCHAR, SqlType, map_of, struct_of
from tests.decode.test_wanted_rows import listing, structure

TEXT, NUMBER, BYTES, ANY = (
    Shape(kind.value, kind) for kind in (Kind.STRING, Kind.LONG, Kind.BLOB, Kind.DOCUMENT)
)
VALUES = Shape(
    "m",
    Kind.MAP,
    resolve={"key": Member("key", TEXT), "value": Member("value", structure(S=TEXT, N=TEXT))}.__getitem__,  # noqa: E501
)  # fmt: skip
ROW = structure(
    name=TEXT, size=NUMBER, data=BYTES, any=ANY, values=VALUES, inner=structure(a=TEXT, b=TEXT)
)
OUTPUT = structure(rows=listing(ROW), token=TEXT)
ANYTHING = ObservedSchema()
VALUE_TYPE = map_of(struct_of((("S", VARCHAR), ("N", VARCHAR))))


def want(*columns: tuple[tuple[str, ...], SqlType], values: tuple[str, ...] = ()) -> Wanted:
    paths = {i: FieldPath(1, path) for i, (path, _) in enumerate(columns)}
    return wanted(OUTPUT, (("rows",),), (), paths, [type_ for _, type_ in columns], values)


def typed(asked: Wanted, answer: Any) -> list[list[Any]]:
    """The columns by the typed decoder, which equal the lenient family's."""
    body = json.dumps(answer).encode()
    found = RowReader(TypedFormat(ANYTHING), asked).read(
        typed_decoder(asked, ANYTHING).decode(body)
    )
    lenient = RowReader(ObjectFormat(json_key), asked).read(json.loads(body))
    assert found.arrays == lenient.arrays
    assert found.values == lenient.values
    return [found.arrays[i].to_pylist() for i in sorted(found.arrays)]


MAP = {"k": {"S": "s"}, "j": {"N": "1"}}
ANSWER = {
    "rows": [
        {"name": "a", "size": 1, "data": "YWJj", "any": {"x": [1, None]}, "values": MAP},
        {"name": None, "inner": {"b": "2"}, "more": {"not": "read"}},
        None,
        {"values": {}, "inner": None, "any": None},
    ],
    "token": "t",
}  # fmt: skip


def test_what_is_wanted_is_read_as_leniently() -> None:
    asked = want(
        (("name",), VARCHAR), (("size",), BIGINT), (("data",), BLOB), (("inner", "b"), VARCHAR)
    )
    assert typed(asked, ANSWER) == [
        ["a", None, None],
        [1, None, None],
        [b"abc", None, None],
        [None, "2", None],
    ]


def test_maps_of_unions_are_taken_apart() -> None:
    (found,) = typed(want((("values",), VALUE_TYPE)), ANSWER)
    assert found == [[("k", {"S": "s", "N": None}), ("j", {"S": None, "N": "1"})], None, []]


def test_documents_stay_text() -> None:
    asked = want((("any",), JSON))
    found = RowReader(TypedFormat(ANYTHING), asked).read(
        typed_decoder(asked, ANYTHING).decode(b'{"rows":[{"any":{"x" : 1}},{"any":null},{}]}')
    )
    assert found.arrays[0].to_pylist() == ['{"x" : 1}', None, None]


def test_a_member_wanted_twice_is_read_once() -> None:
    assert typed(want((("name",), VARCHAR), (("name",), VARCHAR)), ANSWER)[0] == ["a", None, None]


def test_values_beside_the_rows_are_read_too() -> None:
    typed(want((("name",), VARCHAR), values=("token",)), ANSWER)


def test_one_member_in_two_ways_is_unfit() -> None:
    inner = struct_of((("a", VARCHAR),))
    with pytest.raises(Unfit):
        typed_decoder(want((("inner",), inner), (("inner", "a"), VARCHAR)), ANYTHING)


@pytest.mark.parametrize("rows", [5, [5], [{"size": "1"}], [{"data": 5}], [{"name": 1}]])
def test_what_is_not_of_the_models_types_is_refused(rows: Any) -> None:
    asked = want((("name",), VARCHAR), (("size",), BIGINT), (("data",), BLOB))
    with pytest.raises(msgspec.ValidationError):
        typed_decoder(asked, ANYTHING).decode(json.dumps({"rows": rows}).encode())
