"""Commands that begin with a backslash, without a terminal."""

from typing import Any, cast

import pytest

from cirrusql.apps.shell.backslash_commands import run_command
from cirrusql.apps.shell.shell import Shell
from cirrusql.errors import CallFailed, ConfigError, UnknownName


@pytest.fixture
def shell() -> Shell:
    """A shell that is never asked to run a statement."""
    return Shell(cast(Any, None), error_text=lambda e: f"error: {e.message}", failure_text=str)


def test_errverbose_tells_where_a_call_failed(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        try:
            raise OSError("the \x1b[2Jsocket")
        except OSError as cause:
            raise CallFailed(
                "no", code="Nope", service="iam", region="eu-west-1", request_id="r-1"
            ) from cause
    except CallFailed as error:
        shell.last_error = error
    run_command(shell, "\\errverbose")
    assert capsys.readouterr().err.splitlines() == [
        "CallFailed (SQLSTATE HV000, exit status "
        "1)", "error: no", "service: iam", "region: eu-west-1",
        "code: Nope", "request_id: r-1", "caused by OSError: the \\x1b[2Jsocket",
    ]  # fmt: skip


def test_pset_shows_and_changes_how_rows_are_shown(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("\\pset format csv", "\\pset pager always", "\\pset expanded on", "\\pset"):
        run_command(shell, command)
    assert capsys.readouterr().err.splitlines()[-3:] == [
        "expanded on",
        "format   csv",
        "pager    always",
    ]


@pytest.mark.parametrize(
    "command", ["\\pset pager sideways", "\\pset format parquet", "\\watch", "\\watch soon"]
)
def test_what_a_command_cannot_do_is_a_clear_error(shell: Shell, command: str) -> None:
    with pytest.raises(ConfigError):
        run_command(shell, command)


def test_an_unknown_print_setting_names_the_nearest(shell: Shell) -> None:
    with pytest.raises(UnknownName, match="pagre") as caught:
        run_command(shell, "\\pset pagre on")
    assert "pager" in (caught.value.hint or "")
