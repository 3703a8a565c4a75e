"""Which names identify a thing, and under which names the same value may appear."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference.identifiers import (
    fields_for,
    nouns_of,
    same_value,
    says_which,
    spelled,
    spellings,
    stem_of,
)
from cirrusql.catalog.model import Method
from tests.support.catalog import CATALOG


def method_of(operation: str) -> Method:
    service, _, name = operation.partition(":")
    return CATALOG.service_catalog("aws", schema_name(service))[0].method(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ClusterName", True),
        ("roleARN", True),
        ("id", True),
        ("Paid", False),
        ("Grid", False),
        ("Status", False),
    ],
)
def test_a_name_says_which_by_its_last_word(name: str, expected: bool) -> None:
    assert says_which(name) is expected


@pytest.mark.parametrize(
    ("thing", "nouns"),
    [
        (("assessment", "framework"), ("assessment_framework", "framework")),
        (("targets", "by", "rule"), ("target",)),
        (("invalidation", "for", "distribution", "tenant"), None),
    ],
)
def test_a_thing_is_called_by_its_last_words_and_not_by_what_it_is_for(
    thing: tuple[str, ...], nouns: tuple[str, ...] | None
) -> None:
    found = nouns_of(thing)
    assert found == nouns if nouns is not None else "distribution_tenant" not in found


def test_an_arn_is_spelled_with_the_noun_or_without() -> None:
    assert spelled(("db", "cluster"), "arn") == ("db_cluster_arn", "cluster_arn", "arn")


@pytest.mark.parametrize(
    ("name", "thing", "others"),
    [
        ("Name", ("cluster",), {"name", "cluster_name"}),
        ("ClusterId", ("cluster",), {"id", "cluster_id"}),
        ("ProductId", ("provisioned", "product"), {"product_id"}),
        ("Status", ("cluster",), {"status"}),
    ],
)
def test_the_same_value_stands_under_the_whole_noun_or_none(
    name: str, thing: tuple[str, ...], others: set[str]
) -> None:
    assert set(same_value(name, thing)) == others


def test_a_parameter_of_another_thing_is_only_itself() -> None:
    assert spellings("arrayJobId", ("job",)) == ("array_job_id",)
    assert spellings("ResourceArn", ("web", "acl")) == ("resource_arn",)
    assert "id" in spellings("KmsKeyId", ("key",), is_chosen=True)


def test_a_version_is_called_by_nothing_but_its_version() -> None:
    assert spellings("flowVersion", ("flow", "version")) == ("flow_version", "version")
    assert stem_of("flowVersion") == ("flow", "version")


def test_an_id_is_sooner_a_version_than_the_id_of_what_it_is_a_version_of() -> None:
    known = spellings("GroupVersionId", ("group", "version"))
    assert known.index("version") < known.index("id")
    assert "version_id" in spellings("policyVersionId", ("policy", "version"))


def test_a_name_with_all_words_of_a_thing_or_none_is_surer_than_one_with_some() -> None:
    known = spellings("enabledBaselineIdentifier", ("enabled", "baseline"))
    assert max(known.index("arn"), known.index("enabled_baseline_arn")) < known.index(
        "baseline_identifier"
    )


@pytest.mark.parametrize(
    ("table", "operation", "parameter", "field"),
    [
        ("apigateway.api_keys", "DeleteApiKey", "apiKey", "id"),
        ("bedrock.guardrails", "DeleteGuardrail", "guardrailIdentifier", "id"),
        ("cloudtrail.channels", "DeleteChannel", "Channel", "ChannelArn"),
        ("ivschat.rooms", "DeleteRoom", "identifier", "arn"),
        ("lambda.layer_versions", "DeleteLayerVersion", "VersionNumber", "Version"),
        ("wafv2.web_acls", "AssociateWebACL", "ResourceArn", None),
        ("quicksight.themes", "UpdateTheme", "BaseThemeId", None),
        (
            "codedeploy.deployment_groups",
            "UpdateDeploymentGroup",
            "currentDeploymentGroupName",
            "deploymentGroupName",
        ),
    ],
)
def test_writes_take_the_field_that_the_documentation_speaks_of(
    table: str, operation: str, parameter: str, field: str | None
) -> None:
    schema = table.partition(".")[0]
    member = method_of(f"{schema}:{operation}").parameters[parameter]
    found = fields_for(CATALOG.table("aws", *table.split(".")), parameter, member)
    assert (found[:1] or (None,))[0] == field


def test_a_structure_is_given_no_name() -> None:
    table = CATALOG.table("aws", "ses", "templates")
    assert (
        fields_for(table, "Template", method_of("ses:UpdateTemplate").parameters["Template"]) == ()
    )
