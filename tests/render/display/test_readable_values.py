"""Nested values as a person reads them."""

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.render.display.readable_values import one_line, several_lines, values
from cirrusql.render.text_values import SQL_TYPE


def read(json_text: str) -> object:
    field = pa.field("v", pa.string(), metadata={SQL_TYPE: b"JSON"})
    (found,) = values(pa.array([json_text]), field)
    return found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"Code": 16, "Name": "running"}', "{Code: 16, Name: running}"),
        ('{"a": null, "b": [1.50, true, null]}', "{b: [1.50, true, null]}"),
        ('[{"Key": "team", "Value": "shop"}, {"Key": "n", "Value": ""}]', "[team=shop, n=]"),
        ('[{"Key": "a, b", "Value": "c"}]', '["a, b"=c]'),
        ('[{"Key": "a", "Value": null}]', "[{Key: a}]"),
        ('["arn:aws:iam::1:user/x", "16", "true", "a: b", ""]',
         '[arn:aws:iam::1:user/x, "16", "true", "a: b", ""]'),
        ('"text"', "text"),
        ("{}", "{}"),
        ("not json", "not json"),
    ],
)  # fmt: skip
def test_a_value_on_one_line(text: str, shown: str) -> None:
    found = read(text)
    assert (found if isinstance(found, str) else one_line(found)) == shown


def test_a_structure_is_read_as_one_and_text_is_left_alone() -> None:
    state = pa.array([{"Code": 16}, None], pa.struct([("Code", pa.int64())]))
    assert [*map(one_line, values(state, pa.field("s", state.type)))] == ["{Code: 16}", "null"]
    assert values(pa.array(['{"a":1}']), pa.field("t", pa.string())) == ['{"a":1}']


def test_what_is_longer_than_a_line_has_a_member_a_line() -> None:
    found = read('{"Ebs": {"Status": "attached", "VolumeId": "vol-1"}, "No": [1, 2]}')
    assert several_lines(found, 46) == [
        "{",
        "  Ebs: {Status: attached, VolumeId: vol-1},",
        "  No: [1, 2]",
        "}",
    ]
    assert several_lines(found, 24) == [
        "{",
        "  Ebs: {",
        "    Status: attached,",
        "    VolumeId: vol-1",
        "  },",
        "  No: [1, 2]",
        "}",
    ]


def test_many_tags_have_a_line_each() -> None:
    tags = read('[{"Key": "team", "Value": "shop"}, {"Key": "env", "Value": "production"}]')
    assert several_lines(tags, 20) == ["[", "  team=shop,", "  env=production", "]"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON.filter(lambda v: isinstance(v, list | dict)), st.integers(1, 60))
def test_the_lines_say_what_the_one_line_says(value: object, width: int) -> None:
    found = read(json.dumps(value))
    lines = "".join(line.strip() + " " for line in several_lines(found, width))
    squeezed = "".join(one_line(found).split())
    assert "".join(lines.split()) == squeezed
