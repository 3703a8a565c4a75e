"""One row source for each table, one type for each column,
and the details that names alone do not find."""

from __future__ import annotations

from functools import cache

import pytest

from cirrusql.catalog.model import Table, Verb
from cirrusql.catalog.relations.projection import row_source, tells_more
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.types import INTEGER, JSON, VARCHAR, list_of, map_of, struct_of
from tests.support.catalog import CATALOG


@cache
def table(name: str) -> Table:
    return CATALOG.table("aws", *name.split("."))


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("ecr.images", "DescribeImages"),
        ("cloudformation.stacks", "DescribeStacks"),
        ("acm.certificates", "ListCertificates"),
        ("cognito_idp.devices", "AdminListDevices"),
        ("rekognition.faces", "ListFaces"),
        ("storagegateway.tapes", "ListTapes"),
    ],
)
def test_the_rows_are_those_of_the_listing_that_is_asked_least_and_gives_most(
    name: str, operation: str
) -> None:
    source = row_source(m for m in table(name).methods if m.verb is Verb.SELECT)
    assert source is not None
    assert source.operation.name == operation


@pytest.mark.parametrize(
    ("name", "operation", "keys"),
    [
        ("network_firewall.firewalls", "DescribeFirewall", {"FirewallArn": "FirewallArn"}),
        ("sesv2.email_identities", "GetEmailIdentity", {"EmailIdentity": "IdentityName"}),
        ("events.event_buses", "DescribeEventBus", {"Name": "Name"}),
        ("bedrock.custom_models", "GetCustomModel", {"modelIdentifier": "modelArn"}),
        ("kms.key_policies", "GetKeyPolicy", {"KeyId": "KeyId", "PolicyName": "PolicyName"}),
        (
            "sagemaker.image_versions",
            "DescribeImageVersion",
            {"ImageName": "ImageName", "Version": "Version"},
        ),
        (
            "eks.access_entries",
            "DescribeAccessEntry",
            {"clusterName": "clusterName", "principalArn": "accessEntry"},
        ),
        ("cloudformation.stacks", "ListStacks", {}),
    ],
)
def test_a_detail_is_found_by_an_optional_key_and_by_one_that_is_spelled_otherwise(
    name: str, operation: str, keys: dict[str, str]
) -> None:
    found = [d for d in table(name).details if d.method.operation.name == operation]
    assert [dict(d.keys) for d in found] == [keys]


def test_a_second_listing_is_matched_by_what_names_the_thing_in_both() -> None:
    (found,) = (d for d in table("cloudformation.stacks").details if d.is_listing)
    assert found.joins == (("StackId", "StackId"),)
    assert "TemplateDescription" in found.picks
    assert "TemplateDescription" not in table("cloudformation.stacks").starred


@pytest.mark.parametrize(
    "name", ["scheduler.schedules", "acm.certificates", "batch.jobs", "connect.users"]
)
def test_every_reader_gives_a_column_as_the_table_has_it(name: str) -> None:
    found = table(name)
    for method in found.methods:
        if method.verb is Verb.SELECT and method.rows is not None:
            for column in method_columns(method):
                assert column.type == found.by_alias[column.name.lower()].type, column.name


def test_where_a_detail_tells_more_of_a_member_the_column_is_the_details() -> None:
    found = table("scheduler.schedules")
    (detail,) = (d for d in found.details if "Target" in d.picks)
    assert "RoleArn" in found.by_alias["target"].type.sql
    assert detail.method.operation.name == "GetSchedule"
    assert "Target" not in found.starred


def test_one_type_tells_more_than_another_where_it_holds_all_of_it() -> None:
    poor, rich = struct_of((("a", VARCHAR),)), struct_of((("a", VARCHAR), ("b", INTEGER)))
    assert tells_more(rich, poor)
    assert tells_more(list_of(rich), list_of(poor))
    assert tells_more(map_of(rich), map_of(poor))
    assert not tells_more(poor, rich)
    assert not tells_more(rich, rich)
    assert not tells_more(JSON, poor)
    assert not tells_more(list_of(rich), rich)
