"""Names that do not exist, and names in other spellings."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import UnknownMethod, UnknownProvider, UnknownService, UnknownTable
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG


def test_unknown_names_name_the_nearest() -> None:
    with pytest.raises(UnknownService) as service:
        CATALOG.table("aws", "lamda", "functions")
    assert service.value.near[0] == "aws.lambda.functions"
    with pytest.raises(UnknownService) as service:
        CATALOG.resources("aws", "lamda")
    assert "lambda" in service.value.near
    with pytest.raises(UnknownTable) as table:
        CATALOG.table("aws", "iam", "acess_keys")
    assert "access_keys" in table.value.near
    with pytest.raises(UnknownMethod) as method:
        CATALOG.method("aws", "iam_api", "access_keys", "access_keys_Lst")
    assert "access_keys_List" in method.value.near
    with pytest.raises(UnknownProvider):
        CATALOG.table("azure", "iam", "users")


@pytest.mark.parametrize("name", ["access_key", "ACCESS_KEYS", "Access_Keys"])
def test_noun_as_it_stands_and_any_case_resolve(name: str) -> None:
    assert CATALOG.table("aws", "iam", name).name == "access_keys"


def test_better_homes_are_used_under_the_plain_name() -> None:
    operations = {m.operation.name for m in CATALOG.table("aws", "ec2", "instances").methods}
    assert {
        "DescribeInstances",
        "RunInstances",
        "TerminateInstances",
        "StartInstances",
    } <= operations
    attached = {
        m.operation.name for m in CATALOG.table("aws", "iam", "attached_user_policies").methods
    }
    assert {"ListAttachedUserPolicies", "AttachUserPolicy", "DetachUserPolicy"} <= attached


def test_one_table_loads_one_service() -> None:
    catalog = Catalog([BotocoreSource()])
    catalog.table("aws", "sts", "caller_identities")
    assert len(catalog._services) == 1
