"""Links between the pages of a service: who lists a parameter's values, and who takes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from cirrusql.apps.docs.page import resource_page
from cirrusql.apps.docs.related import FieldReference, Related, related
from tests.support.catalog import CATALOG


@cache
def of(schema: str) -> Mapping[str, Related]:
    return related(CATALOG, "aws", schema)


@pytest.mark.parametrize(
    ("schema", "resource", "parameter", "place"),
    [
        ("iam", "access_keys", "UserName", FieldReference("users", "UserName")),
        ("iam_api", "access_keys", "UserName", FieldReference("users", "UserName")),
        ("ecs", "services", "cluster", FieldReference("clusters", "clusterArn")),
        ("ec2", "volumes", "SnapshotId", FieldReference("snapshots", "SnapshotId")),
        ("lambda", "aliases", "FunctionName", FieldReference("functions", "FunctionName")),
    ],
)
def test_a_parameter_is_listed_by_another_resource_which_knows_it(
    schema: str, resource: str, parameter: str, place: FieldReference
) -> None:
    assert of(schema)[resource].sources[parameter] == place
    assert FieldReference(resource, parameter) in of(schema)[place.resource].uses


def test_the_name_of_its_own_rows_is_not_looked_for_elsewhere() -> None:
    assert "serviceName" not in of("ecs")["services"].sources


def test_a_page_says_both_and_links_to_them() -> None:
    page = resource_page(CATALOG.table("aws", "iam", "access_keys"), of("iam")["access_keys"])
    assert "- `UserName` is listed by [`users.UserName`](users.md)" in page
    users = resource_page(CATALOG.table("aws", "iam", "users"), of("iam")["users"])
    assert "- [`access_keys.UserName`](access_keys.md) is one of these" in users
