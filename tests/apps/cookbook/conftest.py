"""The company of the sandbox behind a proxy that counts, and sessions at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cirrusql.apps.cli.opening import fill
from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox, in_sandbox
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy


@pytest.fixture(scope="session")
def _company_proxy() -> Iterator[FaultProxy]:
    with Sandbox() as sandbox:
        fill(sandbox, COMPANY.read_text("utf-8"))
        proxy = FaultProxy(sandbox.endpoint_url).start()
        yield proxy
        proxy.stop()


@pytest.fixture
def company(_company_proxy: FaultProxy) -> FaultProxy:
    """The proxy before the company, with nothing counted. What tests ask there changes nothing."""
    _company_proxy.reset()
    return _company_proxy


@pytest.fixture
def open_session(company: FaultProxy) -> Iterator[Callable[..., Session]]:
    """Makes sessions in the company, settings by keyword; all are closed after the test."""
    opened: list[Session] = []

    def make(**settings: Any) -> Session:
        given = in_sandbox(Settings(sandbox=True, **settings), company.url)
        opened.append(Session(given, os.environ, catalog=CATALOG))
        return opened[-1]

    yield make
    for session in opened:
        session.close()
