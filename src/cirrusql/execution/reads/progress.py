"""The progress of a statement in one line: completed calls, rows, regions, throttled calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cirrusql.transport.model import CallRecord


def progress_text(records: Sequence[CallRecord], rows: int) -> str:
    """``12 calls, 1,200 rows, 3 regions, 2 throttled``; counts of zero are left out,
    except calls."""
    regions = len({r.region for r in records})
    parts = [_counted(len(records), "call")]
    if rows:
        parts.append(_counted(rows, "row"))
    if regions:
        parts.append(_counted(regions, "region"))
    if throttled := _throttled(records):
        parts.append(f"{throttled:,} throttled")
    return ", ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _throttled(records: Iterable[CallRecord]) -> int:
    codes = [r.error for r in records if r.error]
    if not codes:
        return 0
    from cirrusql.decode.service_error import THROTTLING_CODES

    return sum(code in THROTTLING_CODES for code in codes)
