"""Each query of ``answers.sql``: its rows are those over the whole tables,
by exactly those calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.engine.database import Database
from cirrusql.errors import MissingParameter
from cirrusql.plan.planner import MAY_BE_OFF
from tests.plan.fixture import Case, cases
from tests.plan.oracle import expected, planned

CASES = tuple(cases(Path(__file__).with_name("answers.sql")))


def _planned_sql(case: Case) -> str:
    return case.sql.replace("whole.", "toy.")


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_plan_answers_as_the_whole_tables_do(case: Case, database: Database) -> None:
    want = expected(case.sql, database=database)
    got = planned(_planned_sql(case), database=database)
    assert got.bag == want.bag
    assert got.headings == want.headings


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_plan_makes_exactly_these_calls(case: Case, database: Database) -> None:
    assert sorted(planned(_planned_sql(case), database=database).calls) == sorted(case.lines)


@pytest.mark.parametrize("off", sorted(MAY_BE_OFF))
def test_without_a_pass_the_answers_are_the_same(off: str, database: Database) -> None:
    for case in CASES:
        try:
            got = planned(_planned_sql(case), database=database, off=[off])
        except MissingParameter:
            assert off == "predicates"
            continue
        assert got.bag == expected(case.sql, database=database).bag, case.sql
