"""Bare ``SELECT * FROM`` of tables that their parents feed, on the company of the sandbox.

Each line of ``parents.txt`` is a table that moto serves, with the calls that reading it makes:
the parents' and its own. No call may fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cirrusql.apps.cli.opening import fill
from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox, in_sandbox
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.catalog import CATALOG

LINES = [
    line
    for line in Path(__file__).with_name("parents.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def company() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        fill(sandbox, COMPANY.read_text("utf-8"))
        yield sandbox


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.partition(" ")[0])
def test_a_table_is_read_by_way_of_its_parents(line: str, company: Sandbox) -> None:
    table, *operations = line.split()
    session = Session(
        in_sandbox(Settings(sandbox=True), company.endpoint_url), os.environ, catalog=CATALOG
    )
    try:
        (rows,) = session.run(f"SELECT * FROM {table}")
        rows.table()
        (failed,) = session.run("SELECT message FROM cirrusql.errors")
        (called,) = session.run("SELECT DISTINCT operation FROM cirrusql.calls")
        assert failed.table().to_pylist() == []
        made = set(called.table().column("operation").to_pylist())
    finally:
        session.close()
    assert set(operations) <= made
