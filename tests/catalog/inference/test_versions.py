"""Two generations of an API: which one a table's rows come from."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference.verbs import LISTS, parts
from cirrusql.catalog.inference.versions import base_of, versions
from cirrusql.catalog.model import Verb
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG

# Services that have a second generation of any operation.
SERVICES = [
    s
    for s in BotocoreSource().ids()
    if any(base_of(n) is not None for n in BotocoreSource().load(s).operation_names)
]


@pytest.mark.parametrize("service", SERVICES)
def test_no_table_takes_its_rows_from_two_generations(service: str) -> None:
    schema = schema_name(service)
    for resource in CATALOG.service_catalog("aws", schema)[0].plain:
        found = {
            (found[1] if (found := base_of(m.operation.name)) is not None else "1")
            for m in CATALOG.table("aws", schema, resource).reached_by(Verb.SELECT)
            if parts(m.operation.name).verb in LISTS and m.rows is not None and m.rows.lists
        }
        assert len(found) < 2 or versions(OVERLAY).get(f"{service}:{resource}") == "same", (
            f"{service}.{resource}"
        )


@pytest.mark.parametrize("key", sorted(versions(OVERLAY)))
def test_what_is_said_of_versions_names_two_generations_of_readers(key: str) -> None:
    service, _, resource = key.partition(":")
    names = [r for r in CATALOG.resources("aws", schema_name(service)) if r.startswith(resource)]
    tables = [CATALOG.table("aws", schema_name(service), name) for name in names]
    readers = {m.operation.name for t in tables for m in t.reached_by(Verb.SELECT)}
    assert any((found := base_of(name)) is not None and found[0] in readers for name in readers)


@pytest.mark.parametrize(
    ("table", "operations"),
    [
        ("kafka.clusters", {"ListClustersV2", "DescribeClusterV2"}),
        ("kafka.clusters_v1", {"ListClusters", "DescribeCluster"}),
        ("securityhub.automation_rules", {"ListAutomationRules", "BatchGetAutomationRules"}),
        ("securityhub.automation_rules_v2", {"ListAutomationRulesV2", "GetAutomationRuleV2"}),
        ("network_firewall.firewall_policies", {"ListFirewallPolicies", "DescribeFirewallPolicy"}),
        (
            "network_firewall.firewall_policies_v2",
            {"ListFirewallPoliciesV2", "DescribeFirewallPolicyV2"},
        ),
        ("connect.phone_numbers", {"ListPhoneNumbersV2", "DescribePhoneNumber"}),
    ],
)
def test_a_table_has_the_readers_of_its_generation(table: str, operations: set[str]) -> None:
    found = CATALOG.table("aws", *table.split("."))
    assert {m.operation.name for m in found.reached_by(Verb.SELECT)} == operations


def test_what_makes_a_thing_of_the_second_generation_inserts_into_its_table() -> None:
    rules = CATALOG.table("aws", "securityhub", "automation_rules_v2")
    assert [m.operation.name for m in rules.reached_by(Verb.INSERT)] == ["CreateAutomationRuleV2"]
