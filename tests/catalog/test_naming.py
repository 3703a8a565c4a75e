"""Words, plurals and identifiers."""

from __future__ import annotations

import pytest

from cirrusql.catalog.naming import plural, registry_plural, singular, singular_name, snake_case
from cirrusql.catalog.verbs import parts


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("AccessKeyId", "access_key_id"),
        ("MFADevice", "mfa_device"),
        ("OpenIDConnectProvider", "open_id_connect_provider"),
        ("SSHPublicKeys", "ssh_public_keys"),
        ("DBInstances", "db_instances"),
        ("ObjectsV2", "objects_v2"),
        ("VPCs", "vpcs"),
        ("ClientIDFromOpenIDConnectProvider", "client_id_from_open_id_connect_provider"),
        ("clusterArn", "cluster_arn"),
        ("access_key_id", "access_key_id"),
    ],
)
def test_snake_case_knows_acronyms(name: str, snake: str) -> None:
    assert snake_case(name) == snake


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("policy", "policies"),
        ("key", "keys"),
        ("address", "addresses"),
        ("alias", "aliases"),
        ("analysis", "analyses"),
        ("database", "databases"),
        ("index", "indices"),
        ("cors", "cors"),
        ("gateway", "gateways"),
    ],
)
def test_plural_and_singular_are_each_others_inverse(one: str, many: str) -> None:
    assert plural(one) == many
    assert singular(many) == one
    assert plural(many) == many
    assert singular(one) == one


def test_registry_plural_looks_at_the_last_letters_only() -> None:
    assert registry_plural("account_alias") == "account_alias"
    assert registry_plural("access_key_last_used") == "access_key_last_useds"
    assert registry_plural("bucket_policy") == "bucket_policies"


@pytest.mark.parametrize(
    ("many", "one"),
    [("QueueUrls", "QueueUrl"), ("TableNames", "TableName"), ("clusterArns", "clusterArn"), ("Ids", "Id")],
)
def test_singular_name_keeps_the_case(many: str, one: str) -> None:
    assert singular_name(many) == one


def test_batch_and_admin_are_no_verbs() -> None:
    assert parts("BatchGetItem").verb == "get"
    assert parts("AdminCreateUser").noun == ("user",)
