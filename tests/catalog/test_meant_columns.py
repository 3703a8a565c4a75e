"""A name that is not a column leads to the member, list or column meant."""

from __future__ import annotations

import pytest

from cirrusql.catalog.meant_columns import meant_columns
from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("table", "name", "meant"),
    [
        ("ec2.instances", "instance_state", ("State.Name",)),
        ("ec2.instances", "state_name", ("State.Name",)),
        ("ec2.instances", "AvailabilityZone", ("Placement.AvailabilityZone",)),
        ("iam.roles", "PolicyArn", ("AttachedPolicies",)),
        ("s3.buckets", "bucket_name", ("Name",)),
        ("ec2.instances", "nonsense", ()),
    ],
)
def test_a_name_means_a_member_or_a_column(table: str, name: str, meant: tuple[str, ...]) -> None:
    assert meant_columns(CATALOG.table("aws", *table.split(".")), name) == meant
