"""Columns of tables: fields, parameters, context; their names and types."""

from __future__ import annotations

import pytest

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.model import Role, Table
from cirrusql.catalog.rows.column_types import field_name, method_columns, sql_type
from tests.support.catalog import CATALOG


def table(name: str) -> Table:
    return CATALOG.table("aws", *name.split("."))


@pytest.mark.parametrize(
    ("column", "sql"),
    [
        ("ec2.instances.InstanceId", "VARCHAR"),
        ("ec2.instances.AmiLaunchIndex", "INTEGER"),
        ("ec2.instances.LaunchTime", "TIMESTAMPTZ"),
        ("ec2.instances.EbsOptimized", "BOOLEAN"),
        ("ec2.instances.State", 'STRUCT("Code" INTEGER, "Name" VARCHAR)'),
        ("ec2.instances.Tags", 'STRUCT("Key" VARCHAR, "Value" VARCHAR)[]'),
        ("s3.objects.Size", "BIGINT"),
        ("s3.objects.Body", "BLOB"),
        ("sqs.queue_attributes.Attributes", "MAP(VARCHAR, VARCHAR)"),
        ("cloudwatch.metric_statistics.Average", "DOUBLE"),
        ("dynamodb.items.Item", "MAP(VARCHAR, STRUCT("),
    ],
)
def test_types_are_real(column: str, sql: str) -> None:
    name, _, field = column.rpartition(".")
    assert table(name).by_alias[field.lower()].type.sql.startswith(sql)


def test_recursive_shape_is_json_where_it_comes_back() -> None:
    value = table("dynamodb.items").by_alias["item"].type.sql
    assert '"L" JSON[]' in value
    assert '"M" MAP(VARCHAR, JSON)' in value


def test_order_is_fields_parameters_context() -> None:
    columns = table("iam.access_keys").columns
    fields = [c.name for c in columns if c.role is Role.FIELD]
    assert fields[:5] == ["UserName", "AccessKeyId", "Status", "CreateDate", "LastUsedDate"]
    assert [c.role for c in columns] == sorted((c.role for c in columns), key=list(Role).index)
    assert [c.name for c in columns if c.role is Role.CONTEXT] == [
        "region",
        "account_id",
        "connection",
    ]


def test_paging_parameters_are_no_columns() -> None:
    assert not {"marker", "maxitems"} & set(table("iam.users").by_alias)
    assert not {"continuationtoken", "maxkeys"} & set(table("s3.objects").by_alias)


@pytest.mark.parametrize(
    ("name", "paging"),
    [
        ("iam.groups", {"Marker", "MaxItems"}),
        ("cloudformation.change_sets", {"NextToken"}),
        ("kinesis.streams", {"Limit", "ExclusiveStartShardId"}),
    ],
)
def test_what_pages_only_a_list_beside_the_row_is_no_column_either(
    name: str, paging: set[str]
) -> None:
    assert not paging & {c.name for c in table(name).columns}


def test_parameter_that_is_a_field_too_is_one_column() -> None:
    user_name = [c for c in table("iam.access_keys").columns if c.name == "UserName"]
    assert [c.role for c in user_name] == [Role.FIELD]


def test_required_of_every_reader_is_required_of_the_table() -> None:
    assert table("s3.bucket_policies").by_alias["bucket"].is_required
    assert not table("iam.access_keys").by_alias["username"].is_required


def test_snake_case_and_any_case_are_accepted_and_exact_names_win() -> None:
    keys = table("iam.access_keys")
    assert keys.by_alias["access_key_id"] is keys.by_alias["accesskeyid"]
    assert table("organizations.accounts").by_alias["account_id"].role is Role.CONTEXT


def test_field_called_as_a_context_column_is_told_apart() -> None:
    assert field_name("Region") == "Region_field"
    assert field_name("RegionName") == "RegionName"
    found = [c.name for c in table("account.regions").columns]
    assert "RegionName" in found


def test_secrets_are_marked() -> None:
    assert table("ssm.parameters").by_alias["value"].is_sensitive
    assert table("secretsmanager.secret_values").by_alias["secretstring"].is_sensitive


def test_write_that_answers_has_columns_of_its_own() -> None:
    _, create = CATALOG.method("aws", "iam", "access_keys", "create_access_key")
    assert [c.name for c in method_columns(create)] == [
        "UserName",
        "AccessKeyId",
        "Status",
        "SecretAccessKey",
        "CreateDate",
    ]
    _, delete = CATALOG.method("aws", "iam", "access_keys", "delete_access_key")
    assert method_columns(delete) == ()


def test_structure_whose_members_differ_in_case_alone_is_json() -> None:
    text = Member("", Shape("S", Kind.STRING))
    shape = Shape("Both", Kind.STRUCTURE, member_names=("id", "Id"), resolve=lambda role: text)
    assert sql_type(shape).sql == "JSON"


def test_shape_that_holds_itself_twice_is_typed() -> None:
    shapes: list[Shape] = []
    inner = Shape("L", Kind.LIST, resolve=lambda role: Member(role, shapes[0]))
    shapes.append(
        Shape(
            "T", Kind.STRUCTURE, member_names=("a", "b"), resolve=lambda role: Member(role, inner)
        )
    )
    assert sql_type(shapes[0]).sql == 'STRUCT("a" JSON[], "b" JSON[])'
