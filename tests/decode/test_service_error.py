"""Error answers: who is to blame, and which error they become."""

from __future__ import annotations

import json

import pytest

from cirrusql.api.http_messages import Fault, Response
from cirrusql.decode.service_error import is_throttling, is_transient, to_error
from cirrusql.errors import AccessDenied, BadAnswer, CallFailed, NotFound, Throttled
from cirrusql.providers.aws.error_answers import fault
from tests.support.operations import operation_of

PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"
S3_ERROR = (
    b'<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>Try again</Message></Error>'
)
IAM_ERROR = (
    b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
    b"<Code>NoSuchEntity</Code><Message>no user "
    b"x</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
)
EC2_ERROR = (
    b"<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no "
    b"i-1</Message></Error>"
    b"</Errors><RequestID>r-2</RequestID></Response>"
)


def found(operation: str, status: int, body: bytes, **headers: str) -> Fault:
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    complaint = fault(operation_of(operation), Response(status, named, body))
    assert complaint is not None
    return complaint


@pytest.mark.parametrize("body", [PAGE, S3_ERROR, b"<html>", b"\n<Error>"])
def test_a_stored_object_may_be_a_page_or_an_error(body: bytes) -> None:
    assert fault(operation_of("s3:GetObject"), Response(200, {}, body)) is None


@pytest.mark.parametrize(
    "name", ["CopyObject", "CompleteMultipartUpload", "UploadPartCopy", "ListObjectsV2"]
)
def test_s3_may_say_an_error_with_200_which_is_worth_another_try(name: str) -> None:
    complaint = found(f"s3:{name}", 200, S3_ERROR)
    assert (complaint.code, complaint.message, complaint.status) == (
        "InternalError",
        "Try again",
        200,
    )
    assert is_transient(complaint)


def test_other_services_have_no_errors_with_200() -> None:
    assert fault(operation_of("cloudfront:ListDistributions"), Response(200, {}, S3_ERROR)) is None


def test_an_answer_that_is_done_is_no_fault() -> None:
    assert fault(operation_of("iam:ListUsers"), Response(200, {}, b"<ListUsersResponse/>")) is None


@pytest.mark.parametrize("status", [200, 302, 404])
def test_a_page_where_an_api_should_be_is_a_bad_answer(status: int) -> None:
    with pytest.raises(
        BadAnswer, match=rf"iam:ListUsers: the endpoint returned {status} with .* \(Sign in\)"
    ):
        fault(operation_of("iam:ListUsers"), Response(status, {}, PAGE))


@pytest.mark.parametrize(
    "operation", ["iam:ListUsers", "dynamodb:ListTables", "eventbridgev2:ListEventBuses"]
)
@pytest.mark.parametrize("body", [PAGE, b"<html><body>busy</body></html>", b"", b" "])
def test_a_5xx_that_is_not_of_the_protocol_goes_by_its_status(operation: str, body: bytes) -> None:
    complaint = found(operation, 503, body)
    assert (complaint.code, complaint.message) == ("503", "Service Unavailable")
    assert is_transient(complaint)


@pytest.mark.parametrize(
    ("operation", "body", "headers", "expected"),
    [
        ("iam:GetUser", IAM_ERROR, {}, ("NoSuchEntity", "no user x", "r-1")),
        ("ec2:DescribeInstances", EC2_ERROR, {}, ("InvalidInstanceID.NotFound", "no i-1", "r-2")),
        (
            "s3:GetObject",
            b"<Error><Code>NoSuchKey</Code><Message>m</Message></Error>",
            {"x_amz_request_id": "r-3"},
            ("NoSuchKey", "m", "r-3"),
        ),
        (
            "dynamodb:DescribeTable",
            b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"m"}',
            {"x_amzn_requestid": "r-4"},
            ("ResourceNotFoundException", "m", "r-4"),
        ),
        (
            "lambda:GetFunction",
            b'{"Message":"m"}',
            {"x_amzn_errortype": "ResourceNotFoundException:http://internal/"},
            ("ResourceNotFoundException", "m", None),
        ),
        (
            "sqs:GetQueueUrl",
            b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}',
            {"x_amzn_query_error": "AWS.SimpleQueueService.NonExistentQueue;Sender"},
            ("AWS.SimpleQueueService.NonExistentQueue", "m", None),
        ),
        ("s3:HeadObject", b"", {}, ("404", "Not Found", None)),
    ],
)
def test_every_protocol_is_read(
    operation: str, body: bytes, headers: dict[str, str], expected: tuple[str, str, str | None]
) -> None:
    complaint = found(operation, 404, body, **headers)
    assert (complaint.code, complaint.message, complaint.request_id) == expected
    assert isinstance(to_error(complaint, operation_of(operation), None, "us-east-1"), NotFound)


