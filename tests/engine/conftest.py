"""An engine for each test, closed after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cirrusql.engine.database import Database


@pytest.fixture
def database() -> Iterator[Database]:
    found = Database()
    yield found
    found.close()
