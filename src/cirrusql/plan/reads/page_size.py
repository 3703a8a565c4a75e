"""The page size that is requested from a listing."""

from __future__ import annotations

from cirrusql.catalog.behaviour.page_sizes import page_bounds, page_parameter
from cirrusql.catalog.model import Method, Table

_SMALL_PAGE = 5
"""Minimum: some listings reject smaller pages, and surplus rows are cut here."""
_SAFE_PAGE = 20
"""Minimum if the service's own is unknown: no service is known to require more."""


def page_size(table: Table, method: Method, limit: int | None) -> int | None:
    """As many rows as are needed, within the service's limits; None: the API's default.

    A page size that is not known to be accepted is not sent: the listing would be rejected for the
    sake of a cheaper page. A listing of all regions always gets a page size: it may return regions
    only for requests with a parameter.
    """
    if limit is None and not table.region_field:
        return None
    # This parses documentation, so it is done only when needed.
    if page_parameter(method.operation) is None:
        return None
    bounds = page_bounds(method.operation)
    if limit is None:
        return bounds.most or bounds.usual
    most = bounds.most or bounds.usual
    if most is None:
        return None
    floor = _SMALL_PAGE if bounds.least is not None else _SAFE_PAGE
    return min(max(limit, floor, bounds.least or 0), most)
