"""Which folders are trusted for sockets and spilled data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cirrusql.private_folder import is_private


def folder(tmp_path: Path, mode: int) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    made.chmod(mode)
    return made


def test_a_folder_of_the_user_alone_is_private(tmp_path: Path) -> None:
    assert is_private(folder(tmp_path, 0o700))


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o720, 0o755, 0o777])
def test_a_folder_that_others_can_enter_or_change_is_not(tmp_path: Path, mode: int) -> None:
    assert not is_private(folder(tmp_path, mode))


def test_a_link_is_not_even_to_a_private_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder(tmp_path, 0o700))
    assert not is_private(tmp_path / "link")


def test_a_file_or_nothing_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").touch(0o600)
    assert not is_private(tmp_path / "file")
    assert not is_private(tmp_path / "nothing")


def test_a_folder_of_another_user_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = folder(tmp_path, 0o700)
    monkeypatch.setattr(os, "getuid", lambda: made.stat().st_uid + 1)
    assert not is_private(made)
