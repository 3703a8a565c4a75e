"""Completion over the real catalog. ``|`` in a statement is the cursor."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from cirrusql.apps.shell.completion import complete
from cirrusql.apps.shell.completion_names import CatalogNames, RecentValues
from cirrusql.session.session import Session
from cirrusql.settings import Settings


@pytest.fixture(scope="module")
def names() -> Iterator[CatalogNames]:
    """The names of a session with two relations of its own."""
    with Session(Settings(), {}) as session:
        session.database.execute("CREATE TABLE old_keys (id INTEGER)")
        session.database.execute("CREATE TABLE report (id INTEGER)")
        yield CatalogNames(session)


def at(names: CatalogNames, text: str) -> list[str]:
    before, _, after = text.partition("|")
    return [c.text for c in complete(before, after, names, names.regions)]


def test_from_offers_own_tables_and_providers(names: CatalogNames) -> None:
    assert at(names, "SELECT * FROM |") == ["old_keys", "report", "aws"]


def test_a_provider_offers_its_services(names: CatalogNames) -> None:
    assert "cognito_idp" in at(names, "SELECT * FROM aws.cog|")


def test_a_service_offers_its_resources_those_that_begin_so_first(names: CatalogNames) -> None:
    assert at(names, "SELECT * FROM aws.iam.access|")[0].startswith("access_key")


def test_the_select_list_offers_columns_of_the_tables_that_follow(names: CatalogNames) -> None:
    assert "AccessKeyId" in at(names, "SELECT Acc| FROM aws.iam.access_keys")


def test_an_alias_offers_its_tables_columns_only(names: CatalogNames) -> None:
    text = "SELECT * FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.User| = u.UserName"
    assert at(names, text) == ["UserName", "LastUsedUserName"]


def test_an_enum_column_offers_its_values(names: CatalogNames) -> None:
    assert "Inactive" in at(names, "SELECT * FROM aws.iam.access_keys WHERE Status = 'In|")


def test_a_region_offers_regions_also_later_in_a_list(names: CatalogNames) -> None:
    text = "SELECT * FROM aws.ec2.instances WHERE region IN ('eu-west-1', 'us-|"
    assert at(names, text)[:2] == ["us-east-1", "us-east-2"]


def test_exec_offers_methods_in_the_spelling_of_the_service(names: CatalogNames) -> None:
    assert "access_keys_Update" in at(names, "EXEC aws.iam_api.access_keys.acc|")
    assert "update_access_key" in at(names, "EXEC aws.iam.access_keys.upd|")


def test_exec_offers_parameters_required_first(names: CatalogNames) -> None:
    found = at(names, "EXEC aws.iam.access_keys.update_access_key @|")
    assert found[:2] == ["AccessKeyId", "Status"]
    assert "UserName" in found


def test_nothing_is_offered_inside_other_strings(names: CatalogNames) -> None:
    assert at(names, "SELECT 'sel|") == []


def test_keywords_are_offered_by_their_beginning_only(names: CatalogNames) -> None:
    assert at(names, "SELECT 1 ord|") == ["ORDER"]


def test_an_unknown_service_offers_nothing(names: CatalogNames) -> None:
    assert at(names, "SELECT * FROM aws.nosuch.|") == []


def test_a_keyword_after_a_table_is_not_its_alias(names: CatalogNames) -> None:
    text = "SELECT | FROM aws.iam.users WHERE UserName = 'a'"
    assert "UserName" in at(names, text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("SELECT * FROM aws.ec2.inst|", "instances"),
        ("SELECT * FROM aws.iam.use|", "users"),
        ("SELECT * FROM aws.ec|", "ec2"),
        ("SELECT coun| FROM aws.iam.users", "count"),
    ],
)
def test_of_those_that_begin_so_the_shortest_comes_first(
    names: CatalogNames, text: str, first: str
) -> None:
    assert at(names, text)[0] == first


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("SELECT State.| FROM aws.ec2.instances", ["Code", "Name"]),
        ("SELECT i.State.Na| FROM aws.ec2.instances i", ["Name"]),
        ("SELECT Tags[1].| FROM aws.ec2.instances", ["Key", "Value"]),
        ("SELECT i.NetworkInterfaces[1].Association.Pub| FROM aws.ec2.instances i",
         ["PublicDnsName", "PublicIp"]),
    ],
)  # fmt: skip
def test_a_dot_behind_a_structure_offers_its_members(
    names: CatalogNames, text: str, members: list[str]
) -> None:
    assert at(names, text) == members


def test_an_insert_offers_what_it_takes_once_with_the_required_first(names: CatalogNames) -> None:
    assert at(names, "INSERT INTO aws.iam.users (|")[0] == "UserName"
    more = at(names, "INSERT INTO aws.iam.users (UserName, |")
    assert "Path" in more
    assert not {"UserName", "Arn", "CreateDate"} & set(more)


def test_on_offers_the_key_that_joins(names: CatalogNames) -> None:
    text = "SELECT * FROM aws.iam.users u JOIN aws.iam.access_keys k ON |"
    assert at(names, text)[0] == "k.UserName = u.UserName"
    text = "SELECT * FROM aws.ec2.instances i JOIN aws.ec2.vpcs ON v|"
    assert at(names, text)[0] == "vpcs.VpcId = i.VpcId"


def test_values_of_recent_answers_are_offered_the_latest_first_but_no_secrets() -> None:
    recent = RecentValues()
    recent.note(pa.record_batch({"UserName": ["alice", "bruno", None], "n": [1, 2, 3]}))
    recent.note(pa.record_batch({"UserName": ["carol"], "SecretString": ["canary"]}))
    with Session(Settings(), {}) as session:
        names = CatalogNames(session, recent)
        assert at(names, "SELECT * FROM aws.iam.users WHERE UserName = '|") == [
            "carol", "bruno", "alice",
        ]  # fmt: skip
        text = "SELECT * FROM aws.secretsmanager.secret_values WHERE SecretString = '|"
        assert at(names, text) == []
