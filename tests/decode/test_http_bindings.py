"""Parts of an answer outside its body: headers, status; and a body that is one member."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Kind, Member, Shape
from cirrusql.decode import http_bindings
from tests.support.operations import operation_of


def member(kind: Kind, **traits: object) -> Member:
    return Member(
        "M", Shape("s", kind), traits={"location": "header", "locationName": "X-M", **traits}
    )


@pytest.mark.parametrize(
    ("wanted", "text", "value"),
    [
        (member(Kind.STRING), "a b", "a b"),
        (member(Kind.LONG), "12", 12),
        (member(Kind.BOOLEAN), "true", True),
        (
            member(Kind.TIMESTAMP),
            "Wed, 01 May 2024 12:00:00 GMT",
            datetime(2024, 5, 1, 12, tzinfo=UTC),
        ),
        (member(Kind.STRING, jsonvalue=True), b64encode(b'{"a": 1}').decode(), '{"a": 1}'),
        (member(Kind.STRING, jsonvalue=True), b64encode(b'"text"').decode(), "text"),
    ],
)
def test_a_header_is_a_member(wanted: Member, text: str, value: object) -> None:
    assert http_bindings.value_of(wanted, Response(200, {"x-m": text}, b"")) == value
    assert http_bindings.value_of(wanted, Response(200, {}, b"")) is None


def test_a_list_in_a_header_is_split_at_commas() -> None:
    shape = Shape("l", Kind.LIST, resolve=lambda role: Member(role, Shape("i", Kind.LONG)))
    wanted = Member("M", shape, traits={"location": "header", "locationName": "x-m"})
    assert http_bindings.value_of(wanted, Response(200, {"x-m": "1, 2,3"}, b"")) == [1, 2, 3]


def test_headers_of_one_beginning_are_a_map() -> None:
    output = operation_of("s3:HeadObject").output
    assert output is not None
    response = Response(200, {"x-amz-meta-a": "1", "x-amz-meta-b": "2", "etag": "e"}, b"")
    assert http_bindings.value_of(output.members["Metadata"], response) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("text", ["never", "99999999999999999999", "-1"])
def test_an_expiry_that_is_no_time_is_not_given(text: str) -> None:
    output = operation_of("s3:HeadObject").output
    assert output is not None
    found = http_bindings.value_of(output.members["Expires"], Response(200, {"expires": text}, b""))
    assert found is None or isinstance(found, datetime)


def test_the_status_is_a_member_where_the_model_says_so() -> None:
    output = operation_of("lambda:Invoke").output
    assert output is not None
    assert http_bindings.value_of(output.members["StatusCode"], Response(202, {}, b"")) == 202


@pytest.mark.parametrize(
    ("name", "body", "is_outside"),
    [("s3:GetObject", "Body", True), ("s3:GetObject", "ETag", True), ("s3:GetBucketPolicy", "Policy", True),  # noqa: E501
     ("s3:ListObjectsV2", "Contents", False), ("iam:GetUser", "User", False)],
)  # fmt: skip
def test_what_is_outside_of_the_bodys_structure_is_told(
    name: str, body: str, is_outside: bool
) -> None:
    assert http_bindings.is_in_envelope(operation_of(name), body) is is_outside


def test_a_body_may_be_bytes_or_text_as_it_stands() -> None:
    assert http_bindings.is_bare(http_bindings.payload_of(operation_of("s3:GetObject").output))
    assert http_bindings.is_bare(
        http_bindings.payload_of(operation_of("s3:GetBucketPolicy").output)
    )
    assert not http_bindings.is_bare(
        http_bindings.payload_of(operation_of("s3:GetBucketAcl").output)
    )
