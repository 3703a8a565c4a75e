"""A database with the toy world's whole tables beside the plans' relations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.engine.database import Database
from tests.plan.oracle import whole_tables
from tests.support.catalog import CATALOG


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """One engine for a module's tests."""
    found = Database()
    whole_tables(found)
    yield found
    found.close()


@pytest.fixture(scope="session")
def aws() -> Catalog:
    """The catalog of the installed botocore."""
    return CATALOG
