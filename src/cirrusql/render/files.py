"""Files that are replaced completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cirrusql.errors import ConfigError, OutputFailed


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write to a temporary file that replaces ``path`` if the block succeeds.

    It is in the same folder, so that replacing is atomic, and gets the mode of the file that it
    replaces. Raises ConfigError if the file cannot be written.
    """
    check(path)
    # A symbolic link stays: its target is replaced.
    target = path.resolve()
    if target.exists() and not target.is_file():
        # A device or pipe cannot be replaced.
        out = _opened(target, path)
        try:
            yield out
        except BaseException:
            with suppress(OSError):
                out.close()
            raise
        _finished(out, None, target, path)
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with _opened(part, path) as out:
        try:
            if target.exists():
                part.chmod(target.stat().st_mode & 0o7777)
            yield out
            _finished(out, part, target, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _finished(out: BinaryIO, part: Path | None, target: Path, path: Path) -> None:
    try:
        out.close()
        if part is not None:
            part.replace(target)
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error


def check(path: Path) -> None:
    """Raise ConfigError, before anything is called, if the file cannot be written."""
    if path.is_dir():
        raise ConfigError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: folder {path.parent} does not exist")


def _opened(part: Path, path: Path) -> BinaryIO:
    try:
        return part.open("wb")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
