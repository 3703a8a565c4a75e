"""Which listing supplies the values of a parameter."""

from __future__ import annotations

import pytest

from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.relations.parents import candidates, parent_of
from tests.support.catalog import CATALOG


def asking(name: str, parameter: str) -> tuple[Table, Method]:
    """A table, and the first of its read methods that requires the parameter."""
    table = CATALOG.table("aws", *name.split("."))
    readers = [m for m in table.methods if Verb.SELECT in (m.verb, m.api_verb)]
    return table, next(m for m in readers if parameter in m.keys)


@pytest.mark.parametrize(
    ("table", "parameter", "listing", "field"),
    [
        ("ecs.services", "cluster", "ecs.clusters", "clusterArn"),
        ("eks.nodegroups", "clusterName", "eks.clusters", "cluster"),
        ("eks.clusters", "name", "eks.clusters", "cluster"),
        ("dynamodb.tables", "TableName", "dynamodb.tables", "TableName"),
        ("lambda.aliases", "FunctionName", "lambda.functions", "FunctionName"),
        ("sqs.queue_attributes", "QueueUrl", "sqs.queues", "QueueUrl"),
        ("s3.bucket_policies", "Bucket", "s3.buckets", "Name"),
        ("s3.object_acls", "Key", "s3.objects", "Key"),
        ("iam.user_policies", "PolicyName", "iam.user_policies", "PolicyName"),
        ("iam.attached_user_policies", "UserName", "iam.users", "UserName"),
        ("iam_api.group_policies", "GroupName", "iam.groups", "GroupName"),
        ("route53.resource_record_sets", "HostedZoneId", "route53.hosted_zones", "Id"),
        ("route53.traffic_policy_versions", "Id", "route53.traffic_policies", "Id"),
        ("ssm.maintenance_window_targets", "WindowId", "ssm.maintenance_windows", "WindowId"),
        ("ssm.document_versions", "Name", "ssm.documents", "Name"),
        ("logs.log_streams", "logGroupName", "logs.log_groups", "logGroupName"),
        ("events.targets", "Rule", "events.rules", "Name"),
        ("apigateway.resources", "restApiId", "apigateway.rest_apis", "id"),
    ],
)
def test_parent_is_the_listing_that_a_reader_would_name(
    table: str, parameter: str, listing: str, field: str
) -> None:
    parent = parent_of(CATALOG, *asking(table, parameter), parameter)
    assert parent is not None
    assert (parent.table.id, parent.field) == (f"aws.{listing}", field)
    assert parent.method.rows is not None
    assert parent.field in parent.method.rows.fields


@pytest.mark.parametrize(
    ("table", "parameter"),
    [
        ("cloudwatch.metric_statistics", "StartTime"),
        ("iam.custom_policies", "PolicyInputList"),
        ("wafv2.web_acls", "Scope"),
        ("sts.authorization_messages", "EncodedMessage"),
        ("kms.verifies", "Message"),
    ],
)
def test_no_parent_is_better_than_a_wrong_one(table: str, parameter: str) -> None:
    assert parent_of(CATALOG, *asking(table, parameter), parameter) is None


def test_listings_of_like_names_are_told_of_where_none_is_sure() -> None:
    table, method = asking("glue.missing_blueprints", "Names")
    assert parent_of(CATALOG, table, method, "Names") is None
    assert candidates(CATALOG, table, method, "Names") == [("aws.glue.blueprints", "Blueprint")]


def test_what_itself_wants_the_parameter_is_no_candidate() -> None:
    assert candidates(CATALOG, *asking("sagemaker.stage_devices", "StageName"), "StageName") == []
