"""What became of the calls of a write, counted: the same words and numbers for every interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

OUTCOMES = ("done", "failed", "unknown", "not run", "refused", "undone", "not undone", "queued")
"""Every status in a report, in the order of display."""


def counted(statuses: Iterable[str]) -> Mapping[str, int]:
    """How many there are of each; the first four statuses are shown even if zero."""
    found = dict.fromkeys(OUTCOMES, 0)
    for status in statuses:
        found[status] += 1
    return {s: n for s, n in found.items() if n or s in OUTCOMES[:4]}


def told(counts: Mapping[str, int]) -> str:
    """``3 done, 1 failed, 2 not run``"""
    return ", ".join(f"{n} {status}" for status, n in counts.items() if n or status == "done")
