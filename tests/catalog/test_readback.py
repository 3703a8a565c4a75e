"""How the thing that a write acts on is read back, and where no rule is certain."""

from __future__ import annotations

import pytest

from cirrusql.catalog.inverses.readback import Reading, created_field, reading_of
from tests.support.catalog import CATALOG


def reading(schema: str, resource: str, method: str, *optional: str) -> Reading | None:
    table, found = CATALOG.method("aws", schema, resource, method)
    return reading_of(table, found, dict.fromkeys((*found.required, *optional), "x"))


@pytest.mark.parametrize(
    ("write", "read", "given", "match"),
    [
        ("iam.users.create_user", "GetUser", {"UserName"}, {"UserName"}),
        ("iam.user_policies.put_user_policy", "GetUserPolicy", {"UserName", "PolicyName"}, None),
        ("iam.attached_role_policies.attach_role_policy", "ListAttachedRolePolicies", {"RoleName"}, None),  # noqa: E501
        ("iam.groups_for_users.add_user_to_group", "ListGroupsForUser", {"UserName"}, {"GroupName"}),  # noqa: E501
        ("dynamodb.tables.create_table", "DescribeTable", {"TableName"}, {"TableName"}),
        ("s3.buckets.create_bucket", "HeadBucket", {"Bucket"}, set()),
        ("eks.clusters.create_cluster", "DescribeCluster", {"name"}, {"name"}),
        ("ec2.vpcs.delete_vpc", "DescribeVpcs", set(), {"VpcId"}),
    ],
)  # fmt: skip
def test_a_thing_is_read_by_what_names_it(
    write: str, read: str, given: set[str], match: set[str] | None
) -> None:
    found = reading(*write.split("."))
    assert found is not None
    assert (found.method.operation.name, set(found.given)) == (read, given)
    assert match is None or set(found.match) == match


@pytest.mark.parametrize(
    "write",
    [
        # The service names what is created.
        "ec2.vpcs.create_vpc",
        "iam.access_keys.create_access_key",
        # Whose key it is is not said, and the list is only of the caller's.
        "iam.access_keys.delete_access_key",
        # This identifies the user, not one of the keys.
        "iam.ssh_public_keys.upload_ssh_public_key",
        # The rows are addresses, not their associations.
        "ec2.addresses.associate_address",
        "ec2.application_status_checks.associate_application_status_check",
    ],
)
def test_no_reading_is_better_than_a_wrong_one(write: str) -> None:
    assert reading(*write.split(".")) is None


def test_who_is_named_makes_the_list_the_right_one() -> None:
    found = reading("iam", "access_keys", "delete_access_key", "UserName")
    assert found is not None
    assert set(found.given) == {"UserName"}
    assert set(found.match) == {"AccessKeyId"}


def test_when_a_thing_was_made_is_a_field_of_it() -> None:
    found = reading("dynamodb", "tables", "create_table")
    assert found is not None
    assert created_field(found) == "CreationDateTime"
