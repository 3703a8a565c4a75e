"""``cirrusql shell`` through a real terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.support.terminal import spawn_on_terminal

PROMPT = "cirrusql>"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\r")


class Terminal:
    """A shell that a person sits in front of."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.process = spawn_on_terminal(
            ["-m", "cirrusql", "shell"],
            environ,
            # Not how long it takes, but when to give up: machines that run tests are busy.
            timeout=150,
        )

    def waits(self, text: str = PROMPT) -> str:
        """What was shown up to a text that is waited for, without colours."""
        self.process.expect_exact(text)
        return _ESCAPES.sub("", self.process.before)

    def answers(self, text: str, answer: str) -> str:
        """Enter a text, wait for what must come of it and for the next prompt; what was shown."""
        self.enter(text)
        shown = self.waits(answer)
        # The prompt is drawn again at every key: only after the answer is it the next one.
        return shown + answer + self.waits()

    def type(self, text: str) -> None:
        self.process.send(text)

    def enter(self, text: str) -> None:
        self.process.send(text + "\r")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def terminal(company: str, home: Path) -> Iterator[Terminal]:
    environ = _environment(company, home)
    shell = Terminal(environ)
    shell.waits()
    yield shell
    shell.process.close(force=True)


def _environment(company: str, home: Path) -> dict[str, str]:
    return without_aws(os.environ) | {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "xterm-256color",
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": company,
        "PROMPT_TOOLKIT_NO_CPR": "1",
        # Marks what goes through it, and ends by itself.
        "PAGER": "sed 's/^/paged: /'",
    }


def test_a_statement_ends_with_a_semicolon_and_may_take_lines(terminal: Terminal) -> None:
    terminal.enter("SELECT 40")
    terminal.waits("->")
    terminal.enter("+ 2 AS answer;")
    assert "42" in terminal.waits("42") + "42"


def test_rows_of_the_cloud_are_shown(terminal: Terminal) -> None:
    terminal.enter("SELECT UserName FROM aws.iam.users WHERE UserName LIKE 'metr%';")
    terminal.waits("metrics-export")


def test_an_error_is_shown_with_its_place_and_the_shell_goes_on(terminal: Terminal) -> None:
    terminal.enter("SELECT UserNam FROM aws.iam.users;")
    terminal.waits("unknown column")
    terminal.enter("SELECT 'still' || ' here' AS a;")
    terminal.waits("still here")


def test_the_prompt_shows_the_state_of_a_transaction(terminal: Terminal) -> None:
    terminal.enter("BEGIN;")
    terminal.waits("cirrusql*>")
    terminal.enter("SELECT nobody;")
    terminal.waits("cirrusql!>")
    terminal.enter("ROLLBACK;")
    terminal.waits("cirrusql>")


def test_x_turns_rows_on_their_side(terminal: Terminal) -> None:
    terminal.enter("\\x")
    terminal.waits("expanded display is on")


def test_timing_is_shown_when_it_is_on(terminal: Terminal) -> None:
    terminal.enter("\\timing on")
    terminal.waits("timing is on")
    terminal.enter("SELECT 1;")
    terminal.waits("time: ")


def test_d_describes_a_table(terminal: Terminal) -> None:
    terminal.enter("\\d aws.iam.access_keys")
    terminal.waits("CreateDate")


def test_question_mark_lists_the_commands(terminal: Terminal) -> None:
    terminal.enter("\\?")
    terminal.waits("\\errverbose")


def test_an_unknown_command_names_the_nearest(terminal: Terminal) -> None:
    terminal.enter("\\timin")
    terminal.waits("\\timing")


def test_i_runs_a_file_and_o_writes_one(terminal: Terminal, home: Path) -> None:
    (home / "s.sql").write_text("SELECT 6 * 7 AS x;")
    terminal.enter(f"\\o {home / 'out.txt'}")
    terminal.waits()
    terminal.enter(f"\\i {home / 's.sql'}")
    terminal.waits()
    terminal.enter("\\q")
    terminal.process.expect(pexpect.EOF)
    assert "42" in (home / "out.txt").read_text()


