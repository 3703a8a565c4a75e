"""A file is written completely or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from cirrusql.errors import ConfigError
from cirrusql.render.files import replacing
from cirrusql.render.formats import write

SCHEMA = pa.schema([("n", pa.int64())])
BATCH = pa.record_batch({"n": [1]})


def write_file(batches: Iterable[pa.RecordBatch], name: str, path: Path) -> None:
    with replacing(path) as out:
        write(SCHEMA, batches, name, out)


def failing() -> Iterator[pa.RecordBatch]:
    yield BATCH
    raise RuntimeError("cut")


def test_a_file_is_written(tmp_path: Path) -> None:
    write_file([BATCH], "csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"n\n1\n"


@pytest.mark.parametrize("name", ["csv", "parquet", "arrow", "json"])
def test_a_failure_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a"
    file.write_text("before")
    with pytest.raises(RuntimeError, match="cut"):
        write_file(failing(), name, file)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_replaced_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "a", tmp_path / "b"
    file.write_text("before")
    file.chmod(0o600)
    link.symlink_to(file)
    write_file([BATCH], "tsv", link)
    assert link.is_symlink()
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("n\n1\n", 0o600)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        write_file([BATCH], "csv", tmp_path / "no" / "a.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it is a folder"):
        write_file([BATCH], "csv", tmp_path)


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot write .*: File name too long"):
        write_file([BATCH], "csv", tmp_path / ("a" * 250))
