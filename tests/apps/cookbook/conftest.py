"""The sandbox's company behind a counting proxy, and sessions connected to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cirrusql.apps.cli.opening import fill
from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox, in_sandbox
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy

TRAPS = Path(__file__).with_name("traps.sql")


@contextmanager
def world(seed: Path) -> Iterator[FaultProxy]:
    """A sandbox filled from a file, behind a counting proxy."""
    with Sandbox() as sandbox:
        fill(sandbox, seed.read_text("utf-8"))
        proxy = FaultProxy(sandbox.endpoint_url).start()
        yield proxy
        proxy.stop()


def session_in(proxy: FaultProxy, **settings: Any) -> Session:
    """A session in a world."""
    given = in_sandbox(Settings(sandbox=True, **settings), proxy.url)
    return Session(given, os.environ, catalog=CATALOG)


@pytest.fixture(scope="session")
def _company_proxy() -> Iterator[FaultProxy]:
    with world(COMPANY) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def _trap_proxy() -> Iterator[FaultProxy]:
    with world(TRAPS) as proxy:
        yield proxy


@pytest.fixture
def company(_company_proxy: FaultProxy) -> FaultProxy:
    """The proxy in front of the company, its counts reset. Tests only read from it."""
    _company_proxy.reset()
    return _company_proxy


@pytest.fixture
def open_session(company: FaultProxy) -> Iterator[Callable[..., Session]]:
    """Makes sessions in the company, settings by keyword; all are closed after the test."""
    opened: list[Session] = []

    def make(**settings: Any) -> Session:
        opened.append(session_in(company, **settings))
        return opened[-1]

    yield make
    for session in opened:
        session.close()


@pytest.fixture
def in_traps(_trap_proxy: FaultProxy) -> Iterator[Session]:
    """A session in the world of traps, in an almost empty region."""
    session = session_in(_trap_proxy)
    yield session
    session.close()
