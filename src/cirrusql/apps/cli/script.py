"""Reads statements from the argument, a file, or standard input; and the values of their
``$name``s."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cirrusql.errors import ConfigError


def read_script(argument: str | None, file: str | None) -> str:
    """The text to run. ``-`` as ``file`` is standard input, the default if it is a pipe.

    Raises ConfigError if there is none, or it cannot be read.
    """
    if argument is not None and file is not None:
        raise ConfigError("statements were given both as an argument and with -i")
    if argument is not None:
        return _utf8(argument, "the statement")
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


def _utf8(argument: str, what: str) -> str:
    """A command line argument as UTF-8; Python represents other bytes as lone surrogates."""
    try:
        argument.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"{what} is not UTF-8 text: byte 0x{ord(argument[error.start]) & 0xFF:02x} at "
            "character "
            f"{error.start + 1}",
            hint="a terminal or script in another encoding wrote it; iconv -t UTF-8 changes it",
        ) from None
    return argument


def parameters_of(pairs: Sequence[str], *, is_input_free: bool = True) -> dict[str, object]:
    """``NAME=TEXT`` and ``NAME:=JSON`` pairs as parameters, which are never part of the SQL.

    JSON gives numbers, booleans, NULL, lists and structures, like HTTPie's ``:=``. For secrets, the
    text may be elsewhere, like with curl: ``@FILE``, ``@env:NAME``, or ``-`` for standard input if
    it is not used.
    """
    parameters: dict[str, object] = {}
    if sum(p.partition("=")[2] == "-" for p in pairs) > is_input_free:
        raise ConfigError(
            "standard input can be read only once: for the statements or for one --var NAME=-",
            hint="NAME=@FILE",
        )
    for pair in pairs:
        name, equals, value = pair.partition("=")
        is_json = name.endswith(":")
        name = name.removesuffix(":")
        if not equals or not name.isidentifier():
            raise ConfigError(
                f"--var {pair!r} is not NAME=VALUE or NAME:=JSON",
                hint="--var user=alice --var most:=5",
            )
        _utf8(value, f"the value of --var {name}")
        parameters[name] = _json(pair, value) if is_json else _said(name, value)
    return parameters


def _said(name: str, value: str) -> str:
    """The text that a value refers to. The last line break of a file is not part of the secret."""
    if value == "-":
        return (
            _text(sys.stdin.buffer.read(), "standard input").removesuffix("\n").removesuffix("\r")
        )
    if value.startswith("@env:"):
        found = os.environ.get(value[5:])
        if found is None:
            raise ConfigError(
                f"--var {name}={value}: environment variable {value[5:]!r} is not set",
                hint=f"to pass the text itself, use --var {name}:='\"{value}\"'",
            )
        return found
    if value.startswith("@"):
        try:
            return _file(Path(value[1:])).removesuffix("\n").removesuffix("\r")
        except ConfigError as error:
            error.hint = f"to pass the text itself, use --var {name}:='\"{value}\"'"
            raise
    return value


def _json(pair: str, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(
            f"--var {pair!r} has invalid JSON after := ({error})",
            hint="""use a number, true, false, null, "text" or a [list]; NAME=VALUE passes plain text""",  # noqa: E501
        ) from error
