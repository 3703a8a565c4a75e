"""Fills in ``{{ .a.b }}`` templates of a script from a file: ``exec --iqldata FILE``.

For scripts written for StackQL. New scripts should use ``--var``, which binds values and never
inserts them into the text. Only values are filled in: no loops, conditions or functions.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from cirrusql.errors import ConfigError
from cirrusql.sql.split import skip

_TEMPLATE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_PATH = re.compile(r"\.?[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_INDEX = re.compile(r"index\s+(\.?[A-Za-z_][\w.-]*)((?:\s+(?:\d+|\"[^\"]*\"))+)")
_BARE = re.compile(r"[\w.*-]+")
"""What a statement may contain without quotes: a name, a part of one, a number."""


def filled_in(script: str, file: str) -> str:
    """The script with values in place of its templates. Raises ConfigError for an unknown value."""
    values = _values(Path(file))
    out, i = [], 0
    while i < len(script):
        if (found := _TEMPLATE.match(script, i)) is not None:
            out.append(_as_sql(_value(values, found, file), found, file))
            i = found.end()
            continue
        end = skip(script, i)
        part = script[i:end] if end is not None else script[i]
        if end is not None and part[0] == "'":
            part = _TEMPLATE.sub(lambda m: _within(_value(values, m, file), "'"), part)
        elif end is not None and part[0] == "$":
            part = _TEMPLATE.sub(lambda m: _within(_value(values, m, file), ""), part)
        elif end is not None and part[0] == '"':
            part = _TEMPLATE.sub(lambda m: _within(_value(values, m, file), '"'), part)
        out.append(part)
        i = end if end is not None else i + 1
    return "".join(out)


def _values(path: Path) -> Any:
    """The contents of the file."""
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix in (".jsonnet", ".iqldata", ".libsonnet"):
            text = _evaluated(path, text)
        return json.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ConfigError(
            f"--iqldata {path} is not JSON: {error}",
            hint="Jsonnet is read from files named *.jsonnet and *.iqldata",
        ) from error


def _evaluated(path: Path, text: str) -> str:
    """The JSON of a Jsonnet file; plain JSON is valid Jsonnet, and needs no library."""
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        pass
    try:
        import _jsonnet
    except ImportError as error:
        raise ConfigError(
            f"{path} is Jsonnet, which an extra reads", hint="pip install 'cirrusql[jsonnet]'"
        ) from error
    try:
        return str(_jsonnet.evaluate_snippet(str(path), text))
    except RuntimeError as error:
        raise ConfigError(f"--iqldata {path}: {error}") from error


def _value(values: Any, template: re.Match[str], file: str) -> Any:
    """The value that a template names."""
    text = template[1]
    if _PATH.fullmatch(text):
        keys: list[str] = text.lstrip(".").split(".")
    elif (found := _INDEX.fullmatch(text)) is not None:
        keys = [*found[1].lstrip(".").split("."), *(k.strip('"') for k in found[2].split())]
    else:
        raise ConfigError(
            f"{template[0]} is not supported: only values are filled in",
            hint="{{ .a.b }} or {{ index .a 0 }}; in place of range: a JOIN, VALUES, unnest()",
        )
    here = values
    for n, key in enumerate(keys):
        if isinstance(here, list) and key.isdigit() and int(key) < len(here):
            here = here[int(key)]
        elif isinstance(here, dict) and key in here:
            here = here[key]
        else:
            known = ", ".join(list(here)[:8]) if isinstance(here, dict) else ""
            place = ".".join(keys[:n]) or "the file"
            raise ConfigError(
                f"{template[0]}: {file} has no {'.'.join(keys[: n + 1])}",
                hint=f"{place} has {known}" if known else None,
            )
    return here


def _within(value: Any, quote: str) -> str:
    """A value inside a string or quoted name: quotes in it are doubled, so it cannot end the
    string."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.replace(quote, quote * 2) if quote else text


def _as_sql(value: Any, template: re.Match[str], file: str) -> str:
    """A value outside quotes: a number, a boolean, NULL or a name."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    raise ConfigError(
        f"{template[0]}: the value in {file} is neither a number nor a name",
        hint=f"put the template into quotes: '{template[0]}'",
    )