def test_tab_completes_a_table(terminal: Terminal) -> None:
    terminal.type("SELECT * FROM aws.iam.access_key_la\t")
    terminal.waits("access_key_last_useds")


def test_ctrl_c_clears_a_line_and_not_the_shell(terminal: Terminal) -> None:
    terminal.type("SELECT nonsense")
    terminal.process.sendintr()
    terminal.waits()
    terminal.enter("SELECT 'fresh' || 'ly' AS a;")
    terminal.waits("freshly")


def test_ctrl_c_cancels_a_statement_and_not_the_shell(terminal: Terminal) -> None:
    endless = "SELECT sum(a.range * b.range % 7) FROM range(100000000) a, range(100000) b;"
    terminal.enter(endless)
    terminal.process.expect(pexpect.TIMEOUT, timeout=1.5)
    terminal.process.sendintr()
    terminal.waits("cancelled")
    terminal.enter("SELECT 'fresh' || 'ly' AS a;")
    terminal.waits("freshly")


def test_ctrl_d_quits(terminal: Terminal) -> None:
    terminal.process.sendeof()
    terminal.process.expect(pexpect.EOF)
    terminal.process.close()
    assert terminal.process.exitstatus == 0


def test_the_history_is_kept_without_secrets(terminal: Terminal, home: Path) -> None:
    terminal.answers("SELECT 20 + 22 AS kept;", "42")
    terminal.answers("EXEC aws.iam.nosuch.x @Password = 'canary';", "unknown table")
    terminal.enter("\\q")
    terminal.process.expect(pexpect.EOF)
    history = (home / "state" / "cirrusql" / "history").read_text()
    assert "kept" in history
    assert "canary" not in history


def test_rows_taller_than_the_terminal_go_through_the_pager(terminal: Terminal) -> None:
    shown = terminal.answers("SELECT range AS tall FROM range(100);", "paged: │   99")
    assert "paged: │ tall" in shown


def test_rows_wider_than_the_terminal_go_through_the_pager(terminal: Terminal) -> None:
    terminal.answers("SELECT repeat('wide ', 40) AS w;", "paged: │ wide wide")


def test_rows_that_fit_go_through_no_pager(terminal: Terminal) -> None:
    assert "paged" not in terminal.answers("SELECT 6 * 7 AS fits;", "42")


def test_the_pager_can_be_turned_off(terminal: Terminal) -> None:
    terminal.answers("\\pset pager off", "pager is off")
    assert "paged" not in terminal.answers("SELECT range AS tall FROM range(100);", "   99")


def test_a_pager_that_is_left_early_ends_the_reading_and_not_the_shell(
    company: str, home: Path
) -> None:
    shell = Terminal(_environment(company, home) | {"PAGER": "head -2"})
    shell.waits()
    shell.answers("SELECT range AS many FROM range(100000000);", "many")
    shell.answers("SELECT 'still' || ' here' AS a;", "still here")
    shell.process.close(force=True)


def test_watch_runs_the_last_statement_again_until_ctrl_c(terminal: Terminal) -> None:
    terminal.answers("SELECT 'seen' || ' once' AS a;", "seen once")
    terminal.enter("\\watch 0.1")
    for _ in range(3):
        terminal.waits("(every 0.1 s)")
        terminal.waits("seen once")
    terminal.process.sendintr()
    terminal.waits()
    terminal.answers("SELECT 'fresh' || 'ly' AS a;", "freshly")


def test_watch_repeats_no_write(terminal: Terminal) -> None:
    terminal.answers("EXEC aws.iam.nosuch.x @A = 1;", "unknown table")
    terminal.answers("\\watch 1", "only statements that read")


def test_errverbose_tells_all_of_the_last_error(terminal: Terminal) -> None:
    terminal.answers("SELECT UserNam FROM aws.iam.users;", "unknown column")
    assert "UnknownColumn" in terminal.answers("\\errverbose", "SQLSTATE 42703")
