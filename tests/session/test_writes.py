"""Writing: every row becomes a call or a line that says why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import (
    ConfirmationRequired,
    InvalidParameter,
    MissingParameter,
    PolicyDenied,
    ProgrammingError,
)
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy


def test_the_life_of_an_access_key(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam_api.users (UserName) VALUES ('ann')")
    made = ask(
        "INSERT INTO aws.iam_api.access_keys (UserName, region) VALUES ('ann', 'us-east-1') "
        "RETURNING AccessKeyId, Status"
    )
    key = made[0]["AccessKeyId"]
    assert made[0]["Status"] == "Active"
    ask(
        "EXEC aws.iam_api.access_keys.access_keys_Update @AccessKeyId = $key, @Status = "
        "'Inactive', "
        "@UserName = 'ann', @region = 'us-east-1'",
        key=key,
    )
    where = "WHERE UserName = 'ann' AND region = 'us-east-1'"
    assert [r["Status"] for r in ask(f"SELECT Status FROM aws.iam_api.access_keys {where}")] == [
        "Inactive"
    ]
    done = ask(f"DELETE FROM aws.iam_api.access_keys {where} AND AccessKeyId = $key", key=key)
    assert [r["status"] for r in done] == ["done"]
    assert ask(f"SELECT * FROM aws.iam_api.access_keys {where}") == []


def test_rows_found_by_reading_are_the_rows_written(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    ask("INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann'), ('bob')")
    done = ask(
        "UPDATE aws.iam.access_keys SET Status = 'Inactive' "
        "WHERE Status = 'Active' AND UserName IN (SELECT UserName FROM aws.iam.users)"
    )
    assert [r["status"] for r in done] == ["done", "done"]
    assert proxy.calls["iam:UpdateAccessKey"] == 2


def test_a_fault_in_any_row_stops_all_before_any_call(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(InvalidParameter, match=r"row 2: KeyUsage"):
        ask(
            "INSERT INTO aws.kms.keys (Description, KeyUsage) VALUES ('a', 'SIGN_VERIFY'), ('b', "
            "'None')"
        )
    assert proxy.calls == {}


def test_many_rows_found_by_reading_want_a_yes(
    open_session: Callable[..., Session], ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    careful = open_session()
    with pytest.raises(ConfirmationRequired, match="2 things"):
        rows_of(careful, "DELETE FROM aws.iam.users WHERE true")
    assert proxy.calls["iam:DeleteUser"] == 0


def test_a_dry_run_shows_every_call_and_makes_none(
    open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    session = open_session(options=WriteOptions(is_dry_run=True))
    shown = rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    assert [r["parameters"] for r in shown] == ['{"UserName": "ann"}', '{"UserName": "bob"}']
    assert proxy.calls == {}


def test_a_confirmation_is_shown_what_will_be_done(
    open_session: Callable[..., Session], ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    seen: list[Any] = []

    def refuse(preview: Any) -> bool:
        seen.extend(preview.rows())
        return False

    refusing = WriteOptions(confirm=refuse)
    with pytest.raises(ConfirmationRequired, match="not confirmed"):
        rows_of(open_session(options=refusing), "DELETE FROM aws.iam.users WHERE true")
    assert sorted(row[1] for row in seen) == ["UserName=ann", "UserName=bob"]


def test_a_failed_row_is_reported_and_the_others_are_done(
    session: Session, proxy: FaultProxy
) -> None:
    (result,) = session.run("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('ann'), ('bob')")
    # Rows are written at once: which of two that are alike is first is not said.
    assert sorted(r["status"] for r in result.table().to_pylist()) == ["done", "done", "failed"]
    assert (result.exit_status, result.rows_written) == (1, 2)


def test_a_delete_stops_at_the_first_failure(session: Session, ask: Ask) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('zoe')")
    (result,) = session.run("DELETE FROM aws.iam.users WHERE UserName IN ('nobody', 'zoe')")
    statuses = {r["target"]: r["status"] for r in result.table().to_pylist()}
    assert statuses["UserName=nobody"] == "failed"
    assert statuses["UserName=zoe"] in ("not run", "done")


def test_read_only_refuses_before_any_call(
    open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    with pytest.raises(PolicyDenied):
        rows_of(open_session(read_only=True), "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert proxy.calls == {}


def test_a_delete_without_a_where_is_refused(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(ProgrammingError, match="WHERE"):
        ask("DELETE FROM aws.iam.users")
    with pytest.raises(MissingParameter, match="UserName"):
        ask("INSERT INTO aws.iam.users (Path) VALUES ('/')")
    assert proxy.calls == {}


def test_a_star_hides_a_secret_and_its_name_shows_it(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    insert = "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann') RETURNING"
    assert ask(f"{insert} *")[0]["SecretAccessKey"] == "****"
    assert len(ask(f"{insert} SecretAccessKey")[0]["SecretAccessKey"]) > 20


def test_a_local_table_by_its_whole_name_is_the_engines(ask: Ask, proxy: FaultProxy) -> None:
    ask("CREATE TABLE t (a INTEGER); INSERT INTO memory.main.t (a) VALUES (1), (2)")
    ask("UPDATE memory.main.t SET a = 3 WHERE a = 2; DELETE FROM memory.main.t WHERE a = 1")
    assert ask("SELECT a FROM t") == [{"a": 3}]
    assert proxy.calls == {}


def test_columns_of_several_operations_are_set_by_one_statement(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('bucket-a'), ('bucket-b'), ('other')")
    done = ask(
        "UPDATE aws.s3.buckets SET VersioningConfiguration = {'Status': 'Enabled'}, "
        "PublicAccessBlockConfiguration = {'BlockPublicAcls': true} WHERE Name LIKE 'bucket-%'"
    )
    assert [r["operation"] for r in done] == ["s3:PutBucketVersioning"] * 2 + [
        "s3:PutPublicAccessBlock"
    ] * 2
    assert {r["status"] for r in done} == {"done"}
    assert proxy.calls["s3:GET /"] == 1


def test_a_fault_in_one_part_stops_all_parts_before_any_call(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(
        InvalidParameter, match=r"s3:PutBucketAccelerateConfiguration: nothing was called"
    ):
        ask(
            "UPDATE aws.s3.buckets SET VersioningConfiguration = {'Status': 'Enabled'}, "
            "AccelerateConfiguration = {'Status': 'Fast'} WHERE Name = 'bucket-a'"
        )
    assert not any(operation.startswith("s3:Put") for operation in proxy.calls)


def test_attributes_of_an_instance_are_set_one_call_each(
    ask: Ask, client: Callable[..., Any]
) -> None:
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    (made,) = ask(
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount, InstanceType) "
        "VALUES ($image, 1, 1, 't3.micro') RETURNING InstanceId",
        image=image,
    )
    done = ask(
        "UPDATE aws.ec2.instances SET DisableApiTermination = true, EbsOptimized = true "
        "WHERE InstanceId = $id",
        id=made["InstanceId"],
    )
    assert [r["status"] for r in done] == ["done", "done"]
    read = ec2.describe_instance_attribute(
        InstanceId=made["InstanceId"], Attribute="disableApiTermination"
    )
    assert read["DisableApiTermination"]["Value"]


def test_two_writes_of_one_thing_keep_their_order(ask: Ask) -> None:
    ask("INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('p', '0', 'String')")
    numbers = ", ".join(f"('p', '{n}', true)" for n in range(1, 20))
    ask(f"INSERT INTO aws.ssm.parameters (Name, Value, Overwrite) VALUES {numbers}")
    read = "SELECT Value FROM (EXEC aws.ssm.parameters.get_parameter @Name = 'p')"
    assert ask(read)[0]["Value"] == "19"


def test_the_star_of_an_exec_hides_a_secret_and_its_name_shows_it(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('s', 'sesame')")
    execute = "EXEC aws.secretsmanager.secret_values.get_secret_value @SecretId = 's'"
    assert ask(execute)[0]["SecretString"] == "****"
    assert ask(f"SELECT * FROM ({execute})")[0]["SecretString"] == "****"
    assert ask(f"SELECT SecretString FROM ({execute})") == [{"SecretString": "sesame"}]
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    key = "EXEC aws.iam.access_keys.create_access_key @UserName = 'ann'"
    assert ask(f"SELECT * FROM ({key})")[0]["SecretAccessKey"] == "****"
    assert len(ask(f"SELECT SecretAccessKey FROM ({key})")[0]["SecretAccessKey"]) > 20


def test_a_structure_with_a_secret_in_it_is_hidden_from_a_star(ask: Ask, proxy: FaultProxy) -> None:
    arn = "arn:aws:iam::123456789012:role/r"
    role = f"EXEC aws.sts.roles.assume_role @RoleArn = '{arn}', @RoleSessionName = 'x1'"
    assert ask(role)[0]["Credentials"] is None
    assert ask(f"SELECT Credentials.SessionToken AS t FROM ({role})")[0]["t"]


def test_one_error_lists_every_fault_of_every_row(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(InvalidParameter) as caught:
        ask(
            "INSERT INTO aws.kms.keys (Description, KeyUsage, KeySpec, Tags, MultiRegion) VALUES "
            "('a', 'SIGN_VERIFY', 'RSA_2048', [{'TagKey': 'a', 'TagValue': 'b'}], 'perhaps'), "
            "(repeat('x', 9000), 'None', 'RSA_1', "
            "[{'TagKey': '', 'TagValue': repeat('y', 300)}], 'true')"
        )
    first, *faults = caught.value.message.splitlines()
    assert first == "kms:CreateKey: nothing was called, 6 invalid parameter(s)"
    assert [fault.split(" must")[0].split(" is ")[0] for fault in faults] == [
        "row 1: MultiRegion",
        "row 2: the length of Description",
        "row 2: KeyUsage",
        "row 2: KeySpec",
        "row 2: the length of Tags[1].TagKey",
        "row 2: the length of Tags[1].TagValue",
    ]
    assert proxy.calls == {}


def test_a_fault_in_a_row_that_was_found_says_which_thing(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('one'), ('two')")
    with pytest.raises(InvalidParameter, match="the row of UserName=two: NewPath must match"):
        ask(
            "UPDATE aws.iam.users SET NewPath = CASE UserName WHEN 'two' THEN 'no' ELSE '/x/' END "
            "WHERE UserName LIKE '%o%'"
        )
    assert proxy.calls["iam:UpdateUser"] == 0


def test_a_structure_for_an_item_that_is_a_name_is_a_fault_before_any_call(
    ask: Ask, proxy: FaultProxy
) -> None:
    with pytest.raises(InvalidParameter, match=r"SecurityGroupIds\[1\] must be text"):
        ask(
            "INSERT INTO aws.ec2.instances (ImageId, InstanceType, MinCount, MaxCount, "
            "SecurityGroupIds) "
            "VALUES ('ami-12c6146b', 't3.micro', 1, 1, [{'GroupId': 'sg-1'}])"
        )
    assert "ec2:RunInstances" not in proxy.calls
