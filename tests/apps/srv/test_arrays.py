"""Clients' PostgreSQL arrays, in text and in binary, reach the API as lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.apps.srv import conftest
from tests.apps.srv.conftest import Server, running
from tests.apps.srv.test_other_clients import run
from tests.support.fault_proxy import FaultProxy

Client = Callable[..., Any]


class Services(BotocoreSource):
    """The services that the statements name."""

    def ids(self) -> list[str]:
        return ["ec2", "elbv2", "iam", "sts"]


@pytest.fixture
def server(hermetic: Any, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(conftest, "CATALOG", Catalog([Services()]))
    with running(
        ServerOptions(port=0, authentication="trust", allows_writes=True), proxy.url
    ) as found:
        yield found


@pytest.fixture
def subnets(client: Client) -> list[str]:
    """Two subnets for a load balancer."""
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        client("ec2").create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{'ab'[n]}"
        )["Subnet"]["SubnetId"]
        for n in range(2)
    ]


def given(client: Client) -> list[str]:
    (found,) = client("elbv2").describe_load_balancers()["LoadBalancers"]
    return sorted(z["SubnetId"] for z in found["AvailabilityZones"])


_INSERT = """INSERT INTO elbv2.load_balancers ("Name", "Subnets") VALUES ('web', {})"""


@pytest.mark.parametrize("form", ["%s", "%t", "%b"])
def test_psycopg_gives_a_list(
    form: str, server: Server, subnets: list[str], client: Client
) -> None:
    with server.connect() as connection:
        connection.execute(_INSERT.format(form), [subnets])
    assert given(client) == sorted(subnets)


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_literal(quote: str, server: Server, subnets: list[str], client: Client) -> None:
    listed = ",".join(f"{quote}{s}{quote}" for s in subnets)
    with server.connect() as connection:
        connection.execute(_INSERT.format(f"'{{{listed}}}'"))
    assert given(client) == sorted(subnets)


@pytest.mark.parametrize("as_text", [json.dumps, lambda found: "{" + ",".join(found) + "}"])
def test_text_that_stands_for_a_list(
    as_text: Callable[[list[str]], str], server: Server, subnets: list[str], client: Client
) -> None:
    with server.connect() as connection:
        connection.execute(_INSERT.format("%s"), [as_text(subnets)])
    assert given(client) == sorted(subnets)


def test_asyncpg_is_told_that_it_is_an_array_and_gives_it_in_binary(
    server: Server, subnets: list[str], client: Client
) -> None:
    async def work(connection: Any) -> list[str]:
        statement = await connection.prepare(_INSERT.format("$1"))
        await statement.fetch(subnets)
        return [p.name for p in statement.get_parameters()]

    assert run(server, work) == ["text[]"]
    assert given(client) == sorted(subnets)


def test_an_update_takes_one_too(server: Server, subnets: list[str], client: Client) -> None:
    client("elbv2").create_load_balancer(Name="web", Subnets=subnets)
    (found,) = client("elbv2").describe_load_balancers()["LoadBalancers"]

    async def work(connection: Any) -> None:
        sql = 'UPDATE elbv2.load_balancers SET "Subnets" = $1 WHERE "LoadBalancerArn" = $2'
        await connection.execute(sql, subnets[::-1], found["LoadBalancerArn"])

    run(server, work)
    assert given(client) == sorted(subnets)


def test_a_list_that_a_delete_names_is_counted(server: Server, client: Client) -> None:
    for name in ("ann", "bob"):
        client("iam").create_user(UserName=name)
    with server.connect() as connection:
        sql = 'DELETE FROM iam.users WHERE "UserName" = ANY(%s)'
        with pytest.raises(psycopg.Error, match="2 things"):
            connection.execute(sql, [["ann", "bob"]])
        connection.execute(sql, [["ann"]])
    assert [u["UserName"] for u in client("iam").list_users()["Users"]] == ["bob"]
