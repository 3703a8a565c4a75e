"""Names from StackQL's registry of 2026 work here, in its SELECTs and EXECs."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.catalog.inference.api_names import name_parts
from cirrusql.catalog.inference.words import registry_plural
from cirrusql.catalog.model import Verb
from cirrusql.errors import UnknownMethod, UnknownTable
from tests.support.catalog import CATALOG

LINES = [
    (line[0] == "*", *line[2:].split())
    for line in Path(__file__).with_name("registry_names.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
MINTING = {
    "sts.delegated_access_tokens",
    "sts.federation_tokens",
    "sts.session_tokens",
    "sts.web_identity_tokens",
}
"""What returns credentials is EXEC's here."""


def test_every_selected_resource_is_a_table_and_is_read() -> None:
    unread = set()
    for is_selected, name, *_ in LINES:
        schema, _, resource = str(name).partition(".")
        table = CATALOG.table("aws", schema, resource)
        if is_selected and not any(m.verb is Verb.SELECT for m in table.methods):
            unread.add(name)
    assert unread == MINTING
    assert sum(bool(line[0]) for line in LINES) == 103


def test_every_method_is_found_under_its_resource() -> None:
    count = 0
    for _, name, *methods in LINES:
        schema, _, resource = str(name).partition(".")
        for method in methods:
            found = CATALOG.method("aws", schema, resource, str(method))[1]
            assert method in (found.name, found.api_name, f"{resource}_{method}"), name
            count += 1
    assert count == 270


@pytest.mark.parametrize(
    ("service", "resource"),
    [
        ("elasticache", "tags_for_resources"),
        ("route53", "tags_for_resources"),
        ("kms", "resource_tags"),
        ("sqs", "queue_tags"),
        ("firehose", "tags_for_delivery_streams"),
        ("dynamodb", "tags_of_resources"),
        ("ec2", "tags"),
    ],
)
def test_tags_are_what_the_service_lists_them_by(service: str, resource: str) -> None:
    assert CATALOG.table("aws", service, "tags").name == resource


def test_tags_of_several_kinds_are_none_of_them() -> None:
    for service in ("iam", "resourcegroupstaggingapi"):
        with pytest.raises(UnknownTable):
            CATALOG.table("aws", service, "tags")


def test_a_method_is_found_by_its_operations_name_wherever_it_is() -> None:
    table, method = CATALOG.method("aws", "iam", "users", "list_roles")
    assert (table.name, method.operation.name) == ("roles", "ListRoles")
    table, method = CATALOG.method("aws", "iam", "nosuch", "GetRole")
    assert (table.name, method.operation.name) == ("roles", "GetRole")
    with pytest.raises(UnknownMethod):
        CATALOG.method("aws", "iam", "users", "list_rolls")
    with pytest.raises(UnknownTable):
        CATALOG.method("aws", "iam", "nosuch", "get_rolls")


@pytest.mark.parametrize(
    ("schema", "operation", "resource", "method"),
    [
        ("sts_api", "GetCallerIdentity", "caller_identity", "caller_identity_Get"),
        ("ec2_api", "GetConsoleOutput", "console_output", "console_output_Get"),
        ("ec2_api", "DescribeInstances", "instances", "instances_Describe"),
        ("apigateway_api", "GetApiKey", "api_keys", "api_key_Get"),
        ("rds_api", "ListTagsForResource", "tags_for_resource", "tags_for_resource_List"),
        ("lambda_api", "GetAccountSettings", "account_settings", "account_settings_Get"),
        # The registry's pages of these services are known, and always have the plural.
        ("iam_api", "GetAccountSummary", "account_summaries", "account_summaries_Get"),
        ("s3_api", "GetBucketAcl", "bucket_acls", "bucket_acls_Get"),
    ],
)
def test_a_noun_is_in_the_plural_where_an_operation_has_the_plural(
    schema: str, operation: str, resource: str, method: str
) -> None:
    table = CATALOG.table("aws", schema, resource)
    found = {m.operation.name: m.api_name for m in table.methods}
    assert (table.name, found[operation]) == (resource, method)


@pytest.mark.parametrize("schema", ["ec2", "sts", "glue", "cognito_idp", "apigateway", "s3control"])
def test_the_plural_names_of_before_lead_to_the_same_operations(schema: str) -> None:
    """The registry's rule makes every noun plural; those names still work."""
    service, _ = CATALOG.service_catalog("aws", schema)
    renamed = 0
    for resource, names in service.registry.items():
        for name in names:
            verb, noun = name_parts(name)
            before = registry_plural(noun)
            table = CATALOG.table("aws", f"{schema}_api", before)
            assert table.name == resource, name
            if service.method(name).api_name == f"{resource}_{verb}":
                found = CATALOG.method("aws", f"{schema}_api", before, f"{before}_{verb}")[1]
                assert found.operation.name == name
            renamed += before != resource
    assert renamed
