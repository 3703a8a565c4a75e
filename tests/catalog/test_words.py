"""Words, plurals and identifiers."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cirrusql.catalog.inference.verbs import named_verb, parts
from cirrusql.catalog.inference.words import (
    is_plural,
    plural,
    registry_plural,
    singular,
    singular_name,
    snake_case,
    words,
)
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

SOURCE = BotocoreSource()
NAMES = sorted(
    {n for service in SOURCE.ids() for n in SOURCE._read(service, "service-2")["operations"]}
)
NOUNS = sorted({parts(n).noun[-1] for n in NAMES})


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("AccessKeyId", "access_key_id"),
        ("MFADevice", "mfa_device"),
        ("OpenIDConnectProvider", "open_id_connect_provider"),
        ("SSHPublicKeys", "ssh_public_keys"),
        ("SAMLProvider", "saml_provider"),
        ("DBInstances", "db_instances"),
        ("ObjectsV2", "objects_v2"),
        ("VPCs", "vpcs"),
        ("CIDRs", "cidrs"),
        ("IPv6Address", "ipv6_address"),
        ("CidrIpv6s", "cidr_ipv6s"),
        ("DescribeIpv6Pools", "describe_ipv6_pools"),
        ("M2tsSettings", "m2ts_settings"),
        ("Status2xx", "status2xx"),
        ("sha256sum", "sha256sum"),
        ("EC2InstanceId", "ec2_instance_id"),
        ("CreateCachediSCSIVolume", "create_cached_iscsi_volume"),
        ("SendWhatsAppMessage", "send_whatsapp_message"),
        ("StartOTelEnrichment", "start_otel_enrichment"),
        ("ClientIDFromOpenIDConnectProvider", "client_id_from_open_id_connect_provider"),
        ("clusterArn", "cluster_arn"),
        ("access_key_id", "access_key_id"),
    ],
)
def test_snake_case_knows_acronyms(name: str, snake: str) -> None:
    assert snake_case(name) == snake


def test_operations_are_spelled_as_the_aws_command_line_spells_them() -> None:
    from botocore import xform_name

    # OAuth is one word; botocore has no rule for where its number stands.
    assert [n for n in NAMES if snake_case(n) != xform_name(n) and "OAuth" not in n] == []


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,30}", fullmatch=True))
def test_snake_case_of_any_name_is_an_identifier_and_stays(name: str) -> None:
    snake = snake_case(name)
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", snake)
    assert snake.replace("_", "") == name.lower()
    assert "_".join(words(name)) == snake
    if "_" in snake:
        assert snake_case(snake) == snake


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("policy", "policies"),
        ("key", "keys"),
        ("address", "addresses"),
        ("access", "accesses"),
        ("alias", "aliases"),
        ("analysis", "analyses"),
        ("api", "apis"),
        ("batch", "batches"),
        ("bus", "buses"),
        ("cache", "caches"),
        ("data", "data"),
        ("database", "databases"),
        ("gateway", "gateways"),
        ("gpu", "gpus"),
        ("index", "indices"),
        ("kpi", "kpis"),
        ("thesaurus", "thesauri"),
        ("lens", "lenses"),
        ("metadata", "metadata"),
        ("cors", "cors"),
        ("series", "series"),
        ("size", "sizes"),
        ("status", "statuses"),
        ("vpc", "vpcs"),
        ("warehouse", "warehouses"),
    ],
)
def test_plural_and_singular_are_each_others_inverse(one: str, many: str) -> None:
    assert plural(one) == many
    assert singular(many) == one
    assert plural(many) == many
    assert singular(one) == one
    assert is_plural(many) == (one != many or one in ("data", "cors", "series"))


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_of_the_api_has_one_singular_and_one_plural(noun: str) -> None:
    one, many = singular(noun), plural(noun)
    assert singular(one) == one
    assert plural(many) == many
    assert singular(many) == one
    assert plural(one) in (many, plural(one))
    assert singular(plural(one)) == one


@given(
    st.from_regex(r"[a-z]{3,8}(ion|er|et|ing|ent|ock|ry|ay|ss|sh|ch|age|ze|i|o)", fullmatch=True)
)
def test_plural_is_done_once(word: str) -> None:
    # A silent e makes two singulars of one plural (axes of axe, axes of ax): the rule takes one.
    assume(not re.search(r"(ss|sh|ch|x|zz|us|ys|i)e$", singular(word)))
    # Of one in -si or -xi the plural looks like an analysis or an axis.
    assume(not re.search(r"([sx]|^med)i$", word))
    assert singular(plural(singular(word))) == singular(singular(word))
    assert plural(plural(word)) == plural(word)


def test_registry_plural_looks_at_the_last_letters_only() -> None:
    assert registry_plural("account_alias") == "account_alias"
    assert registry_plural("access_key_last_used") == "access_key_last_useds"
    assert registry_plural("bucket_policy") == "bucket_policies"
    assert registry_plural("part_copy") == "part_copies"


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("QueueUrls", "QueueUrl"),
        ("TableNames", "TableName"),
        ("clusterArns", "clusterArn"),
        ("Ids", "Id"),
        ("Policies", "Policy"),
        ("VPCs", "VPC"),
        ("PriceList", "PriceList"),
    ],
)
def test_singular_name_keeps_the_case(many: str, one: str) -> None:
    assert singular_name(many) == one


def test_batch_and_admin_are_no_verbs() -> None:
    assert parts("BatchGetItem").verb == "get"
    assert parts("BatchGetItem").is_batch
    assert parts("AdminCreateUser").noun == ("user",)
    assert parts("CreateOrUpdateTags").noun == ("tags",)


def test_every_first_word_that_many_operations_have_is_a_verb_or_known_as_none() -> None:
    counts: dict[str, int] = {}
    for name in NAMES:
        counts[parts(name).verb] = counts.get(parts(name).verb, 0) + 1
    often = [word for word, count in counts.items() if count >= 5]
    known_as_none = "assume batch execute export generate invoke notify poll respond test verify"
    assert {w for w in often if named_verb(w.title() + "X") == "EXEC"} == set(known_as_none.split())
