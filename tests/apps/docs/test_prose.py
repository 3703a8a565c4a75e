"""Descriptions as Markdown: the words are kept, and nothing in them can break a page or run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.apps.docs.page import escaped
from cirrusql.apps.docs.prose import prose
from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.services import sampled_ids

SERVICES = [name.replace("-", "_") for name in sampled_ids(110, ["ec2", "iam", "s3"])]
ALLOWED = {"p", "code", "a", "em", "strong", "table", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    """The tags of a document, and whether each ends where it should."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {(tag, f"{n}={v}") for n, v in attrs}
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def in_a_table(cells: list[str]) -> Tags:
    """Cells as a site generator reads them, each a row of its own."""
    rows = "".join(f"| {cell} |\n" for cell in cells)
    html = markdown.markdown(f"| Words |\n|:---|\n{rows}", extensions=["tables", "attr_list"])
    assert html.count("<tr>") == len(cells) + 1, "a cell broke the table"
    return Tags(html)


def assert_harmless(cells: list[str]) -> None:
    found = in_a_table(cells)
    assert found.names <= ALLOWED, found.names - ALLOWED
    links = [(tag, a) for tag, a in found.attributes if tag == "a"]
    assert all(re.match(r"href=https?://", a) for _, a in links), links


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One.</p><p>Two &amp; three.</p>", "One. Two &#38; three."),
        ("<p>The <code>a_b</code> of it</p>", "The <code>a&#95;b</code> of it"),
        (
            '<a href="https://x.y/z?a=1&amp;b=2">See</a>',
            '<a href="https://x.y/z?a=1&amp;b=2">See</a>',
        ),
        ('<a href="javascript:alert(1)">See</a>', "See"),
        ("<script>alert(1)</script>Words", "Words"),
        ("<ul><li>a</li><li>b</li></ul>", "• a • b"),
        ("a | b", "a &#124; b"),
        ("<code>never closed", "<code>never closed</code>"),
    ],
)
def test_prose_keeps_words_code_and_links(html: str, text: str) -> None:
    assert prose(html) == text


@given(st.text(st.sampled_from("<>&|`*_[]{}!#\"'=/\\ \nabpcodescripthref:"), max_size=80))
def test_no_text_breaks_a_table_or_runs(text: str) -> None:
    assert_harmless([prose(text), escaped(text)])


@given(st.lists(st.sampled_from(["<p>", "</p>", "<code>", "</code>", "<a href='https://x'>", "</a>",
                                 "<b onclick=x>", "</b>", "<script>", "</script>", "x ", "|"])))  # fmt: skip  # noqa: E501
def test_no_tags_in_any_order_break_a_table_or_run(pieces: list[str]) -> None:
    assert_harmless([prose("".join(pieces)), escaped("".join(pieces))])


@pytest.mark.parametrize("service", SERVICES)
def test_every_description_of_a_service_is_harmless(service: str) -> None:
    found = Catalog([BotocoreSource()]).service("aws", service)
    operations = [found.operation(name) for name in found.operation_names]
    html = {o.documentation for o in operations}
    html |= {m.documentation for o in operations for m in o.parameters.values()}
    assert_harmless([cell for text in sorted(html) for cell in (prose(text), escaped(text))])
