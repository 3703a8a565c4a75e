"""Which operations are retried after a server error: reads, unless unsafe to repeat."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.model import Method, Verb
from cirrusql.transport.model import Call, Target
from cirrusql.transport.throttling.retry import may_repeat
from tests.support.catalog import CATALOG
from tests.support.services import sampled_ids

HERE = Target(None, "us-east-1")


def is_repeated(method: Method) -> bool:
    return may_repeat(Call(method.operation, {}, HERE, is_read=method.is_read))


@pytest.mark.parametrize("service", sampled_ids(110, ["dynamodb", "ec2", "iam", "s3"]))
def test_what_selects_is_repeated_and_no_write_that_could_be_done_twice(service: str) -> None:
    found, _ = CATALOG.loaded("aws", schema_name(service))
    for name in found.service.operation_names:
        method = found.method(name)
        writes = method.verb in (Verb.INSERT, Verb.UPDATE, Verb.REPLACE, Verb.DELETE)
        members = method.operation.parameters.values()
        is_safe = method.operation.is_idempotent or any(m.is_idempotency_token for m in members)
        if method.verb is Verb.SELECT:
            assert is_repeated(method), method.operation.id
        elif writes:
            assert is_repeated(method) is is_safe, method.operation.id


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("s3:HeadBucket", True),
        ("secretsmanager:GetSecretValue", True),
        ("sts:GetSessionToken", True),
        ("s3:SelectObjectContent", True),
        ("logs:FilterLogEvents", True),
        ("iam:SimulatePrincipalPolicy", True),
        ("sqs:ReceiveMessage", False),
        ("sts:AssumeRole", False),
        ("cognito-identity:GetId", False),
        ("stepfunctions:GetActivityTask", False),
    ],
)
def test_what_only_exec_reaches_is_repeated_where_it_reads(operation: str, expected: bool) -> None:
    service, _, name = operation.partition(":")
    found, _ = CATALOG.service_catalog("aws", schema_name(service))
    assert is_repeated(found.method(name)) is expected
