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
ESCAPE = "\x1b"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\r")


class Terminal:
    """A shell that a person sits in front of."""

    def __init__(self, environ: dict[str, str], *options: str, columns: int = 160) -> None:
        self.process = spawn_on_terminal(
            ["-m", "cirrusql", "shell", *options],
            environ,
            columns=columns,
            # Not how long it takes, but when to give up: machines that run tests are busy.
            timeout=150,
        )

    def waits(self, text: str = PROMPT) -> str:
        """The output up to the expected text, without colours."""
        self.process.expect_exact(text)
        return _ESCAPES.sub("", self.process.before)

    def answers(self, text: str, answer: str) -> str:
        """Enter a text, wait for the expected output and the next prompt; returns the output."""
        self.enter(text)
        shown = self.waits(answer)
        # The prompt is redrawn at every key: only after the answer is it the next one.
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
        "XDG_CONFIG_HOME": str(home / "config"),
        "TERM": "xterm-256color",
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": company,
        "PROMPT_TOOLKIT_NO_CPR": "1",
        # Marks its input, and ends by itself.
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


def test_lines_wider_than_the_terminal_go_through_the_pager(terminal: Terminal) -> None:
    terminal.answers("\\pset format csv", "format is csv")
    terminal.answers("SELECT repeat('wide ', 40) AS w;", 'paged: "wide wide')


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


@pytest.mark.parametrize(
    ("options", "writes"), [((), "writes allowed"), (("--read-only",), "read-only")]
)
def test_the_banner_says_whose_account_which_region_and_whether_writes_are_allowed(
    company: str, home: Path, options: tuple[str, ...], writes: str
) -> None:
    shell = Terminal(_environment(company, home), *options)
    told = f"account 123456789012, region us-east-1, sandbox, {writes}"
    assert told in shell.waits()
    shell.process.close(force=True)


def test_conninfo_says_the_same_in_full(terminal: Terminal) -> None:
    shown = terminal.answers("\\conninfo", "database    in memory")
    assert "account     123456789012" in shown
    assert "region      us-east-1" in shown


def test_the_first_that_is_offered_is_the_shortest(terminal: Terminal) -> None:
    terminal.type("SELECT 'x' FROM aws.ec2.inst\t")
    terminal.waits("instances")


def test_escape_closes_the_menu_and_keeps_what_was_typed(terminal: Terminal) -> None:
    terminal.type("SELECT 6 * 7 AS c")
    terminal.waits("count")
    terminal.type(ESCAPE)
    terminal.enter(", 'still' || ' here' AS d;")
    shown = terminal.waits("still here")
    assert re.search(r"│ c +│ d ", shown)


def test_a_backslash_is_completed(terminal: Terminal) -> None:
    terminal.type("\\errv\t")
    terminal.waits("\\errverbose")


def test_gx_shows_one_statement_a_column_a_line(terminal: Terminal) -> None:
    terminal.answers("SELECT 'up' || 'right' AS a\\gx", "a │ upright")
    terminal.answers("SELECT 'table' || 'd' AS a;", "│ tabled │")
    terminal.answers("\\gx", "a │ tabled")
    terminal.answers("\\g", "│ tabled │")


def test_a_row_that_cannot_fit_is_shown_a_column_a_line_by_itself(company: str, home: Path) -> None:
    shell = Terminal(_environment(company, home) | {"PAGER": ""}, columns=80)
    shell.waits()
    shown = shell.answers("SELECT * FROM aws.iam.users WHERE UserName = 'dara';", "1 row in")
    assert "RECORD 1" in shown
    shell.answers("\\x off", "off")
    shell.process.close(force=True)


@pytest.mark.parametrize("word", ["quit", "exit;", "QUIT"])
def test_people_who_type_quit_quit(terminal: Terminal, word: str) -> None:
    terminal.enter(word)
    terminal.process.expect(pexpect.EOF)


def test_help_is_the_list_of_commands_and_h_the_form_of_a_statement(terminal: Terminal) -> None:
    terminal.answers("help", "\\errverbose")
    terminal.answers("\\h insert", "INSERT INTO provider.service.resource")


def test_a_command_of_the_system_is_run(terminal: Terminal) -> None:
    terminal.answers("\\! echo $((6 * 7))", "42")
    terminal.answers("\\! exit 3", "exit status 3")


def test_a_named_query_is_saved_run_listed_and_deleted(terminal: Terminal, home: Path) -> None:
    terminal.answers("SELECT 'by' || ' name' AS a;", "by name")
    terminal.answers("\\ns mine", "mine.sql")
    assert (home / "config" / "cirrusql" / "queries" / "mine.sql").is_file()
    terminal.answers("\\n", "mine: SELECT")
    terminal.answers("\\n mine", "by name")
    terminal.answers("\\nd mine", "deleted")
    terminal.answers("\\n mine", "unknown named query")


def test_dt_plus_tells_rows_and_statements_of_local_tables(terminal: Terminal) -> None:
    terminal.answers("CREATE TABLE kept AS SELECT range AS n FROM range(7);", PROMPT)
    shown = terminal.answers("\\dt+", "CREATE TABLE kept")
    assert re.search(r"kept +│ table +│ +7 │ +1 │", shown)
    terminal.answers("\\d kept", "BIGINT")


def test_timing_leaves_the_time_in_the_pager_out(company: str, home: Path) -> None:
    pager = {"PAGER": "sleep 2; cat"}
    shell = Terminal(_environment(company, home) | pager)
    shell.waits()
    shell.answers("\\timing on", "timing is on")
    shell.answers("\\pset pager always", "pager is always")
    shell.enter("SELECT 1 AS quick;")
    shell.process.expect(r"time: (\d+) ms")
    assert int(shell.process.match[1]) < 2000
    shell.process.close(force=True)


def test_the_browser_leads_from_a_service_to_a_select_in_the_prompt(terminal: Terminal) -> None:
    terminal.enter("\\browse aws.iam")
    terminal.waits("resources  filter:")
    terminal.type("access_keys")
    terminal.type("\r")
    terminal.waits("TIMESTAMPTZ")
    terminal.type(" \r")
    terminal.waits("aws.iam.access_keys;")
    terminal.type("\r")
    terminal.waits("rows in")


def test_f2_opens_the_browser_and_escape_closes_it(terminal: Terminal) -> None:
    terminal.type(f"{ESCAPE}OQ")
    terminal.waits("providers  filter:")
    terminal.type(ESCAPE)
    terminal.waits()
    terminal.answers("SELECT 'still' || ' here' AS a;", "still here")
