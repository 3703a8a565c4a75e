"""Where statements come from: the argument, a file, or standard input; and their ``$name``s."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from cirrusql.errors import ConfigError


def read_script(argument: str | None, file: str | None) -> str:
    """The text to run. ``file`` ``-`` is standard input, as is neither where it is a pipe.

    Raises ConfigError where there is none, or where it cannot be read.
    """
    if argument is not None and file is not None:
        raise ConfigError("statements are given twice: as an argument and with -i")
    if argument is not None:
        return argument
    if file is not None and file != "-":
        return _file(Path(file))
    if file is None and sys.stdin.isatty():
        raise ConfigError(
            "no statement given",
            hint='cirrusql exec "SELECT …", -i FILE, or standard input; cirrusql shell is a prompt',
        )
    return _text(sys.stdin.buffer.read(), "standard input")


def _file(path: Path) -> str:
    try:
        return _text(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from error


def _text(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{place} is not UTF-8 text: {error}") from error


def parameters_of(pairs: Sequence[str]) -> dict[str, str]:
    """``NAME=VALUE`` pairs as parameters. Values are text, and are never part of the SQL."""
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ConfigError(f"--var {pair!r} is not NAME=VALUE", hint="--var user=alice")
        parameters[name] = value
    return parameters
