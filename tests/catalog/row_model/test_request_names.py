"""Which columns can be read under the creating request's name for them."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.model import Role
from cirrusql.catalog.row_model.request_names import read_as, shown_in
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.plan.planned import catalog


@pytest.mark.parametrize(
    ("table", "parameter", "column"),
    [
        ("iam.policies", "PolicyDocument", "Document"),
        ("cognito_idp.user_pools", "PoolName", "Name"),
        ("elbv2.target_groups", "Name", "TargetGroupName"),
        ("rds.db_instances", "Tags", "TagList"),
        ("rds.db_instances", "EnableIAMDatabaseAuthentication", "IAMDatabaseAuthenticationEnabled"),
        # They list ids of what a row shows as structures, or it has them in another form.
        ("rds.db_instances", "VpcSecurityGroupIds", "VpcSecurityGroupIds"),
        ("ec2.vpcs", "TagSpecifications", "TagSpecifications"),
        # A read request takes it: it selects the rows.
        ("s3.buckets", "Bucket", "Bucket"),
        # Endpoint has the port.
        ("rds.db_instances", "Port", "Port"),
    ],
)
def test_a_name_of_a_request_reads_the_column_that_has_its_value(
    table: str, parameter: str, column: str
) -> None:
    found = catalog().table("aws", *table.split("."))
    assert read_as(found, found.by_alias[parameter.lower()]).name == column


def test_under_the_names_of_the_api_a_parameter_is_a_parameter() -> None:
    table = catalog().table("aws", "iam_api", "policies")
    assert read_as(table, table.by_alias["policydocument"]).role is Role.PARAMETER


def test_what_cannot_be_read_so_is_shown_in_another_column() -> None:
    table = catalog().table("aws", "rds", "db_instances")
    assert shown_in(table, "VpcSecurityGroupIds") == ("VpcSecurityGroups",)


def test_over_all_tables_such_a_name_is_no_field_and_its_column_has_the_same_kind_of_value() -> (
    None
):
    everything, found = Catalog([BotocoreSource()]), 0
    for schema in map(
        schema_name, ("lightsail", "rds", "grafana", "machinelearning", "workspaces", "pcs", "iam")
    ):
        service, _ = everything.loaded("aws", schema)
        for resource in service.plain:
            table = service.table(schema, resource, False)
            for column in table.columns:
                field = read_as(table, column)
                if field is not column:
                    found += 1
                    assert (column.role, field.role) == (Role.PARAMETER, Role.FIELD)
                    assert (column.type.name == "BOOLEAN") == (field.type.name == "BOOLEAN")
    assert found > 20
