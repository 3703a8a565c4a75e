"""Rows on a terminal: a table that fits, else a value a line."""

import io
from collections.abc import Sequence

import pyarrow as pa
import pytest

from cirrusql.render.display import listing_text, screen
from cirrusql.render.display.present import Meter, left_out, summary
from cirrusql.render.display.screen_report import ScreenReport
from cirrusql.render.terminal import cells

NAMES = ["alice", "bruno"]
ARNS = [f"arn:aws:iam::123456789012:user/people/{name}" for name in NAMES]
USERS = pa.table({"Path": ["/people/", None], "UserName": NAMES, "Arn": ARNS, "Tags": [None, None]})


def shown(
    table: pa.Table, width: int, form: str = "auto", order: Sequence[int] | None = None
) -> tuple[list[str], ScreenReport]:
    out = io.BytesIO()
    report = screen.write(
        table.schema, table.to_batches(), out, width=width, form=form, order=order
    )
    return out.getvalue().decode().splitlines(), report


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_table_is_never_wider_than_the_terminal(width: int) -> None:
    wide = pa.table({f"c{i}": ["x" * 7 * i, "y"] for i in range(8)})
    lines, _ = shown(wide, width)
    assert max(map(cells, lines)) <= width or lines[0].startswith("─[ RECORD 1 ]")


def test_a_long_cell_is_cut_and_counted_while_names_are_whole() -> None:
    lines, report = shown(USERS.select(["UserName", "Arn"]), 40)
    assert lines[3] == "│ alice    │ arn:aws:iam::12345678901… │"
    assert report == ScreenReport(cut=2)


def test_a_row_that_cannot_fit_is_a_value_a_line_with_nothing_cut() -> None:
    lines, report = shown(USERS, 40)
    assert lines[1:5] == [
        "Path     │ /people/",
        "UserName │ alice",
        f"Arn      │ {ARNS[0]}",
        "Tags     │ NULL",
    ]
    assert report == ScreenReport()


def test_a_table_that_was_asked_for_is_one_however_narrow() -> None:
    lines, report = shown(USERS, 40, "table")
    assert max(map(cells, lines)) <= 40
    assert lines[0].startswith("┌")
    assert report.cut > 0


def test_columns_nobody_chose_are_in_a_persons_order_without_those_that_are_null() -> None:
    lines, report = shown(USERS, 200, order=(1, 0, 2, 3))
    assert [part.strip() for part in lines[1].strip("│").split("│")] == ["UserName", "Path", "Arn"]
    assert report == ScreenReport(hidden=1)


def test_a_column_that_is_null_is_shown_where_it_was_asked_for() -> None:
    lines, report = shown(USERS, 200)
    assert "Tags" in lines[1]
    assert report.hidden == 0


def test_no_rows_hide_no_column() -> None:
    lines, report = shown(USERS.slice(0, 0), 200, order=(1, 0, 2, 3))
    assert "Tags" in lines[1]
    assert report == ScreenReport()


def test_words_are_wrapped_and_a_document_is_indented() -> None:
    table = pa.table({"a": ["word " * 30], "b": ['{"Version":"2012-10-17","Statement":[]}'],
                      "c" * 40: ["x"]})  # fmt: skip
    lines, _ = shown(table, 76, "vertical")
    assert max(map(cells, lines)) <= 76
    assert sum("word" in line for line in lines) > 3
    values = [line.partition(" │ ")[2] for line in lines]
    start = values.index("{")
    assert values[start : start + 4] == [
        "{",
        '  "Version": "2012-10-17",',
        '  "Statement": []',
        "}",
    ]


def test_a_list_of_the_catalog_wraps_its_last_column_beside_or_below_the_others() -> None:
    table = pa.table({"name": ["UserName"], "description": ["one two three four five " * 4]})
    lines = []
    for width in (60, 30):
        out = io.BytesIO()
        listing_text.write(table.schema, table.to_batches(), out, width=width)
        lines.append(out.getvalue().decode().splitlines())
    beside, below = lines
    assert beside[0] == "name      description"
    assert beside[2].startswith("UserName  one two")
    assert beside[3].startswith("          ")
    assert max(map(len, beside)) <= 60
    assert max(map(len, below)) <= 30
    assert below[2:4] == ["UserName", "    one two three four five"]


def test_what_is_not_shown_is_said_with_how_to_see_it() -> None:
    assert left_out(ScreenReport(cut=1, hidden=2), "-o vertical shows all") == (
        "1 cell is cut short, and 2 columns are NULL in every row and not shown; "
        "-o vertical shows all"
    )
    assert left_out(ScreenReport(), "") is None


def test_a_meter_counts_rows_and_the_time_of_reading_alone() -> None:
    meter = Meter()
    for _ in meter.read(USERS.to_batches()):
        meter.seconds -= 100
    assert meter.rows == 2
    assert meter.seconds < -99
    meter.seconds = 0.4
    assert summary(meter, ScreenReport()) == "2 rows in 0.40 s"
    assert summary(meter, ScreenReport(is_unfinished=True), has_time=False) == "the first 2 rows"
    assert summary(meter, ScreenReport(), written=1) == "1 row written in 0.40 s"
