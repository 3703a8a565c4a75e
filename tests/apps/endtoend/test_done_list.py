"""The statements that must work from a clean clone, typed in order as a user would."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.apps.endtoend.conftest import Done

Execute = Callable[..., Done]


def test_show_methods_prints_the_four_rows_of_the_reference_page(in_company: Execute) -> None:
    done = in_company("SHOW METHODS IN aws.iam_api.access_keys")
    assert done.status == 0
    assert [tuple(row.values()) for row in done.rows] == [
        ("access_keys_List", "region", "SELECT"),
        ("access_keys_Create", "region", "INSERT"),
        ("access_keys_Delete", "AccessKeyId, region", "DELETE"),
        ("access_keys_Update", "AccessKeyId, Status, region", "EXEC"),
    ]
    assert list(done.rows[0]) == ["MethodName", "RequiredParams", "SQLVerb"]


def test_describe_prints_the_four_fields_of_the_reference_page(in_company: Execute) -> None:
    assert in_company("DESCRIBE aws.iam_api.access_keys").rows == [
        {"name": name, "type": "string"}
        for name in ("AccessKeyId", "CreateDate", "Status", "UserName")
    ]


def test_a_key_lives_from_insert_to_delete(in_company: Execute) -> None:
    made = in_company("INSERT INTO aws.iam_api.users (UserName) VALUES ('ann')")
    assert made.status == 0
    assert [row["status"] for row in made.rows] == ["done"]

    key = in_company(
        "INSERT INTO aws.iam_api.access_keys (UserName, region) "
        "VALUES ('ann', 'us-east-1') RETURNING AccessKeyId, Status"
    )
    assert key.status == 0
    key_id = key.rows[0]["AccessKeyId"]
    assert key.rows == [{"AccessKeyId": key_id, "Status": "Active"}]

    read = (
        "SELECT AccessKeyId, CreateDate, Status, UserName FROM aws.iam_api.access_keys "
        "WHERE region = 'us-east-1' AND UserName = 'ann'"
    )
    seen = in_company(read)
    assert seen.status == 0
    assert list(seen.rows[0]) == ["AccessKeyId", "CreateDate", "Status", "UserName"]
    assert [(r["AccessKeyId"], r["Status"]) for r in seen.rows] == [(key_id, "Active")]

    updated = in_company(
        "EXEC aws.iam_api.access_keys.access_keys_Update @AccessKeyId = $key, "
        "@Status = 'Inactive', @UserName = 'ann', @region = 'us-east-1'",
        "--var",
        f"key={key_id}",
    )
    assert updated.status == 0
    assert [r["Status"] for r in in_company(read).rows] == ["Inactive"]

    deleted = in_company(
        f"DELETE FROM aws.iam_api.access_keys WHERE AccessKeyId = '{key_id}' "
        "AND UserName = 'ann' AND region = 'us-east-1'"
    )
    assert deleted.status == 0
    assert in_company(read).rows == []
    assert in_company("DELETE FROM aws.iam.users WHERE UserName = 'ann'").status == 0


def test_every_user_and_the_age_of_every_key(in_company: Execute) -> None:
    done = in_company(
        "SELECT u.UserName, k.AccessKeyId, k.Status, date_diff('day', k.CreateDate, now()) AS age "
        "FROM aws.iam.users u LEFT JOIN aws.iam.access_keys k ON k.UserName = u.UserName "
        "WHERE u.Path <> '/' ORDER BY age DESC NULLS LAST"
    )
    assert done.status == 0
    ages = [row["age"] for row in done.rows]
    assert ages == [730, 730, 560, 560, 400, 250, 95, 30, 30, 0, None]
    assert done.rows[-1]["UserName"] == "dara"


def test_instances_of_three_regions_with_state_and_name(in_company: Execute) -> None:
    done = in_company(
        "SELECT region, InstanceId, InstanceType, State.Name AS state, tags(Tags)['Name'] AS name "
        "FROM aws.ec2.instances WHERE region IN ('us-east-1','eu-west-1','ap-southeast-2')"
    )
    assert done.status == 0
    seen = {(r["region"], r["name"], r["state"]) for r in done.rows if r["name"] != "walk"}
    assert seen == {
        ("us-east-1", "first-shop", "running"),
        ("us-east-1", "web-1", "running"),
        ("us-east-1", "web-2", "running"),
        ("us-east-1", "bastion", "running"),
        ("us-east-1", "import-2024", "stopped"),
        ("eu-west-1", "web-eu-1", "running"),
        ("ap-southeast-2", "search-ap", "running"),
    }


def test_buckets_without_encryption(in_company: Execute) -> None:
    done = in_company(
        "SELECT Name FROM aws.s3.buckets WHERE Name NOT IN (SELECT Bucket FROM "
        "aws.s3.bucket_encryptions WHERE Bucket IN (SELECT Name FROM aws.s3.buckets))"
    )
    assert done.status == 0
    names = {row["Name"] for row in done.rows}
    assert names >= {"fernhill-covers", "fernhill-logs-ap", "fernhill-scratch"}
    assert not names & {"fernhill-customers-eu", "fernhill-sales-reports", "fernhill-backups-eu"}


def test_several_statements_and_comments_in_one_script(in_company: Execute) -> None:
    done = in_company("SELECT 1 AS a; -- one\n/* two; */ SELECT ';' AS b;")
    assert done.rows == [{"a": 1}, {"b": ";"}]


@pytest.mark.parametrize("connection", ["production", "staging"])
def test_a_member_account_is_reached_as_a_connection(in_company: Execute, connection: str) -> None:
    done = in_company(
        f"SELECT Name, connection FROM aws.s3.buckets WHERE connection = '{connection}'"
    )
    assert done.rows == [{"Name": f"fernhill-{connection}-assets", "connection": connection}]
