"""The format ``vertical``: one line per value, as psql's ``\\x``. Lines of a value stay lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cirrusql.render.terminal import cells, fitted, safe
from cirrusql.render.text_values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

_RULE = 40


def write(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: ByteSink) -> None:
    """See ``formats.write``."""
    if not schema.names:
        return
    headings = [safe(name) for name in schema.names]
    width = max(map(cells, headings))
    labels = [fitted(name, width) for name in headings]
    more = f"\n{' ' * width} │ "
    number = 0
    for batch in batches:
        columns = [
            ["NULL" if text is None else _lines(text, more) for text in plain(array, field)]
            for array, field in zip(batch.columns, schema, strict=True)
        ]
        records = []
        for row in zip(*columns, strict=True):
            number += 1
            rule = f"─[ RECORD {number} ]"
            records.append(rule.ljust(_RULE, "─"))
            records += [f"{label} │ {value}" for label, value in zip(labels, row, strict=True)]
        if records:
            out.write(("\n".join(records) + "\n").encode())


def _lines(text: str, more: str) -> str:
    if "\n" not in text:
        return safe(text)
    return more.join(safe(line.removesuffix("\r")) for line in text.split("\n"))
