"""Details, their listings and their keys: the most used services, line by line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference.corrections import correction
from cirrusql.catalog.inference.operations_to_tables import plain_noun
from cirrusql.catalog.model import Detail, Method, Role, Table
from cirrusql.catalog.relations.detail_overrides import detail_notes, listing_notes
from cirrusql.catalog.rows.row_paths import row_path
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.catalog import CATALOG

LISTED = Path(__file__).with_name("hydrated.txt").read_text("utf-8")
TABLES = tuple(line[3:] for line in LISTED.splitlines() if line.startswith("== "))


@cache
def table(name: str) -> Table:
    return CATALOG.table("aws", *name.split("."))


def line_of(detail: Detail) -> str:
    """``DescribeClusters clusters=clusterArn, 100 at once, by clusterArn, shown``"""
    parts = [f"{p}={c}" for p, c in detail.keys]
    if detail.many:
        parts += [f"{detail.most} at once", "by " + ", ".join(own for own, _ in detail.joins)]
    parts += ["a list"] if detail.is_gathered else []
    parts += ["shown"] if detail.is_shown else []
    return f"{detail.method.operation.name} {', '.join(parts)}"


def described(name: str) -> str:
    lines = sorted(line_of(d) for d in table(name).details if d.picks)
    return "\n".join([f"== {name}", *lines]) + "\n"


@pytest.mark.parametrize("name", TABLES)
def test_a_listing_has_these_details(name: str) -> None:
    # Where a newer botocore adds one: look at it, then run this file as a module to write the list
    # anew.
    assert described(name) in LISTED + "\n"


@pytest.mark.parametrize("name", TABLES)
def test_a_detail_joins_like_with_like(name: str) -> None:
    found = table(name)
    for detail in found.details:
        for own, column in detail.joins:
            theirs, ours = detail.own[own].type, found.by_alias[column.lower()].type
            assert theirs == ours or theirs.sql == f"{ours.sql}[]", (name, detail.method.name, own)


@pytest.mark.parametrize("name", TABLES)
def test_a_details_columns_are_the_tables(name: str) -> None:
    found = table(name)
    for detail in found.details:
        for column, pick in detail.picks.items():
            known = found.by_alias[column.lower()]
            assert known.name == column
            assert known.role is Role.FIELD
            assert detail.own[pick.column].type == known.type or pick.key is not None


@pytest.mark.parametrize("name", ["iam.access_keys", "sqs.queues", "s3.buckets", "iam.users"])
def test_the_spelling_of_the_registry_has_its_own_methods_only(name: str) -> None:
    service, resource = name.split(".")
    twin = table(f"{service}_api.{resource}")
    assert {d.method.operation.name for d in twin.details} <= {
        m.operation.name for m in twin.methods
    }


def test_columns_called_alike_bear_the_name_of_what_they_tell_of() -> None:
    names = {c.name for c in table("s3.buckets").columns}
    assert {"VersioningStatus", "AccelerateConfigurationStatus", "ReplicationRole"} <= names
    assert "Status" not in names


def test_a_star_leaves_out_what_is_a_call_for_each_row_of_a_rich_listing() -> None:
    assert not {"Tags", "PermissionsBoundary", "AttachedPolicies"} & table("iam.users").starred
    assert {"Arn", "CreateDate"} <= table("iam.users").starred
    assert {"ItemCount", "TableStatus"} <= table("dynamodb.tables").starred


def test_what_streams_is_a_detail_of_what_nothing_else_tells() -> None:
    picked = {d.method.operation.name: set(d.picks) for d in table("s3.objects").details}
    assert picked["GetObject"] == {"Body"}
    assert "ContentType" in picked["HeadObject"]
    assert not any(d.is_shown for d in table("s3.objects").details)
    assert "Body" not in table("s3.objects").starred
    blocks = {d.method.operation.name: set(d.picks) for d in table("ebs.snapshot_blocks").details}
    assert "BlockData" in blocks["GetSnapshotBlock"]


def method_of(key: str) -> Method:
    service, _, operation = key.partition(":")
    found, _ = CATALOG.service_catalog("aws", schema_name(service))
    assert operation in found.service.operation_names, f"details.toml: there is no {key}"
    return found.method(operation)


@pytest.mark.parametrize("key", sorted(detail_notes(OVERLAY)))
def test_a_note_names_what_there_is(key: str) -> None:
    method = method_of(key)
    for note in detail_notes(OVERLAY)[key]:
        for name in (*note.keys, *dict(note.constants)):
            assert name in method.operation.parameters, (
                f"details.toml: {key} has no parameter {name}"
            )
        if note.is_none:
            continue
        service = schema_name(key.partition(":")[0])
        found, _ = CATALOG.service_catalog("aws", service)
        homes = [note.of] if note.of else list(found.plain)
        details = [d for h in homes for d in found.table(service, h, False).details]
        assert any(d.method.operation.name == method.operation.name for d in details), (
            f"{key} is no detail"
        )
        picks = [
            p for d in details if d.method.operation is method.operation for p in d.picks.values()
        ]
        typed = {p.key for p in picks if p.type is not None}
        assert set(note.types) <= typed, f"details.toml: {key} has no such keys"


@pytest.mark.parametrize("key", sorted(listing_notes(OVERLAY)))
def test_a_note_on_a_listing_names_its_fields(key: str) -> None:
    method, note = method_of(key), listing_notes(OVERLAY)[key]
    assert method.rows is not None
    named = {*note.keys.values(), *([note.region_field] if note.region_field else [])}
    assert named <= set(method.rows.fields), key
    # As the answer has it, before what the listing never fills is left out.
    item = row_path(
        method.operation,
        plain_noun(method.operation.name),
        correction(method.operation.service, method.operation.name).lists,
    )
    assert item is not None
    assert note.absent <= set(item.fields), key
    assert not note.absent & set(method.rows.fields), key


if __name__ == "__main__":
    text = "\n".join(described(name) for name in TABLES)
    Path(__file__).with_name("hydrated.txt").write_text(text, "utf-8")
