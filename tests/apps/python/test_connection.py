"""connect(): where settings come from, what is refused, how connections end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import cirrusql
from cirrusql.errors import (
    ConfigError,
    InterfaceError,
    NotSupportedError,
    PolicyDenied,
    ProgrammingError,
    UnknownSetting,
    Unreachable,
    WriteFailed,
)
from cirrusql.session.statements import plan_runner
from tests.support.fault_proxy import FaultProxy

Opened = Callable[..., cirrusql.Connection]


def test_importing_and_connecting_load_nothing_that_is_slow() -> None:
    code = (
        "import cirrusql, sys; dir(cirrusql); cirrusql.connect; cirrusql.Error; cirrusql.NUMBER\n"
        "heavy = {'duckdb', 'pyarrow', 'botocore', 'aiohttp', 'sqlglot', 'IPython'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_public_name_is_there() -> None:
    for name in dir(cirrusql):
        assert getattr(cirrusql, name) is not None


def test_an_unknown_name_of_the_module_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'connection_pool'"):
        cirrusql.connection_pool  # noqa: B018


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIRRUSQL_REGION", "eu-west-1")
    with cirrusql.connect() as one, cirrusql.connect(region="eu-west-2") as other:
        assert (one.settings.region, other.settings.region) == ("eu-west-1", "eu-west-2")


def test_a_config_file_gives_connections(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('max_calls = 7\n[connections.prod]\nregions = ["eu-*"]\n')
    with cirrusql.connect(config=file, connection="prod") as con:
        assert con.settings.max_calls == 7
        assert con.settings.connections["prod"].regions == ("eu-*",)


def test_a_misspelt_setting_names_the_right_one() -> None:
    with pytest.raises(UnknownSetting, match="max_calls"):
        cirrusql.connect(max_cals=3)


def test_a_sandbox_of_its_own_starts_with_the_connection_and_ends_with_it() -> None:
    with cirrusql.connect(sandbox=True) as con:
        assert con.sandbox is not None
        url = con.sandbox.endpoint_url
        sql = "SELECT UserName FROM aws.iam.users WHERE UserName = 'alice'"
        assert con.sql(sql).fetchall() == [("alice",)]
    with cirrusql.connect(sandbox=True, endpoint_url=url) as late, pytest.raises(Unreachable):
        late.sql("SELECT UserName FROM aws.iam.users").fetchall()


def test_a_sandbox_that_cannot_start_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "python").write_text(
        "#!/bin/sh\necho 'error: the sandbox is not installed here' >&2\nexit 2\n"
    )
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ConfigError, match="did not start: the sandbox is not installed here"):
        cirrusql.connect(sandbox=True)


def test_a_sandbox_takes_no_profile() -> None:
    with pytest.raises(ConfigError, match="profile"):
        cirrusql.connect(sandbox=True, profile="prod")


def test_a_read_only_connection_refuses_to_write(opened: Opened, proxy: FaultProxy) -> None:
    with pytest.raises(PolicyDenied):
        opened(read_only=True).sql("INSERT INTO aws.iam.users (UserName) VALUES ('zoe')")
    assert not proxy.calls


def test_a_dry_run_shows_writes_and_sends_none(opened: Opened, proxy: FaultProxy) -> None:
    shown = opened(dry_run=True).sql("INSERT INTO aws.iam.users (UserName) VALUES ('zoe')")
    assert shown.fetchall()[0][0] == "iam:CreateUser"
    assert not proxy.calls


def test_writes_are_done(con: cirrusql.Connection, proxy: FaultProxy) -> None:
    relation = con.sql("INSERT INTO aws.iam.users (UserName) VALUES ($n)", {"n": "zoe"})
    assert relation.rows_written == 1
    assert con.sql("SELECT UserName FROM aws.iam.users").fetchall() == [("zoe",)]


def test_a_failed_write_raises_with_the_report(con: cirrusql.Connection, users: list[str]) -> None:
    with pytest.raises(WriteFailed, match=r"1 done, 1 failed: .*ann") as caught:
        con.sql("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('dora')")
    assert [row["status"] for row in caught.value.report] == ["failed", "done"]
    assert ("dora",) in con.sql("SELECT UserName FROM aws.iam.users").fetchall()


def test_what_was_written_cannot_be_rolled_back(con: cirrusql.Connection) -> None:
    con.rollback()
    con.sql("INSERT INTO aws.iam.users (UserName) VALUES ('zoe')")
    with pytest.raises(NotSupportedError, match="takes effect at once"):
        con.rollback()
    con.sql("INSERT INTO aws.iam.users (UserName) VALUES ('yan')")
    con.commit()
    con.rollback()


def test_a_transaction_is_made_at_commit_or_dropped(con: cirrusql.Connection) -> None:
    insert = "INSERT INTO aws.iam.users (UserName) VALUES (?)"
    con.begin()
    con.sql(insert, ["tess"])
    con.rollback()
    with con.transaction():
        con.sql(insert, ["tom"])
    names = {n for (n,) in con.sql("SELECT UserName FROM aws.iam.users").fetchall()}
    assert "tom" in names
    assert "tess" not in names


def test_a_commit_that_fails_raises_and_is_undone(
    con: cirrusql.Connection, users: list[str]
) -> None:
    con.begin()
    con.sql("INSERT INTO aws.iam.users (UserName) VALUES ('uta'), ('ann')")
    with pytest.raises(WriteFailed) as caught:
        con.commit()
    assert [row["status"] for row in caught.value.report] == ["undone", "failed"]
    assert ("uta",) not in con.sql("SELECT UserName FROM aws.iam.users").fetchall()


def test_a_commit_that_fails_says_what_stays_written(
    con: cirrusql.Connection, users: list[str]
) -> None:
    con.begin()
    con.sql("INSERT INTO aws.iam.users (UserName) VALUES ('uta')")
    con.sql("DELETE FROM aws.iam.users WHERE UserName = 'cleo'")
    con.sql("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    with pytest.raises(WriteFailed, match="1 undone, 1 not undone") as caught:
        con.commit()
    error = caught.value
    assert (error.done, error.failed, error.undone, error.not_undone) == (0, 1, 1, 1)
    assert [row["target"] for row in error.still_done] == ["UserName=cleo"]


def test_an_exception_in_a_transaction_drops_it(con: cirrusql.Connection) -> None:
    with pytest.raises(cirrusql.Error), con.transaction():
        con.sql("INSERT INTO aws.iam.users (UserName) VALUES ('vic'); SELECT nobody")
    assert ("vic",) not in con.sql("SELECT UserName FROM aws.iam.users").fetchall()


def test_a_script_gives_the_rows_of_its_last_statement(local: cirrusql.Connection) -> None:
    relation = local.sql(
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2); SELECT sum(a) FROM t"
    )
    assert relation.fetchall() == [(3,)]


@pytest.mark.parametrize("text", ["", " ; ", "-- nothing"])
def test_a_script_without_a_statement_is_an_error(local: cirrusql.Connection, text: str) -> None:
    with pytest.raises(ProgrammingError, match="the statement is empty"):
        local.sql(text)


def test_a_closed_connection_says_so(local: cirrusql.Connection) -> None:
    relation = local.sql("SELECT * FROM range(100000)")
    local.close()
    local.close()
    for use in (lambda: local.sql("SELECT 1"), local.cursor, local.commit, relation.arrow):
        with pytest.raises(InterfaceError, match="closed"):
            use()
    assert "closed" in repr(local)


def test_settings_are_those_after_set(local: cirrusql.Connection) -> None:
    local.sql("SET region = 'eu-west-3'")
    assert local.settings.region == "eu-west-3"


def test_a_repr_shows_no_endpoint_and_no_secret() -> None:
    with cirrusql.connect(region="eu-west-1", endpoint_url="http://u:secret@127.0.0.1:9") as con:
        assert repr(con) == "<cirrusql.Connection region='eu-west-1' open>"


def test_a_program_that_closes_nothing_ends_cleanly() -> None:
    code = (
        "import cirrusql; con = cirrusql.connect(endpoint_url='http://127.0.0.1:9', sandbox=True)\n"
        "rows = con.sql('SELECT range FROM range(100000)'); print(rows.fetchone())"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("(0,)\n", "")


def test_what_no_error_foresaw_is_an_internal_error_that_says_so(
    local: cirrusql.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_runner, "planned", lambda *_: dict[str, object]()["[]"])
    with pytest.raises(
        cirrusql.InternalError, match=r"(?s)KeyError: '\[\]'.*bug in CirruSQL"
    ) as raised:
        local.sql("SELECT UserName FROM aws.iam.users")
    assert isinstance(raised.value.__cause__, KeyError)


def test_what_no_error_foresaw_fails_its_transaction(
    local: cirrusql.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.begin()
    with monkeypatch.context() as broken:
        broken.setattr(plan_runner, "planned", lambda *_: dict[str, object]()["[]"])
        with pytest.raises(cirrusql.InternalError):
            local.sql("DELETE FROM aws.iam.users WHERE UserName = 'ann'")
    with pytest.raises(cirrusql.Error, match="ROLLBACK"):
        local.sql("DELETE FROM aws.iam.users WHERE UserName = 'bob'")
