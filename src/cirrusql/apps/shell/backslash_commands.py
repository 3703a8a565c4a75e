"""The backslash commands: a table of commands, each a few lines over the shell's state."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cirrusql.apps.shell.banner import connection_lines
from cirrusql.apps.shell.named_queries import delete_query, named_query, query_names, save_query
from cirrusql.apps.shell.statement_help import statement_help
from cirrusql.errors import ConfigError, Error, Interrupted, UnknownName
from cirrusql.render.display.pager import WAYS
from cirrusql.render.display.screen_report import FORMS
from cirrusql.render.error_text import MOST_SHOWN
from cirrusql.render.formats import BINARY, FORMATS
from cirrusql.render.terminal import safe
from cirrusql.sql.split import split

if TYPE_CHECKING:
    from cirrusql.session.session import Session

TEXT_FORMATS = (FORMS[0], *(name for name in FORMATS if name not in BINARY))


class ShellState(Protocol):
    """What a command reads and changes of the shell."""

    session: Session
    error_text: Callable[[Error], str]
    is_done: bool
    pager: str
    format: str
    is_expanded: bool
    has_timing: bool
    last_statement: str
    last_error: Error | None
    next_text: str

    def execute(self, script: str) -> None: ...

    def execute_expanded(self, script: str, *, is_expanded: bool = True) -> None: ...

    def send_output_to(self, path: Path | None) -> None: ...

    def say(self, line: str) -> None: ...


class UnknownShellCommand(UnknownName):
    """An unknown backslash command."""

    kind = "command"


class UnknownPrintSetting(UnknownName):
    """An unknown setting of ``\\pset``."""

    kind = "print setting"


@dataclass(frozen=True)
class ShellCommand:
    """One backslash command."""

    usage: str
    help: str
    run: Callable[[ShellState, str], None]


def run_command(shell: ShellState, line: str) -> None:
    """Run a line that starts with a backslash. Raises UnknownShellCommand, ConfigError."""
    name, _, argument = line.strip().partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        raise UnknownShellCommand(name, COMMANDS)
    command.run(shell, argument.strip().rstrip(";").strip())


def _help(shell: ShellState, argument: str) -> None:
    width = max(len(c.usage) for c in COMMANDS.values())
    shell.say("A statement ends with a semicolon.")
    for command in COMMANDS.values():
        shell.say(f"  {command.usage:<{width}}  {command.help}")


def _quit(shell: ShellState, argument: str) -> None:
    shell.is_done = True


def _describe(shell: ShellState, argument: str) -> None:
    database = shell.session.database
    if argument.lower() in map(str.lower, (*database.tables(), *database.views())):
        shell.execute(f'DESCRIBE "{argument}";')
    elif not argument:
        shell.execute("SHOW PROVIDERS;")
    elif argument.count(".") == 0:
        shell.execute(f"SHOW SERVICES IN {argument};")
    elif argument.count(".") == 1:
        shell.execute(f"SHOW RESOURCES IN {argument};")
    else:
        shell.execute(f"DESCRIBE EXTENDED {argument};")


def _tables(shell: ShellState, argument: str) -> None:
    shell.execute("SHOW TABLES;")


def _tables_extended(shell: ShellState, argument: str) -> None:
    shell.execute(_TABLES_EXTENDED)


_TABLES_EXTENDED = """
SELECT table_name AS name, 'table' AS kind, estimated_size AS rows, column_count AS columns,
       sql AS statement
FROM duckdb_tables() WHERE schema_name = 'main' AND NOT starts_with(table_name, '_')
    AND database_name = current_database()
UNION ALL
SELECT view_name, 'view', NULL, column_count, sql
FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' AND NOT starts_with(view_name, '_')
    AND database_name = current_database()
