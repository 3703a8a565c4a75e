"""Where a request takes what a column shows: every form of it,
and a walk over the whole catalog."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.row_model.request_fields import RequestField, ValueForm, place_of, places_of
from cirrusql.catalog.row_model.request_names import shown_in
from cirrusql.catalog.row_model.writers import setters
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.plan.planned import catalog


@pytest.mark.parametrize(
    ("table", "operation", "column", "place"),
    [
        ("iam.users", "CreateUser", "UserName", RequestField("UserName")),
        ("ec2.vpcs", "CreateVpc", "Tags", RequestField("TagSpecifications", ValueForm.TAGS, key="vpc")),  # noqa: E501
        ("s3.buckets", "CreateBucket", "Name", RequestField("Bucket")),
        ("s3.buckets", "PutBucketLogging", "LoggingTargetBucket",
         RequestField("BucketLoggingStatus", ValueForm.MEMBER, ("LoggingEnabled", "TargetBucket"))),
        ("sqs.queues", "CreateQueue", "DelaySeconds",
         RequestField("Attributes", ValueForm.ENTRY, key="DelaySeconds")),
        ("sqs.queues", "SetQueueAttributes", "QueueArn", None),
        ("sns.topics", "SetTopicAttributes", "DisplayName",
         RequestField("AttributeValue", ValueForm.PAIR, ("AttributeName",), "DisplayName")),
        ("sns.topics", "SetTopicAttributes", "SubscriptionsPending", None),
        ("rds.db_instances", "CreateDBInstance", "TagList", RequestField("Tags")),
        ("rds.db_instances", "CreateDBInstance", "DBSubnetGroup",
         RequestField("DBSubnetGroupName", ValueForm.PART, key="DBSubnetGroupName")),
        ("iam.users", "UpdateUser", "Path", RequestField("NewPath")),
        ("ec2.security_groups", "AuthorizeSecurityGroupEgress", "IpPermissionsEgress",
         RequestField("IpPermissions")),
        ("ec2.security_groups", "AuthorizeSecurityGroupEgress", "Tags", None),
    ],
)  # fmt: skip
def test_a_place_has_one_form(
    table: str, operation: str, column: str, place: RequestField | None
) -> None:
    schema, _, resource = table.partition(".")
    service, _ = catalog().service_catalog("aws", schema)
    found = catalog().table("aws", schema, resource)
    assert place_of(found, service.method(operation), column) == place


def test_tags_are_tags_whatever_the_api_calls_them() -> None:
    service, _ = catalog().service_catalog("aws", "s3")
    table = catalog().table("aws", "s3", "buckets")
    place = place_of(table, service.method("PutBucketTagging"), "Tags")
    assert place == RequestField("Tagging", ValueForm.MEMBER, ("TagSet",))


def test_over_all_tables_a_place_is_there_and_is_of_one_column() -> None:
    catalog = Catalog([BotocoreSource()])
    services = (
        "ec2",
        "s3",
        "iam",
        "rds",
        "lambda",
        "cloudfront",
        "apigatewayv2",
        "glue",
        "wafv2",
        "events",
    )
    for schema in map(schema_name, services):
        service, _ = catalog.loaded("aws", schema)
        for resource in service.plain:
            table = service.table(schema, resource, False)
            for column, writers in setters(catalog, table).items():
                assert column in {c.name for c in table.columns}
                for writer in writers:
                    shape = writer.method.parameters[writer.place.parameter].shape
                    for name in writer.place.path if writer.place.form is ValueForm.MEMBER else ():
                        shape = shape.element.shape if name == ITEM else shape.members[name].shape
                    assert list(places_of(table, writer.method).values()).count(writer.place) == 1


def test_the_data_file_says_of_parameters_that_are_there_that_rows_do_not_show_them() -> None:
    for name, parameters in OVERLAY.file("writers.toml")["not_shown"].items():
        schema, _, operation = name.partition(":")
        service, _ = catalog().service_catalog("aws", schema)
        for parameter, reason in parameters.items():
            assert parameter in service.method(operation).parameters, name
            assert reason


def test_the_data_file_says_of_columns_of_tables_that_another_name_does_not_read_them() -> None:
    for name, parameters in OVERLAY.file("writers.toml")["not_read"].items():
        table = catalog().table("aws", *name.split("."))
        assert all(
            reason and shown_in(table, parameter) for parameter, reason in parameters.items()
        ), name


def test_a_switch_is_no_text_of_the_name_that_it_turns_on() -> None:
    service, _ = catalog().service_catalog("aws", "sagemaker")
    places = places_of(
        service.table("sagemaker", "device_fleets", False), service.method("CreateDeviceFleet")
    )
    assert "EnableIotRoleAlias" not in {p.parameter for p in places.values()}


def test_the_data_file_tells_attributes_that_no_documentation_does() -> None:
    for name, attributes in OVERLAY.file("writers.toml")["untold_attributes"].items():
        schema, _, operation = name.partition(":")
        method = catalog().service_catalog("aws", schema)[0].method(operation)
        told = " ".join(m.documentation for m in method.parameters.values())
        assert not [a for a in attributes if f"{a}</code>" in told], name


def test_the_data_file_orders_operations_that_are_there() -> None:
    for name, others in OVERLAY.file("writers.toml")["goes_before"].items():
        schema, _, operation = name.partition(":")
        assert {operation, *others} <= set(catalog().service("aws", schema).operation_names), name


def test_the_data_file_names_operations_that_are_there() -> None:
    for name, reason in OVERLAY.file("writers.toml")["no_setter"].items():
        schema, _, operation = name.partition(":")
        assert operation in catalog().service("aws", schema).operation_names, name
        assert reason
