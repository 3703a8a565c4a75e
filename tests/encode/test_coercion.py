"""SQL values as the API's own types; what fits no type is passed on for validation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.encode.coercion import coerced, parameters_of
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.catalog import CATALOG
from tests.support.operations import operation_of


def shape(kind: Kind) -> Shape:
    return Shape(kind.value, kind)


def structure(**members: Shape) -> Shape:
    made = {name: Member(name, inner) for name, inner in members.items()}
    return Shape("s", Kind.STRUCTURE, member_names=tuple(made), resolve=made.__getitem__)


def listing(of: Shape) -> Shape:
    return Shape("l", Kind.LIST, resolve=lambda role: Member(role, of))


def mapping(of: Shape) -> Shape:
    return Shape(
        "m",
        Kind.MAP,
        resolve=lambda role: Member(role, of if role == "value" else shape(Kind.STRING)),
    )


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1, Kind.STRING, "1"),
        (True, Kind.STRING, "true"),
        (Decimal("1.50"), Kind.STRING, "1.50"),
        ({"a": Decimal(1)}, Kind.STRING, '{"a": 1}'),
        (date(2024, 5, 1), Kind.STRING, "2024-05-01"),
        ("12", Kind.LONG, 12),
        (Decimal("12.0"), Kind.INTEGER, 12),
        (12.5, Kind.INTEGER, 12.5),
        ("twelve", Kind.INTEGER, "twelve"),
        ("1.5", Kind.DOUBLE, 1.5),
        (1, Kind.FLOAT, 1.0),
        ("TRUE", Kind.BOOLEAN, True),
        (1, Kind.BOOLEAN, 1),
        ("text", Kind.BLOB, b"text"),
        (bytearray(b"x"), Kind.BLOB, b"x"),
        ("2024-05-01", Kind.TIMESTAMP, datetime(2024, 5, 1, tzinfo=UTC)),
        (date(2024, 5, 1), Kind.TIMESTAMP, datetime(2024, 5, 1, tzinfo=UTC)),
        ("yesterday", Kind.TIMESTAMP, "yesterday"),
        ('{"a": 1}', Kind.DOCUMENT, {"a": 1}),
        (None, Kind.STRING, None),
    ],
)
def test_a_scalar_becomes_the_models_type(value: object, kind: Kind, expected: object) -> None:
    found = coerced(value, shape(kind))
    assert (found, type(found)) == (expected, type(expected))


def test_a_structure_is_told_by_its_names_in_any_case_and_has_no_nulls() -> None:
    wanted = structure(Name=shape(Kind.STRING), Size=shape(Kind.LONG))
    assert coerced({"name": 1, "SIZE": None, "other": 2}, wanted) == {"Name": "1", "other": 2}
    assert coerced('{"Name": "x"}', wanted) == {"Name": "x"}
    assert coerced("{not json", wanted) == "{not json"


def test_one_value_is_a_list_of_one() -> None:
    assert coerced("a", listing(shape(Kind.STRING))) == ["a"]
    assert coerced((1, None, "b"), listing(shape(Kind.STRING))) == ["1", "b"]
    assert coerced('["a", 2]', listing(shape(Kind.STRING))) == ["a", "2"]


def test_a_map_comes_as_a_mapping_or_as_pairs() -> None:
    for given_ in ({"k": 1}, [("k", 1)], '{"k": 1}'):
        assert coerced(given_, mapping(shape(Kind.STRING))) == {"k": "1"}


def test_what_is_null_is_not_given() -> None:
    operation = operation_of("iam:GetUser")
    assert parameters_of(operation, {"UserName": None}) == {}
    assert parameters_of(operation, {"Unknown": 1}) == {"Unknown": 1}


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=3)  # noqa: E501
    | st.decimals() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    | st.tuples(inner, inner),
    max_leaves=6,
)  # fmt: skip
SHAPES = [
    *(shape(kind) for kind in Kind if kind not in (Kind.STRUCTURE, Kind.LIST, Kind.MAP)),
    structure(a=shape(Kind.STRING), b=listing(shape(Kind.LONG))),
    listing(structure(a=shape(Kind.TIMESTAMP))),
    mapping(listing(shape(Kind.DOCUMENT))),
]


@given(VALUES, st.sampled_from(SHAPES))
def test_no_value_is_a_surprise(value: Any, wanted: Shape) -> None:
    coerced(value, wanted)


def _tags() -> Shape:
    text = Member("x", shape(Kind.STRING))
    tag = Shape("Tag", Kind.STRUCTURE, member_names=("Key", "Value"), resolve=lambda name: text)
    return Shape("Tags", Kind.LIST, resolve=lambda role: Member("member", tag))


@pytest.mark.parametrize(
    "value", [{"a": "b"}, '{"a": "b"}', [{"Key": "a", "Value": "b"}], {"Key": "a", "Value": "b"}]
)
def test_tags_are_given_as_a_map_a_list_or_json(value: Any) -> None:
    expected = value if isinstance(value, dict) and "Key" in value else [{"Key": "a", "Value": "b"}]
    assert coerced(value, _tags()) == expected


@pytest.mark.parametrize(
    "value", [[{"Key": "a", "Value": "b"}], [{"tagKey": "a", "tagValue": "b"}]]
)
def test_a_list_of_tags_is_given_where_a_map_is_wanted(value: Any) -> None:
    wanted = Shape("Tags", Kind.MAP, resolve=lambda role: Member(role, shape(Kind.STRING)))
    assert coerced(value, wanted) == {"a": "b"}


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"Type": "StringList", "Value": ["a", "b"]}, "a,b"),
        ({"Type": "StringList", "Value": "a,b"}, "a,b"),
        # No list says what has a comma itself: it stays one, which is no text.
        ({"Type": "StringList", "Value": ["a,b"]}, ["a,b"]),
        ({"Type": "StringList", "Value": []}, []),
        ({"Type": "String", "Value": ["a", "b"]}, '["a", "b"]'),
    ],
)
def test_a_list_that_the_api_has_as_text_is_joined(given: dict[str, Any], value: Any) -> None:
    put = CATALOG.service("aws", "ssm").operation("PutParameter")
    assert parameters_of(put, {"Name": "n", **given})["Value"] == value


def test_the_data_file_joins_texts_of_operations_that_are_there() -> None:
    for name, notes in OVERLAY.file("wire.toml")["joined"].items():
        schema, _, operation = name.partition(":")
        parameters = CATALOG.service("aws", schema).operation(operation).parameters
        for parameter, note in notes.items():
            assert parameters[parameter].shape.kind is Kind.STRING
            assert all(v in parameters[n].shape.enum for n, v in note["where"].items())
