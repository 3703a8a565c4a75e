"""Every cookbook question finds what it should, with the fewest possible calls.

In the sandbox's company, and in a world of traps (``traps.sql``). ``python -m
tests.apps.cookbook.test_answers`` writes both worlds' answers again, to be read.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from cirrusql.apps.cookbook.questions import THEMES, Question, questions
from cirrusql.apps.sandbox.sandbox import COMPANY
from cirrusql.providers.aws.permissions import IamPermissions
from cirrusql.session.session import Session
from tests.apps.cookbook.conftest import TRAPS, session_in, world
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy, asked_for

_NULL = "∅"


ANSWERS = Path(__file__).with_name("answers")


@dataclass(frozen=True)
class Expected:
    """What ``answers/<theme>.toml`` says of a question. Columns of ids and moments are left out."""

    columns: list[str]
    rows: list[list[object]]
    calls: dict[str, int] | None = None


def _expected(*files: str) -> dict[str, Expected]:
    return {
        name: Expected(**entry)
        for file in files
        for name, entry in tomllib.loads((ANSWERS / f"{file}.toml").read_text("utf-8")).items()
    }


EXPECTED = _expected(*THEMES)
IN_TRAPS = _expected("traps")


def _cell(value: object) -> object:
    """A value as TOML has it."""
    if value is None:
        return _NULL
    if isinstance(value, list):
        return [_cell(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _rows(columns: list[str], table: pa.Table) -> list[list[object]]:
    return [[_cell(row[c]) for c in columns] for row in table.to_pylist()]


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_a_question_finds_its_rows_by_exactly_these_calls(
    question: Question, company: FaultProxy, open_session: Callable[..., Session]
) -> None:
    expected = EXPECTED[question.name]
    session = open_session()
    (result,) = session.run(question.sql)
    assert _rows(expected.columns, result.table()) == expected.rows
    assert result.failures == []
    assert _calls(session) == expected.calls
    assert _by_service(company.calls) == _signed(expected.calls or {})


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_a_question_falls_into_no_trap(question: Question, in_traps: Session) -> None:
    expected = IN_TRAPS[question.name]
    (result,) = in_traps.run(question.sql)
    assert _rows(expected.columns, result.table()) == expected.rows
    assert result.failures == []


def test_a_block_of_the_account_leaves_no_bucket_public(in_traps: Session) -> None:
    (blocked,) = in_traps.run(
        "REPLACE INTO aws.s3control.public_access_blocks"
        " (AccountId, PublicAccessBlockConfiguration) VALUES ('123456789012',"
        " {'BlockPublicAcls': true, 'IgnorePublicAcls': true,"
        " 'BlockPublicPolicy': true, 'RestrictPublicBuckets': true})"
    )
    assert blocked.table().column("status").to_pylist() == ["done"]
    try:
        for name in ("public-buckets", "buckets-without-public-access-block"):
            (question,) = (q for q in questions() if q.name == name)
            (result,) = in_traps.run(question.sql)
            assert result.table().to_pylist() == []
    finally:
        (undone,) = in_traps.run(
            "DELETE FROM aws.s3control.public_access_blocks WHERE AccountId = '123456789012'"
        )
        undone.table()


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_a_question_names_no_account_and_no_region_and_reads_them_all(question: Question) -> None:
    assert not re.search(r"\b[0-9]{12}\b", question.sql)
    assert not re.search(r"'[a-z]{2}-[a-z]+-[0-9]'", question.sql)
    tables = [
        t
        for t in re.findall(r"\baws\.(\w+)\.(?!regions\b)\w+", question.sql)
        if t not in _OF_NO_REGION
    ]
    says = re.findall(r"\bregion = (?:'\*'|\w+\.(?:region|RegionName)\b)", question.sql)
    assert len(says) >= len(tables), "a table of regions is read in the session's only"


# Services of the whole account, and the block of the whole account.
_OF_NO_REGION = {"iam", "organizations", "route53", "s3control"}


def _calls(session: Session) -> Counter[str]:
    return Counter(f"{r.service}:{r.operation}" for r in asked_for(session.records))


def _signed(calls: dict[str, int]) -> Counter[str]:
    """The calls by the service name in their signatures."""
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
    services = {call.split(":")[0] for e in EXPECTED.values() for call in e.calls or ()}
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


def _toml(value: object) -> str:
    """A value of an answer as TOML."""
    if isinstance(value, list):
        return f"[{', '.join(_toml(v) for v in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _entry(name: str, expected: Expected) -> Iterable[str]:
    yield f"[{name}]"
    if expected.calls is not None:
        calls = ", ".join(f'"{call}" = {n}' for call, n in sorted(expected.calls.items()))
        yield f"calls = {{ {calls} }}"
    yield f"columns = {_toml(expected.columns)}"
    rows = _toml(expected.rows)
    if len(f"rows = {rows}") <= 100:
        yield f"rows = {rows}"
    else:
        yield from ("rows = [", *(f"  {_toml(row)}," for row in expected.rows), "]")
    yield ""


_IDS = re.compile(
    r"(?:\b(?:i|vol|snap|sg|vpc|fs|eipalloc)-[0-9a-f]{8,}|\bAKIA|[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{32}"
    r"|\b\d{4}-\d\d-\d\d[ T]|\b1\d{12}\b|(?:127|54|10)(?:\.\d+){3}|ns-\d+)"
)


def _columns(table: pa.Table, before: list[str] | None) -> list[str]:
    """The columns that are the same in each run: ids and times are not compared."""
    names = table.column_names
    if before and set(before) <= set(names) and "region" not in {*names} - {*before}:
        return before
    moments = {
        n for n in names if any(isinstance(v, datetime) for v in table.column(n).to_pylist())
    }
    return [
        n for n in names if n not in moments and not _IDS.search(str(table.column(n).to_pylist()))
    ]


def _write() -> None:
    for seed, files, known in ((COMPANY, THEMES, EXPECTED), (TRAPS, ("traps",), IN_TRAPS)):
        with world(seed) as proxy:
            for file in files:
                written = [
                    (ANSWERS / f"{file}.toml").read_text("utf-8").split("\n[")[0].rstrip(),
                    "",
                ]
                for question in (q for q in questions() if file in ("traps", q.theme)):
                    session = session_in(proxy)
                    (result,) = session.run(question.sql)
                    before = known.get(question.name)
                    table = result.table()
                    columns = _columns(table, before.columns if before else None)
                    rows = _rows(columns, table)
                    calls = None if file == "traps" else dict(_calls(session))
                    written += _entry(question.name, Expected(columns, rows, calls))
                    session.close()
                (ANSWERS / f"{file}.toml").write_text("\n".join(written).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    _write()
