"""How many rows a page of a listing is asked for."""

from __future__ import annotations

from cirrusql.catalog.model import Method, Table

_LEAST_PAGE = 5
"""EC2's listings refuse pages of fewer; what is too much is cut here."""
_MOST = 1000
"""Where the model does not say."""


def page_size(table: Table, method: Method, limit: int | None) -> int | None:
    """No more rows than are needed, within what the model allows; None: as the API would have it.

    A listing of all regions is always asked for a page of some size: S3 says where a bucket is only
    to a request with a parameter (Amazon S3 API Reference, Bucket: "If the request contains at least
    one valid parameter, it is included in the response").
    """
    paging = method.operation.paging
    if paging is None or paging.limit_key is None or (limit is None and not table.region_field):
        return None
    member = method.operation.parameters.get(paging.limit_key)
    if member is None:
        return None
    least = max(_LEAST_PAGE, int(member.shape.minimum or 0))
    most = int(member.shape.maximum) if member.shape.maximum is not None else _MOST
    return most if limit is None else min(max(limit, least), most)
