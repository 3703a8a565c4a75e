"""What is shown before a write: names, old and new values, dangers, nothing truncated."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import ConfirmationRequired
from cirrusql.execution.writes.preview import Preview
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.preview_lines import preview_lines
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]
Client = Callable[..., Any]


@pytest.fixture
def shown(open_session: Open) -> Callable[[str], Preview]:
    """Runs a write whose confirmation is declined; returns what was shown."""

    def show(sql: str) -> Preview:
        seen: list[Preview] = []

        def refuse(preview: Preview) -> bool:
            seen.append(preview)
            return False

        with pytest.raises(ConfirmationRequired):
            rows_of(open_session(options=WriteOptions(confirm=refuse)), sql)
        return seen[0]

    return show


@pytest.fixture
def keys(ask: Ask) -> list[str]:
    """Two users with a key each."""
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    made = ask(
        "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann'), ('bob') RETURNING AccessKeyId"
    )
    return sorted(r["AccessKeyId"] for r in made)


def test_an_update_shows_the_values_before_and_after(keys: list[str], open_session: Open) -> None:
    session = open_session(options=WriteOptions(is_dry_run=True))
    of_all = "WHERE UserName IN (SELECT UserName FROM aws.iam.users)"
    rows = rows_of(session, f"UPDATE aws.iam.access_keys SET Status = 'Inactive' {of_all}")
    assert {r["changes"] for r in rows} == {"Status: Active → Inactive"}
    assert sorted(json.loads(r["parameters"])["AccessKeyId"] for r in rows) == keys


def test_a_key_is_shown_with_whose_it_is(keys: list[str], shown: Callable[[str], Preview]) -> None:
    of_all = "WHERE UserName IN (SELECT UserName FROM aws.iam.users)"
    sql = f"UPDATE aws.iam.access_keys SET Status = 'Inactive' {of_all}"
    lines = list(preview_lines(shown(sql), 200))
    assert sorted(line.partition("  (")[2] for line in lines if "AccessKeyId" in line) == [
        "ann)",
        "bob)",
    ]


def test_an_instance_is_shown_by_its_name_tag(
    client: Client, shown: Callable[[str], Preview]
) -> None:
    named = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}]
    client("ec2").run_instances(
        ImageId="ami-12c6146b", MinCount=2, MaxCount=2, TagSpecifications=named
    )
    lines = list(
        preview_lines(shown("DELETE FROM aws.ec2.instances WHERE ImageId = 'ami-12c6146b'"), 120)
    )
    assert lines[0] == "account 123456789012, region us-east-1"
    told = [line for line in lines if line.startswith("ec2:TerminateInstances")]
    assert len(told) == 2
    assert all("(web)  [deletes, data loss, cannot be undone]" in line for line in told)
    assert (
        lines[-1]
        == "2 things by 2 calls: 2 ec2:TerminateInstances (deletes, data loss, cannot be undone)"
    )


def test_the_alias_of_the_account_is_shown(
    client: Client, shown: Callable[[str], Preview], ask: Ask
) -> None:
    client("iam").create_account_alias(AccountAlias="acme-prod")
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    places = shown("DELETE FROM aws.iam.users WHERE true").places
    assert places == ("account 123456789012 (acme-prod), region us-east-1",)


def test_a_long_list_of_ids_is_shown_whole(shown: Callable[[str], Preview]) -> None:
    ids = "(SELECT list('i-' || n) FROM range(99) t(n))"
    preview = shown(f"EXEC aws.ec2.instances.terminate_instances @InstanceIds = {ids}")
    text = " ".join(preview_lines(preview, 80))
    assert all(f"i-{n}" in text for n in range(99))
    assert preview.extent.things == 99


def test_of_a_structure_only_the_secret_is_hidden(open_session: Open) -> None:
    session = open_session(options=WriteOptions(is_dry_run=True))
    rule = (
        "{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'aws:kms', 'KMSMasterKeyID': 'k'}}"
    )
    (row,) = rows_of(
        session,
        "EXEC aws.s3.bucket_encryptions.put_bucket_encryption @Bucket = 'b', "
        f"@ServerSideEncryptionConfiguration = {{'Rules': [{rule}]}}",
    )
    assert "aws:kms" in row["parameters"]
    assert '"KMSMasterKeyID": "****"' in row["parameters"]


def test_a_preview_makes_no_call_of_its_own_in_a_dry_run(
    keys: list[str], open_session: Open, proxy: FaultProxy
) -> None:
    proxy.reset()
    session = open_session(options=WriteOptions(is_dry_run=True))
    rows_of(
        session,
        "UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'ann' AND CreateDate "
        "< now()",
    )
    assert dict(proxy.calls) == {"iam:ListAccessKeys": 1}


def test_what_is_shown_after_is_the_columns_own_value(ask: Ask, open_session: Open) -> None:
    (made,) = ask(
        "INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, Tags) VALUES "
        "('ami-12c6146b', 't3.micro', 1, 1, MAP {'Name': 'brk'}) RETURNING InstanceId"
    )
    assert made["InstanceId"]
    session = open_session(options=WriteOptions(is_dry_run=True))

    def changes(values: str) -> list[str]:
        rows = rows_of(
            session, f"UPDATE aws.ec2.instances SET {values} WHERE InstanceType = 't3.micro'"
        )
        return [r["changes"] for r in rows]

    assert changes("SourceDestCheck = false") == ["SourceDestCheck: true → false"]
    assert changes("InstanceType = 't3.small'") == ["InstanceType: t3.micro → t3.small"]
    assert changes("Tags = MAP {}") == ['Tags: [{"Key": "Name", "Value": "brk"}] → []']
