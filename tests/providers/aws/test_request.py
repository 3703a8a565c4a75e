"""Requests: what botocore's client cannot show, or must not decide."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest

from cirrusql.api.http_messages import Endpoint, Request
from cirrusql.errors import InvalidParameter, NotSupportedError
from cirrusql.providers.aws.protocol.request import build
from tests.support.operations import operation_of


def built(name: str, region: str = "us-east-1", **parameters: Any) -> Request:
    return build(operation_of(name), parameters, region=region)[0]


def endpoint(name: str, parameters: dict[str, Any] | None = None, **place: Any) -> Endpoint:
    return build(operation_of(name), parameters or {}, **{"region": "us-east-1", **place})[1]


def test_the_same_values_give_the_same_bytes() -> None:
    given: dict[str, Any] = {"Namespace": "n", "MetricData": [{"MetricName": "m" * 200}] * 100}
    assert built("cloudwatch:PutMetricData", **given) == built("cloudwatch:PutMetricData", **given)


def test_a_large_body_is_compressed_where_the_model_allows() -> None:
    request = built(
        "cloudwatch:PutMetricData", Namespace="n", MetricData=[{"MetricName": "m" * 200}] * 100
    )
    assert request.headers["Content-Encoding"] == "gzip"
    assert b"mmmm" in gzip.decompress(request.body)


def test_an_idempotency_token_comes_from_the_caller() -> None:
    request, _ = build(
        operation_of("ec2:RunInstances"), {}, region="us-east-1", token=lambda: "once"
    )
    assert b"ClientToken=once" in request.body


def test_a_token_of_the_user_is_kept() -> None:
    given = {"ClientToken": "mine"}
    request, _ = build(
        operation_of("ec2:RunInstances"), given, region="us-east-1", token=lambda: "once"
    )
    assert b"ClientToken=mine" in request.body


@pytest.mark.parametrize("given", [{}, {"FunctionName": ""}, {"FunctionName": None}])
def test_a_path_without_its_name_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter, match="FunctionName"):
        built("lambda:DeleteFunction", **given)


def test_framing_is_left_to_the_transport() -> None:
    request = built("s3:PutObject", Bucket="shop", Key="k", Body=b"text")
    assert not {"content-length", "transfer-encoding", "expect"} & {
        n.lower() for n in request.headers
    }
    assert request.body.startswith(b"4\r\ntext\r\n0\r\nx-amz-checksum-crc32:")


def test_no_environment_variable_changes_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    before = built("lambda:ListFunctions")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1")
    assert built("lambda:ListFunctions") == before


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("eu-central-1", "https://sqs.eu-central-1.amazonaws.com/"),
        ("cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn/"),
        ("us-gov-west-1", "https://sqs.us-gov-west-1.amazonaws.com/"),
    ],
)
def test_a_partition_has_its_own_names(region: str, url: str) -> None:
    assert built("sqs:ListQueues", region).url == url


def test_fips_and_dualstack_are_hosts_of_their_own() -> None:
    assert (
        endpoint("sqs:ListQueues", use_fips=True).url == "https://sqs-fips.us-east-1.amazonaws.com"
    )
    assert endpoint("sqs:ListQueues", use_dualstack=True).url == "https://sqs.us-east-1.api.aws"


def test_a_custom_endpoint_wins_over_fips() -> None:
    there = endpoint("sqs:ListQueues", use_fips=True, endpoint_url="http://127.0.0.1:1")
    assert there.url == "http://127.0.0.1:1"


def test_dynamodb_is_called_at_the_account_where_it_is_known() -> None:
    there = endpoint("dynamodb:ListTables", account_id="123456789012")
    assert there.url == "https://123456789012.ddb.us-east-1.amazonaws.com"
    assert endpoint("dynamodb:ListTables").url == "https://dynamodb.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("bucket", "place", "url"),
    [
        ("shop", {}, "https://shop.s3.eu-west-1.amazonaws.com"),
        ("shop.example.com", {}, "https://s3.eu-west-1.amazonaws.com/shop.example.com"),
        ("shop", {"endpoint_url": "http://127.0.0.1:1"}, "http://127.0.0.1:1/shop"),
        (
            "arn:aws:s3:us-west-2:123456789012:accesspoint/door",
            {},
            "https://door-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
        ),
    ],
)
def test_s3_addresses_a_bucket(bucket: str, place: dict[str, str], url: str) -> None:
    where = {"region": "eu-west-1", **place}
    assert endpoint("s3:ListObjectsV2", {"Bucket": bucket}, **where).url == url


def test_a_global_service_is_signed_for_its_region() -> None:
    assert endpoint("iam:ListUsers", region="eu-west-1").signing_region == "us-east-1"
    assert endpoint("iam:ListUsers", region="cn-northwest-1").signing_region == "cn-north-1"


@pytest.mark.parametrize(
    ("name", "auth"),
    [
        ("sts:AssumeRoleWithWebIdentity", "none"),
        ("cognito-idp:SignUp", "none"),
        ("cognito-identity:GetId", "none"),
        ("codecatalyst:ListSpaces", "bearer"),
        ("sdb:ListDomains", "v2"),
        ("s3:ListBuckets", "s3v4"),
        ("iam:ListUsers", "v4"),
    ],
)
def test_the_model_says_how_a_call_is_signed(name: str, auth: str) -> None:
    given = dict.fromkeys(operation_of(name).required, "x")
    assert endpoint(name, given).auth == auth


@pytest.mark.skipif(
    find_spec("awscrt") is not None, reason="awscrt is installed, nothing is missing"
)
def test_a_checksum_that_needs_awscrt_says_what_to_install() -> None:
    with pytest.raises(NotSupportedError, match=r"cirrusql\[sigv4a\]"):
        built("s3:PutObject", Bucket="shop", Key="k", Body=b"x", ChecksumAlgorithm="CRC64NVME")


def test_route53_takes_back_the_ids_that_it_gives() -> None:
    request = built("route53:GetHostedZone", Id="/hostedzone/Z123")
    assert request.url == "https://route53.amazonaws.com/2013-04-01/hostedzone/Z123"


def test_elsewhere_a_slash_is_part_of_an_id() -> None:
    assert b'"/a/b"' in built("kms:DescribeKey", KeyId="/a/b").body


def test_glacier_is_told_whose_vaults() -> None:
    assert built("glacier:ListVaults").url.endswith("/-/vaults")


def test_customer_keys_are_sent_with_their_digest() -> None:
    given = {
        "Bucket": "shop",
        "Key": "k",
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": "k" * 32,
    }
    request = built("s3:GetObject", **given)
    assert request.headers["x-amz-server-side-encryption-customer-key-MD5"]


def test_text_json_and_numbers_of_an_engine_become_the_types_of_the_api() -> None:
    request = built(
        "dynamodb:PutItem",
        TableName="t",
        Item='{"id": {"S": "1"}}',
        ReturnValues="NONE",
    )
    assert json.loads(request.body)["Item"] == {"id": {"S": "1"}}


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-24",
        "2026-11-24 00:00:00",
        "2026-11-24T00:00:00Z",
        "2026-11-24 01:00:00+01",
        date(2026, 11, 24),
        datetime(2026, 11, 24),
        datetime(2026, 11, 24, tzinfo=UTC),
    ],
)
def test_a_moment_is_given_in_any_way_that_sql_writes_it(moment: object) -> None:
    request = built("logs:PutLogEvents", logGroupName="g", logStreamName="s", logEvents=[])
    assert request.method == "POST"
    request = built("cloudtrail:LookupEvents", StartTime=moment)
    assert json.loads(request.body) == {"StartTime": 1795478400}


def test_a_whole_decimal_is_a_whole_number() -> None:
    assert built("iam:ListUsers", MaxItems=Decimal("5.00")).body.endswith(b"MaxItems=5")


def test_a_struct_is_text_where_the_api_wants_a_policy() -> None:
    request = built(
        "iam:CreatePolicy", PolicyName="p", PolicyDocument={"Version": "x", "n": Decimal(1)}
    )
    assert b"PolicyDocument=%7B%22Version%22%3A+%22x%22%2C+%22n%22%3A+1%7D" in request.body


def test_json_in_a_header_is_written_once() -> None:
    given: dict[str, Any] = {
        "botName": "b",
        "botAlias": "a",
        "userId": "me",
        "inputStream": b"",
        "contentType": "t",
    }
    request = built("lex-runtime:PostContent", **given, sessionAttributes='{"a": "1"}')
    assert request.headers["x-amz-lex-session-attributes"] == "eyJhIjoiMSJ9"


def test_what_cannot_be_written_is_an_invalid_parameter() -> None:
    with pytest.raises(InvalidParameter, match="cloudtrail:LookupEvents"):
        built("cloudtrail:LookupEvents", StartTime="yesterday")
