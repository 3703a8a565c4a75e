"""UPDATE by a request that needs more than what is set: the rest comes from the row."""

from __future__ import annotations

import json

import pytest

from cirrusql.errors import InvalidParameter, ProgrammingError
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

_WITH_VALUES = (
    "SELECT p.Type, p.Description, v.Value FROM aws.ssm.parameters p JOIN aws.ssm.parameters v "
    "ON v.Name = p.Name WHERE p.Name = 'p' AND v.WithDecryption = true"
)


def test_a_secret_keeps_its_value_when_something_else_is_set(ask: Ask, proxy: FaultProxy) -> None:
    ask(
        "INSERT INTO aws.ssm.parameters (Name, Value, Type, Description) "
        "VALUES ('p', 'secret', 'SecureString', 'why')"
    )
    done = ask("UPDATE aws.ssm.parameters SET Description = 'new' WHERE Name = 'p'")
    assert [r["status"] for r in done] == ["done"]
    assert ask(_WITH_VALUES) == [{"Type": "SecureString", "Description": "new", "Value": "secret"}]
    assert proxy.calls["ssm:PutParameter"] == 2


def test_several_parameters_keep_their_own_values(ask: Ask) -> None:
    ask(
        "INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES "
        "('a', '1', 'String'), ('b', '2', 'SecureString'), ('c', 'x,y', 'StringList')"
    )
    ask("UPDATE aws.ssm.parameters SET Description = 'd ' || Name WHERE true")
    rows = ask(
        "SELECT Name, Value FROM aws.ssm.parameters WHERE WithDecryption = true ORDER BY Name"
    )
    assert rows == [
        {"Name": "a", "Value": "1"},
        {"Name": "b", "Value": "2"},
        {"Name": "c", "Value": "x,y"},
    ]
    told = ask("SELECT Name, Description FROM aws.ssm.parameters ORDER BY Name")
    assert [r["Description"] for r in told] == ["d a", "d b", "d c"]


@pytest.mark.parametrize(
    ("value", "is_now"),
    [
        ("Value", "secret"),
        ("replace(Value, 'sec', 'con')", "conret"),
        ("p.Value || (SELECT '!')", "secret!"),
        ("'new'", "new"),
    ],
)
def test_a_secret_that_is_set_from_itself_is_read_decrypted(
    ask: Ask, value: str, is_now: str
) -> None:
    ask("INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('p', 'secret', 'SecureString')")
    ask(f"UPDATE aws.ssm.parameters p SET Value = {value} WHERE Name LIKE 'p%'")
    assert [r["Value"] for r in ask(_WITH_VALUES)] == [is_now]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO aws.ssm.parameters (Name, Type, Value) "
        "SELECT 'copy', Type, Value FROM aws.ssm.parameters",
        "INSERT INTO aws.sns.topics (Name) SELECT Value FROM aws.ssm.parameters",
        "UPDATE aws.ssm.parameters SET Value = (SELECT max(Value) FROM aws.ssm.parameters) "
        "WHERE Name = 'p'",
    ],
)
def test_the_ciphertext_of_a_secret_is_never_written(ask: Ask, proxy: FaultProxy, sql: str) -> None:
    ask("INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('p', 'secret', 'SecureString')")
    with pytest.raises(ProgrammingError, match="its ciphertext would be written") as error:
        ask(sql)
    assert error.value.hint == "add WHERE WithDecryption = true to read it decrypted"
    assert proxy.calls["ssm:PutParameter"] == 1


def test_a_secret_is_copied_decrypted(ask: Ask) -> None:
    ask("INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('a', 'secret', 'SecureString')")
    ask(
        "INSERT INTO aws.ssm.parameters (Name, Type, Value) "
        "SELECT 'p', Type, Value FROM aws.ssm.parameters WHERE WithDecryption = true"
    )
    assert [r["Value"] for r in ask(_WITH_VALUES)] == ["secret"]


def test_a_subnet_group_keeps_its_subnets(ask: Ask, proxy: FaultProxy) -> None:
    (vpc,) = ask("INSERT INTO aws.ec2.vpcs (CidrBlock) VALUES ('10.3.0.0/16') RETURNING VpcId")
    subnets = [
        ask(
            "INSERT INTO aws.ec2.subnets (VpcId, CidrBlock, AvailabilityZone) VALUES "
            f"('{vpc['VpcId']}', '10.3.{i}.0/24', 'us-east-1{zone}') RETURNING SubnetId"
        )[0]["SubnetId"]
        for i, zone in enumerate("ab")
    ]
    ask(
        "INSERT INTO aws.rds.db_subnet_groups (DBSubnetGroupName, DBSubnetGroupDescription, "
        f"SubnetIds) VALUES ('g', 'one', {json.dumps(subnets).replace(chr(34), chr(39))})"
    )
    # moto forgets a group that is modified: its answer has it.
    (row,) = ask(
        "UPDATE aws.rds.db_subnet_groups SET DBSubnetGroupDescription = 'two' "
        "WHERE DBSubnetGroupName = 'g' RETURNING DBSubnetGroupDescription, Subnets"
    )
    assert row["DBSubnetGroupDescription"] == "two"
    assert {s["SubnetIdentifier"] for s in row["Subnets"]} == set(subnets)
    assert proxy.calls["rds:ModifyDBSubnetGroup"] == 1


