"""A bucket is created in the region of the call, whatever the request needs for that."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cirrusql.encode.region_values import sent_regions
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy


def test_a_bucket_is_made_in_the_region_that_its_row_says(ask: Ask) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket, region) VALUES ('here', 'eu-west-1'), ('home', NULL)")
    rows = ask("SELECT Name, LocationConstraint AS place FROM aws.s3.buckets ORDER BY Name")
    assert rows == [{"Name": "here", "place": "eu-west-1"}, {"Name": "home", "place": None}]


def test_its_objects_show_its_region_also_where_one_server_is_all_regions(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket, region) VALUES ('here', 'eu-west-1'), ('home', NULL)")
    ask("INSERT INTO aws.s3.objects (Bucket, Key) VALUES ('here', 'a'), ('home', 'b')")
    objects = "FROM aws.s3.objects WHERE Bucket"
    assert ask(f"SELECT Key, region {objects} = 'here'") == [{"Key": "a", "region": "eu-west-1"}]
    both = ask(f"SELECT region, Key {objects} IN ('here', 'home') ORDER BY Key")
    assert [r["region"] for r in both] == ["eu-west-1", "us-east-1"]
    assert ask(f"SELECT * {objects} = 'here'")[0]["region"] == "eu-west-1"
    assert ask(f"SELECT Key {objects} = 'here' AND region = 'us-east-1'") == []
    proxy.reset()
    ask(f"SELECT Key {objects} = 'here'")
    assert sum(proxy.calls.values()) == 1  # A region that nobody reads is not looked up.


@pytest.mark.parametrize(
    ("columns", "values", "sent"),
    [
        ("Bucket, region", "'b', 'us-east-1'", {}),
        ("Bucket, region", "'b', 'eu-west-1'", {"LocationConstraint": "eu-west-1"}),
        (
            "Bucket, LocationConstraint, region",
            "'b', 'eu-central-1', 'eu-west-1'",
            {"LocationConstraint": "eu-central-1"},
        ),
    ],
)
def test_what_is_written_of_the_place_is_left_as_it_is(
    open_session: Callable[..., Session], columns: str, values: str, sent: dict[str, str]
) -> None:
    (call,) = rows_of(
        open_session(options=WriteOptions(is_dry_run=True)),
        f"INSERT INTO aws.s3.buckets ({columns}) VALUES ({values})",
    )
    assert json.loads(call["parameters"]).get("CreateBucketConfiguration", {}) == sent


def test_tags_are_read_by_that_name_whatever_the_service_calls_them(ask: Ask) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket, Tags) VALUES ('one', MAP {'a': '1'}), ('two', NULL)")
    rows = ask("SELECT Name, tags(Tags)['a'] AS a, Tags FROM aws.s3.buckets ORDER BY Name")
    assert [(r["Name"], r["a"]) for r in rows] == [("one", "1"), ("two", None)]
    assert rows[0]["Tags"] == [{"Key": "a", "Value": "1"}]
    ask("UPDATE aws.s3.buckets SET Tags = MAP {'a': '2'} WHERE tags(Tags)['a'] = '1'")
    assert ask("SELECT b.Name FROM aws.s3.buckets b WHERE tags(b.tags)['a'] = '2'") == [
        {"Name": "one"}
    ]


def test_what_exec_sends_is_what_is_written(open_session: Callable[..., Session]) -> None:
    (call,) = rows_of(
        open_session(options=WriteOptions(is_dry_run=True)),
        "EXEC aws.s3.buckets.create_bucket @Bucket = 'b', @region = 'eu-west-1'",
    )
    assert json.loads(call["parameters"]) == {"Bucket": "b"}


def test_every_place_for_a_region_is_there() -> None:
    source = BotocoreSource()
    for key, said in sent_regions(source.load("s3").overlay).items():
        service, _, operation = key.partition(":")
        shape = source.load(service).operation(operation).parameters[said.parameter].shape
        assert {said.member, *said.instead} <= set(shape.members), key
