"""Every question of the cookbook finds what it should, by the fewest calls that can find it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from cirrusql.apps.cookbook.questions import THEMES, Question, questions
from cirrusql.providers.aws.permissions import IamPermissions
from cirrusql.session.session import Session
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy, asked_for

_NULL = "∅"


@dataclass(frozen=True)
class Expected:
    """What ``answers/<theme>.toml`` says of a question. Columns of ids and moments are left out."""

    calls: dict[str, int]
    columns: list[str]
    rows: list[list[object]]


def _expected() -> dict[str, Expected]:
    folder = Path(__file__).with_name("answers")
    return {
        name: Expected(**entry)
        for theme in THEMES
        for name, entry in tomllib.loads((folder / f"{theme}.toml").read_text("utf-8")).items()
    }


EXPECTED = _expected()


def _cell(value: object) -> object:
    """A value as TOML has it."""
    if value is None:
        return _NULL
    if isinstance(value, list):
        return [_cell(v) for v in value]
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_a_question_finds_its_rows_by_exactly_these_calls(
    question: Question, company: FaultProxy, open_session: Callable[..., Session]
) -> None:
    expected = EXPECTED[question.name]
    session = open_session()
    (result,) = session.run(question.sql)
    rows = result.table().to_pylist()
    assert [[_cell(row[c]) for c in expected.columns] for row in rows] == expected.rows
    assert result.failures == []
    assert (
        Counter(f"{r.service}:{r.operation}" for r in asked_for(session.records)) == expected.calls
    )
    assert _by_service(company.calls) == _signed(expected.calls)


def _signed(calls: dict[str, int]) -> Counter[str]:
    """The calls by the name that the requests to a service are signed with."""
    found: Counter[str] = Counter()
    for operation, count in calls.items():
        service = operation.split(":")[0].replace("-", "_")
        # CloudWatch alone has other words for its permissions than for its signatures.
        permissions = CATALOG.service("aws", service).permissions
        assert isinstance(permissions, IamPermissions)
        prefix = permissions.prefix
        found["monitoring" if prefix == "cloudwatch" else prefix] += count
    return found


def _by_service(calls: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for operation, count in calls.items():
        found[operation.split(":")[0]] += count
    return found


def test_there_are_sixty_questions_of_twenty_four_services() -> None:
    services = {call.split(":")[0] for e in EXPECTED.values() for call in e.calls}
    assert len(EXPECTED) >= 60
    assert len(services) >= 24


def test_every_question_has_a_name_of_its_own_and_finds_something() -> None:
    names = [q.name for q in questions()]
    assert sorted(names) == sorted(set(names)) == sorted(EXPECTED)
    assert all(e.rows for e in EXPECTED.values())


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_a_question_asks_something_in_a_few_words(question: Question) -> None:
    assert question.question.endswith("?")
    assert len(question.title) <= 40
    assert ";" not in question.sql