ORDER BY 1;
"""


def _expanded(shell: ShellState, argument: str) -> None:
    if argument.lower() == "auto":
        shell.is_expanded, shell.format = False, FORMS[0]
        shell.say("expanded display is used where a row does not fit")
        return
    if argument.lower() == "off" and shell.format == FORMS[0]:
        shell.format = "table"
    shell.is_expanded = _switch(argument, shell.is_expanded)
    shell.say(f"expanded display is {_on_off(shell.is_expanded)}")


def _timing(shell: ShellState, argument: str) -> None:
    shell.has_timing = _switch(argument, shell.has_timing)
    shell.say(f"timing is {_on_off(shell.has_timing)}")


def _output(shell: ShellState, argument: str) -> None:
    shell.send_output_to(Path(argument).expanduser() if argument else None)


_READS = frozenset("SELECT WITH FROM VALUES TABLE SHOW DESCRIBE DESC SUMMARIZE EXPLAIN".split())
"""First words of statements that may be repeated."""


def _again(shell: ShellState, argument: str) -> None:
    _repeat(shell, is_expanded=shell.is_expanded)


def _again_expanded(shell: ShellState, argument: str) -> None:
    _repeat(shell, is_expanded=True)


def _repeat(shell: ShellState, *, is_expanded: bool) -> None:
    if not shell.last_statement:
        raise ConfigError("there is no statement to repeat", hint="run one first")
    shell.execute_expanded(shell.last_statement, is_expanded=is_expanded)


def _system(shell: ShellState, argument: str) -> None:
    """A command of the operating system's shell; without one, a shell until it ends."""
    command = argument or os.environ.get("SHELL", "sh")
    status = subprocess.run(command, shell=True, check=False).returncode  # noqa: S602
    if status:
        shell.say(f"exit status {status}")


def _statement_help(shell: ShellState, argument: str) -> None:
    shell.say(statement_help(argument))


def _connection(shell: ShellState, argument: str) -> None:
    for line in connection_lines(shell.session):
        shell.say(line)


def _browse(shell: ShellState, argument: str) -> None:
    from cirrusql.apps.shell.browser import browse
    from cirrusql.apps.shell.completion_names import CatalogNames

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("\\browse requires a terminal", hint="\\d NAME lists the same")
    path = tuple(part for part in argument.split(".") if part)[:3]
    shell.next_text = browse(CatalogNames(shell.session), path) or ""


def _named(shell: ShellState, argument: str) -> None:
    if argument:
        shell.last_statement = f"{named_query(argument).rstrip(';')};"
        shell.execute(shell.last_statement)
        return
    for name in query_names():
        shell.say(f"{name}: {' '.join(named_query(name).split())}")


def _save_named(shell: ShellState, argument: str) -> None:
    name, _, text = argument.partition(" ")
    if not name:
        raise ConfigError(r"\ns requires a name", hint=r"\ns NAME saves the last statement")
    if not (text.strip() or shell.last_statement):
        raise ConfigError("there is no statement to save", hint="run one first")
    shell.say(f"saved in {save_query(name, text.strip() or shell.last_statement)}")


def _delete_named(shell: ShellState, argument: str) -> None:
    delete_query(argument)
    shell.say(f"{argument} is deleted")


def _watch(shell: ShellState, argument: str) -> None:
    """Run the last statement repeatedly, bypassing the cache, until Ctrl-C."""
    seconds = _seconds(argument)
    if not shell.last_statement:
        raise ConfigError("there is no statement to watch", hint="run one first, then \\watch 5")
    if any(
        piece.text.split(None, 1)[0].upper() not in _READS for piece in split(shell.last_statement)
    ):
        raise ConfigError("\\watch supports only statements that read")
    kept, shell.session.cache = shell.session.cache, None
    pager, shell.pager = shell.pager, "off"
    try:
        while True:
            shell.say(f"{time.strftime('%c')} (every {seconds:g} s)")
            shell.execute(shell.last_statement)
            time.sleep(seconds)
    except (KeyboardInterrupt, Interrupted):
        shell.say("")
    finally:
        shell.session.cache, shell.pager = kept, pager


def _seconds(argument: str) -> float:
    try:
        seconds = float(argument or 2)
    except ValueError:
        seconds = -1
    if not 0 < seconds < 1_000_000:
        raise ConfigError(f"\\watch takes seconds, not {argument!r}")
    return seconds


def _print_setting(shell: ShellState, argument: str) -> None:
    name, _, value = argument.partition(" ")
    value = value.strip().lower()
    if not name:
        shell.say(
            f"expanded {_on_off(shell.is_expanded)}\nformat   {shell.format}\npager    "
            f"{shell.pager}"
        )
    elif name == "pager":
        if value not in ("", *WAYS):
            raise ConfigError(f"\\pset pager takes {', '.join(WAYS)}, not {value!r}")
        shell.pager = value or ("off" if shell.pager != "off" else "on")
        shell.say(f"pager is {shell.pager}")
    elif name == "format":
        if value not in TEXT_FORMATS:
            raise ConfigError(f"\\pset format takes {', '.join(TEXT_FORMATS)}, not {value!r}")
        shell.format = value
        shell.say(f"format is {shell.format}")
    elif name in ("expanded", "x"):
        _expanded(shell, value)
    else:
        raise UnknownPrintSetting(name, ("expanded", "format", "pager"))


