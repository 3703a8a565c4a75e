"""A file that is replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cirrusql.errors import ConfigError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes ``path``'s place when the block ends well.

    It stands in the same folder, so that the move is one step; it keeps the mode of the file
    it replaces. Raises ConfigError where the file cannot be.
    """
    check(path)
    # A link stays a link: what it points at is replaced.
    target = path.resolve()
    if target.exists() and not target.is_file():
        # A device or pipe cannot be moved over.
        with _opened(target, path) as out:
            yield out
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with _opened(part, path) as out:
        try:
            if target.exists():
                part.chmod(target.stat().st_mode & 0o7777)
            yield out
            out.close()
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def check(path: Path) -> None:
    """Raises ConfigError where there can be no such file: known before anything is called."""
    if path.is_dir():
        raise ConfigError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: there is no folder {path.parent}")


def _opened(part: Path, path: Path) -> BinaryIO:
    try:
        return part.open("wb")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
