"""Page tokens: botocore's expressions over the answer's own members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cirrusql.decode.page_tokens import PageTokens
from tests.support.operations import operation_of


@pytest.mark.parametrize(
    ("name", "members", "values", "tokens"),
    [
        (
            "iam:ListUsers",
            ["Marker", "IsTruncated"],
            {"IsTruncated": True, "Marker": "m"},
            {"Marker": "m"},
        ),
        ("iam:ListUsers", ["Marker", "IsTruncated"], {"IsTruncated": False, "Marker": "m"}, None),
        ("iam:ListUsers", ["Marker", "IsTruncated"], {}, None),
        ("logs:DescribeLogGroups", ["nextToken"], {"nextToken": "t"}, {"nextToken": "t"}),
        ("logs:DescribeLogGroups", ["nextToken"], {"nextToken": ""}, None),
        (
            "route53:ListResourceRecordSets",
            ["IsTruncated", "NextRecordName", "NextRecordType", "NextRecordIdentifier"],
            {"IsTruncated": True, "NextRecordName": "a.", "NextRecordType": "A"},
            {"StartRecordName": "a.", "StartRecordType": "A"},
        ),
        (
            "s3:ListObjects",
            ["IsTruncated", "NextMarker", "Contents"],
            {"IsTruncated": True, "Contents": [{"Key": "a"}, {"Key": "b"}]},
            {"Marker": "b"},
        ),
        ("iam:GetUser", [], {}, None),
    ],
)
def test_the_tokens_of_an_answer_ask_for_the_next_page(
    name: str, members: list[str], values: Mapping[str, Any], tokens: Mapping[str, Any] | None
) -> None:
    paging = PageTokens(operation_of(name))
    assert sorted(paging.members) == sorted(members)
    assert paging.tokens(values, {}) == tokens
