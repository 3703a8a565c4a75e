"""Attributes that an API returns one by one are columns of the table, each read by a call of its
own where it is named."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cirrusql.catalog.rows.single_attributes import single_attributes
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.catalog import CATALOG

COLUMNS = [
    ("vpcs", "EnableDnsHostnames", "BOOLEAN"),
    ("vpcs", "EnableDnsSupport", "BOOLEAN"),
    ("vpcs", "EnableNetworkAddressUsageMetrics", "BOOLEAN"),
    ("instances", "DisableApiStop", "BOOLEAN"),
    ("instances", "DisableApiTermination", "BOOLEAN"),
    ("instances", "InstanceInitiatedShutdownBehavior", "VARCHAR"),
    ("instances", "UserData", "VARCHAR"),
    ("volumes", "AutoEnableIO", "BOOLEAN"),
]


@pytest.fixture
def session(aws: str) -> Iterator[Session]:
    settings = Settings(endpoint_url=aws, sandbox=True)
    options = WriteOptions(assume_yes=True)
    with Session(settings, os.environ, options=options, catalog=CATALOG, has_cache=False) as made:
        yield made


def asked(session: Session, sql: str) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The rows of a statement, and how often it called each operation."""
    (result,) = session.run(sql)
    rows = result.table().to_pylist()
    assert not result.failures
    return rows, Counter(str(record.operation) for record in session.records)


@pytest.mark.parametrize(("table", "column", "type_"), COLUMNS)
def test_an_attribute_is_a_column(table: str, column: str, type_: str) -> None:
    found = CATALOG.table("aws", "ec2", table).by_alias[column.lower()]
    assert (found.role.value, found.type.sql) == ("field", type_)


@pytest.mark.parametrize("table", ["vpcs", "instances", "images", "snapshots", "volumes"])
def test_what_a_listing_has_is_read_from_the_listing(table: str) -> None:
    found = CATALOG.table("aws", "ec2", table)
    of_rows = {n.lower() for m in found.methods if m.rows is not None for n in m.rows.fields}
    alone = [d for d in found.details if single_attributes(d.method.operation) is not None]
    assert alone
    assert not [c for d in alone for c in d.picks if c.lower() in of_rows]
    assert not [c for d in alone for c in d.picks if c in found.starred]


def test_an_attribute_that_is_named_is_one_call_for_each_row(session: Session) -> None:
    asked(
        session,
        "INSERT INTO aws.ec2.vpcs (CidrBlock, EnableDnsHostnames) "
        "VALUES ('10.8.0.0/16', true), ('10.9.0.0/16', false)",
    )
    where = "FROM aws.ec2.vpcs WHERE CidrBlock IN ('10.8.0.0/16', '10.9.0.0/16') ORDER BY CidrBlock"
    rows, calls = asked(session, f"SELECT EnableDnsHostnames {where}")
    assert rows == [{"EnableDnsHostnames": True}, {"EnableDnsHostnames": False}]
    assert calls == {"DescribeVpcs": 1, "DescribeVpcAttribute": 2}
    rows, calls = asked(session, f"SELECT EnableDnsHostnames, EnableDnsSupport {where}")
    assert [r["EnableDnsSupport"] for r in rows] == [True, True]
    assert calls == {"DescribeVpcs": 1, "DescribeVpcAttribute": 4}
    _, calls = asked(session, f"SELECT * {where}")
    assert calls == {"DescribeVpcs": 1}


def test_an_attribute_selects_rows_and_is_updated_under_its_name(session: Session) -> None:
    asked(session, "INSERT INTO aws.ec2.vpcs (CidrBlock) VALUES ('10.8.0.0/16')")
    asked(
        session,
        "UPDATE aws.ec2.vpcs SET EnableDnsHostnames = true "
        "WHERE CidrBlock = '10.8.0.0/16' AND NOT EnableDnsHostnames",
    )
    rows, _ = asked(
        session,
        "SELECT CidrBlock FROM aws.ec2.vpcs WHERE EnableDnsHostnames AND CidrBlock LIKE '10.8.%'",
    )
    assert rows == [{"CidrBlock": "10.8.0.0/16"}]
