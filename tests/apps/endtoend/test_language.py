"""Every example of the language's page runs: its statements, its config file, its Python."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cirrusql
from cirrusql.apps.sandbox.sandbox import in_sandbox
from cirrusql.config_file import load
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.plan.fixture import Case, cases

CASES = tuple(cases(Path(__file__).with_name("language.sql")))


def _check(session: Session, case: Case) -> None:
    found, failures, status = 0, [], 0
    for result in session.run(case.sql, {"u": "ann"}):
        found = result.table().num_rows
        failures, status = result.failures, result.exit_status
    assert (failures, status) == ([], 0), case.name
    (expected,) = case.lines
    assert found > 0 if expected == "some" else found == int(expected), f"{case.name}: {found} rows"


def test_every_statement_of_the_page_runs(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = in_sandbox(Settings(sandbox=True, audit="off"), empty)
    with Session(settings, os.environ, options=WriteOptions(assume_yes=True)) as session:
        for case in CASES:
            _check(session, case)
    assert (tmp_path / "f.parquet").exists()


CONFIG = """
[connections.prod]
profile = "prod"
regions = ["us-east-1", "eu-*"]

[connections.org]                 # every account of the organization
organization = true               # read with the ambient credentials
role_name = "ReadOnly"
exclude_accounts = ["123456789012"]
"""


def test_the_page_s_config_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    found = load({}, {}, file).connections
    assert (found["prod"].profile, found["prod"].regions) == ("prod", ("us-east-1", "eu-*"))
    assert (found["org"].organization, found["org"].role_name) == (True, "ReadOnly")
    assert found["org"].exclude_accounts == ("123456789012",)


def test_the_page_s_python_runs(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("ACCESS_KEY_ID", "test"),
        ("SECRET_ACCESS_KEY", "test"),
        ("ENDPOINT_URL", empty),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    with cirrusql.connect(region="eu-west-1") as con:
        sql = "SELECT UserName, AccessKeyId FROM aws.iam.access_keys WHERE UserName = $u"
        found = con.sql(sql, {"u": "nobody"})
        assert found.pl().columns == ["UserName", "AccessKeyId"]
        assert list(found.df().columns) == found.arrow().column_names == ["UserName", "AccessKeyId"]
        assert found.fetchall() == []