def test_cbor_is_read() -> None:
    import cbor2

    body = cbor2.dumps({"__type": "aws.eventbridge#ValidationException", "message": "m"})
    complaint = found("eventbridgev2:ListEventBuses", 400, body, smithy_protocol="rpc-v2-cbor")
    assert (complaint.code, complaint.message) == ("ValidationException", "m")


@pytest.mark.parametrize("operation", ["iam:ListUsers", "s3:ListBuckets", "dynamodb:ListTables"])
@pytest.mark.parametrize(
    "body", [b"\xff\xfe nonsense", b"<Error><Code>", b"[" * 100_000, b'{"__type": 5}']
)
def test_a_4xx_that_is_malformed_is_still_an_error_of_the_call(operation: str, body: bytes) -> None:
    complaint = found(operation, 403, body)
    assert isinstance(to_error(complaint, operation_of(operation), None, None), AccessDenied)


def test_what_oauth_calls_its_message_is_read() -> None:
    body = json.dumps(
        {"error": "invalid_grant", "error_description": "the device code is spent"}
    ).encode()
    complaint = found("sso-oidc:CreateToken", 400, body, x_amzn_errortype="InvalidGrantException")
    assert (complaint.code, complaint.message) == (
        "InvalidGrantException",
        "the device code is spent",
    )


def test_entities_of_an_error_are_not_expanded() -> None:
    body = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Error><Code>&a;</Code></Error>'
    assert found("s3:ListBuckets", 400, body).code == "400"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("body", [b"<?a?>" * 500 + b"<x", b"<html>" + b"<title>" * 200_000])
def test_a_hostile_body_takes_no_time(body: bytes) -> None:
    # Done naively, the first takes for ever, and the second minutes.
    assert found("iam:ListUsers", 500, body).code == "500"


def test_what_the_model_says_of_trying_again_is_kept() -> None:
    body = b'{"__type":"InternalServerException","message":"m"}'
    assert found("accessanalyzer:ListAnalyzers", 400, body).retry_trait == "transient"
    assert is_transient(found("accessanalyzer:ListAnalyzers", 400, body))
    other = b'{"__type":"ResourceNotFoundException","message":"m"}'
    assert found("accessanalyzer:ListAnalyzers", 400, other).retry_trait is None


def test_a_code_that_the_model_calls_throttling_is_throttling() -> None:
    operation = operation_of("ssm-quicksetup:ListConfigurationManagers")
    complaint = fault(operation, Response(400, {"x-amzn-errortype": "ThrottlingException"}, b"{}"))
    assert complaint is not None
    assert is_throttling(complaint)


@pytest.mark.parametrize(
    ("code", "status", "message", "kind"),
    [
        ("Throttling", 400, "m", Throttled),
        ("Anything", 429, "m", Throttled),
        ("UnauthorizedOperation", 400, "m", AccessDenied),
        ("403", 403, "m", AccessDenied),
        ("NoSuchBucket", 400, "m", NotFound),
        ("WAFNonexistentItemException", 400, "m", NotFound),
        ("UnknownMonitorException", 400, "m", NotFound),
        ("GoneException", 410, "m", NotFound),
        ("ValidationError", 400, "Stack with id x does not exist", NotFound),
        ("ValidationError", 400, "x must be a number", CallFailed),
        ("LimitExceededException", 400, "m", CallFailed),
    ],
)
def test_a_code_decides_on_the_error(
    code: str, status: int, message: str, kind: type[CallFailed]
) -> None:
    assert (
        type(to_error(Fault(status, code, message), operation_of("iam:ListUsers"), None, "x"))
        is kind
    )


def test_a_place_that_is_not_known_is_not_named() -> None:
    operation = operation_of("iam:ListUsers")
    assert str(to_error(Fault(400, "C", "m"), operation, None, None)) == "iam:ListUsers: C: m"
    assert (
        str(to_error(Fault(400, "C", "m"), operation, None, "eu-west-1"))
        == "iam:ListUsers in eu-west-1: C: m"
    )
