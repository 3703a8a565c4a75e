"""Columns that a request takes in parts: members as parameters of their own, patch operations."""

from __future__ import annotations

import pytest

from cirrusql.errors import Error
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

ZONE = (
    "INSERT INTO aws.route53.hosted_zones (Name, CallerReference, Config) "
    "VALUES ('a.com.', '1', {'Comment': 'ours', 'PrivateZone': false})"
)
STAGE = "restApiId = (SELECT id FROM aws.apigateway.rest_apis) AND stageName = 'prod'"


def test_a_structure_is_set_by_the_parameters_that_are_its_members(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask(ZONE)
    ask("UPDATE aws.route53.hosted_zones SET Config = {'Comment': 'theirs'} WHERE Name = 'a.com.'")
    (row,) = ask("SELECT Config FROM aws.route53.hosted_zones")
    assert row["Config"] == {"Comment": "theirs", "PrivateZone": False}
    assert proxy.calls["route53:UpdateHostedZoneComment"] <= 1


def test_a_member_that_nothing_sets_is_no_silent_nothing(ask: Ask) -> None:
    ask(ZONE)
    with pytest.raises(Error, match="PrivateZone of Config cannot be changed"):
        ask(
            "UPDATE aws.route53.hosted_zones SET Config = {'Comment': 'b', 'PrivateZone': true} "
            "WHERE true"
        )
    (row,) = ask("SELECT Config.Comment AS c FROM aws.route53.hosted_zones")
    assert row["c"] == "ours"


def test_several_columns_are_patched_by_one_call(ask: Ask) -> None:
    ask("INSERT INTO aws.apigateway.api_keys (name, enabled) VALUES ('k', true)")
    done = ask(
        "UPDATE aws.apigateway.api_keys SET description = 'ours', enabled = false WHERE name = 'k'"
    )
    assert [r["operation"] for r in done] == ["apigateway:UpdateApiKey"]
    (row,) = ask("SELECT description, enabled FROM aws.apigateway.api_keys")
    assert row == {"description": "ours", "enabled": False}


def test_members_that_are_not_given_stay(ask: Ask) -> None:
    ask(
        "INSERT INTO aws.apigateway.usage_plans (name, quota) "
        "VALUES ('u', {'limit': 100, 'offset': 0, 'period': 'DAY'})"
    )
    ask("UPDATE aws.apigateway.usage_plans SET quota = {'limit': 7} WHERE name = 'u'")
    (row,) = ask("SELECT quota FROM aws.apigateway.usage_plans")
    assert row["quota"] == {"limit": 7, "offset": 0, "period": "DAY"}


def test_a_map_is_patched_entry_by_entry(ask: Ask) -> None:
    ask("INSERT INTO aws.apigateway.rest_apis (name) VALUES ('a')")
    ask(
        "EXEC aws.apigateway.methods.put_method @restApiId = (SELECT id FROM "
        "aws.apigateway.rest_apis), "
        "@resourceId = (SELECT rootResourceId FROM aws.apigateway.rest_apis), @httpMethod = 'GET', "
        "@authorizationType = 'NONE'"
    )
    ask(
        "EXEC aws.apigateway.integrations.put_integration "
        "@restApiId = (SELECT id FROM aws.apigateway.rest_apis), "
        "@resourceId = (SELECT rootResourceId FROM aws.apigateway.rest_apis), "
        "@httpMethod = 'GET', @type = 'MOCK'"
    )
    ask(
        "INSERT INTO aws.apigateway.deployments (restApiId) SELECT id FROM aws.apigateway.rest_apis"
    )
    ask(
        "INSERT INTO aws.apigateway.stages (restApiId, stageName, deploymentId, variables) "
        "SELECT restApiId, 'prod', id, MAP {'a': '1', 'b': '2'} FROM aws.apigateway.deployments"
    )
    ask(f"UPDATE aws.apigateway.stages SET variables = MAP {{'b': '3', 'c': '4'}} WHERE {STAGE}")
    (row,) = ask(f"SELECT variables FROM aws.apigateway.stages WHERE {STAGE}")
    assert dict(row["variables"]) == {"b": "3", "c": "4"}
    ask(f"UPDATE aws.apigateway.stages SET variables = NULL WHERE {STAGE}")
    (row,) = ask(f"SELECT variables FROM aws.apigateway.stages WHERE {STAGE}")
    assert not row["variables"]
