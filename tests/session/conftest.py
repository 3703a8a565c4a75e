"""A session connected to a moto server behind the fault proxy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy

Rows = list[dict[str, Any]]
Ask = Callable[..., Rows]


@pytest.fixture
def open_session(proxy: FaultProxy) -> Iterator[Callable[..., Session]]:
    """Makes sessions, settings by keyword; all are closed after the test."""
    opened: list[Session] = []

    def make(
        *, options: WriteOptions | None = None, has_cache: bool = False, **settings: Any
    ) -> Session:
        given = Settings(**{"endpoint_url": proxy.url, "sandbox": True, **settings})
        session = Session(given, os.environ, options=options, catalog=CATALOG, has_cache=has_cache)
        opened.append(session)
        return session

    yield make
    for session in opened:
        session.close()


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    """A session that writes without confirmation."""
    return open_session(options=WriteOptions(assume_yes=True))


def rows_of(session: Session, sql: str, **parameters: object) -> Rows:
    """The rows of the last statement."""
    found: Rows = []
    for result in session.run(sql, parameters):
        found = result.table().to_pylist()
    return found


@pytest.fixture
def ask(session: Session) -> Ask:
    """Runs statements in the session and returns the last one's rows."""
    return lambda sql, **parameters: rows_of(session, sql, **parameters)
