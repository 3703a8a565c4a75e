"""Typical first statements: what SELECT shows is written under that name,
and read back."""

from __future__ import annotations

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy


def test_a_bucket_is_made_with_its_versioning_and_tags(ask: Ask) -> None:
    done = ask(
        "INSERT INTO aws.s3.buckets (Bucket, VersioningConfiguration, Tags) "
        "VALUES ('orders', {'Status': 'Enabled'}, MAP {'team': 'web'})"
    )
    assert {r["status"] for r in done} == {"done"}
    (row,) = ask(
        "SELECT Bucket, VersioningStatus, tags(TagSet)['team'] AS team FROM aws.s3.buckets"
    )
    assert row == {"Bucket": "orders", "VersioningStatus": "Enabled", "team": "web"}


def test_a_network_is_made_with_its_tags(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.ec2.vpcs (CidrBlock, Tags) VALUES ('10.8.0.0/16', MAP {'team': 'web'})")
    (row,) = ask(
        "SELECT tags(Tags)['team'] AS team FROM aws.ec2.vpcs WHERE CidrBlock = '10.8.0.0/16'"
    )
    assert (row["team"], proxy.calls["ec2:CreateVpc"]) == ("web", 1)


def test_a_queue_is_changed_by_the_name_it_shows(ask: Ask) -> None:
    ask("INSERT INTO aws.sqs.queues (QueueName) VALUES ('orders')")
    ask("UPDATE aws.sqs.queues SET VisibilityTimeout = 60 WHERE QueueUrl LIKE '%/orders'")
    assert [str(r["v"]) for r in ask("SELECT VisibilityTimeout AS v FROM aws.sqs.queues")] == ["60"]


def test_a_role_trusts_another_service(ask: Ask) -> None:
    trust = (
        "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole', "
        "'Principal': {'Service': '%s.amazonaws.com'}}]}"
    )
    ask(
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('r', "
        f"{trust % 'ec2'})"
    )
    done = ask(
        f"UPDATE aws.iam.roles SET AssumeRolePolicyDocument = {trust % 'lambda'} WHERE RoleName = "
        "'r'"
    )
    assert [r["operation"] for r in done] == ["iam:UpdateAssumeRolePolicy"]
    (row,) = ask("SELECT AssumeRolePolicyDocument AS d FROM aws.iam.roles WHERE RoleName = 'r'")
    assert "lambda.amazonaws.com" in row["d"]
