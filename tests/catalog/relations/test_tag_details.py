"""Tags that no listing shows are read by the operation that lists the tags of any thing."""

from __future__ import annotations

import pytest

from cirrusql.catalog.model import Role
from cirrusql.catalog.relations.tag_details import lists_tags
from cirrusql.plan.reads.row_details import details_for
from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("schema", "name", "key", "column"),
    [
        ("events", "rules", "Arn", "Tags"),
        ("ecr", "repositories", "repositoryArn", "tags"),
        ("stepfunctions", "activities", "activityArn", "tags"),
        # A web ACL takes Tags, and their list is called TagList: it is read under the name it is
        # written by.
        ("wafv2", "web_acls", "ARN", "Tags"),
        # Nothing creates one with tags, but the operation names the kind of thing.
        ("route53", "hosted_zones", "Id", "Tags"),
    ],
)
def test_rows_have_the_tags_that_their_name_is_asked_for(
    schema: str, name: str, key: str, column: str
) -> None:
    table = CATALOG.table("aws", schema, name)
    (detail,) = (d for d in table.details if lists_tags(d.method.operation.name))
    assert [c for _, c in detail.keys] == [key]
    assert list(detail.picks) == [column]
    assert table.by_alias[column.lower()].role is Role.FIELD
    assert column not in table.starred


@pytest.mark.parametrize(
    ("schema", "name", "key", "teller"),
    [
        ("dynamodb", "tables", "TableArn", "DescribeTable"),
        ("iotsitewise", "dashboards", "dashboardArn", "DescribeDashboard"),
        ("rekognition", "collections", "CollectionARN", "DescribeCollection"),
        ("sagemaker", "spaces", "SpaceArn", "DescribeSpace"),
    ],
)
def test_rows_whose_name_only_a_detail_has_are_asked_for_tags_after_it(
    schema: str, name: str, key: str, teller: str
) -> None:
    table = CATALOG.table("aws", schema, name)
    (detail,) = (d for d in table.details if lists_tags(d.method.operation.name))
    assert [c for _, c in detail.keys] == [key]
    listed = {f for m in table.methods if m.rows and m.rows.lists for f in m.rows.fields}
    asked = details_for(table, listed, set(detail.picks))
    assert [d.method.operation.name for d in asked] == [teller, detail.method.operation.name]


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        # Their own answers include tags.
        ("eks", "clusters"),
        ("iam", "users"),
        # A database has no ARN in its rows.
        ("glue", "databases"),
        # A version of a layer has an ARN, and takes no tags.
        ("lambda", "layer_versions"),
    ],
)
def test_other_rows_are_not_asked_for_tags(schema: str, name: str) -> None:
    table = CATALOG.table("aws", schema, name)
    assert [d for d in table.details if lists_tags(d.method.operation.name)] == []


def test_the_kind_of_thing_is_said_where_the_api_wants_it() -> None:
    table = CATALOG.table("aws", "route53", "health_checks")
    (detail,) = (d for d in table.details if lists_tags(d.method.operation.name))
    assert detail.constants == (("ResourceType", "healthcheck"),)
