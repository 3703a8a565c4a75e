"""The three families of formats give the same columns with the same values."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import pyarrow as pa
import pytest

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.decode.arrow_columns import column, is_all_null, is_own_scalar, offsets
from cirrusql.decode.formats import xml_format
from cirrusql.decode.formats.object_format import (
    CborFormat,
    ObjectFormat,
    json_key,
    parse_cbor,
    parse_json,
)
from cirrusql.decode.formats.xml_format import XmlFormat
from cirrusql.errors import BadAnswer
from cirrusql.types import BIGINT, JSON, TIMESTAMPTZ, VARCHAR, SqlType, list_of, map_of, struct_of

TEXT, NUMBER, TIME = (Shape(k.value, k) for k in (Kind.STRING, Kind.LONG, Kind.TIMESTAMP))


def structure(**members: Member) -> Shape:
    return Shape("s", Kind.STRUCTURE, member_names=tuple(members), resolve=members.__getitem__)


def listing(of: Shape, **traits: object) -> Shape:
    return Shape("l", Kind.LIST, resolve=lambda role: Member("member", of, traits=traits))


def mapping(of: Shape) -> Shape:
    parts = {"key": Member("key", TEXT), "value": Member("value", of)}
    return Shape("m", Kind.MAP, resolve=parts.__getitem__)


INNER = structure(a=Member("a", TEXT), n=Member("n", NUMBER))
TREE = structure(
    text=Member("text", TEXT),
    at=Member("at", TIME),
    inner=Member("inner", INNER),
    items=Member("items", listing(INNER)),
    names=Member("names", listing(TEXT)),
    tags=Member("tags", mapping(NUMBER)),
)
INNER_TYPE = struct_of((("a", VARCHAR), ("n", BIGINT), ("unknown", VARCHAR)))
TYPE = struct_of(
    (
        ("text", VARCHAR),
        ("at", TIMESTAMPTZ),
        ("inner", INNER_TYPE),
        ("items", list_of(INNER_TYPE)),
        ("names", list_of(VARCHAR)),
        ("tags", map_of(BIGINT)),
    )
)
VALUE: dict[str, Any] = {
    "text": "x & y",
    "at": 1714564800,
    "inner": {"a": "b"},
    "items": [{"a": "1", "n": 1}, {"n": 2}, {}],
    "names": ["p", ""],
    "tags": {"k": 1, "j": 2},
}
XML = (
    "<r><text>x &amp; y</text><at>1714564800</at><inner><a>b</a></inner>"
    "<items><member><a>1</a><n>1</n></member><member><n>2</n></member><member/></items><names><member>p</member><member/></names>"
    "<tags><entry><key>k</key><value>1</value></entry><entry><key>j</key><value>2</value></entry></tags></r>"
)


def in_all(values: list[dict[str, Any] | None], xml: list[str | None], type_: SqlType) -> list[Any]:
    """The column by every family; the same by all."""
    member = Member("", TREE)
    found = [
        column(ObjectFormat(json_key), member, type_)(values),
        column(CborFormat(), member, type_)(
            [None if v is None else cbor2.loads(cbor2.dumps(v)) for v in values]
        ),
        column(XmlFormat(), member, type_)(
            [None if x is None else xml_format.parse(x.encode()) for x in xml]
        ),
    ]
    for one in found:
        one.validate(full=True)
    plain: list[list[Any]] = [one.to_pylist() for one in found]
    assert plain[0] == plain[1] == plain[2]
    return plain[0]


def test_a_structure_is_taken_apart_alike() -> None:
    (found,) = in_all([VALUE], [XML], TYPE)
    assert found["items"] == [
        {"a": "1", "n": 1, "unknown": None},
        {"a": None, "n": 2, "unknown": None},
        {"a": None, "n": None, "unknown": None},
    ]
    assert (found["names"], found["tags"], found["text"]) == (
        ["p", ""],
        [("k", 1), ("j", 2)],
        "x & y",
    )
    assert found["at"].year == 2024


def test_what_is_missing_is_null_and_what_is_empty_is_not() -> None:
    found = in_all(
        [None, {}, {"items": [], "tags": {}}], [None, "<r/>", "<r><items/><tags/></r>"], TYPE
    )
    assert found[0] is None
    assert found[1] == dict.fromkeys(VALUE)
    assert (found[2]["items"], found[2]["tags"], found[2]["names"]) == ([], [], None)


def test_documents_are_json() -> None:
    type_ = struct_of((("inner", JSON), ("items", JSON)))
    (found,) = in_all([VALUE], [XML], type_)
    assert json.loads(found["items"]) == VALUE["items"]
    assert json.loads(found["inner"]) == VALUE["inner"]


def test_a_shape_that_holds_itself_is_read() -> None:
    parts: dict[str, Member] = {}
    node = Shape("n", Kind.STRUCTURE, member_names=("kids", "a"), resolve=lambda name: parts[name])
    parts.update(kids=Member("kids", listing(node)), a=Member("a", TEXT))
    deep: dict[str, Any] = {"a": "1", "kids": [{"a": "2", "kids": [{"a": "3"}]}]}
    made = column(ObjectFormat(json_key), Member("", node), JSON)([deep])
    assert json.loads(made[0].as_py()) == deep


@pytest.mark.parametrize(
    "value", ["text", 1, [1], {"items": {"a": 1}}, {"tags": [1]}, {"inner": "x"}]
)
def test_what_is_not_of_the_shape_is_a_value_error(value: Any) -> None:
    with pytest.raises(ValueError, match="expected a"):
        column(ObjectFormat(json_key), Member("", TREE), TYPE)([value])


def test_flattened_lists_are_runs_of_elements_under_the_items_name() -> None:
    member = Member("things", listing(TEXT, locationName="Thing"), traits={"flattened": True})
    shape = structure(things=member, text=Member("text", TEXT))
    (raws, texts) = XmlFormat().fields(shape, ["things", "text"])(
        [xml_format.parse(b"<r><Thing>a</Thing><text>t</text><Thing>b</Thing></r>"), None]
    )
    assert column(XmlFormat(), member, list_of(VARCHAR))(raws).to_pylist() == [["a", "b"], None]
    assert list(texts) == ["t", None]


def test_attributes_are_members_too() -> None:
    member = Member("Type", TEXT, traits={"locationName": "xsi:type", "xmlAttribute": True})
    shape = structure(Type=member)
    body = b'<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"/>'
    assert XmlFormat().fields(shape, ["Type"])([xml_format.parse(body)]) == [["Group"]]


def test_offsets_keep_nulls_and_empties_apart() -> None:
    found = offsets([[1, 2], None, [], [3]])
    made = pa.ListArray.from_arrays(found, pa.array([1, 2, 3]))
    assert made.to_pylist() == [[1, 2], None, [], [3]]
    assert offsets([]).to_pylist() == [0]


def test_a_column_without_any_value_is_told() -> None:
    assert [is_all_null(raws) for raws in ([], [None], [None, 0], [0, None], (None, None))] == [
        *(False, True, False, False, True),
    ]


def test_a_scalar_goes_into_wider_types_only() -> None:
    member = Member("n", Shape("i", Kind.INTEGER))
    assert is_own_scalar(member, BIGINT)
    assert not is_own_scalar(member, VARCHAR)
    assert column(ObjectFormat(json_key), member, VARCHAR)([1, None]).to_pylist() == ["1", None]


@pytest.mark.parametrize(
    ("body", "value"),
    [(b"", {}), (b" \n", {}), (b'{"a": NaN}', None), (b'{"a": 1e999}', {"a": float("inf")}), (b"[1]", [1]),  # noqa: E501
     (b'"\\ud800"', "\ud800")],
)  # fmt: skip
def test_json_is_read_as_python_reads_it(body: bytes, value: Any) -> None:
    found = parse_json(body)
    assert value is None or found == value


@pytest.mark.parametrize("body", [b"{", b"<a/>", b"\xff", b"[" * 100_000, b"{} {}"])
def test_what_is_not_json_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="the response is not JSON"):
        parse_json(body)


@pytest.mark.parametrize("body", [b"\xff", b"\xa1", b"\x9f" * 100_000, b"\x5f\x00", b"\xc0\x61x"])
def test_what_is_not_cbor_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="the response is not CBOR"):
        parse_cbor(body)


def test_cbors_second_null_is_null() -> None:
    fields = CborFormat().fields(INNER, ["a", "n"])
    assert fields([{"a": cbor2.undefined, "n": 1}]) == [[None], [1]]


@pytest.mark.parametrize(
    "body", [b"", b"<a>", b"{}", b"<a/><b/>", b"<a>&b;</a>", b"<a" + b"<b>" * 5000]
)
def test_what_is_not_xml_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="not well-formed XML"):
        xml_format.parse(body)


@pytest.mark.parametrize(
    "head", [b"", b" ", b'<?xml version="1.0"?>', b"<!-- x -->", b"\xef\xbb\xbf<?a?>\n<!---->"]
)
def test_a_document_type_is_refused_wherever_it_may_stand(head: bytes) -> None:
    with pytest.raises(BadAnswer, match="document type"):
        xml_format.parse(head + b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