def _include(shell: ShellState, argument: str) -> None:
    if not argument:
        raise ConfigError(r"\i requires a file name")
    try:
        script = Path(argument).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {argument}: {error}") from error
    shell.execute(script)


def _edit(shell: ShellState, argument: str) -> None:
    """Open the last statement, or a file, in the user's editor; the saved text becomes the next
    input."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    if argument:
        path, is_own = Path(argument).expanduser(), False
    else:
        handle, name = tempfile.mkstemp(suffix=".sql")
        os.close(handle)
        path, is_own = Path(name), True
        path.write_text(shell.last_statement, "utf-8")
    try:
        subprocess.run([*editor, str(path)], check=True)  # noqa: S603
        shell.next_text = path.read_text("utf-8").strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigError(f"the editor {editor[0]} failed: {error}") from error
    finally:
        if is_own:
            path.unlink()


def _last_error(shell: ShellState, argument: str) -> None:
    error = shell.last_error
    if error is None:
        shell.say("there is no previous error")
        return
    shell.say(
        f"{type(error).__name__} (SQLSTATE {error.sqlstate}, exit status {error.exit_status})"
    )
    shell.say(shell.error_text(error))
    if len(error.message) > MOST_SHOWN:
        shell.say(f"the whole message: {safe(error.message)}")
    for name in (
        "service",
        "operation",
        "account",
        "region",
        "connection",
        "code",
        "status",
        "request_id",
    ):
        if (value := getattr(error, name, None)) not in (None, ""):
            shell.say(f"{name}: {safe(str(value))}")
    cause = error.__cause__
    while cause is not None:
        shell.say(f"caused by {type(cause).__name__}: {safe(str(cause))}")
        cause = cause.__cause__


def _switch(argument: str, now: bool) -> bool:
    if argument.lower() in ("on", "off"):
        return argument.lower() == "on"
    return not now


def _on_off(value: bool) -> str:
    return "on" if value else "off"


COMMANDS = {
    command.usage.split()[0]: command
    for command in (
        ShellCommand("\\?", "list these commands (also: help)", _help),
        ShellCommand("\\h [NAME]", "show the form of a statement, such as INSERT", _statement_help),
        ShellCommand("\\q", "quit (also: quit, exit, Ctrl-D)", _quit),
        ShellCommand(
            "\\conninfo", "show the account, region and access of the session", _connection
        ),
        ShellCommand(
            "\\d [NAME]", "list providers, or what NAME contains: services, columns", _describe
        ),
        ShellCommand("\\browse [NAME]", "browse the catalog and write a SELECT (also F2)", _browse),
        ShellCommand("\\dt", "list local tables and views", _tables),
        ShellCommand("\\dt+", "the same with their rows, columns and statements", _tables_extended),
        ShellCommand("\\g", "run the last statement again; also ends a statement", _again),
        ShellCommand("\\gx", "the same, showing one line per column", _again_expanded),
        ShellCommand(
            "\\x [on|off|auto]",
            "show one line per column; auto: where a row does not fit",
            _expanded,
        ),
        ShellCommand("\\timing [on|off]", "show how long each statement takes", _timing),
        ShellCommand("\\o [FILE]", "send rows to a file, or back to the terminal", _output),
        ShellCommand("\\watch [SECONDS]", "repeat the last statement until Ctrl-C", _watch),
        ShellCommand(
            "\\pset [NAME [VALUE]]", "pager on|off|always, format, expanded", _print_setting
        ),
        ShellCommand("\\i FILE", "run the statements of a file", _include),
        ShellCommand("\\e [FILE]", "edit the last statement, or a file, and run it", _edit),
        ShellCommand("\\n [NAME]", "run a named query, or list them all", _named),
        ShellCommand(
            "\\ns NAME [QUERY]", "save a query, or the last statement, under a name", _save_named
        ),
        ShellCommand("\\nd NAME", "delete a named query", _delete_named),
        ShellCommand(
            "\\! [COMMAND]", "run a command of the operating system, or open a shell", _system
        ),
        ShellCommand("\\errverbose", "show the last error in detail", _last_error),
    )
}
