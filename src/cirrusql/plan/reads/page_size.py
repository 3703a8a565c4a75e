"""How many rows a page of a listing is asked for."""

from __future__ import annotations

from cirrusql.catalog.model import Method, Table

_SMALL_PAGE = 5
"""Not fewer: there are listings that refuse them, and what is too much is cut here."""
_SAFE_PAGE = 20
"""Not fewer, where no least is known: no service is known that wants more."""


def page_size(table: Table, method: Method, limit: int | None) -> int | None:
    """No more rows than are needed, within what the service takes; None: as the API would have it.

    What is not known to be taken is not asked for: a listing would be refused for a page that was
    to be cheaper. A listing of all regions is always asked for a page of some size: where a thing
    is may be said only to a request with a parameter.
    """
    if limit is None and not table.region_field:
        return None
    # Words are read for it, so only where it is asked for.
    from cirrusql.catalog.behaviour.page_sizes import page_bounds, page_parameter

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
