"""The engine's SQL over cloud tables, form by form: the same rows under the same headings."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.engine.database import Database
from tests.plan.oracle import expected, planned

LINES = Path(__file__).with_name("dialect.sql").read_text("utf-8").splitlines()


@pytest.mark.parametrize("sql", [line for line in LINES if not line.startswith("--")])
def test_a_form_of_sql_means_what_it_means_to_the_engine(sql: str, database: Database) -> None:
    want = expected(sql, database=database)
    got = planned(sql, database=database)
    assert got.headings == want.headings
    assert got.bag == want.bag
