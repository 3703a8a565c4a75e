"""Nested values in readable form for a terminal: ``{Code: 16, Name: running}``, tags as
``[team=shop]``.

Empty values are left out, and text is unquoted unless it could be mistaken for structure. Programs
read the JSON of ``text_values``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cirrusql.render.terminal import cells
from cirrusql.render.text_values import is_json, is_nested, plain

if TYPE_CHECKING:
    import pyarrow as pa

_INDENT = "  "
# Characters of names, paths, full names and dates, with spaces inside.
_BARE = re.compile(r"[\w./@+*-](?:[\w ./@+*=:-]*[\w./@+*=-])?")
_OTHER = re.compile(r"true|false|null|-?\d[\d.]*(?:[eE][+-]?\d+)?|.*: .*")


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


class _Word(str):
    """Text that is worded already."""

    __slots__ = ()


def values(array: pa.Array, field: pa.Field) -> list[Any]:
    """Each value: text, the Python value of nested JSON, or None for NULL."""
    texts = plain(array, field)
    if not (is_nested(field.type) or is_json(field)):
        return list(texts)
    return [None if t is None else _parsed(t) for t in texts]


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    except ValueError:
        # Text of a JSON column is the service's own.
        return text
    # A JSON string is not the text that a column of text has: it keeps its quotes.
    return text if isinstance(found, str) or found is None else found


def one_line(value: Any) -> str:
    """The value on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            parts = (f"{_word(k)}: {one_line(v)}" for k, v in value.items() if v is not None)
            return "{" + ", ".join(parts) + "}"
        case list():
            return "[" + ", ".join(_tags(value) or map(one_line, value)) + "]"
        case _Number() | _Word():
            return str(value)
    return _word(value)


def several_lines(value: Any, width: int) -> list[str]:
    """The value on as few lines of ``width`` as possible: one line per member if it is nested."""
    whole = one_line(value)
    if not isinstance(value, dict | list) or not value or cells(whole) <= width:
        return [whole]
    inner = width - len(_INDENT)
    parts: list[tuple[str, Any]]
    if isinstance(value, list):
        parts = [("", _Word(tag)) for tag in _tags(value)] or [("", item) for item in value]
    else:
        parts = [(f"{_word(k)}: ", v) for k, v in value.items() if v is not None]
    lines = []
    for label, item in parts:
        first, *rest = several_lines(item, inner - cells(label) - 1)
        lines += [f"{_INDENT}{label}{first}", *(_INDENT + line for line in rest)]
        lines[-1] += ","
    if lines:
        lines[-1] = lines[-1].removesuffix(",")
    start, end = ("[", "]") if isinstance(value, list) else ("{", "}")
    return [start, *lines, end]


def _tags(items: list[Any]) -> list[str]:
    """Tags, which are a list of keys and values nearly everywhere, as ``key=value``; else none."""
    found = []
    for item in items:
        if not isinstance(item, dict) or tuple(name.lower() for name in item) != ("key", "value"):
            return []
        key, value = item.values()
        if not isinstance(key, str) or not isinstance(value, str):
            return []
        found.append(f"{_word(key)}={_word(value) if value else ''}")
    return found


def _word(text: str) -> str:
    if _BARE.fullmatch(text) and not _OTHER.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)
