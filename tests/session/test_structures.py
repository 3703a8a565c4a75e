"""A structure that a request takes is read as it was written, from the columns that rows show."""

from __future__ import annotations

import pytest

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

WRITTEN = {
    "VersioningConfiguration": ("{'Status': 'Enabled'}", {"Status": "Enabled", "MFADelete": None}),
    "PublicAccessBlockConfiguration": (
        "{'BlockPublicAcls': true, 'IgnorePublicAcls': false, 'BlockPublicPolicy': true, "
        "'RestrictPublicBuckets': false}",
        {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": False,
        },
    ),
    "AccelerateConfiguration": ("{'Status': 'Enabled'}", {"Status": "Enabled"}),
    "Tagging": (
        "{'TagSet': [{'Key': 'team', 'Value': 'a'}]}",
        {"TagSet": [{"Key": "team", "Value": "a"}]},
    ),
    "WebsiteConfiguration": (
        "{'IndexDocument': {'Suffix': 'index.html'}}",
        {
            "RedirectAllRequestsTo": None,
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": None,
            "RoutingRules": None,
        },
    ),
}


@pytest.fixture
def buckets(ask: Ask) -> None:
    values = ", ".join(value for value, _ in WRITTEN.values())
    ask(f"INSERT INTO aws.s3.buckets (Bucket, {', '.join(WRITTEN)}) VALUES ('written', {values})")
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('plain')")


@pytest.mark.usefixtures("buckets")
@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_read_as_it_was_inserted(ask: Ask, name: str) -> None:
    rows = ask(f"SELECT {name} FROM aws.s3.buckets WHERE Bucket = 'written'")
    assert rows == [{name: WRITTEN[name][1]}]


@pytest.mark.usefixtures("buckets")
def test_it_is_null_where_nothing_is_set(ask: Ask) -> None:
    (row,) = ask(
        "SELECT VersioningConfiguration v, Tagging FROM aws.s3.buckets WHERE Bucket = 'plain'"
    )
    assert row == {"v": None, "Tagging": None}


@pytest.mark.usefixtures("buckets")
@pytest.mark.parametrize(
    "condition",
    [
        "VersioningConfiguration.Status = 'Enabled'",
        "b.versioning_configuration.Status LIKE 'En%'",
        "VersioningConfiguration IS NOT NULL",
        "VersioningConfiguration = {'Status': 'Enabled', 'MFADelete': NULL}",
    ],
)
def test_conditions_on_it_part_the_table_in_three(ask: Ask, condition: str) -> None:
    found = [
        [r["Name"] for r in ask(f"SELECT Name FROM aws.s3.buckets b WHERE {where}")]
        for where in (condition, f"NOT ({condition})", f"({condition}) IS NULL")
    ]
    assert found[0] == ["written"]
    assert sorted(n for names in found for n in names) == ["plain", "written"]


@pytest.mark.usefixtures("buckets")
def test_only_the_calls_of_its_columns_are_made(ask: Ask, proxy: FaultProxy) -> None:
    proxy.calls.clear()
    ask("SELECT VersioningConfiguration FROM aws.s3.buckets ORDER BY VersioningConfiguration")
    assert sum(proxy.calls.values()) == 3  # The listing, and the versioning of each bucket.


@pytest.mark.usefixtures("buckets")
def test_it_goes_through_queries_and_joins(ask: Ask) -> None:
    inner = "SELECT Name, VersioningConfiguration AS v FROM aws.s3.buckets"
    assert ask(f"WITH c AS ({inner}) SELECT Name FROM c WHERE v.Status = 'Enabled'") == [
        {"Name": "written"}
    ]
    joined = ask(
        "SELECT a.Name FROM aws.s3.buckets a JOIN aws.s3.buckets b "
        "ON a.VersioningConfiguration.Status = b.VersioningStatus"
    )
    assert joined == [{"Name": "written"}]
    counted = ask("SELECT VersioningConfiguration, count(*) n FROM aws.s3.buckets GROUP BY 1")
    assert sorted(r["n"] for r in counted) == [1, 1]


@pytest.mark.usefixtures("buckets")
def test_a_star_shows_its_columns_instead(ask: Ask) -> None:
    assert "VersioningConfiguration" not in ask("SELECT * FROM aws.s3.buckets")[0]


@pytest.mark.usefixtures("buckets")
def test_an_update_sets_it_and_finds_rows_by_it(ask: Ask) -> None:
    ask(
        "UPDATE aws.s3.buckets SET VersioningConfiguration = {'Status': 'Suspended'} "
        "WHERE VersioningConfiguration.Status = 'Enabled'"
    )
    rows = ask("SELECT VersioningConfiguration.Status s FROM aws.s3.buckets ORDER BY Name DESC")
    assert [r["s"] for r in rows] == ["Suspended", None]


def test_describe_says_what_it_is_made_of(ask: Ask) -> None:
    rows = {r["name"]: r for r in ask("DESCRIBE EXTENDED aws.s3.buckets")}
    told = rows["VersioningConfiguration"]
    assert (told["role"], told["in_star"], told["write"]) == ("field", "false", "updatable")
    assert told["description"].startswith("Made of VersioningStatus, MFADelete.")


def test_what_it_was_in_a_row_is_read_after_the_creating_request_too(ask: Ask) -> None:
    ask(
        "INSERT INTO aws.glue.databases (DatabaseInput) "
        "VALUES ({'Name': 'd', 'Description': 'first'})"
    )
    (row,) = ask("SELECT DatabaseInput.Name n, DatabaseInput.Description d FROM aws.glue.databases")
    assert row == {"n": "d", "d": "first"}


def test_a_name_is_read_out_of_an_arn_or_a_url(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.sns.topics (Name) VALUES ('alarms'), ('orders')")
    assert ask("SELECT Name FROM aws.sns.topics WHERE Name LIKE 'a%'") == [{"Name": "alarms"}]
    assert ask("SELECT count(*) n FROM aws.sns.topics WHERE NOT Name = 'alarms'") == [{"n": 1}]
    ask("INSERT INTO aws.sqs.queues (QueueName) VALUES ('mail'), ('jobs')")
    named = "SELECT QueueName AS q FROM aws.sqs.queues"
    assert sorted(r["q"] for r in ask(named)) == ["jobs", "mail"]
    for condition in ("= 'mail'", "LIKE 'm%'", "> 'k'", "IN (SELECT 'mail')", "= ANY (['mail'])"):
        assert ask(f"{named} WHERE QueueName {condition}") == [{"q": "mail"}], condition
        assert ask(f"{named} WHERE NOT QueueName {condition}") == [{"q": "jobs"}], condition
    ask("DELETE FROM aws.sqs.queues WHERE QueueName = 'mail'")
    assert ask(named) == [{"q": "jobs"}]
    joined = "SELECT t.Name FROM aws.sns.topics t JOIN aws.sqs.queues q ON t.Name < q.QueueName"
    assert ask(joined) == [{"Name": "alarms"}]
    ask("UPDATE aws.sns.topics SET DisplayName = 'x' WHERE Name = 'alarms'")
    assert ask("SELECT Name, DisplayName AS d FROM aws.sns.topics WHERE DisplayName = 'x'") == [
        {"Name": "alarms", "d": "x"}
    ]
    assert "Name" not in ask("SELECT * FROM aws.sns.topics")[0]
