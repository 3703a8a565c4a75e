"""A preview as lines of text: where, each resource with its changes, the total. Wrapped, never
truncated.

``execution.writes.preview`` provides the contents; each interface decides where the lines go.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from cirrusql.render.terminal import safe

if TYPE_CHECKING:
    from cirrusql.execution.writes.preview import Preview

_ANY_WIDTH = 1 << 20
"""Lines are not wrapped if their maximum width is unknown."""


def preview_lines(preview: Preview, width: int = _ANY_WIDTH) -> Iterator[str]:
    """Where, then each resource with its changes, then the total: wrapped, complete."""
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
    return wrap(
        safe(text),
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        drop_whitespace=False,
    )
