"""What is marked as dangerous before a write."""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.catalog.write_rules.dangers import dangers_of
from tests.support.catalog import CATALOG

_OPEN_POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}'
_WORLD = [{"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


@pytest.mark.parametrize(
    ("operation", "parameters", "marks"),
    [
        ("iam:DeleteUser", {"UserName": "ann"}, ("deletes",)),
        ("iam:CreateUser", {"UserName": "ann"}, ()),
        (
            "ec2:TerminateInstances",
            {"InstanceIds": ["i-1"]},
            ("deletes", "data loss", "cannot be undone"),
        ),
        ("sqs:PurgeQueue", {"QueueUrl": "q"}, ("deletes", "data loss", "cannot be undone")),
        ("dynamodb:DeleteTable", {"TableName": "t"}, ("deletes", "data loss")),
        (
            "logs:DeleteLogGroup",
            {"logGroupName": "g"},
            ("deletes", "data loss", "cannot be undone"),
        ),
        ("kinesis:DeleteStream", {"StreamName": "s"}, ("deletes", "data loss")),
        ("ecr:DeleteRepository", {"repositoryName": "r", "force": True}, ("deletes", "data loss")),
        ("ecr:DeleteRepository", {"repositoryName": "r"}, ("deletes",)),
        ("s3:DeleteBucketPolicy", {"Bucket": "b"}, ("deletes",)),
        (
            "s3:DeleteObject",
            {"Bucket": "b", "Key": "k"},
            ("deletes", "data loss", "cannot be undone"),
        ),
        ("sqs:DeleteQueue", {"QueueUrl": "q"}, ("deletes", "data loss")),
        ("ec2:DeleteSecurityGroup", {"GroupId": "g"}, ("deletes",)),
        ("kms:ScheduleKeyDeletion", {"KeyId": "k"}, ("deletes", "data loss", "cannot be undone")),
        (
            "rds:DeleteDBInstance",
            {"DBInstanceIdentifier": "d", "SkipFinalSnapshot": True},
            ("deletes", "cannot be undone"),
        ),
        (
            "ec2:AuthorizeSecurityGroupIngress",
            {"GroupId": "g", "IpPermissions": _WORLD},
            ("public",),
        ),
        ("ec2:RevokeSecurityGroupIngress", {"GroupId": "g", "IpPermissions": _WORLD}, ()),
        ("s3:PutBucketPolicy", {"Bucket": "b", "Policy": _OPEN_POLICY}, ("public",)),
        ("s3:PutBucketAcl", {"Bucket": "b", "ACL": "public-read"}, ("public",)),
        ("s3:DeletePublicAccessBlock", {"Bucket": "b"}, ("deletes", "public")),
        (
            "rds:ModifyDBInstance",
            {"DBInstanceIdentifier": "d", "PubliclyAccessible": True},
            ("public",),
        ),
        ("ec2:ModifyImageAttribute", {"ImageId": "ami", "UserGroups": ["all"]}, ("public",)),
    ],
)
def test_a_call_is_marked(
    operation: str, parameters: dict[str, Any], marks: tuple[str, ...]
) -> None:
    service, _, name = operation.partition(":")
    assert dangers_of(CATALOG.service("aws", service).operation(name), parameters) == marks
