"""Rows under headings: what SHOW and DESCRIBE give, before ``session.result`` makes a Result of
them.

``catalog_listings`` makes them. They are apart so that a kept one is read without the catalog's
modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cirrusql.types import VARCHAR, SqlType

Row = tuple[object, ...]


@dataclass(frozen=True)
class Listing:
    """Headings with their types, and rows."""

    columns: tuple[tuple[str, SqlType], ...]
    rows: tuple[Row, ...]


def listing(headings: str, rows: Iterable[Row]) -> Listing:
    """A listing of text columns; ``headings`` are separated by blanks."""
    return Listing(tuple((h, VARCHAR) for h in headings.split()), tuple(rows))


def matches(name: str, like: str | None) -> bool:
    """SQL LIKE, case ignored; no pattern matches everything."""
    if like is None:
        return True
    pattern = re.escape(like).replace("%", ".*").replace("_", ".")
    return re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL) is not None
