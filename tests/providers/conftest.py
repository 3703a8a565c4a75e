"""A tracker for each test, and sessions that use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.tracker.server import TOKEN, Tracker

PROVIDERS = {"tracker": "tests.support.tracker:provider"}


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """An empty tracker."""
    started = Tracker()
    yield started
    started.close()


@pytest.fixture
def session(tracker: Tracker) -> Iterator[Session]:
    """A session without a region, an account or a profile."""
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    opened = Session(Settings(providers=PROVIDERS), environ)
    yield opened
    opened.close()


def rows(session: Session, sql: str) -> list[dict[str, Any]]:
    """The rows of a statement whose calls are all answered."""
    (result,) = session.run(sql)
    found: list[dict[str, Any]] = result.table().to_pylist(maps_as_pydicts="lossy")
    assert [f.error.message for f in result.failures] == []
    return found
