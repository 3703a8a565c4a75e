"""Over every interface: an INSERT of what exists is refused as a unique violation is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import cirrusql
from cirrusql.apps.cli.main import run
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.errors import AlreadyExists
from tests.apps.srv.conftest import running
from tests.support.fault_proxy import FaultProxy

READ = "INSERT INTO aws.events.rules (Name, ScheduleExpression) VALUES ('r', 'rate(1 day)')"
CONDITION = "INSERT INTO aws.s3.objects (Bucket, Key, Body) VALUES ('shop', 'k', 'new')"
OPEN = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)


@pytest.fixture(autouse=True)
def account(
    hermetic: Path, proxy: FaultProxy, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule and an object; the environment leads there."""
    client("events").put_rule(Name="r", ScheduleExpression="rate(5 days)")
    client("s3").create_bucket(Bucket="shop")
    client("s3").put_object(Bucket="shop", Key="k", Body=b"old")
    proxy.reset()
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")


@pytest.fixture
def is_unchanged(client: Callable[..., Any]) -> Callable[[], bool]:
    """Whether both are unchanged."""

    def look() -> bool:
        rule = client("events").describe_rule(Name="r")["ScheduleExpression"]
        body = client("s3").get_object(Bucket="shop", Key="k")["Body"].read()
        return (rule, body) == ("rate(5 days)", b"old")

    return look


@pytest.mark.parametrize("sql", [READ, CONDITION])
def test_exec(
    sql: str, capfd: pytest.CaptureFixture[str], is_unchanged: Callable[[], bool]
) -> None:
    assert run(["exec", sql, "-o", "jsonl"]) == 1
    told = capfd.readouterr()
    assert "already exists" in told.out + told.err
    assert is_unchanged()


@pytest.mark.parametrize("sql", [READ, CONDITION])
def test_python(sql: str, is_unchanged: Callable[[], bool]) -> None:
    with cirrusql.connect() as con, pytest.raises(cirrusql.Error) as caught:
        con.sql(sql)
    cause = caught.value.__cause__ if sql == CONDITION else caught.value
    assert isinstance(cause, AlreadyExists)
    assert isinstance(cause, cirrusql.IntegrityError)
    assert "REPLACE INTO" in str(cause.hint)
    assert is_unchanged()


@pytest.mark.parametrize("sql", [READ, CONDITION])
def test_the_server(sql: str, proxy: FaultProxy, is_unchanged: Callable[[], bool]) -> None:
    with (
        running(OPEN, proxy.url) as server,
        server.connect() as connection,
        pytest.raises(psycopg.errors.UniqueViolation, match="already exists"),
    ):
        connection.execute(sql)
    assert is_unchanged()
