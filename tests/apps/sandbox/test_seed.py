"""Seed files: sections in time, and what becomes of a statement that fails."""

import pytest

from cirrusql.apps.sandbox.seed import Section, sections
from cirrusql.errors import ConfigError


def test_a_file_without_a_clock_line_is_one_section_of_now() -> None:
    assert list(sections("SELECT 1;\n")) == [Section(0, "SELECT 1;\n", 1)]


def test_what_follows_a_clock_line_is_of_that_day() -> None:
    found = list(
        sections("-- clock: 90 days ago\nA;\n-- clock: 1.5 days ago\nB;\n-- clock: now\nC;")
    )
    assert [(s.days_ago, s.sql.strip()) for s in found] == [
        (0, ""),
        (90, "A;"),
        (1.5, "B;"),
        (0, "C;"),
    ]


def test_a_section_knows_its_line_in_the_file() -> None:
    assert [s.line for s in sections("A;\n\n-- clock: now\nB;")] == [1, 3]


def test_a_clock_line_in_the_middle_of_a_line_is_an_ordinary_comment() -> None:
    assert len(list(sections("A; -- clock: 3 days ago\nB;"))) == 1


def test_a_clock_line_that_cannot_be_read_is_an_error_with_its_line() -> None:
    with pytest.raises(ConfigError, match="line 2: cannot read '-- clock: yesterday'"):
        list(sections("A;\n-- clock: yesterday\n"))