def test_a_password_policy_keeps_the_numbers_of_its_passwords(ask: Ask) -> None:
    ask(
        "EXEC aws.iam.account_password_policies.update_account_password_policy "
        "@MaxPasswordAge = 90, @PasswordReusePrevention = 5, @AllowUsersToChangePassword = true"
    )
    ask("UPDATE aws.iam.account_password_policies SET MinimumPasswordLength = 14 WHERE true")
    (row,) = ask(
        "SELECT MaxPasswordAge, PasswordReusePrevention, AllowUsersToChangePassword, "
        "MinimumPasswordLength FROM aws.iam.account_password_policies"
    )
    assert row == {
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 5,
        "AllowUsersToChangePassword": True,
        "MinimumPasswordLength": 14,
    }


@pytest.mark.parametrize(
    ("sql", "secret"),
    [
        ("secretsmanager.secrets SET VersionStages = ['a'] WHERE Name = 's'", "SecretString"),
        (
            "invoicing.procurement_portal_preferences SET BuyerDomain = 'NetworkID' WHERE true",
            "ProcurementPortalSharedSecret",
        ),
    ],
)
def test_an_update_that_would_lose_a_secret_is_refused(
    ask: Ask, proxy: FaultProxy, sql: str, secret: str
) -> None:
    with pytest.raises(ProgrammingError, match=f"would lose .*{secret}") as caught:
        ask(f"UPDATE aws.{sql}")
    assert "SET" in str(caught.value.hint)
    assert proxy.calls == {}


def test_a_description_that_is_set_to_null_is_gone(ask: Ask) -> None:
    ask(
        "INSERT INTO aws.ssm.parameters (Name, Value, Type, Description) "
        "VALUES ('p', 'v', 'String', 'all')"
    )
    (done,) = ask("UPDATE aws.ssm.parameters SET Description = NULL WHERE Name = 'p'")
    assert done["status"] == "done"
    (row,) = ask("SELECT Description, Value FROM aws.ssm.parameters WHERE Name = 'p'")
    assert (row["Description"] or None, row["Value"]) == (None, "v")


def test_a_description_that_is_null_by_accident_is_an_error_before_any_call(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask(
        "INSERT INTO aws.ssm.parameters (Name, Value, Type, Description) "
        "VALUES ('p', 'v', 'String', 'all')"
    )
    with pytest.raises(InvalidParameter, match="SET assigns NULL to Description"):
        ask("UPDATE aws.ssm.parameters SET Description = nullif(Description, 'all') WHERE true")
    assert proxy.calls["ssm:PutParameter"] == 1


def test_members_that_only_responses_have_are_not_sent_again(ask: Ask) -> None:
    ask(
        "INSERT INTO aws.dynamodb.tables (TableName, KeySchema, AttributeDefinitions, "
        "ProvisionedThroughput) VALUES ('t', [{'AttributeName': 'id', 'KeyType': 'HASH'}], "
        "[{'AttributeName': 'id', 'AttributeType': 'S'}], "
        "{'ReadCapacityUnits': 3, 'WriteCapacityUnits': 4})"
    )
    same = "SET ProvisionedThroughput = ProvisionedThroughput"
    done = ask(f"UPDATE aws.dynamodb.tables {same} WHERE true")
    assert [r["status"] for r in done] == ["done"]
    rows = ask("SELECT ProvisionedThroughput.ReadCapacityUnits AS r FROM aws.dynamodb.tables")
    assert rows == [{"r": 3}]
    # Literals are taken as they are.
    with pytest.raises(InvalidParameter, match="NumberOfDecreasesToday is unknown"):
        ask(
            "UPDATE aws.dynamodb.tables SET ProvisionedThroughput = {'ReadCapacityUnits': 3, "
            "'WriteCapacityUnits': 4, 'NumberOfDecreasesToday': 1} WHERE TableName = 't'"
        )


def test_the_volumes_of_an_instance_are_set_as_they_are_read(ask: Ask) -> None:
    ask("INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount) VALUES ('ami-12c6146b', 1, 1)")
    before = ask("SELECT BlockDeviceMappings AS b FROM aws.ec2.instances")
    sql = "UPDATE aws.ec2.instances SET BlockDeviceMappings = BlockDeviceMappings WHERE true"
    assert [r["operation"] for r in ask(f"EXPLAIN {sql}")][-1] == "ec2:ModifyInstanceAttribute"
    assert [r["status"] for r in ask(sql)] == ["done"]
    assert ask("SELECT BlockDeviceMappings AS b FROM aws.ec2.instances") == before
