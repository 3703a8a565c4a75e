"""Plain SQL that was once refused or misread: each form now means what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import NotSupportedError
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

Client = Callable[..., Any]


@pytest.mark.parametrize("quotes", ["''", "''''", "E''", '""""', "'a' || ''", "'' -- ''"])
def test_a_parameter_stands_beside_quotes_at_the_end(quotes: str, ask: Ask) -> None:
    (row,) = ask(
        f"SELECT $n AS n, {quotes}" if quotes[0] != '"' else f"SELECT $n AS n, 1 AS {quotes}", n=7
    )
    assert row["n"] == 7


def test_a_parameter_is_bound_in_a_condition_that_ends_in_an_empty_text(
    client: Client, ask: Ask
) -> None:
    for name in ("ann", "bob"):
        client("iam").create_user(UserName=name)
    sql = "SELECT UserName FROM aws.iam.users WHERE UserName = $u AND Path <> ''"
    assert ask(sql, u="ann") == [{"UserName": "ann"}]


PLACES = "(VALUES ('us-east-1', 1), ('eu-west-1', 2)) p(region, n)"
JOINS = {
    "VALUES": f"SELECT p.region, n, VpcId FROM {PLACES} JOIN aws.ec2.vpcs v ON v.region = p.region",
    "VALUES, after": f"SELECT p.region, n, VpcId FROM aws.ec2.vpcs v JOIN {PLACES} ON v.region = "
    "p.region",
    "USING": f"SELECT region, n, VpcId FROM {PLACES} JOIN aws.ec2.vpcs v USING (region)",
    "NATURAL": f"SELECT region, n, VpcId FROM {PLACES} NATURAL JOIN aws.ec2.vpcs",
    "another name": f"SELECT region, n, VpcId FROM {PLACES.replace('(region', '(place')}, "
    "aws.ec2.vpcs "
    "WHERE region = place",
    "a CTE": f"WITH q AS (FROM {PLACES}) SELECT q.region, n, VpcId FROM q JOIN aws.ec2.vpcs v "
    "ON q.region = v.region",
    "a CTE, USING": f"WITH q AS (FROM {PLACES}) SELECT region, n, VpcId "
    "FROM q JOIN aws.ec2.vpcs USING (region)",
    "a local table": "SELECT mine.region, n, VpcId FROM mine JOIN aws.ec2.vpcs v ON v.region = "
    "mine.region",
    "a local table, USING": "SELECT region, n, VpcId FROM mine JOIN aws.ec2.vpcs USING (region)",
    "a LEFT JOIN": "SELECT m.region, n, VpcId FROM mine m LEFT JOIN aws.ec2.vpcs v ON v.region = "
    "m.region",
}


@pytest.mark.parametrize("join", JOINS)
def test_a_region_joins_what_is_no_cloud_table(join: str, client: Client, ask: Ask) -> None:
    expected = {
        (region, n, vpc["VpcId"])
        for region, n in (("us-east-1", 1), ("eu-west-1", 2))
        for vpc in client("ec2", region).describe_vpcs()["Vpcs"]
    }
    ask(f"CREATE OR REPLACE TABLE mine AS FROM {PLACES}")
    assert {(r["region"], r["n"], r["VpcId"]) for r in ask(JOINS[join])} == expected
    assert len({region for region, _, _ in expected}) == 2


def test_exists_stands_inside_the_condition_of_a_semi_join(client: Client, ask: Ask) -> None:
    ec2 = client("ec2")
    with_subnet, without = (
        ec2.create_vpc(CidrBlock=f"10.{i}.0.0/16")["Vpc"]["VpcId"] for i in (1, 2)
    )
    ec2.create_subnet(VpcId=with_subnet, CidrBlock="10.1.1.0/24")
    subnet = "EXISTS (SELECT 1 FROM aws.ec2.subnets s WHERE s.VpcId = v.VpcId)"
    pair = f"({with_subnet!r}, {without!r})"
    for kind, expected in (("SEMI", with_subnet), ("ANTI", without)):
        sql = (
            f"SELECT VpcId FROM aws.ec2.vpcs v {kind} JOIN aws.ec2.vpcs w ON w.VpcId = v.VpcId "
            f"AND {subnet}"
        )
        assert ask(f"{sql} WHERE VpcId IN {pair}") == [{"VpcId": expected}]
        sql = f"SELECT VpcId FROM aws.ec2.vpcs v {kind} JOIN aws.ec2.regions r ON {subnet}"
        assert ask(f"{sql} WHERE VpcId IN {pair}") == [{"VpcId": expected}]


def test_what_was_prepared_is_executed(ask: Ask) -> None:
    ask(
        "PREPARE four AS SELECT 4 AS n; PREPARE more AS SELECT $1 + 1 AS n; PREPARE named AS "
        "SELECT $m AS n"
    )
    for call, n in (
        ("four", 4),
        ("four()", 4),
        ("more(4)", 5),
        ("more (5)", 6),
        ("named(m := 7)", 7),
    ):
        assert ask(f"EXECUTE {call}") == [{"n": n}]
    ask("DEALLOCATE four")


def test_preparing_what_reads_a_cloud_table_says_what_does_it(session: Session) -> None:
    with pytest.raises(NotSupportedError, match="PREPARE") as caught:
        rows_of(session, "PREPARE p AS SELECT UserName FROM aws.iam.users WHERE UserName = $1")
    assert "parameters" in str(caught.value)


def test_where_nobody_says_the_account_it_alone_is_null(
    client: Client, session: Session, proxy: FaultProxy
) -> None:
    client("iam").create_user(UserName="ann")
    proxy.denied = frozenset({"sts:GetCallerIdentity"})
    (result,) = session.run("SELECT * FROM aws.iam.users", {})
    (row,) = result.table().to_pylist()
    assert (row["UserName"], row["account_id"]) == ("ann", None)
    assert not result.failures
    assert any("account_id is NULL" in text for text in result.notices)
