"""The format ``vertical``: one line per value, like psql's ``\\x``. Line breaks in
values are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    records = RecordLines(schema.names)
    for batch in batches:
        columns = [
            ["NULL" if text is None else text for text in plain(array, field)]
            for array, field in zip(batch.columns, schema, strict=True)
        ]
        found = [
            records.text([value.split("\n") for value in row]) for row in zip(*columns, strict=True)
        ]
        if found:
            out.write("".join(found).encode())


class RecordLines:
    """Writes rows as records, each under its number."""

    def __init__(self, names: Iterable[str]) -> None:
        headings = [safe(name) for name in names]
        width = max(map(cells, headings))
        self._labels = [fitted(name, width) for name in headings]
        self._more = f"\n{' ' * width} │ "
        self._number = 0
        self.margin = width + 3
        """Columns of the terminal before a value."""

    def text(self, row: Sequence[Iterable[str]]) -> str:
        """The next record; each value is its lines."""
        self._number += 1
        rule = f"─[ RECORD {self._number} ]".ljust(_RULE, "─")
        values = (self._more.join(safe(line.removesuffix("\r")) for line in lines) for lines in row)
        lines = (f"{label} │ {value}" for label, value in zip(self._labels, values, strict=True))
        return "\n".join((rule, *lines)) + "\n"
