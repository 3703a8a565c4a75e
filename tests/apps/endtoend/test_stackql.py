"""What StackQL's documentation shows works here, or is answered in one line with what to do."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cirrusql.apps.sandbox.sandbox import in_sandbox
from cirrusql.errors import Error
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.apps.endtoend.conftest import Cirrusql
from tests.plan.fixture import Case, cases

CASES = tuple(cases(Path(__file__).with_name("stackql.sql")))
CLASSES = (
    "INSERT SELECT joins JSON functions SHOW DESCRIBE EXEC UPDATE REPLACE views tables transactions DELETE "  # noqa: E501
    "REGISTRY AUTH others"
).split()


def test_every_class_of_statements_is_there() -> None:
    assert list(dict.fromkeys(case.name.partition(":")[0] for case in CASES)) == CLASSES
    assert len(CASES) >= 75


def _outcome(session: Session, case: Case) -> str:
    """The number of rows, "failed", or the error in a line."""
    rows = status = 0
    try:
        for result in session.run(case.sql):
            rows, status = result.table().num_rows, result.exit_status
            assert not result.failures, case.name
    except Error as error:
        said = error.message if error.hint is None else f"{error.message} ({error.hint})"
        assert "\n" not in said, case.name
        return f"error: {said}"
    return str(rows) if status == 0 else "failed"


def test_every_statement_works_or_says_what_to_do(empty: str) -> None:
    settings = in_sandbox(Settings(sandbox=True, audit="off"), empty)
    wrong = []
    with Session(settings, os.environ, options=WriteOptions(assume_yes=True)) as session:
        for case in CASES:
            found, (expected,) = _outcome(session, case), case.lines
            if expected == "some":
                is_right = found.isdigit()
            elif expected.startswith("error: "):
                is_right = found.startswith("error: ") and expected[7:] in found
            else:
                is_right = found == expected
            if not is_right:
                wrong.append(f"{case.name}: {found}, not {expected}")
    assert wrong == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-o", "json"], '"one"'),
        (["--output", "csv"], "one\n1\n"),
        (["-o", "text"], "1"),
        (["-o", "jsonl"], '{"one":1}'),
        (["-o", "csv", "-H"], "1\n"),
        (["-o", "csv", "--hideheaders"], "1\n"),
        (["-v"], "one"),
    ],
)
def test_an_option_of_the_documentation_works(
    arguments: list[str], expected: str, cirrusql: Cirrusql
) -> None:
    done = cirrusql("exec", "SELECT 1 AS one", *arguments)
    assert done.status == 0, done.err
    assert expected in done.out


def test_files_of_input_output_and_data_work(tmp_path: Path, cirrusql: Cirrusql) -> None:
    query, data, out = (tmp_path / n for n in ("query.iql", "data.json", "out.json"))
    query.write_text("SELECT '{{ .values.name }}' AS name;")
    data.write_text('{"values": {"name": "ann"}}')
    files = ("--infile", str(query), "--iqldata", str(data), "--outfile", str(out))
    done = cirrusql("exec", *files, "-o", "json")
    assert (done.status, done.err) == (0, "")
    assert re.search(r'"name": ?"ann"', out.read_text())


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--dryrun", "--dry-run"),
        ("--auth={}", "--profile"),
        ("--registry={}", "pip install"),
        ("-d;", "DELIMITER"),
        ("--delimiter=;", "DELIMITER"),
        ("--execution.concurrency.limit=10", "concurrently"),
        ("--http.response.pageLimit=5", "max_calls"),
        ("--http.proxy.host=proxy", "HTTPS_PROXY"),
        ("--tls.allowInsecure", "AWS_CA_BUNDLE"),
        ("--tls.CABundle=f", "AWS_CA_BUNDLE"),
        ("--approot=.stackql", "CIRRUSQL_CONFIG"),
        ("--configfile=.stackqlrc", "--config"),
        ("--loglevel=debug", "-v"),
        ("--offline", "--sandbox"),
        ("--session={}", "--database"),
        ("--sqlBackend={}", "--database"),
        ("--acid={}", "BEGIN"),
        ("--store.txn={}", "BEGIN"),
        ("--gc={}", "nothing"),
        ("--namespaces={}", "cache_ttl"),
        ("--dataflow.components.max=5", "EXPLAIN"),
        ("--indirect.depth.max=5", "views"),
        ("--apirequesttimeout=45", "read_timeout"),
        ("--approotfilemode=493", "CIRRUSQL_CONFIG"),
        ("--cachekeycount=100", "cache_ttl"),
        ("--metadatattl=3600", "botocore"),
        ("--querycachesize=100", "PREPARE"),
        ("--cpuprofile=f", "--timing"),
        ("--dbInternal={}", "--database"),
        ("--export.alias=x", "--database"),
    ],
)
def test_an_option_that_is_not_there_says_what_to_do(
    option: str, expected: str, cirrusql: Cirrusql
) -> None:
    done = cirrusql("exec", "SELECT 1", option)
    assert done.status == 2
    assert expected in done.err, done.err
    assert len(done.err.strip().splitlines()) <= 2, done.err
