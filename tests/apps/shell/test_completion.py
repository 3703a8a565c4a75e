"""Completion over the real catalog. ``|`` in a statement is the cursor."""

from collections.abc import Iterator

import pytest

from cirrusql.apps.shell.completion import complete
from cirrusql.apps.shell.completion_names import CatalogNames
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
