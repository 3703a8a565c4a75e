"""Single tags are added and removed by each service's own calls."""

from __future__ import annotations

import pytest

from cirrusql.errors import ProgrammingError
from tests.plan.planned import Row, outcome, plan_of

KEY_VALUE = [{"Key": "team", "Value": "x"}]

# SQL, the row found where one must be, operation, parameters.
CASES: list[tuple[str, Row | None, str, Row]] = [
    (
        "UPDATE aws.ec2.instances SET Tags['team'] = 'x' WHERE InstanceId = 'i'",
        None,
        "ec2:CreateTags",
        {"Resources": ["i"], "Tags": KEY_VALUE},
    ),
    (
        "UPDATE aws.ec2.security_groups SET Tags['team'] = lower('X') WHERE GroupName LIKE 'w%'",
        {"GroupId": "sg", "GroupName": "web"},
        "ec2:CreateTags",
        {"Resources": ["sg"], "Tags": KEY_VALUE},
    ),
    (
        "UPDATE aws.ec2.instances SET Tags['team'] = NULL WHERE InstanceId = 'i'",
        None,
        "ec2:DeleteTags",
        {"Resources": ["i"], "Tags": [{"Key": "team"}]},
    ),
    (
        "UPDATE aws.iam.roles SET Tags['owner'] = upper(RoleName), tags['b'] = 'c' WHERE RoleName "
        "= 'r'",
        {"RoleName": "r"},
        "iam:TagRole",
        {"RoleName": "r", "Tags": [{"Key": "owner", "Value": "R"}, {"Key": "b", "Value": "c"}]},
    ),
    (
        "UPDATE aws.iam.users SET Tags['team'] = NULL WHERE UserName = 'a'",
        None,
        "iam:UntagUser",
        {"UserName": "a", "TagKeys": ["team"]},
    ),
    (
        "UPDATE aws.lambda.functions SET Tags['team'] = 'x' WHERE FunctionName = 'f'",
        {"FunctionName": "f", "FunctionArn": "arn:f"},
        "lambda:TagResource",
        {"Resource": "arn:f", "Tags": {"team": "x"}},
    ),
    (
        "UPDATE aws.sqs.queues SET Tags['team'] = 'x' WHERE QueueUrl = 'u'",
        None,
        "sqs:TagQueue",
        {"QueueUrl": "u", "Tags": {"team": "x"}},
    ),
    (
        "UPDATE aws.kms.keys SET Tags['team'] = 'x' WHERE KeyId = 'k'",
        None,
        "kms:TagResource",
        {"KeyId": "k", "Tags": [{"TagKey": "team", "TagValue": "x"}]},
    ),
    (
        "UPDATE aws.rds.db_instances SET TagList['team'] = 'x' WHERE DBInstanceIdentifier = 'd'",
        {"DBInstanceIdentifier": "d", "DBInstanceArn": "arn:d"},
        "rds:AddTagsToResource",
        {"ResourceName": "arn:d", "Tags": KEY_VALUE},
    ),
    (
        "UPDATE aws.sns.topics SET Tags['team'] = 'x' WHERE TopicArn = 'arn:t'",
        None,
        "sns:TagResource",
        {"ResourceArn": "arn:t", "Tags": KEY_VALUE},
    ),
    (
        "UPDATE aws.secretsmanager.secrets SET Tags['team'] = 'x' WHERE Name = 's'",
        {"Name": "s", "ARN": "arn:s"},
        "secretsmanager:TagResource",
        {"SecretId": "arn:s", "Tags": KEY_VALUE},
    ),
    (
        "UPDATE aws.elbv2.load_balancers SET Tags['team'] = 'x' WHERE LoadBalancerName = 'l'",
        {"LoadBalancerName": "l", "LoadBalancerArn": "arn:l"},
        "elbv2:AddTags",
        {"ResourceArns": ["arn:l"], "Tags": KEY_VALUE},
    ),
]


@pytest.mark.parametrize(
    ("sql", "found", "operation", "call"), CASES, ids=[c[0][:50] for c in CASES]
)
def test_a_tag_is_the_services_own_call(
    sql: str, found: Row | None, operation: str, call: Row
) -> None:
    seen = outcome(sql, [found] if found else [])
    assert (seen.write, seen.calls) == (operation, [call])
    assert seen.is_found_by_reading == (found is not None)


@pytest.mark.parametrize(
    ("table", "assignments", "message"),
    [
        ("ec2.instances", "State['a'] = 'b'", "only elements of tags"),
        ("ec2.instances", "Tags['a'] = 'b', Tags = NULL", "sets the tags twice"),
        ("iam.groups", "Tags['a'] = 'b'", "no operation by which tags of groups are set"),
        (
            "dms.endpoints",
            "Tags = MAP {'a': 'b'}",
            "are read, which is required to replace them all",
        ),
    ],
)
def test_what_cannot_be_tagged_so_is_refused(table: str, assignments: str, message: str) -> None:
    with pytest.raises(ProgrammingError, match=message):
        plan_of(f"UPDATE aws.{table} SET {assignments} WHERE true")


def operations_of(sql: str) -> list[str]:
    return [write.method.operation.id for write in plan_of(sql).writes]


def test_tags_beside_other_columns_are_calls_of_their_own() -> None:
    sql = (
        "UPDATE aws.ec2.instances SET InstanceType = 'm5.large', Tags['a'] = 'b', Tags['c'] = NULL "
    )
    assert operations_of(f"{sql} WHERE InstanceId = 'i'") == [
        "ec2:ModifyInstanceAttribute",
        "ec2:DeleteTags",
        "ec2:CreateTags",
    ]


def test_all_tags_replaced_take_away_before_they_add() -> None:
    sql = "UPDATE aws.iam.users SET Tags = MAP {'a': 'b'} WHERE UserName = 'ann'"
    plan = plan_of(sql)
    assert [c.method.operation.id for s in plan.scans for c in s.calls][-1] == "iam:ListUserTags"
    assert operations_of(sql) == ["iam:UntagUser", "iam:TagUser"]


def test_tags_that_can_only_be_put_whole_are_read_first() -> None:
    sql = "UPDATE aws.s3.buckets SET Tags['a'] = 'b' WHERE Name = 'bucket'"
    assert "s3:GetBucketTagging" in [
        c.method.operation.id for s in plan_of(sql).scans for c in s.calls
    ]
    assert operations_of(sql) == ["s3:PutBucketTagging", "s3:DeleteBucketTagging"]
