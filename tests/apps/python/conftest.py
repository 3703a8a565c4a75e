"""Connections to a moto server behind the fault proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import cirrusql
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def local() -> Iterator[cirrusql.Connection]:
    """A connection for local tables; nothing listens at its endpoint."""
    with cirrusql.connect(endpoint_url="http://127.0.0.1:9", sandbox=True) as con:
        yield con


@pytest.fixture
def opened(proxy: FaultProxy) -> Iterator[Callable[..., cirrusql.Connection]]:
    """Makes connections, settings by keyword; all are closed after the test."""
    made: list[cirrusql.Connection] = []

    def make(**settings: Any) -> cirrusql.Connection:
        made.append(cirrusql.connect(endpoint_url=proxy.url, sandbox=True, **settings))
        return made[-1]

    yield make
    for con in made:
        con.close()


@pytest.fixture
def con(opened: Callable[..., cirrusql.Connection]) -> cirrusql.Connection:
    """A connection that writes without asking."""
    return opened(yes=True, region="us-east-1")


@pytest.fixture
def users(client: Callable[..., Any]) -> list[str]:
    """Three users in the account."""
    names = ["ann", "bob", "cleo"]
    for name in names:
        client("iam").create_user(UserName=name)
    return names
