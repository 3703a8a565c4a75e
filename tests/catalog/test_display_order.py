"""The order in which a table's columns are displayed."""

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.rows.display_order import display_order
from tests.support.catalog import CATALOG


def shown(catalog: Catalog, resource: str) -> list[str]:
    table = catalog.table("aws", *resource.split("."))
    names = [c.name for c in table.columns if table.is_starred(c)]
    order = display_order(table, names)
    assert sorted(order) == list(range(len(names)))
    return [names[i] for i in order]


@pytest.mark.parametrize(
    ("resource", "first"),
    [
        ("ec2.instances", "InstanceId State InstanceType"),
        ("iam.users", "UserName UserId Path"),
        ("iam.access_keys", "AccessKeyId Status UserName"),
        ("s3.buckets", "Name CreationDate"),
        ("s3.objects", "Bucket Key"),
        ("ec2.security_groups", "GroupName GroupId VpcId"),
        ("ecs.services", "serviceName cluster status"),
        ("sns.topics", "TopicArn"),
        ("rds.db_instances", "DBInstanceIdentifier DBInstanceStatus"),
        ("cloudformation.stacks", "StackName StackId StackStatus"),
    ],
)
def test_what_a_row_is_comes_first_then_how_it_is(resource: str, first: str) -> None:
    assert shown(CATALOG, resource)[: len(first.split())] == first.split()


@pytest.mark.parametrize("resource", ["ec2.instances", "iam.users", "s3.buckets"])
def test_where_a_row_is_comes_last(resource: str) -> None:
    assert shown(CATALOG, resource)[-3:] == ["region", "account_id", "connection"]
