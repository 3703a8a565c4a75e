"""Names of StackQL's registry of 2026 are names here: its SELECTs and its EXECs run on."""

from __future__ import annotations

from pathlib import Path

import pytest

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
