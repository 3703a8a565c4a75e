"""The catalog as tables, their cache and the search over them."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.index import building
from cirrusql.catalog.index.code_stamp import CATALOG, code_stamp
from cirrusql.catalog.index.index import CatalogIndex
from tests.catalog.few import FewServices

SERVICES = ("cloudwatch", "iam", "s3", "sqs")


@pytest.fixture(scope="module")
def index() -> CatalogIndex:
    return Catalog([FewServices(*SERVICES)]).index()


def rows(table: pa.Table, **where: str) -> list[dict[str, object]]:
    return [r for r in table.to_pylist() if all(r[k] == v for k, v in where.items())]


def test_columns_are_those_of_the_language(index: CatalogIndex) -> None:
    assert index.table("services").column_names == ["provider", "service", "title"]
    assert index.table("methods").column_names == (
        "provider service resource method api_method operation sql_verb required "
        "description".split()
    )
    assert index.table("fields").column_names == (
        "provider service resource name type sql_type role required description in_star "
        "readable".split()
    )


def test_each_operation_is_once_in_methods(index: CatalogIndex) -> None:
    methods = index.table("methods")
    operations = list(
        zip(methods["service"].to_pylist(), methods["operation"].to_pylist(), strict=True)
    )
    assert len(set(operations)) == len(operations)
    assert rows(methods, service="iam", method="update_access_key") == [
        {
            "provider": "aws",
            "service": "iam",
            "resource": "access_keys",
            "method": "update_access_key",
            "api_method": "access_keys_Update",
            "operation": "UpdateAccessKey",
            "sql_verb": "UPDATE",
            "required": ["AccessKeyId", "Status"],
            "description": "Changes the status of the specified access key from Active to "
            "Inactive, "
            "or vice versa.",
        }
    ]


def test_fields_say_type_and_role(index: CatalogIndex) -> None:
    (field,) = rows(index.table("fields"), service="s3", resource="bucket_policies", name="Bucket")
    assert (field["type"], field["sql_type"], field["role"], field["required"]) == (
        "string",
        "VARCHAR",
        "key",
        True,
    )


def test_services_are_told_without_loading_one() -> None:
    source = FewServices(*SERVICES)
    assert Catalog([source]).index().table("services").num_rows == len(SERVICES)
    assert source.loaded == []


def test_built_once_then_mapped_from_the_cache(tmp_path: Path) -> None:
    first = Catalog([FewServices("sqs")], tmp_path).index().table("methods")
    source = FewServices("sqs")
    again = Catalog([source], tmp_path).index().table("methods")
    assert again.equals(first)
    assert source.loaded == []


def test_rules_in_rooms_of_the_catalog_count_for_the_cache(tmp_path: Path) -> None:
    (tmp_path / "inference").mkdir()
    rule = tmp_path / "inference" / "verbs.py"
    rule.write_text("one")
    before = code_stamp(tmp_path)
    rule.write_text("another")
    assert code_stamp(tmp_path) != before


def test_a_cache_is_of_rooms_that_there_are() -> None:
    assert code_stamp(*CATALOG)
    with pytest.raises(FileNotFoundError):
        code_stamp("no such room")


def test_new_version_is_built_anew_and_the_old_one_dropped(tmp_path: Path) -> None:
    Catalog([FewServices("sqs")], tmp_path).index().table("methods")
    (old,) = tmp_path.iterdir()
    source = FewServices("sqs", version="2")
    Catalog([source], tmp_path).index().table("methods")
    assert source.loaded == ["sqs"]
    assert old not in tmp_path.iterdir()


@pytest.mark.parametrize("damage", [b"", b"ARROW1\0\0nonsense", None])
def test_damaged_cache_is_built_anew(tmp_path: Path, damage: bytes | None) -> None:
    whole = Catalog([FewServices("sqs")], tmp_path).index().table("fields")
    file = next(tmp_path.glob("*/fields.arrow"))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if damage is None else damage)
    source = FewServices("sqs")
    assert Catalog([source], tmp_path).index().table("fields").equals(whole)
    assert source.loaded == ["sqs"]
    assert Catalog([FewServices("sqs")], tmp_path).index().table("fields").equals(whole)


def test_cache_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert (
        Catalog([FewServices("sqs")], in_the_way / "cache").index().table("methods").num_rows == 23
    )


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("access key", "resource", "aws.iam.access_keys"),
        ("Access Keys", "resource", "aws.iam.access_keys"),
        ("ListObjectsV2", "method", "aws.s3.objects.list_objects_v2"),
        ("composite alarm", "resource", "aws.cloudwatch.composite_alarms"),
        ("delete markers", "resource", "aws.s3.delete_markers"),
        ("encrypt bucket", "resource", "aws.s3.bucket_encryptions"),
        ("simple queue service", "service", "aws.sqs"),
        ("iam", "service", "aws.iam"),
        ("BucketWebsite", "resource", "aws.s3.bucket_websites"),
        ("aws.iam.users.create_user", "method", "aws.iam.users.create_user"),
    ],
)
def test_search_puts_what_is_meant_first(
    index: CatalogIndex, text: str, kind: str, name: str
) -> None:
    hit = index.search(text, 1)[0]
    assert (hit.kind, hit.name) == (kind, name)


def test_search_finds_by_description_after_names(index: CatalogIndex) -> None:
    hits = index.search("temporary", 50)
    assert hits
    in_name = ["temporary" in h.name.lower() for h in hits]
    assert in_name == sorted(in_name, reverse=True)


def test_search_takes_any_word_and_stops_at_the_limit(index: CatalogIndex) -> None:
    assert index.search("access zebra key")[0].name == "aws.iam.access_keys"
    assert index.search("zebra") == []
    assert index.search("  ") == []
    assert len(index.search("bucket", 7)) == 7


def test_shares_of_several_processes_make_the_same_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    services = ("cloudwatch", "iam", "s3", "sqs")
    alone = building.built(Catalog([FewServices(*services)]))
    monkeypatch.setattr(building, "_LEAST_SHARE", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    source = FewServices(*services)
    together = building.built(Catalog([source]))
    assert source.loaded == ["cloudwatch", "s3"]
    assert together == alone


def test_share_of_a_process_that_fails_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "_LEAST_SHARE", 1)
    monkeypatch.setattr(building, "_PROGRAM", "raise SystemExit(1)")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    source = FewServices("iam", "sqs")
    assert building.built(Catalog([source]))["methods"].num_rows > 100
    assert source.loaded == ["iam", "sqs"]
