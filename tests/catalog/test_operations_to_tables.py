"""Which resource an operation is found in."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.catalog.model import Verb
from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("table", "operations"),
    [
        (
            "ec2.instances",
            "DescribeInstances RunInstances TerminateInstances StartInstances StopInstances "
            "RebootInstances",
        ),
        ("ec2.subnets", "DescribeSubnets CreateSubnet DeleteSubnet ModifySubnetAttribute"),
        ("ec2.tags", "DescribeTags CreateTags DeleteTags"),
        ("ec2.images_in_recycle_bins", "ListImagesInRecycleBin RestoreImageFromRecycleBin"),
        (
            "s3.objects",
            "ListObjects ListObjectsV2 HeadObject GetObject PutObject CopyObject DeleteObject "
            "DeleteObjects",
        ),
        (
            "iam.attached_user_policies",
            "ListAttachedUserPolicies AttachUserPolicy DetachUserPolicy",
        ),
        ("iam.groups_for_users", "ListGroupsForUser AddUserToGroup RemoveUserFromGroup"),
        ("iam.access_keys", "ListAccessKeys CreateAccessKey DeleteAccessKey UpdateAccessKey"),
        ("sns.tags_for_resources", "ListTagsForResource TagResource UntagResource"),
        ("ssm.tags_for_resources", "ListTagsForResource AddTagsToResource RemoveTagsFromResource"),
        ("kms.resource_tags", "ListResourceTags TagResource UntagResource"),
        ("events.targets", "ListTargetsByRule PutTargets RemoveTargets"),
        ("sns.subscriptions", "ListSubscriptions Subscribe Unsubscribe ConfirmSubscription"),
        ("cloudwatch.alarms", "DescribeAlarms PutMetricAlarm DeleteAlarms"),
        ("cloudwatch.composite_alarms", "DescribeAlarms PutCompositeAlarm"),
        (
            "dynamodb.items",
            "GetItem BatchGetItem PutItem UpdateItem DeleteItem Query Scan BatchWriteItem",
        ),
        (
            "rds.db_instances",
            "DescribeDBInstances CreateDBInstance RestoreDBInstanceFromDBSnapshot",
        ),
        ("autoscaling.tags", "DescribeTags CreateOrUpdateTags DeleteTags"),
        (
            "cloudfront.distributions",
            "ListDistributions GetDistribution CreateDistributionWithTags",
        ),
    ],
)
def test_operations_are_where_one_looks_for_them(table: str, operations: str) -> None:
    found = CATALOG.table("aws", *table.split("."))
    assert found.name == table.partition(".")[2]
    assert set(operations.split()) <= {m.operation.name for m in found.methods}


def test_setting_of_the_account_is_not_taken_for_one_of_the_thing() -> None:
    images = {m.operation.name for m in CATALOG.table("aws", "ec2", "images").methods}
    assert "EnableImageDeprecation" in images
    assert "EnableImageBlockPublicAccess" not in images


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("metric_alarms", "alarms"),
        ("metric_alarm", "alarms"),
        ("subnet_attributes", "subnets"),
    ],
)
def test_noun_of_an_operation_finds_its_better_home(name: str, resource: str) -> None:
    service = "ec2" if "subnet" in name else "cloudwatch"
    assert CATALOG.table("aws", service, name).name == resource


@pytest.mark.parametrize(
    ("table", "spelling", "operation"),
    [
        ("ec2_api.security_groups", "security_group_Create", "CreateSecurityGroup"),
        ("ec2_api.security_groups", "security_groups_Create", "CreateSecurityGroup"),
        ("ec2_api.security_groups", "security_groups_Describe", "DescribeSecurityGroups"),
        (
            "ec2_api.aggregate_id_format",
            "aggregate_id_format_Describe",
            "DescribeAggregateIdFormat",
        ),
        ("ec2.instances", "instances_Run", "RunInstances"),
        ("ec2.instances", "RunInstances", "RunInstances"),
        ("s3_api.objects", "object_Delete", "DeleteObject"),
        ("s3_api.objects", "objects_Delete", "DeleteObjects"),
        ("s3_api.objects", "delete_object", "DeleteObject"),
        ("iam.attached_user_policies", "user_policies_Attach", "AttachUserPolicy"),
        ("iam_api.user_policies", "attach_user_policy", "AttachUserPolicy"),
    ],
)
def test_both_spellings_of_a_method_work_under_both_names(
    table: str, spelling: str, operation: str
) -> None:
    schema, _, resource = table.partition(".")
    _, method = CATALOG.method("aws", schema, resource, spelling)
    assert method.operation.name == operation


def test_further_list_is_a_resource_and_its_operation_stays_where_it_was() -> None:
    markers = CATALOG.table("aws", "s3", "delete_markers")
    (method,) = markers.methods
    assert (method.name, method.is_further) == ("list_object_versions_delete_markers", True)
    assert markers.reached_by(Verb.SELECT) == (method,)
    assert "delete_markers" in CATALOG.resources("aws", "s3")
    assert CATALOG.table("aws", "s3", "delete_marker").name == "delete_markers"
    versions = CATALOG.table("aws", "s3", "object_versions")
    assert [m.name for m in versions.methods] == ["list_object_versions"]


def test_answer_that_goes_on_with_a_list_is_one_row_and_the_list_a_resource() -> None:
    groups = CATALOG.table("aws", "iam", "groups")
    get = next(m for m in groups.methods if m.name == "get_group")
    assert get.operation.paging is None
    assert get.rows is not None
    assert "Users" not in get.rows.fields
    (users,) = CATALOG.table("aws", "iam", "group_users").methods
    assert users.operation.paging is not None
    assert users.rows is not None
    assert users.rows.lists == (("Users",),)


OLD_NAMES = [
    tuple(line.replace(".", " ").split())
    for line in Path(__file__).with_name("old_names.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("service", "old", "new"), OLD_NAMES, ids=lambda name: str(name))
def test_a_name_that_a_table_had_leads_to_it(service: str, old: str, new: str) -> None:
    assert CATALOG.table("aws", service, old).name == new
    assert new in CATALOG.resources("aws", service)
    assert old not in CATALOG.resources("aws", service)


@pytest.mark.parametrize(
    ("table", "operations"),
    [
        ("iam.open_id_connect_provider_client_ids", "AddClientIDToOpenIDConnectProvider"),
        ("codedeploy.on_premises_instances", "ListOnPremisesInstances GetOnPremisesInstance"),
        ("inspector2.on_demand_scans", "ListOnDemandScans"),
        ("pinpoint.in_app_templates", "CreateInAppTemplate GetInAppTemplate"),
        ("rds.db_cluster_roles", "AddRoleToDBCluster RemoveRoleFromDBCluster"),
        (
            "s3control.access_points_for_object_lambdas",
            "ListAccessPointsForObjectLambda GetAccessPointForObjectLambda",
        ),
    ],
)
def test_names_are_those_that_a_reader_expects(table: str, operations: str) -> None:
    service, _, name = table.partition(".")
    found = {m.operation.name for m in CATALOG.table("aws", service, name).methods}
    assert set(operations.split()) <= found
