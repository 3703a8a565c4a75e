"""Properties of the formats: they can be read back, use bounded memory, and are safe."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.errors import ConfigError, SqlSyntaxError
from cirrusql.render import formats, text_values
from cirrusql.render.error_text import error_text
from cirrusql.render.tables.table import HELD_BACK, narrowed
from cirrusql.render.terminal import cells, cut, safe
from cirrusql.render.text_values import unique
from tests.render.conftest import ROWS, SCHEMA, batches

TEXT = [name for name in formats.FORMATS if name not in formats.BINARY]


def written(table: pa.Table, name: str) -> bytes:
    out = io.BytesIO()
    formats.write(table.schema, table.to_batches(), name, out)
    return out.getvalue()


def of_strings(values: list[str | None]) -> pa.Table:
    return pa.table({"v": pa.array(values, pa.string())})


STRINGS = st.lists(st.none() | st.text(st.characters(codec="utf-8")), max_size=5)


@given(STRINGS)
def test_json_reads_back(values: list[str | None]) -> None:
    assert [row["v"] for row in json.loads(written(of_strings(values), "json"))] == values


@given(STRINGS)
def test_jsonl_is_one_object_a_line(values: list[str | None]) -> None:
    lines = written(of_strings(values), "jsonl").decode().split("\n")[:-1]
    assert [json.loads(line)["v"] for line in lines] == values


@given(STRINGS)
def test_csv_reads_back(values: list[str | None]) -> None:
    text = written(of_strings(values), "csv").decode()
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [row[0] if row else "" for row in read] == ["v", *(v or "" for v in values)]


def test_csv_tells_null_from_an_empty_string() -> None:
    data = written(of_strings([None, ""]), "csv")
    assert data == b'v\n\n""\n'


@given(STRINGS)
def test_tsv_has_one_line_a_row_and_one_tab_a_gap(values: list[str | None]) -> None:
    table = pa.table({"a": pa.array(values, pa.string()), "b": pa.array(values, pa.string())})
    lines = written(table, "tsv").split(b"\n")[:-1]
    assert [line.count(b"\t") for line in lines] == [1] * (len(values) + 1)


@given(st.text(st.characters(codec="utf-8")))
def test_no_value_moves_the_cursor(text: str) -> None:
    for name in ("table", "vertical", "markdown"):
        shown = written(of_strings([text]), name).decode()
        assert not any(ord(c) < 32 and c != "\n" for c in shown)
        assert not any(127 <= ord(c) < 160 or 0x202A <= ord(c) <= 0x202E for c in shown)


@given(STRINGS)
def test_every_line_of_a_table_is_as_wide_as_the_others(values: list[str | None]) -> None:
    lines = written(of_strings(values), "table").decode().split("\n")[:-1]
    assert len({cells(line) for line in lines}) == 1


@pytest.mark.parametrize("name", formats.FORMATS)
def test_no_rows_are_a_whole_document_too(name: str) -> None:
    out = io.BytesIO()
    formats.write(SCHEMA, [], name, out)
    if name == "json":
        assert json.loads(out.getvalue()) == []
    elif name == "parquet":
        assert pa.parquet.read_table(io.BytesIO(out.getvalue())).num_rows == 0
    elif name == "arrow":
        assert pa.ipc.open_stream(out.getvalue()).read_all().num_rows == 0


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_result_without_columns_can_be_written(name: str) -> None:
    formats.write(pa.schema([]), [], name, io.BytesIO())


def test_json_keeps_every_digit() -> None:
    first = json.loads(io.BytesIO(written(pa.Table.from_batches(list(batches())), "json")).read())[
        0
    ]
    assert first["huge"] == 12345678901234567890123456789012345678
    assert first["policy"] == {"Version": "2012-10-17"}
    assert first["State"]["doc"] == {"a": 1}
    assert first["text_1"] == ""


def test_the_engine_reads_our_parquet(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with path.open("wb") as out:
        formats.write(SCHEMA, batches(), "parquet", out)
    with duckdb.connect() as connection:
        found = connection.sql(f"SELECT State.Code, Tags[1].Value, blob FROM '{path}'").fetchall()
    assert found[0] == (16, "web,1", b"\x00\xff")
    assert len(found) == len(ROWS)


def test_headings_that_repeat_are_numbered() -> None:
    assert unique(["a", "a", "a_1", "a", ""]) == ["a", "a_2", "a_1", "a_3", ""]


class Nowhere:
    """A sink that keeps nothing, and is no file."""

    size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)


@pytest.mark.parametrize("name", ["parquet", "arrow", "csv", "jsonl", "table"])
def test_memory_does_not_grow_with_the_rows(name: str) -> None:
    total = 1_000_000 if name in formats.BINARY else 200_000
    peak = 0

    def many() -> Iterator[pa.RecordBatch]:
        nonlocal peak
        start = pa.total_allocated_bytes()
        for at in range(0, total, 10_000):
            texts = pa.array([f"{at + i:0100d}" for i in range(10_000)])
            yield pa.record_batch({"a": texts, "b": texts})
            peak = max(peak, pa.total_allocated_bytes() - start)

    out = Nowhere()
    formats.write(pa.schema([("a", pa.string()), ("b", pa.string())]), many(), name, out)
    assert out.size > total
    # The rows are 208 bytes each: a fifth of them all, or one row group, is the most.
    assert peak < max(total * 208 / 5, 100_000_000)


def test_a_table_longer_than_what_is_held_back_is_whole() -> None:
    table = pa.table({"n": [*range(HELD_BACK), 10**12]})
    lines = written(table, "table").decode().splitlines()
    assert len(lines) == HELD_BACK + 1 + 4
    assert lines[-2] == f"│ {10**12} │"


@given(st.lists(st.integers(0, 300), min_size=1, max_size=10), st.integers(10, 400))
def test_columns_are_cut_no_more_than_is_needed(widths: list[int], width: int) -> None:
    found = narrowed(widths, width)
    room = width - 3 * len(widths) - 1
    assert all(f == w or f >= min(w, 4) for f, w in zip(found, widths, strict=True))
    assert sum(found) <= room or max(found) <= 4
    assert found == widths or sum(found) > room - len(widths)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), min_size=1, max_size=10),
    st.integers(10, 400),
)
def test_no_column_is_cut_below_its_own_least_width(
    columns: list[tuple[int, int]], width: int
) -> None:
    widths, least = [w for w, _ in columns], [n for _, n in columns]
    found = narrowed(widths, width, least)
    room = width - 3 * len(widths) - 1
    each = list(zip(found, widths, least, strict=True))
    assert all(f == w or min(n, w) <= f < w for f, w, n in each)
    assert sum(found) <= room or all(f <= max(min(n, w), 0) for f, w, n in each)
    assert found == widths or sum(found) > room - len(widths)


@given(st.text(), st.integers(1, 20))
def test_cut_text_fits(text: str, width: int) -> None:
    assert cells(cut(safe(text), width)) <= width


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown format 'cvs'") as caught:
        formats.write(SCHEMA, [], "cvs", io.BytesIO())
    assert "csv" in (caught.value.hint or "")


def test_naming_the_formats_loads_nothing() -> None:
    code = (
        "import sys, cirrusql.render.formats; print({'pyarrow', 'rich', 'duckdb'} & "
        "set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_error_keeps_its_caret_and_loses_its_escapes() -> None:
    error = SqlSyntaxError("near '\x1b[2J'", place="LINE 1: a\tb\n          ^", hint="write c")
    assert error_text(error) == "error: near '\\x1b[2J'\nLINE 1: a b\n          ^\nhint: write c"


@given(
    st.lists(st.none() | st.integers(-(2**62), 2**62), max_size=20),
    st.sampled_from(["s", "ms", "us", "ns"]),
    st.sampled_from([None, "UTC"]),
)
def test_a_few_times_read_as_many_do(
    numbers: list[int | None], unit: Literal["s", "ms", "us", "ns"], zone: str | None
) -> None:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    # Both sides of the years 1 and 9999, and infinity.
    bound = 400_000_000_000 * per_second
    kept = [n if n is None else n % (2 * bound) - bound for n in numbers]
    kept = [n if n is None else max(-(2**63) + 1, min(n, 2**63 - 1)) for n in kept]
    few = pa.array(kept, pa.timestamp(unit, tz=zone))
    many = pa.concat_arrays([few, pa.nulls(2000, few.type)])
    assert (
        text_values.plain(few, pa.field("t", few.type))
        == (text_values.plain(many, pa.field("t", few.type))[: len(kept)])
    )
