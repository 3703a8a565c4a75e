"""Which structures of requests a table is read by; ``tests/catalog/test_walk`` walks over all."""

from __future__ import annotations

import pytest

from cirrusql.catalog.row_model.made_columns import made_columns
from cirrusql.catalog.row_model.structures import structures
from tests.plan.planned import catalog


@pytest.mark.parametrize(
    ("table", "name", "members"),
    [
        (
            "s3.buckets",
            "VersioningConfiguration",
            {"Status": "VersioningStatus", "MFADelete": "MFADelete"},
        ),
        ("s3.buckets", "Tagging", {"TagSet": "TagSet"}),
        # One level deeper: LoggingEnabled.TargetBucket.
        (
            "s3.buckets",
            "BucketLoggingStatus",
            {
                "LoggingEnabled.TargetBucket": "LoggingTargetBucket",
                "LoggingEnabled.TargetGrants": "LoggingTargetGrants",
                "LoggingEnabled.TargetPrefix": "LoggingTargetPrefix",
                "LoggingEnabled.TargetObjectKeyFormat": "LoggingTargetObjectKeyFormat",
            },
        ),
    ],
)
def test_a_structure_is_made_of_columns(table: str, name: str, members: dict[str, str]) -> None:
    schema, _, resource = table.partition(".")
    service, _ = catalog().service_catalog("aws", schema)
    made = structures(service, service.table(schema, resource, False))
    (found,) = (s for s in made if s.column.name == name)
    assert {".".join(path): column for path, column in found.members.items()} == members


@pytest.mark.parametrize(
    ("table", "name"),
    [
        # Whether it is enabled is a status in the row: written back, the structure would lack it.
        ("dynamodb.tables", "TimeToLiveSpecification"),
        ("s3.buckets", "CreateBucketConfiguration"),
        # A field.
        ("ec2.instances", "Placement"),
    ],
)
def test_a_structure_of_which_rows_lack_a_part_is_none(table: str, name: str) -> None:
    schema, _, resource = table.partition(".")
    service, _ = catalog().service_catalog("aws", schema)
    made = structures(service, service.table(schema, resource, False))
    assert name not in {s.column.name for s in made}


def test_under_the_names_of_the_api_there_are_none() -> None:
    service, _ = catalog().service_catalog("aws", "s3")
    for resource in service.registry:
        assert not made_columns(service, service.table("s3_api", resource, True))


def test_a_bucket_is_read_by_every_structure_that_its_operations_set() -> None:
    service, _ = catalog().service_catalog("aws", "s3")
    assert len(list(structures(service, service.table("s3", "buckets", False)))) == 15
