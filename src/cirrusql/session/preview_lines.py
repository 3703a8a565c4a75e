"""A preview as lines of text: where, each thing with what changes, the sum. Wrapped, never cut.

What a preview has in it is ``execution.writes.preview``'s; to whom the lines go is for each
interface to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cirrusql.execution.writes.preview import Preview

_ANY_WIDTH = 1 << 20
"""Where nobody knows how wide a line may be, it is not wrapped."""


def preview_lines(preview: Preview, width: int = _ANY_WIDTH) -> Iterator[str]:
    """Where, then each thing with what changes, then the sum: wrapped, never cut,
    and none left out."""
    from cirrusql.execution.writes.preview import HEADINGS, changes_of, is_told

    for place in preview.places:
        yield from _wrapped(place, width, "")
    several = len({c.target.region for c in preview.calls}) > 1
    for call, row in zip(preview.calls, preview.rows(), strict=True):
        cells = dict(zip(HEADINGS, row, strict=True))
        name = f"  ({cells['name']})" if cells["name"] else ""
        where = f"  in {cells['region']}" if several else ""
        marks = f"  [{cells['dangers']}]" if cells["dangers"] else ""
        yield from _wrapped(
            f"{cells['operation']}  {cells['target']}{name}{where}{marks}", width, ""
        )
        for change in changes_of(call):
            yield from _wrapped(change, width, "    ")
        if not is_told(call):
            yield from _wrapped(cells["parameters"], width, "    ")
    yield from _wrapped(preview.summary(), width, "")


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    from textwrap import wrap

    from cirrusql.render.terminal import safe

    return wrap(
        safe(text),
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        drop_whitespace=False,
    )
