"""RETURNING after several calls: the row as it is after all of them."""

from __future__ import annotations

import pytest

from cirrusql.errors import DataError
from cirrusql.session.session import Session
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy


def test_it_gives_what_later_calls_of_the_same_insert_set(ask: Ask, proxy: FaultProxy) -> None:
    (made,) = ask(
        "INSERT INTO aws.kms.keys (Description, Tags, KeyRotationEnabled, Enabled) "
        "VALUES ('brk', MAP {'a': 'b'}, 'true', false) "
        "RETURNING KeyId, Tags, KeyRotationEnabled, Enabled, Description"
    )
    called = {c: n for c, n in proxy.calls.items() if c.startswith("kms:")}
    assert called == {"kms:CreateKey": 1, "kms:EnableKeyRotation": 1, "kms:DisableKey": 1}
    (read,) = ask(
        "SELECT KeyId, Tags, KeyRotationEnabled, Enabled, Description FROM aws.kms.keys WHERE "
        "KeyId = $id",
        id=made["KeyId"],
    )
    assert made == read
    assert (made["KeyRotationEnabled"], made["Enabled"]) == (True, False)


def test_it_gives_what_a_later_call_set_and_not_the_first_answers_older_value(ask: Ask) -> None:
    (vpc,) = ask("INSERT INTO aws.ec2.vpcs (CidrBlock) VALUES ('10.7.0.0/16') RETURNING VpcId")
    (made,) = ask(
        "INSERT INTO aws.ec2.subnets (VpcId, CidrBlock, MapPublicIpOnLaunch) "
        "VALUES ($v, '10.7.1.0/24', true) "
        "RETURNING SubnetId, MapPublicIpOnLaunch",
        v=vpc["VpcId"],
    )
    assert made["MapPublicIpOnLaunch"] is True


def test_it_gives_columns_under_the_names_that_select_shows(ask: Ask) -> None:
    asked = "Name, VersioningStatus, TagSet"
    made = ask(
        "INSERT INTO aws.s3.buckets (Bucket, TagSet, VersioningStatus) VALUES "
        "('one', [{'Key': 'a', 'Value': 'b'}], 'Enabled'), ('two', NULL, NULL) "
        f"RETURNING {asked}"
    )
    assert made == [
        {"Name": "one", "VersioningStatus": "Enabled", "TagSet": [{"Key": "a", "Value": "b"}]},
        {"Name": "two", "VersioningStatus": None, "TagSet": None},
    ]
    assert ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('three') RETURNING Name") == [
        {"Name": "three"}
    ]


def test_each_call_of_an_update_gives_what_all_of_them_set(ask: Ask) -> None:
    (key,) = ask("INSERT INTO aws.kms.keys (Description) VALUES ('brk') RETURNING KeyId")
    changed = "Description = 'x', Enabled = false, KeyRotationEnabled = true"
    rows = ask(
        f"UPDATE aws.kms.keys SET {changed} WHERE KeyId = $id "
        "RETURNING KeyId, Description, Enabled, KeyRotationEnabled",
        id=key["KeyId"],
    )
    expected = {
        "KeyId": key["KeyId"],
        "Description": "x",
        "Enabled": False,
        "KeyRotationEnabled": True,
    }
    assert rows == [expected] * 3


def test_a_column_that_nothing_gives_is_told_to_be_null(session: Session) -> None:
    (result,) = session.run(
        "INSERT INTO aws.s3.buckets (Bucket) VALUES ('one') RETURNING Name, VersioningStatus"
    )
    assert result.table().to_pylist() == [{"Name": "one", "VersioningStatus": None}]
    assert [n for n in result.notices if "VersioningStatus is NULL" in n and "CreateBucket" in n]


def test_what_begins_as_json_and_is_none_is_told_before_any_call(
    ask: Ask, proxy: FaultProxy
) -> None:
    with pytest.raises(DataError, match="TagSet is text, but not JSON"):
        ask("INSERT INTO aws.s3.buckets (Bucket, TagSet) VALUES ('odd', '{not') RETURNING Name")
    assert "s3:CreateBucket" not in proxy.calls
