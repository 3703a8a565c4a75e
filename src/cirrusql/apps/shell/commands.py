"""What begins with a backslash: a table of commands, each a few lines over the shell's state."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cirrusql.errors import ConfigError, UnknownName

if TYPE_CHECKING:
    from cirrusql.apps.shell.shell import Shell


class UnknownShellCommand(UnknownName):
    """A backslash command that there is not."""

    kind = "command"


@dataclass(frozen=True)
class Command:
    """One backslash command."""

    usage: str
    help: str
    run: Callable[[Shell, str], None]


def run_command(shell: Shell, line: str) -> None:
    """Run a line that begins with a backslash. Raises UnknownShellCommand, ConfigError."""
    name, _, argument = line.strip().partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        raise UnknownShellCommand(name, COMMANDS)
    command.run(shell, argument.strip().rstrip(";").strip())


def _help(shell: Shell, argument: str) -> None:
    width = max(len(c.usage) for c in COMMANDS.values())
    shell.say("A statement ends with a semicolon.")
    for command in COMMANDS.values():
        shell.say(f"  {command.usage:<{width}}  {command.help}")


def _quit(shell: Shell, argument: str) -> None:
    shell.is_done = True


def _describe(shell: Shell, argument: str) -> None:
    if not argument:
        shell.execute("SHOW PROVIDERS;")
    elif argument.count(".") == 0:
        shell.execute(f"SHOW SERVICES IN {argument};")
    elif argument.count(".") == 1:
        shell.execute(f"SHOW RESOURCES IN {argument};")
    else:
        shell.execute(f"DESCRIBE EXTENDED {argument};")


def _tables(shell: Shell, argument: str) -> None:
    shell.execute("SHOW TABLES;")


def _expanded(shell: Shell, argument: str) -> None:
    shell.is_expanded = _switch(argument, shell.is_expanded)
    shell.say(f"expanded display is {_on_off(shell.is_expanded)}")


def _timing(shell: Shell, argument: str) -> None:
    shell.has_timing = _switch(argument, shell.has_timing)
    shell.say(f"timing is {_on_off(shell.has_timing)}")


def _output(shell: Shell, argument: str) -> None:
    shell.send_output_to(Path(argument).expanduser() if argument else None)


def _include(shell: Shell, argument: str) -> None:
    if not argument:
        raise ConfigError(r"\i takes the name of a file")
    try:
        script = Path(argument).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {argument}: {error}") from error
    shell.execute(script)


def _edit(shell: Shell, argument: str) -> None:
    """Open the last statement, or a file, in the user's editor; what is saved comes next."""
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


def _last_error(shell: Shell, argument: str) -> None:
    error = shell.last_error
    if error is None:
        shell.say("there was no error")
        return
    shell.say(f"{type(error).__name__} (SQLSTATE {error.sqlstate})")
    shell.say(shell.error_text(error))


def _switch(argument: str, now: bool) -> bool:
    if argument.lower() in ("on", "off"):
        return argument.lower() == "on"
    return not now


def _on_off(value: bool) -> str:
    return "on" if value else "off"


COMMANDS = {
    "\\?": Command("\\?", "this list", _help),
    "\\q": Command("\\q", "quit, as Ctrl-D does", _quit),
    "\\d": Command("\\d [NAME]", "providers, or the inside of NAME: services, columns", _describe),
    "\\dt": Command("\\dt", "your own tables and views", _tables),
    "\\x": Command("\\x [on|off]", "one line per column", _expanded),
    "\\timing": Command("\\timing [on|off]", "say how long a statement took", _timing),
    "\\o": Command("\\o [FILE]", "send rows to a file, or back to the terminal", _output),
    "\\i": Command("\\i FILE", "run the statements of a file", _include),
    "\\e": Command("\\e [FILE]", "edit the last statement, or a file, and run it", _edit),
    "\\errverbose": Command("\\errverbose", "the last error in detail", _last_error),
}  # fmt: skip
