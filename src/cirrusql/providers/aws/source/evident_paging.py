"""Infers pagination from the members of a listing that has no paginator.

Newer and rarer operations have none, but a listing must not end after one page. Each rule below is
a convention of a protocol family, not of one operation;
``tests/providers/aws/source/test_evident_paging.py`` lists what they find in all services.
"""

from __future__ import annotations

from collections.abc import Iterator

from cirrusql.api.model import Kind, Paging, Shape

# A token with the same name in request and response.
_SAME = (
    "NextToken",
    "nextToken",
    "NextPageToken",
    "nextPageToken",
    "NextMarker",
    "PaginationToken",
    "Marker",
    "marker",
    "position",
)
# A token with different names in request and response.
_PAIRS = (
    ("PageToken", "NextPageToken"),
    ("pageToken", "nextPageToken"),
    ("ContinuationToken", "NextContinuationToken"),
    ("Marker", "NextMarker"),
    ("itemOffset", "nextItemOffset"),
    ("startIndex", "nextIndex"),
)
# A log read backwards: the token of the previous page, which repeats at the start. Read forwards,
# the token of the next page.
_HEAD = "startFromHead"
_BACKWARDS = (("nextToken", "nextBackwardToken"), ("pageToken", "nextBackwardToken"))
# Names of the request token whose counterpart is inside the response's only structure.
_WITHIN = (
    ("Marker", "NextMarker"),
    ("Marker", "Marker"),
    ("NextToken", "NextToken"),
    ("Token", "NextToken"),
)
_LIMITS = (
    "MaxResults",
    "maxResults",
    "MaxItems",
    "maxItems",
    "MaxRecords",
    "Limit",
    "limit",
    "PageSize",
    "pageSize",
    "maxResult",
    "MaxQueryResults",
)
_MORE = ("IsTruncated", "isTruncated")


def evident_paging(input_: Shape | None, output: Shape | None) -> Paging | None:
    """The paging that the members of a request and its response imply, or None."""
    if input_ is None or output is None:
        return None
    for rule in (_one_name, _two_names, _within, _after_the_last, _backwards):
        for found in rule(input_, output):
            return found
    return None


def _one_name(input_: Shape, output: Shape) -> Iterator[Paging]:
    for token in _SAME:
        if token in input_.member_names and _is_text(output, token):
            yield _paging(input_, output, (token,), (token,))


def _two_names(input_: Shape, output: Shape) -> Iterator[Paging]:
    for given, answered in _PAIRS:
        if given in input_.member_names and answered in output.member_names:
            yield _paging(input_, output, (given,), (answered,))
    # DynamoDB: ExclusiveStartTableName, LastEvaluatedTableName.
    for name in input_.member_names:
        last = name.replace("ExclusiveStart", "LastEvaluated")
        if last != name and last in output.member_names:
            yield _paging(input_, output, (name,), (last,))
    # Route 53: StartCountryCode, NextCountryCode; VersionMarker on both sides; IsTruncated.
    if more := _more(output):
        following = {n: a for n in input_.member_names if (a := _next_of(n, output)) is not None}
        if following:
            yield Paging(tuple(following), tuple(following.values()), evident_limit(input_), more)


def _next_of(name: str, output: Shape) -> str | None:
    if name.endswith("Marker") and name in output.member_names:
        return name
    following = "Next" + name.removeprefix("Start")
    return following if following in output.member_names else None


def _within(input_: Shape, output: Shape) -> Iterator[Paging]:
    """CloudFront: Marker, and ``CachePolicyList.NextMarker`` in the response's only structure."""
    structures = [n for n, m in output.members.items() if m.shape.kind is Kind.STRUCTURE]
    if len(structures) != 1:
        return
    (name,) = structures
    inner = output.members[name].shape
    for given, answered in _WITHIN:
        if given in input_.member_names and answered in inner.member_names:
            more = _more(inner)
            yield Paging(
                (given,),
                (f"{name}.{answered}",),
                evident_limit(input_),
                f"{name}.{more}" if more else None,
            )


def _after_the_last(input_: Shape, output: Shape) -> Iterator[Paging]:
    """Kinesis: HasMoreTags; ExclusiveStartTagKey is the key of the last tag."""
    more = next((n for n in output.member_names if n.startswith("HasMore")), None)
    start = next((n for n in input_.member_names if n.startswith("ExclusiveStart")), None)
    lists = [n for n, m in output.members.items() if m.shape.kind is Kind.LIST]
    if more is None or start is None or len(lists) != 1:
        return
    item = output.members[lists[0]].shape.element.shape
    if item.kind is Kind.STRING:
        yield Paging((start,), (f"{lists[0]}[-1]",), evident_limit(input_), more)
    keys = [n for n in item.member_names if start.endswith(n)]
    if keys:
        yield Paging((start,), (f"{lists[0]}[-1].{keys[0]}",), evident_limit(input_), more)


def _backwards(input_: Shape, output: Shape) -> Iterator[Paging]:
    for given, answered in _BACKWARDS:
        if given in input_.member_names and answered in output.member_names:
            forward = answered.replace("Backward", "Forward")
            may_turn = _HEAD in input_.member_names and forward in output.member_names
            yield Paging(
                (given,),
                (answered,),
                evident_limit(input_),
                ends_on_repeat=True,
                reversed_by=_HEAD if may_turn else "",
                reversed_tokens=(forward,) if may_turn else (),
            )


def _paging(
    input_: Shape, output: Shape, given: tuple[str, ...], answered: tuple[str, ...]
) -> Paging:
    return Paging(given, answered, evident_limit(input_), _more(output))


def evident_limit(input_: Shape) -> str | None:
    """The request member that limits a page, for paginators that do not name it."""
    return next((n for n in _LIMITS if n in input_.member_names), None)


def _more(output: Shape) -> str | None:
    return next((n for n in _MORE if n in output.member_names), None)


def _is_text(output: Shape, name: str) -> bool:
    return name in output.member_names and output.members[name].shape.kind is Kind.STRING
