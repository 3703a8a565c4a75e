"""The format ``markdown``: a table in GitHub Flavored Markdown (section 4.10)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cirrusql.render.terminal import safe
from cirrusql.render.text_values import is_number, plain

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

# Characters that start markup inside a cell. An underscore within a word does not.
_MARKUP = re.compile(r"[\\|<`*\[\]~]|&(?=#?\w+;)|(?<!\w)_|_(?!\w)")
_BREAK = re.compile(r"\r\n|\r|\n")
# Most cells contain neither, which one search tells.
_MAY_NEED_WORK = re.compile(r"[\\|<`*\[\]~&_]|[^\x20-\x7e]").search


def write(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: ByteSink, *, header: bool
) -> None:
    """See ``formats.write``. NULL is an empty cell."""
    if not schema.names:
        return
    if header:
        rules = ["--:" if is_number(field.type) else "---" for field in schema]
        out.write((_line([cell(name) for name in schema.names]) + _line(rules)).encode())
    for batch in batches:
        columns = [
            ["" if text is None else cell(text) for text in plain(array, field)]
            for array, field in zip(batch.columns, schema, strict=True)
        ]
        out.write("".join(_line(row) for row in zip(*columns, strict=True)).encode())


def cell(text: str) -> str:
    """Text escaped so that a cell shows it literally; ``<br>`` separates its lines."""
    if _MAY_NEED_WORK(text) is None:
        return text
    return "<br>".join(_MARKUP.sub(r"\\\g<0>", safe(line)) for line in _BREAK.split(text))


def _line(row: Iterable[str]) -> str:
    return f"| {' | '.join(row)} |\n"
