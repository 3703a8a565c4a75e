"""A dry run prints every call with its parameters, except secrets, for every kind of statement."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.execution.writes.preview import HEADINGS
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy

KINDS: tuple[tuple[str, list[dict[str, Any]]], ...] = (
    (
        "EXEC aws.ec2.instances.terminate_instances @InstanceIds = ['i-11111111', 'i-22222222']",
        [{"InstanceIds": ["i-11111111", "i-22222222"]}],
    ),
    (
        "SELECT InstanceId FROM (EXEC aws.ec2.instances.terminate_instances @InstanceIds = "
        "['i-11111111'])",
        [{"InstanceIds": ["i-11111111"]}],
    ),
    (
        "INSERT INTO aws.sqs.queues (QueueName, VisibilityTimeout) VALUES ('a', 60), ('b', 61)",
        [
            {"QueueName": "a", "Attributes": {"VisibilityTimeout": "60"}},
            {"QueueName": "b", "Attributes": {"VisibilityTimeout": "61"}},
        ],
    ),
    (
        "INSERT INTO aws.s3.buckets (Bucket, VersioningConfiguration, Tags) VALUES ('x', "
        "{'Status': 'Enabled'}, MAP {'a': 'b'})",
        [
            {"Bucket": "x"},
            {"VersioningConfiguration": {"Status": "Enabled"}, "Bucket": "x"},
            {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}, "Bucket": "x"},
        ],
    ),
    (
        "INSERT INTO aws.ec2.security_group_rules (GroupId, IsEgress, IpProtocol, FromPort, "
        "ToPort, CidrIpv4) VALUES ('sg-1', false, 'tcp', 22, 22, '10.0.0.0/8')",
        [
            {
                "GroupId": "sg-1",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 22,
                        "ToPort": 22,
                        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                    }
                ],
            }
        ],
    ),
    (
        "INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) VALUES ('r', "
        "'arn:aws:iam::aws:policy/ReadOnlyAccess')",
        [{"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
    ),
    (
        "DELETE FROM aws.iam.users WHERE UserName IN ('a', 'b')",
        [{"UserName": "a"}, {"UserName": "b"}],
    ),
    (
        "UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'a' AND "
        "AccessKeyId = 'AKIAIOSFODNN7EXAMPLE'",
        [{"UserName": "a", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}],
    ),
    (
        "BEGIN; DELETE FROM aws.iam.users WHERE UserName = 'a'; INSERT INTO aws.iam.users "
        "(UserName) VALUES ('b'); COMMIT",
        [{"UserName": "a"}, {"UserName": "b"}],
    ),
    (
        "INSERT INTO aws.ec2.vpcs (CidrBlock, Tags) VALUES ('10.0.0.0/16', MAP {'a': 'b'})",
        [
            {
                "CidrBlock": "10.0.0.0/16",
                "TagSpecifications": [
                    {"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}
                ],
            }
        ],
    ),
    (
        'EXEC aws.iam.users.create_user @@json = \'{"UserName": "a", "Tags": [{"Key": "k", '
        '"Value": "v"}]}\'',
        [{"UserName": "a", "Tags": [{"Key": "k", "Value": "v"}]}],
    ),
    (
        "INSERT INTO aws.rds.db_instances (DBInstanceIdentifier, DBInstanceClass, Engine, "
        "MasterUsername, MasterUserPassword) VALUES ('d', 'db.t3.micro', 'postgres', 'root', "
        "'hunter2hunter2')",
        [
            {
                "DBInstanceIdentifier": "d",
                "DBInstanceClass": "db.t3.micro",
                "Engine": "postgres",
                "MasterUsername": "root",
                "MasterUserPassword": "****",
            }
        ],
    ),
    (
        "REPLACE INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES "
        "('a', 'p', '{\"Version\": \"2012-10-17\", \"Statement\": []}')",
        [
            {
                "UserName": "a",
                "PolicyName": "p",
                "PolicyDocument": '{"Version": "2012-10-17", "Statement": []}',
            }
        ],
    ),
    (
        "EXEC aws.cloudformation.stacks.create_stack @StackName='s', @TemplateBody='{}', "
        "@Parameters=[{'ParameterKey':'DbPassword','ParameterValue':'hunter2hunter2'},{'ParameterKey':'Size','ParameterValue':'big'}]",
        [
            {
                "StackName": "s",
                "TemplateBody": "{}",
                "Parameters": [
                    {"ParameterKey": "DbPassword", "ParameterValue": "****"},
                    {"ParameterKey": "Size", "ParameterValue": "big"},
                ],
            }
        ],
    ),
)


@pytest.mark.parametrize(("sql", "calls"), KINDS)
def test_every_call_is_printed_with_all_its_parameters(
    sql: str, calls: list[dict[str, Any]], open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    proxy.reset()
    rows = rows_of(open_session(options=WriteOptions(is_dry_run=True)), sql)
    assert tuple(rows[0]) == HEADINGS
    assert [json.loads(row["parameters"]) for row in rows] == calls
    assert not proxy.calls
