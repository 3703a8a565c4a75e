"""How answers report keys that they do not cover."""

from __future__ import annotations

import pytest

from cirrusql.catalog.model import RowPath
from cirrusql.decode.unanswered_keys import refusals, telling_members
from tests.support.catalog import CATALOG
from tests.support.operations import operation_of


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("ecs:DescribeServices", ("failures",)),
        ("athena:BatchGetQueryExecution", ("UnprocessedQueryExecutionIds",)),
        ("inspector:DescribeFindings", ("failedItems",)),
        ("ivs:BatchGetChannel", ("errors",)),
        ("codebuild:BatchGetProjects", ()),
        ("iam:ListUsers", ()),
    ],
)
def test_members_that_tell_of_refused_keys_are_known(
    operation: str, members: tuple[str, ...]
) -> None:
    assert telling_members(operation_of(operation), RowPath()) == members


def test_what_is_a_row_tells_of_nothing_refused() -> None:
    rows = RowPath(lists=(("failures",),))
    assert telling_members(operation_of("ecs:DescribeServices"), rows) == ()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([{"arn": "a", "reason": "MISSING"}], []),
        ([{"arn": "a", "reason": "ACCESS", "detail": "no"}], [("ACCESS", "no (a)")]),
        (
            {"a": {"failureCode": "ITEM_DOES_NOT_EXIST"}, "b": {"failureCode": "LIMIT"}},
            [("LIMIT", "not processed (b)")],
        ),
        (
            [
                {"Id": "a", "ErrorCode": "X", "ErrorMessage": "m"},
                {"Id": "b", "ErrorCode": "X", "ErrorMessage": "m"},
            ],
            [("X", "m (a, b)")],
        ),
        (["a"], [("failures", "not processed (a)")]),
        (None, []),
        ([], []),
    ],
)
def test_each_reason_is_told_once_with_its_keys(value: object, told: list[tuple[str, str]]) -> None:
    found = refusals({"failures": value}, ("failures",), "r")
    assert [(f.code, f.message) for f in found] == told


def test_reading_methods_heed_them() -> None:
    found = {
        operation
        for operation, service, table, method in (
            ("inspector:DescribeFindings", "inspector", "findings", "describe_findings"),
            ("ecs:DescribeTasks", "ecs", "tasks", "describe_tasks"),
            ("athena:BatchGetNamedQuery", "athena", "named_queries", "batch_get_named_query"),
        )
        for m in (CATALOG.method("aws", service, table, method)[1],)
        if m.rows is not None and telling_members(m.operation, m.rows)
    }
    assert len(found) == 3
