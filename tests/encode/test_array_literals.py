"""PostgreSQL's text of an array."""

from __future__ import annotations

import pytest

from cirrusql.encode.array_literals import array_items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("{}", []),
        ("{ }", []),
        ("{a}", ["a"]),
        ("{a,b}", ["a", "b"]),
        (" {a , b} ", ["a", "b"]),
        ('{"a","b c"}', ["a", "b c"]),
        (r'{"a\"b","c\\d"}', ['a"b', r"c\d"]),
        ('{"a,b",c}', ["a,b", "c"]),
        ('{"",x}', ["", "x"]),
        ("{1,2}", ["1", "2"]),
        ("{a,NULL,b}", ["a", "b"]),
        ('{"NULL"}', ["NULL"]),
        (r"{a\,b}", ["a,b"]),
        ("{é,日本}", ["é", "日本"]),
        ("{arn:aws:iam::1:user/a,b}", ["arn:aws:iam::1:user/a", "b"]),
    ],
)
def test_items(text: str, items: list[str]) -> None:
    assert array_items(text) == items


@pytest.mark.parametrize(
    "text", ["", "a", "[a]", "{a", "a}", "{{a},{b}}", "{a,}", "{,a}", '{"a"b}', '{"a', "{a}b}"]
)
def test_what_is_no_array(text: str) -> None:
    assert array_items(text) is None
