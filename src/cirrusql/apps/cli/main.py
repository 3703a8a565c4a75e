"""The command ``cirrusql``: dispatches to subcommands and handles errors.

Every way out of the program is here: an error is a line or two on standard error and an exit
status, never a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from cirrusql.apps.cli.process.process_tuning import leave, own_process
from cirrusql.apps.cli.process.streams import silence_output, system_failed
from cirrusql.apps.cli.report import say, say_bug, say_error
from cirrusql.apps.cli.stackql_options import instead
from cirrusql.errors import Ended, Error, OutputFailed, nearest
from cirrusql.version import __version__

# Importing a subcommand takes time; showing its help line must not.
COMMANDS = {
    "exec": ("cirrusql.apps.cli.commands.exec_command", "Run statements and print their rows."),
    "shell": (
        "cirrusql.apps.cli.commands.shell_command",
        "Start a prompt with completion and history.",
    ),
    "stack": (
        "cirrusql.apps.cli.stack.stack_command",
        "Plan and apply desired state in .sql files.",
    ),
    "srv": ("cirrusql.apps.cli.commands.srv_command", "Serve the PostgreSQL wire protocol."),
    "mcp": (
        "cirrusql.apps.cli.commands.mcp_command",
        "Serve agents over the Model Context Protocol.",
    ),
    "sandbox": ("cirrusql.apps.cli.commands.sandbox_command", "Run a simulated AWS on loopback."),
    "recover": (
        "cirrusql.apps.cli.commands.recover_command",
        "Show, undo or forget interrupted transactions.",
    ),
    "cookbook": ("cirrusql.apps.cli.commands.cookbook_command", "List and run ready-made queries."),
    "docs": (
        "cirrusql.apps.cli.commands.docs_command",
        "Build pages of the catalog, or show one.",
    ),
    "search": ("cirrusql.apps.cli.commands.search_command", "Find resources, methods and fields."),
    "doctor": ("cirrusql.apps.cli.commands.doctor_command", "Check the setup and report problems."),
}

INTERRUPTED = 130
WRONG_OPTIONS = 2
# The status that a shell reports for a program killed by SIGPIPE.
PIPE_CLOSED = 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else 1


class Commands(click.Group):
    """Subcommands by name, imported when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] == "registry":
            raise click.UsageError(
                'there is no registry: every service is built in; cirrusql exec "SHOW PROVIDERS"',
                ctx,
            )
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = nearest(args[0], COMMANDS)
            more = f"; did you mean {', '.join(near)}?" if near else ""
            raise click.UsageError(f"unknown command {args[0]!r}{more}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cirrusql", message="%(prog)s %(version)s")
def cirrusql() -> None:
    """SQL over cloud APIs, AWS first.

    \b
    cirrusql exec --sandbox "SELECT UserName, AccessKeyId FROM aws.iam.access_keys"
    cirrusql shell --profile prod

    Exit status: 0 done; 1 a call or the query failed; 2 the statement or the options are
    wrong; 3 something could not be read; 130 interrupted.
    """


def main() -> None:
    """The console script."""
    own_process()
    leave(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    try:
        status = _invoke(list(arguments))
        sys.stdout.flush()
        return status
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        return _wrong_options(error)
    except Error as error:
        if isinstance(error, OutputFailed):
            silence_output()
        say_error(error, is_whole=_is_verbose(arguments))
        return error.exit_status
    except Ended as end:
        say("ended by a signal")
        return 128 + end.number
    except (KeyboardInterrupt, click.Abort):
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has closed the pipe.
        silence_output()
        return PIPE_CLOSED
    except OSError as error:
        found = system_failed(error)
        if isinstance(found, OutputFailed):
            silence_output()
        say_error(found)
        return found.exit_status
    except Exception as error:
        say_bug(error, is_verbose=_is_verbose(arguments))
        return 1


def _is_verbose(arguments: Sequence[str]) -> bool:
    return "-v" in arguments or "--verbose" in arguments


def _invoke(arguments: list[str]) -> int:
    if "_CIRRUSQL_COMPLETE" in os.environ:
        cirrusql.main(arguments, prog_name="cirrusql")
    # Not click's own main, which handles interrupts and closed pipes differently.
    with cirrusql.make_context("cirrusql", arguments) as context:
        status = cirrusql.invoke(context)
    return status if isinstance(status, int) else 0


def _wrong_options(error: click.ClickException) -> int:
    text = error.format_message()
    if isinstance(error, click.NoSuchOption) and (told := instead(error.option_name)) is not None:
        say(f"error: {error.option_name} is an option of StackQL's")
        say(f"hint: here, {told}")
        return WRONG_OPTIONS
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        say(text)
        return WRONG_OPTIONS
    if isinstance(error, click.NoSuchOption) and error.possibilities is not None:
        near = nearest(error.option_name, error.possibilities)
        text = f"unknown option {error.option_name}"
        text += f"; did you mean {', '.join(near)}?" if near else ""
    context = getattr(error, "ctx", None)
    say(f"error: {text}")
    if context is not None:
        say(f"hint: {context.command_path} --help")
    return WRONG_OPTIONS
