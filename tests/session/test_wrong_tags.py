"""Malformed tags are an error before any write call, in every form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import Error
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

WRONG = [
    ("MAP {'n': NULL}", "Tags sets the tag 'n' to NULL"),
    ("[{'Key': 'n', 'Value': NULL}]", "Tags sets the tag 'n' to NULL"),
    ("[{'Key': 'n'}]", "Tags sets the tag 'n' to NULL"),
    ("""'{"n": null}'""", "Tags sets the tag 'n' to NULL"),
    ("""'[{"Key": "n"}]'""", "Tags sets the tag 'n' to NULL"),
    ("['a', 'b']", "an item of Tags has no Key"),
    ("[{'Value': 'b'}]", "an item of Tags has no Key"),
    ("[{'Key': 'n', 'Value': '1'}, {'Key': 'n', 'Value': '2'}]", "Tags sets the tag 'n' twice"),
    ("'a=b'", "Tags is text, but not JSON"),
    ("''", "Tags is text, but not JSON"),
    ("7", "Tags is a single value, not tags"),
]


@pytest.fixture
def vpc(client: Callable[..., Any]) -> Callable[[], dict[str, str]]:
    """A VPC with one tag; gives its tags."""
    ec2 = client("ec2")
    made = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[made], Tags=[{"Key": "old", "Value": "1"}])

    def read() -> dict[str, str]:
        found = ec2.describe_vpcs(VpcIds=[made])["Vpcs"][0].get("Tags", [])
        return {tag["Key"]: tag["Value"] for tag in found}

    return read


@pytest.mark.parametrize(("value", "message"), WRONG)
def test_wrong_tags_of_an_update_leave_those_there_are(
    ask: Ask, vpc: Callable[[], dict[str, str]], value: str, message: str
) -> None:
    with pytest.raises(Error, match=message):
        ask(f"UPDATE aws.ec2.vpcs SET Tags = {value} WHERE CidrBlock = '10.9.0.0/16'")
    assert vpc() == {"old": "1"}


@pytest.mark.parametrize(("value", "message"), WRONG)
@pytest.mark.parametrize(
    ("table", "columns", "values"),
    [
        ("ec2.vpcs", "CidrBlock", "'10.8.0.0/16'"),
        ("iam.users", "UserName", "'wrong'"),
        ("sqs.queues", "QueueName", "'wrong'"),
        ("s3.buckets", "Bucket", "'wrong'"),
    ],
)
def test_wrong_tags_of_an_insert_make_nothing(
    ask: Ask, proxy: FaultProxy, table: str, columns: str, values: str, value: str, message: str
) -> None:
    with pytest.raises(Error, match=message):
        ask(f"INSERT INTO aws.{table} ({columns}, Tags) VALUES ({values}, {value})")
    assert not proxy.calls


def test_an_empty_value_of_a_tag_is_a_value(ask: Ask, vpc: Callable[[], dict[str, str]]) -> None:
    ask("UPDATE aws.ec2.vpcs SET Tags = MAP {'n': ''} WHERE CidrBlock = '10.9.0.0/16'")
    assert vpc() == {"n": ""}
    ask("UPDATE aws.ec2.vpcs SET Tags = Tags WHERE CidrBlock = '10.9.0.0/16'")
    assert vpc() == {"n": ""}


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        ("Tags['new'] = tags(Tags)['nope']", r"SET assigns NULL to Tags\['new'\]"),
        ("Tags['new'] = $none", r"SET assigns NULL to Tags|\*\*\*\*"),
        ("Tags['y'] = '2', Tags['y'] = '3'", "sets the tag 'y' twice"),
        ("Tags['y'] = '2', Tags['y'] = NULL", "sets the tag 'y' twice"),
        ("Tags[lower('Y')] = '2', Tags['y'] = NULL", "sets a tag twice"),
        ("Tags[lower('Y')] = '2', Tags['y'] = '3'", "sets a tag twice"),
        ("Tags[1] = 'q'", "the key of a tag is text, not 1"),
        ("Tags[1 + 1] = 'q'", "the key of a tag is text"),
        ("Tags[NULL] = 'q'", "the key of a tag is text, not NULL"),
    ],
)
def test_a_single_tag_has_one_key_and_one_value(
    ask: Ask, vpc: Callable[[], dict[str, str]], assignments: str, message: str
) -> None:
    with pytest.raises(Error, match=message):
        ask(f"UPDATE aws.ec2.vpcs SET {assignments} WHERE CidrBlock = '10.9.0.0/16'", none=None)
    assert vpc() == {"old": "1"}


def test_tags_may_come_from_a_subquery(ask: Ask, vpc: Callable[[], dict[str, str]]) -> None:
    of_it = "(SELECT Tags FROM aws.ec2.vpcs WHERE CidrBlock = '10.9.0.0/16')"
    update = "UPDATE aws.ec2.vpcs SET Tags"
    where = "WHERE CidrBlock = '10.9.0.0/16'"
    ask(f"{update} = MAP {{'n': (SELECT CidrBlock FROM aws.ec2.vpcs {where})}} {where}")
    assert vpc() == {"n": "10.9.0.0/16"}
    ask(f"{update}['m'] = (SELECT CidrBlock FROM aws.ec2.vpcs {where}) {where}")
    ask(f"{update} = {of_it} {where}")
    assert vpc() == {"n": "10.9.0.0/16", "m": "10.9.0.0/16"}
    with pytest.raises(Error, match="SET assigns NULL to Tags"):
        ask(f"{update} = (SELECT Tags FROM aws.ec2.vpcs WHERE CidrBlock = 'nope') {where}")


@pytest.mark.parametrize("column", ["Tags", "TagSet", "Tagging"])
@pytest.mark.parametrize(
    "value",
    [
        "MAP {'a b': 'c+d', 'e': ''}",
        "[{'Key': 'a b', 'Value': 'c+d'}, {'Key': 'e', 'Value': ''}]",
        """'{"a b": "c+d", "e": ""}'""",
    ],
)
def test_tags_of_an_object_are_sent_as_a_query(
    ask: Ask, client: Callable[..., Any], column: str, value: str
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket")
    into = f"INSERT INTO aws.s3.objects (Bucket, Key, Body, {column})"
    ask(f"{into} VALUES ('bucket', 'k', 'x', {value})")
    found = s3.get_object_tagging(Bucket="bucket", Key="k")["TagSet"]
    assert {t["Key"]: t["Value"] for t in found} == {"a b": "c+d", "e": ""}


def test_tags_of_an_object_may_be_the_query_itself(ask: Ask, client: Callable[..., Any]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket")
    into = "INSERT INTO aws.s3.objects (Bucket, Key, Body, Tagging) VALUES"
    ask(f"{into} ('bucket', 'k', 'x', 'a%20b=c')")
    assert s3.get_object_tagging(Bucket="bucket", Key="k")["TagSet"] == [
        {"Key": "a b", "Value": "c"}
    ]
    with pytest.raises(Error, match="Tagging sets the tag 'n' to NULL"):
        ask(f"{into} ('bucket', 'n', 'x', MAP {{'n': NULL}})")


@pytest.mark.parametrize(
    ("into", "values", "message"),
    [
        ("ec2.vpcs (CidrBlock, Tags, TagSpecifications)", "'10.8.0.0/16', MAP {}, []", "Tags and"),
        ("s3.objects (Bucket, Key, Tags, Tagging)", "'bucket', 'k', '{}', 'a=b'", "Tags and"),
        ("s3.buckets (Name, Bucket)", "'one', 'two'", "Name and Bucket"),
    ],
)
def test_two_columns_that_set_the_same_are_named(
    ask: Ask, proxy: FaultProxy, into: str, values: str, message: str
) -> None:
    with pytest.raises(Error, match=f"{message}.* set the same"):
        ask(f"INSERT INTO aws.{into} VALUES ({values})")
    assert not proxy.calls


@pytest.mark.parametrize("other", ["path", "NewPath"])
def test_two_spellings_of_one_column_are_not_both_set(
    ask: Ask, proxy: FaultProxy, other: str
) -> None:
    with pytest.raises(Error, match=f"sets a column twice: Path and {other} are the same"):
        ask(f"UPDATE aws.iam.users SET Path = '/a/', {other} = '/b/' WHERE UserName = 'ann'")
    assert not proxy.calls


def test_each_line_of_a_preview_shows_the_tags_there_will_be(
    client: Callable[..., Any], open_session: Callable[..., Session]
) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    client("iam").create_user(UserName="ann", Tags=tags)
    dry = open_session(options=WriteOptions(is_dry_run=True))
    rest = "list_filter(Tags, lambda t: t.Key <> 'a')"
    rows = rows_of(dry, f"UPDATE aws.iam.users SET Tags = {rest} WHERE UserName = 'ann'")
    assert [row["operation"] for row in rows] == ["iam:UntagUser", "iam:TagUser"]
    assert {row["changes"].partition(" → ")[2] for row in rows} == {'[{"Key": "b", "Value": "2"}]'}
