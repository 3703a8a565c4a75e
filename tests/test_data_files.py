"""Data files are read once, and errors in them are reported."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cirrusql.data_files import data_file, entry


@dataclass(frozen=True)
class Note:
    keys: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    lists: tuple[tuple[str, ...], ...] = ()
    most: int = 0


def test_lists_become_what_the_field_is() -> None:
    raw = {"keys": ["a"], "absent": ["b", "b"], "lists": [["c", "d"]], "most": 3}
    assert entry(Note, "notes.toml", "s3:ListBuckets", raw) == Note(
        ("a",), frozenset({"b"}), (("c", "d"),), 3
    )


def test_an_unknown_entry_is_named_with_its_file_and_key() -> None:
    with pytest.raises(ValueError, match=r"notes\.toml: s3:ListBuckets: unknown entry 'kyes'"):
        entry(Note, "notes.toml", "s3:ListBuckets", {"kyes": []})


def test_a_file_is_read_once() -> None:
    assert data_file("cirrusql.providers.aws", "regions.toml") is data_file(
        "cirrusql.providers.aws", "regions.toml"
    )
