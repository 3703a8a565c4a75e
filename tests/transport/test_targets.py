"""From scopes to places: regions, connections, accounts."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from cirrusql.api.exchange import Target
from cirrusql.api.model import Operation
from cirrusql.errors import ConfigError, InvalidParameter, UnknownName
from cirrusql.plan.model import CallScope
from cirrusql.providers.aws.credentials import Identities
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.providers.aws.topology import Discovery
from cirrusql.settings import ConnectionSettings, Settings
from tests.support.fault_proxy import FaultProxy, Faults

SOURCE = BotocoreSource()
EC2, IAM = SOURCE.load("ec2"), SOURCE.load("iam")
ROLE = "arn:aws:iam::111122223333:role/reader"


def regions(targets: Any) -> list[str]:
    return [t.region for t in targets]


def test_no_scope_is_the_sessions_region(fetcher: Any, proxy: FaultProxy) -> None:
    assert regions(fetcher(region="eu-west-1").targets(CallScope(), EC2)) == ["eu-west-1"]
    assert not proxy.calls


def test_named_regions_are_not_discovered(fetcher: Any, proxy: FaultProxy) -> None:
    assert regions(fetcher().targets(CallScope(regions=("eu-west-1", "sa-east-1")), EC2)) == [
        "eu-west-1",
        "sa-east-1",
    ]
    assert not proxy.calls


def test_a_pattern_finds_the_enabled_regions_once(fetcher: Any, proxy: FaultProxy) -> None:
    opened = fetcher()
    found = regions(
        opened.targets(CallScope(regions=("eu-%",), excluded_regions=("eu-west-3",)), EC2)
    )
    opened.targets(CallScope(regions=("*",)), EC2)
    assert "eu-west-1" in found
    assert all(r.startswith("eu-") and r != "eu-west-3" for r in found)
    assert proxy.calls["ec2:DescribeRegions"] == 1


def test_a_region_that_is_none_names_the_nearest(fetcher: Any) -> None:
    with pytest.raises(InvalidParameter, match="eu-west-1"):
        fetcher().targets(CallScope(regions=("eu-wst-1",)), EC2)


def test_a_global_service_is_one_place(fetcher: Any) -> None:
    assert regions(fetcher(region="eu-west-1").targets(CallScope(regions=("*",)), IAM)) == [
        "us-east-1"
    ]
    assert regions(fetcher(region="cn-north-1").targets(CallScope(), IAM)) == ["cn-north-1"]
    assert regions(fetcher(region="us-gov-east-1").targets(CallScope(), IAM)) == ["us-gov-west-1"]


def test_no_region_at_all_says_what_to_do(fetcher: Any) -> None:
    with pytest.raises(ConfigError, match="AWS_REGION"):
        fetcher(region=None, endpoint_url=None).targets(CallScope(), EC2)


def test_unknown_connections_are_told(fetcher: Any) -> None:
    with pytest.raises(UnknownName, match="nobody"):
        fetcher(connection="nobody").targets(CallScope(), EC2)


def test_connections_of_roles_are_their_accounts(fetcher: Any, proxy: FaultProxy) -> None:
    connections = {
        "a": ConnectionSettings("a", role_arn=ROLE),
        "b": ConnectionSettings("b", regions=("eu-west-1",)),
    }
    opened = fetcher(connections=connections)
    found = opened.targets(CallScope(connections=("%",)), EC2)
    assert [(t.connection, t.region) for t in found] == [("a", "us-east-1"), ("b", "eu-west-1")]
    assert opened.account_id("a", "aws") == "111122223333"
    assert (
        opened.targets(CallScope(connections=("%",), accounts=("1111%",)), EC2)[0].connection == "a"
    )


def test_a_role_session_is_shared_by_all_calls_even_with_one_place(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    opened = fetcher(connections={"a": ConnectionSettings("a", role_arn=ROLE)}, concurrency=1)
    opened.targets(CallScope(connections=("a",)), EC2)
    listing = call("iam.users", "ListUsers", columns=("UserName",), connection="a")
    assert len(list(opened.batches([listing] * 20))) == 20
    assert proxy.calls["sts:AssumeRole"] == 1


def test_an_organization_is_a_connection_per_active_account(fetcher: Any, client: Any) -> None:
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    account = organizations.create_account(AccountName="dev", Email="dev@example.org")[
        "CreateAccountStatus"
    ]["AccountId"]
    opened = fetcher(
        connections={"org": ConnectionSettings("org", organization=True, role_name="reader")}
    )
    found = [t.connection for t in opened.targets(CallScope(connections=("org/%",)), EC2)]
    assert f"org/{account}" in found
    assert opened.account_id(f"org/{account}", "aws") == account


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("us-gov-east-1", "aws-us-gov"),
        ("cn-northwest-1", "aws-cn"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_the_roles_of_an_organization_are_of_the_partition_that_its_region_is_of(
    region: str, partition: str
) -> None:
    async def two_accounts(operation: Operation, parameters: Any, target: Target) -> Any:
        assert operation.id == "organizations:ListAccounts"
        return {
            "Accounts": [
                {"Id": "222222222222", "Status": "ACTIVE"},
                {"Id": "3", "Status": "SUSPENDED"},
            ]
        }

    org = ConnectionSettings("org", organization=True, role_name="reader")
    identities = Identities(Settings(connections={"org": org}, region=region), {})
    scope = CallScope(connections=("org/%",), regions=(region,))
    (found,) = asyncio.run(Discovery(identities, two_accounts, SOURCE).targets(scope, EC2))
    assert found.connection == "org/222222222222"
    member = identities.get(found.connection).connection
    assert member is not None
    assert member.role_arn == f"arn:{partition}:iam::222222222222:role/reader"


def test_a_connection_that_fails_stays_a_target_so_that_its_calls_say_why(
    fetcher: Any, proxy: FaultProxy
) -> None:
    proxy.faults = Faults(expire_first=99, only=frozenset({"sts:AssumeRole"}))
    opened = fetcher(
        connections={"a": ConnectionSettings("a", role_arn=ROLE), "b": ConnectionSettings("b")}
    )
    found = opened.targets(CallScope(regions=("eu-west-%",), connections=("%",)), EC2)
    assert [t.region for t in found if t.connection == "a"] == ["us-east-1"]
    assert len([t for t in found if t.connection == "b"]) == 3


def test_a_sandbox_calls_nothing_but_loopback(fetcher: Any, call: Any) -> None:
    opened = fetcher(sandbox=True, endpoint_url="https://iam.amazonaws.com")
    (failure,) = opened.batches([call("iam.users", "ListUsers", columns=("UserName",))])
    assert isinstance(failure.error, ConfigError)


def test_the_credentials_that_assume_a_role_are_no_connection_of_their_own(fetcher: Any) -> None:
    opened = fetcher(connections={"a": ConnectionSettings("a", role_arn=ROLE)})
    opened.account_id("a", "aws")
    assert [t.connection for t in opened.targets(CallScope(connections=("%",)), EC2)] == ["a"]


@pytest.mark.parametrize(
    ("environ", "settings", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, {}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, {}, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1"}, {"region": "eu-west-3"}, "eu-west-3"),
        ({}, {}, "sa-east-1"),
    ],
)
def test_the_region_is_the_one_that_the_aws_cli_would_take(
    environ: dict[str, str],
    settings: dict[str, Any],
    region: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "config").write_text("[profile p]\nregion = sa-east-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    identities = Identities(Settings(profile="p", **settings), dict(os.environ))
    assert identities.get(None).region == region
