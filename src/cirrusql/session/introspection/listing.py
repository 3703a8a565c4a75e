"""Rows under headings: the output of SHOW and DESCRIBE, before ``session.result`` turns it into a
Result.

Separate from ``catalog_listings``, so that a cached listing is read without importing the catalog.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cirrusql.types import VARCHAR, SqlType

Row = tuple[object, ...]


@dataclass(frozen=True)
class Listing:
    """Rows, and headings with their types."""

    columns: tuple[tuple[str, SqlType], ...]
    rows: tuple[Row, ...]


def listing(headings: str, rows: Iterable[Row]) -> Listing:
    """A listing of text columns; ``headings`` are separated by spaces."""
    return Listing(tuple((h, VARCHAR) for h in headings.split()), tuple(rows))


def matches(name: str, like: str | None) -> bool:
    """Case-insensitive LIKE; no pattern matches everything."""
    if like is None:
        return True
    pattern = re.escape(like).replace("%", ".*").replace("_", ".")
    return re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL) is not None


def empty_notice(kind: str, path: Sequence[str], like: str | None) -> str:
    """What to say when a SHOW lists nothing, which an empty table alone leaves open."""
    if kind == "tables" and not path and like is None:
        return (
            "this session has no tables or views of its own; SHOW SERVICES lists the services, "
            "SHOW TABLES IN provider.service their tables"
        )
    within = f" in {'.'.join(path)}" if path else ""
    if like is None:
        return f"there are no {kind}{within}"
    told = f"no {kind}{within} have a name LIKE '{like}'"
    if not like.startswith("%"):
        word = like.strip("%")
        told += f"; LIKE '%{word}%' finds the word anywhere in a name"
    return told
