"""Which values a detail repeats from the listing, over the tables of AWS."""

from __future__ import annotations

import pytest

from cirrusql.catalog.model import Role
from cirrusql.catalog.relations.detail_overrides import detail_notes
from cirrusql.providers.aws.overlay import OVERLAY
from tests.catalog.test_detail_methods import method_of
from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("table", "again"),
    [
        ("eks.clusters", {"name": "cluster"}),
        ("eks.access_entries", {"principalArn": "accessEntry"}),
        ("sso_admin.permission_sets", {"PermissionSetArn": "PermissionSet"}),
        ("codebuild.reports", {"arn": "report"}),
        ("iotsitewise.assets", {"assetId": "id"}),
        # Answers with a name where it may be asked by an ARN, or with another version's ARN.
        ("codebuild.fleets", {}),
        ("cloudformation.types", {}),
        # One of two versions, and not the requested thing.
        ("route53.traffic_policies", {}),
        ("iam.policies", {}),
    ],
)
def test_a_detail_says_again(table: str, again: dict[str, str]) -> None:
    found = CATALOG.table("aws", *table.split("."))
    assert {c.name: c.told_by for c in found.columns if c.role is Role.FIELD and c.told_by} == again
    assert set(again) <= found.starred


def test_what_is_apart_is_a_field_of_the_answer() -> None:
    for key, notes in detail_notes(OVERLAY).items():
        for note in notes:
            rows = method_of(key).rows
            lost = note.apart - set(rows.fields if rows is not None else ())
            assert not lost, f"details.toml: {key} answers with no {min(lost)}"
