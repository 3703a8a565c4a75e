"""Answers to rows: one decoder per set of columns, and one error for every fault."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from cirrusql.api.http_messages import Response
from cirrusql.decode.decoder import decoder, request_id_of
from cirrusql.errors import BadAnswer
from cirrusql.providers.aws.full_response import whole
from cirrusql.providers.registry import default_catalog
from tests.support.operations import decoder_of, operation_of, rows_of

GROUPS = ("logs", "log_groups", "describe_log_groups")


def test_a_decoder_is_made_once_per_columns() -> None:
    table, method = default_catalog().method("aws", *GROUPS)
    assert method.rows is not None
    names = [c for c in table.columns if c.name in ("logGroupName", "arn")]
    one = decoder(method.operation, method.rows, tuple(names))
    assert decoder(method.operation, method.rows, tuple(names)) is one
    assert decoder(method.operation, method.rows, tuple(names[:1])) is not one


def test_rows_without_columns_are_counted() -> None:
    page = decoder_of(*GROUPS, "")(Response(200, {}, b'{"logGroups": [{}, {}], "nextToken": "t"}'))
    assert (page.rows.num_rows, page.rows.num_columns, page.tokens) == (2, 0, {"nextToken": "t"})


def test_what_is_of_another_type_than_the_model_says_is_read_leniently() -> None:
    groups = [{"logGroupName": 5, "storedBytes": "12", "creationTime": 1.0}, {"logGroupName": None}]
    decoder_ = decoder_of(*GROUPS, "logGroupName storedBytes creationTime")
    assert rows_of(decoder_, json.dumps({"logGroups": groups})) == [
        {"logGroupName": "5", "storedBytes": 12, "creationTime": 1},
        {"logGroupName": None, "storedBytes": None, "creationTime": None},
    ]


@pytest.mark.parametrize(
    "body", [b"{}", b"", b'{"logGroups": null}', b'{"logGroups": []}', b'{"other": 1}']
)
def test_no_list_is_no_rows(body: bytes) -> None:
    assert rows_of(decoder_of(*GROUPS, "arn"), body) == []


@pytest.mark.parametrize(
    "body", [b"[]", b"5", b'"x"', b'{"logGroups": 5}', b'{"logGroups": [5]}', b"<a/>", b"{"]
)
def test_what_is_not_of_the_model_is_a_bad_answer_of_the_operation(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="logs:DescribeLogGroups: "):
        rows_of(decoder_of(*GROUPS, "arn"), body)


def test_a_wrapper_that_is_missing_is_a_bad_answer() -> None:
    decoder_ = decoder_of("iam", "users", "list_users", "UserName")
    with pytest.raises(BadAnswer, match="iam:ListUsers: the response has no ListUsersResult"):
        rows_of(decoder_, "<ListUsersResponse><Other/></ListUsersResponse>")


def test_what_stands_beside_a_list_is_repeated_for_its_items() -> None:
    decoder_ = decoder_of("ec2", "instances", "describe_instances", "InstanceId OwnerId")
    body = (
        "<DescribeInstancesResponse><reservationSet>"
        "<item><ownerId>1</ownerId><instancesSet><item><instanceId>a</instanceId></item>"
        "<item><instanceId>b</instanceId></item></instancesSet></item>"
        "<item><ownerId>2</ownerId><instancesSet/></item>"
        "<item><ownerId>3</ownerId><instancesSet><item><instanceId>c</instanceId></item></instancesSet></item>"
        "</reservationSet></DescribeInstancesResponse>"
    )
    found = [(row["OwnerId"], row["InstanceId"]) for row in rows_of(decoder_, body)]
    assert found == [("1", "a"), ("1", "b"), ("3", "c")]


def test_one_structure_is_one_row_and_none_is_none() -> None:
    decoder_ = decoder_of("iam", "users", "get_user", "UserName")
    wrap = "<GetUserResponse><GetUserResult>{}</GetUserResult></GetUserResponse>"
    assert rows_of(decoder_, wrap.format("<User><UserName>u</UserName></User>")) == [
        {"UserName": "u"}
    ]
    assert rows_of(decoder_, wrap.format("")) == []


@pytest.mark.parametrize("name", ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"])
def test_the_request_id_goes_by_many_names(name: str) -> None:
    assert request_id_of(Response(200, {name: "r"}, b"")) == "r"
    assert request_id_of(Response(200, {}, b"")) is None


def test_a_whole_answer_keeps_policies_as_text() -> None:
    body = (
        b"<GetRolePolicyResponse><GetRolePolicyResult><PolicyDocument>%7B%22a%22%3A1%7D</PolicyDocument>"
        b"</GetRolePolicyResult></GetRolePolicyResponse>"
    )
    found = whole(operation_of("iam:GetRolePolicy"), Response(200, {}, body))
    assert found == {"PolicyDocument": '{"a":1}'}


def test_a_whole_answer_has_bytes_where_a_body_is_streamed() -> None:
    found = whole(operation_of("s3:GetObject"), Response(200, {"etag": "e"}, b"<Error>\xff"))
    assert (found["Body"], found["ETag"]) == (b"<Error>\xff", "e")


@pytest.mark.parametrize("written", ["2024-05-01T12:00:00", "May 1 2024 12:00 XYZ", "1714564800"])
def test_a_time_in_a_whole_answer_is_aware(written: str) -> None:
    user = f"<User><CreateDate>{written}</CreateDate></User>"
    body = f"<GetUserResponse><GetUserResult>{user}</GetUserResult></GetUserResponse>"
    found = whole(operation_of("iam:GetUser"), Response(200, {}, body.encode()))
    assert found["User"]["CreateDate"] == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_what_answers_nothing_may_have_any_body() -> None:
    assert whole(operation_of("sqs:DeleteQueue"), Response(200, {}, b"\xff<")) == {}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("iam:GetUser", b"<a"),
        ("iam:GetUser", b"<!DOCTYPE a><a/>"),
        ("dynamodb:Scan", b'{"Items": ['),
        ("dynamodb:Scan", b"[]"),
        ("lambda:GetFunction", b"\xff"),
    ],
)
def test_a_whole_answer_that_is_broken_is_a_bad_one(name: str, body: bytes) -> None:
    with pytest.raises(BadAnswer, match=f"{name}: "):
        whole(operation_of(name), Response(200, {}, body))
