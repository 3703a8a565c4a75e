"""How the next page is requested: a Link header, a URL, a page number, an offset."""

from __future__ import annotations

import pytest

from cirrusql.api.exchange import NEXT_URL
from cirrusql.api.model import Follows, Kind, Member, Operation, Paging, Service, Shape
from cirrusql.decode.page_tokens import PageTokens, next_link

LIST = Shape("L", Kind.LIST, resolve=lambda role: Member(role, Shape("s", Kind.STRING)))
PARTS = {"items": Member("items", LIST), "next": Member("next", Shape("s", Kind.STRING))}
OUTPUT = Shape("O", Kind.STRUCTURE, member_names=tuple(PARTS), resolve=PARTS.__getitem__)


def listing(paging: Paging) -> Operation:
    return Operation("ListItems", Service("toy", "toy", "Toy"), output=OUTPUT, paging=paging)


@pytest.mark.parametrize(
    ("header", "url"),
    [
        ('<https://x/a?p=2>; rel="next"', "https://x/a?p=2"),
        ('<https://x/a?p=1>; rel="prev", <https://x/a?p=3>; rel=next', "https://x/a?p=3"),
        ('<https://x/a?p=2,3>; rel="last next"; title="a, b"', "https://x/a?p=2,3"),
        ('</a?p=2>; title="rel=next, or so"; REL="Next"', "/a?p=2"),
        ('<https://x/a>; rel="last"', None),
        ('<https://x/a>; title="rel=next"', None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_the_next_link_of_a_header(header: str, url: str | None) -> None:
    assert next_link(header) == url


def test_a_url_of_the_answer_is_followed() -> None:
    tokens = PageTokens(listing(Paging((), ("next",), follows=Follows.URL)))
    assert tokens.tokens({"next": "/more"}, {}) == {NEXT_URL: "/more"}
    assert tokens.tokens({}, {}) is None


@pytest.mark.parametrize("follows", [Follows.PAGE, Follows.OFFSET])
def test_what_is_counted_ends_with_an_empty_page(follows: Follows) -> None:
    tokens = PageTokens(listing(Paging(("at",), follows=follows, result_keys=("items",))))
    assert tokens.members == ["items"]
    assert tokens.tokens({"items": ["a", "b"]}, {}) == {"at": 2}
    assert tokens.tokens({"items": []}, {}) is None


def test_what_is_counted_ends_where_the_answer_says_that_there_is_no_more() -> None:
    paging = Paging(("at",), follows=Follows.PAGE, result_keys=("items",), more_results="next")
    assert PageTokens(listing(paging)).tokens({"items": ["a"]}, {}) is None
