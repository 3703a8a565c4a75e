"""Paging, stepped by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.api.paging import Pages, pages
from cirrusql.errors import BadAnswer
from tests.support.operations import operation_of

LIST_KEYS = operation_of("iam:ListAccessKeys")


def test_a_listing_of_one_page_is_one_request() -> None:
    asking = pages(LIST_KEYS, {"UserName": "u"})
    assert next(asking) == {"UserName": "u"}
    with pytest.raises(StopIteration):
        asking.send(None)


def test_the_next_request_carries_the_tokens_of_the_page_before() -> None:
    asking = pages(LIST_KEYS, {"UserName": "u"})
    next(asking)
    assert asking.send({"Marker": "m1"}) == {"UserName": "u", "Marker": "m1"}
    assert asking.send({"Marker": "m2"}) == {"UserName": "u", "Marker": "m2"}


def test_what_may_not_go_with_a_token_goes_with_the_first_request_alone() -> None:
    asking = pages(operation_of("kinesis:ListShards"), {"StreamName": "s", "StreamARN": "arn"})
    assert next(asking) == {"StreamName": "s", "StreamARN": "arn"}
    assert asking.send({"NextToken": "t"}) == {"StreamARN": "arn", "NextToken": "t"}


def test_tokens_of_an_earlier_page_do_not_linger() -> None:
    asking = pages(operation_of("route53:ListResourceRecordSets"), {"HostedZoneId": "z"})
    next(asking)
    asking.send({"StartRecordName": "a", "StartRecordIdentifier": "i"})
    assert "StartRecordIdentifier" not in asking.send({"StartRecordName": "b"})


@pytest.mark.parametrize(("wanted", "sent"), [(5, 5), (0, 1), (5000, 1000)])
def test_the_page_size_is_kept_within_what_the_model_allows(wanted: int, sent: int) -> None:
    assert next(pages(LIST_KEYS, {}, wanted)) == {"MaxItems": sent}


def test_a_page_size_that_is_required_is_sent() -> None:
    assert next(pages(operation_of("cognito-idp:ListUserPools"), {})) == {"MaxResults": 60}


def test_an_offset_that_is_required_begins_at_nought() -> None:
    asking = pages(operation_of("deadline:SearchWorkers"), {"farmId": "f", "fleetIds": ["a"]})
    assert next(asking)["itemOffset"] == 0
    assert asking.send({"itemOffset": 100})["itemOffset"] == 100


def test_the_users_page_size_wins() -> None:
    assert next(pages(LIST_KEYS, {"MaxItems": 7}, 100)) == {"MaxItems": 7}


def test_an_operation_that_does_not_page_is_asked_once() -> None:
    assert next(pages(operation_of("sts:GetCallerIdentity"), {}, 100)) == {}


def test_a_token_that_repeats_ends_the_listing_with_an_error() -> None:
    asking = pages(LIST_KEYS, {})
    next(asking)
    asking.send({"Marker": "m"})
    with pytest.raises(BadAnswer, match="iam:ListAccessKeys: page 2 "):
        asking.send({"Marker": "m"})


@given(lead=st.integers(0, 40), length=st.integers(1, 40))
def test_a_cycle_of_any_length_is_found(lead: int, length: int) -> None:
    asking = pages(LIST_KEYS, {})
    next(asking)
    with pytest.raises(BadAnswer):
        go_round(asking, lead, length)


def go_round(asking: Pages, lead: int, length: int) -> None:
    """Tokens that form a cycle, more of them than should be followed."""
    for i in range(4 * (lead + length) + 4):
        asking.send({"Marker": str(i if i < lead else lead + (i - lead) % length)})


@given(st.integers(0, 300))
def test_there_is_no_most_pages(count: int) -> None:
    asking = pages(LIST_KEYS, {})
    next(asking)
    for i in range(count):
        tokens: Mapping[str, object] = {"Marker": str(i)}
        assert asking.send(tokens) == tokens


def test_a_listing_that_says_the_end_by_a_repeat_ends_there() -> None:
    events = operation_of("logs:GetLogEvents")
    assert events.paging is not None
    assert events.paging.ends_on_repeat
    asking = pages(events, {"logStreamName": "s"})
    next(asking)
    asking.send({"nextToken": "b/1"})
    with pytest.raises(StopIteration):
        asking.send({"nextToken": "b/1"})
