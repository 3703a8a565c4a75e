"""The formats ``csv`` (RFC 4180) and ``tsv`` (with the escapes of PostgreSQL's COPY).

CSV ends lines with LF, as Unix programs expect, and distinguishes NULL (nothing) from an empty
string (``""``). TSV never quotes: a tab, line break or backslash in a value is ``\\t``, ``\\n``,
``\\r``, ``\\\\``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cirrusql.render.text_values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$').search
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r]")


def write(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    out: ByteSink,
    *,
    is_csv: bool,
    header: bool,
) -> None:
    """See ``formats.write``."""
    word: Callable[[str | None], str] = quoted if is_csv else escaped
    separator = "," if is_csv else "\t"
    if header and schema.names:
        out.write((separator.join(map(word, schema.names)) + "\n").encode())
    for batch in batches:
        columns = [
            [word(text) for text in plain(array, field)]
            for array, field in zip(batch.columns, schema, strict=True)
        ]
        lines = [separator.join(row) + "\n" for row in zip(*columns, strict=True)]
        out.write("".join(lines).encode())


def quoted(text: str | None) -> str:
    """A CSV field."""
    if text is None:
        return ""
    if not text or _NEEDS_QUOTES(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def escaped(text: str | None) -> str:
    """A TSV field."""
    return "" if text is None else _NEEDS_ESCAPE.sub(lambda match: _ESCAPES[match[0]], text)
