"""Each format, byte for byte. ``CIRRUSQL_GOLDEN=write`` rewrites the files: look at the diff."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from cirrusql.render import formats
from tests.render.conftest import SCHEMA

GOLDEN = Path(__file__).with_name("golden")
IS_WRITTEN = os.environ.get("CIRRUSQL_GOLDEN") == "write"
"""Read now: the tests themselves run without variables of ours."""
TEXT = [name for name in formats.FORMATS if name not in formats.BINARY]


def written(rows: Iterator[pa.RecordBatch], name: str, **options: object) -> bytes:
    out = io.BytesIO()
    formats.write(SCHEMA, rows, name, out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def compared(actual: bytes, file: Path) -> None:
    if IS_WRITTEN:
        file.write_bytes(actual)
    assert actual == file.read_bytes()


@pytest.mark.parametrize("name", TEXT)
def test_a_text_format_is_what_it_was(rows: Iterator[pa.RecordBatch], name: str) -> None:
    compared(written(rows, name), GOLDEN / f"every_type.{name}")


@pytest.mark.parametrize("name", ["table", "csv", "tsv", "text", "markdown", "html"])
def test_without_header_the_rest_is_the_same(rows: Iterator[pa.RecordBatch], name: str) -> None:
    compared(written(rows, name, header=False), GOLDEN / f"no_header.{name}")


def test_a_table_fits_the_width_it_is_given(rows: Iterator[pa.RecordBatch]) -> None:
    compared(written(rows, "table", width=160), GOLDEN / "narrow.table")


@pytest.mark.parametrize("name", sorted(formats.BINARY))
def test_a_binary_format_is_what_it_was_once_read(
    rows: Iterator[pa.RecordBatch], name: str
) -> None:
    table = read(written(rows, name), name)
    text = f"{table.schema.to_string(show_field_metadata=False)}\n"
    out = io.BytesIO()
    formats.write(table.schema, table.to_batches(), "jsonl", out)
    compared(text.encode() + out.getvalue(), GOLDEN / f"every_type.{name}.txt")


def read(data: bytes, name: str) -> pa.Table:
    import pyarrow.parquet

    if name == "parquet":
        return pyarrow.parquet.read_table(io.BytesIO(data))
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()
