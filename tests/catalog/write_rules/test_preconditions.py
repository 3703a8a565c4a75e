"""A call's preconditions are not part of the row: never set,
and sent where a service wants what was read."""

from __future__ import annotations

import pytest

from cirrusql.catalog.write_rules.preconditions import is_precondition
from cirrusql.catalog.write_rules.write_identity import identity_of, source_of
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.writes.writable import writable
from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("table", "operation"),
    [
        ("functions", "DeleteFunction"),
        ("functions", "UpdateFunction"),
        ("distributions", "DeleteDistribution"),
        ("key_groups", "UpdateKeyGroup"),
    ],
)
def test_the_etag_that_was_read_is_sent(table: str, operation: str) -> None:
    found = CATALOG.table("aws", "cloudfront", table)
    method = next(m for m in found.methods if m.operation.name == operation)
    assert "IfMatch" in identity_of(found, method).needed
    assert source_of(found, method, "IfMatch") == ("ETag", False)


def test_a_condition_that_nobody_has_to_make_is_not_made() -> None:
    objects = CATALOG.table("aws", "s3", "objects")
    delete = next(m for m in objects.methods if m.operation.name == "DeleteObject")
    assert "IfMatch" not in identity_of(objects, delete).sent


@pytest.mark.parametrize(
    ("schema", "table", "column"),
    [("route53", "health_checks", "HealthCheckVersion"), ("lambda", "functions", "RevisionId")],
)
def test_a_condition_is_not_set(schema: str, table: str, column: str) -> None:
    found = CATALOG.table("aws", schema, table)
    assert writable(CATALOG, found)[column] == "read_only"
    with pytest.raises(ProgrammingError, match=f"{column} is the version of the "):
        splitting(CATALOG, found, {column: "1"})


def test_what_names_a_revision_is_no_condition() -> None:
    revisions = CATALOG.table("aws", "dataexchange", "revisions")
    delete = next(m for m in revisions.methods if m.operation.name == "DeleteRevision")
    assert not is_precondition(delete, "RevisionId")
