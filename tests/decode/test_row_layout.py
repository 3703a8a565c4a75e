"""Layouts learned from rows, and the patterns that match such rows whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.decode.fast.row_layout import Layout, RowPattern, is_plain
from cirrusql.decode.formats import xml_format
from cirrusql.decode.wanted_rows import Branch
from tests.decode.test_wanted_rows import listing, structure

TEXT = Shape("string", Kind.STRING)
ROW = structure(A=TEXT, B=TEXT, C=TEXT, S=structure(X=TEXT, Y=TEXT), L=listing(TEXT))


def branch(*names: str, inner: tuple[str, ...] = ()) -> Branch:
    made = Branch(ROW, [(name, i) for i, name in enumerate(names)])
    if inner:
        made.at(("S",)).columns.extend((name, 9) for name in inner)
    return made


def learned(wanted: Branch, *rows: str) -> RowPattern | None:
    layout = Layout(wanted)
    elements = [xml_format.parse(f"<r>{row}</r>".encode()) for row in rows]
    return layout.pattern("r") if layout.learn(elements) else None


def texts(pattern: RowPattern | None, row: str) -> dict[str, str | None] | None:
    """What the pattern finds in one row; None where it does not match."""
    assert pattern is not None
    found = pattern.rows(f"<r>{row}</r>")
    if found is None:
        return None
    assert found[0] == 1
    return {".".join(path): text for path, (text,) in found[1].items()}


def test_rows_like_those_seen_are_matched() -> None:
    pattern = learned(branch("A", "C"), "<A>1</A><B>2</B><C>3</C>")
    assert texts(pattern, "<A>x y</A>\n  <B/>\n<C></C>") is None  # B was never empty
    assert texts(pattern, "<A>x y</A>\n  <B>b</B>\n<C></C>") == {"A": "x y", "C": ""}
    assert texts(pattern, "<B>b</B><A>1</A><C>2</C>") is None


def test_what_some_rows_lack_is_optional() -> None:
    pattern = learned(branch("A", "B"), "<A>1</A><C>3</C>", "<A>1</A><B>2</B><C>3</C>", "<B>2</B>")
    assert texts(pattern, "<A>1</A>") == {"A": "1", "B": None}
    assert texts(pattern, "<A></A><B>1</B><C>1</C>") == {"A": "", "B": "1"}
    assert texts(pattern, "") == {"A": None, "B": None}


def test_parts_of_a_structure_are_found_in_it_only() -> None:
    pattern = learned(branch("A", inner=("X",)), "<A>1</A><S><Y>2</Y><X>3</X></S>", "<A>1</A><S/>")
    assert texts(pattern, "<A>1</A><S><Y>2</Y><X>4</X></S>") == {"A": "1", "S.X": "4"}
    assert texts(pattern, "<A>1</A><S/>") == {"A": "1", "S.X": None}
    assert texts(pattern, "<A>1</A><X>3</X>") is None


@pytest.mark.parametrize(
    "rows",
    [
        ["<A>1</A><B>2</B>", "<B>2</B><A>1</A>"],
        ["<A>1</A><B>2</B><A>3</A>"],
        ["<A>1</A><A>2</A>"],
        ["<A><B/></A>"],
        ['<A x="1">1</A>'],
        ['<n:A xmlns:n="urn:x">1</n:A>'],
        ["<Ä>1</Ä><A>1</A>"],
    ],
)
def test_rows_that_are_odd_teach_nothing(rows: list[str]) -> None:
    assert learned(branch("A"), *rows) is None


def test_a_name_is_matched_as_it_is_written() -> None:
    pattern = learned(branch("A"), "<T.1>x</T.1><A>1</A>")
    assert texts(pattern, "<T.1>x</T.1><A>1</A>") == {"A": "1"}
    assert texts(pattern, "<Tx1>x</T.1><A>1</A>") is None


def test_what_nobody_asked_for_is_passed_over_if_it_is_whole() -> None:
    pattern = learned(branch("A"), "<L><m>1</m><m><n><o/></n></m></L><A>1</A>")
    assert texts(pattern, "<L><m>1</m><m>2</m><m/></L><A>1</A>") == {"A": "1"}
    assert texts(pattern, "<L/><A>1</A>") == {"A": "1"}
    assert texts(pattern, "<L><m>1</n></L><A>1</A>") is None
    assert texts(pattern, "<L>" + "<a>" * 5 + "</a>" * 5 + "</L><A>1</A>") is None


def test_only_texts_under_names_of_their_own_are_plain() -> None:
    twins = Member("D", TEXT, traits={"locationName": "A"})
    shape = structure(A=TEXT, B=TEXT)
    doubled = Shape(
        "s",
        Kind.STRUCTURE,
        member_names=("A", "D"),
        resolve={"A": Member("A", TEXT), "D": twins}.__getitem__,
    )
    assert is_plain(branch("A", inner=("X",)))
    assert is_plain(Branch(shape, []))
    assert not is_plain(branch("L"))
    assert not is_plain(Branch(doubled, [("A", 0)]))
    assert not is_plain(Branch(shape, [("A", 0)], values=["B"]))


TAGS = st.lists(st.sampled_from("ABCDEF"), max_size=6, unique=True).map(sorted)


@pytest.mark.timeout(60)
@given(st.lists(TAGS, min_size=1, max_size=6), st.text("ABCD<>/ &", max_size=60))
def test_a_pattern_ends_on_anything(rows: list[list[str]], junk: str) -> None:
    pattern = learned(branch("A", "C"), *("".join(f"<{t}>1</{t}>" for t in row) for row in rows))
    assert pattern is not None
    for row in rows:
        assert texts(pattern, "".join(f"<{t}>1</{t}>" for t in row)) is not None
    pattern.rows(f"<r>{junk}")


@pytest.mark.timeout(60)
def test_a_row_that_fails_at_its_end_is_not_tried_in_every_way() -> None:
    wide = "".join(f"<T{i}>1</T{i}>" for i in range(200))
    pattern = learned(branch("A"), wide, "<A>1</A>")
    assert pattern is not None
    assert pattern.rows("<r>" + wide + "<oops>") is None
