"""Runs a script for ``exec``: writes results to the output, problems to standard error.

Owns the exit status of a completed run; an Error that ends it early carries its own.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cirrusql.apps.cli.output import Output
from cirrusql.apps.cli.progress_line import ProgressLine, no_progress
from cirrusql.apps.cli.report import record_text, say, say_failures, say_notice
from cirrusql.execution.writes.write_options import COMMAND_LINE, SHELL, WriteOptions
from cirrusql.render.display.present import WRITES, Meter, left_out, summary
from cirrusql.session.preview_lines import preview_lines

if TYPE_CHECKING:
    from cirrusql.execution.writes.preview import Preview
    from cirrusql.render.display.screen_report import ScreenReport
    from cirrusql.session.result import Result
    from cirrusql.session.session import Session

PARTIAL = 3
NOT_COMMITTED = 2


class Runner:
    """Runs scripts in a session and prints their results."""

    def __init__(
        self, session: Session, output: Output, *, has_timing: bool, is_verbose: bool
    ) -> None:
        self._session = session
        self._output = output
        self._has_timing = has_timing
        self._is_verbose = is_verbose

    def run(self, script: str, parameters: Mapping[str, object]) -> int:
        """Run to the end, or to the first statement that cannot be run. Returns the exit status."""
        statuses = [0]
        try:
            self._run(script, parameters, statuses)
        finally:
            statuses.append(self._end_transaction())
        # A failed write is worse than a partial result, although its number is smaller.
        return 1 if 1 in statuses else max(statuses)

    def _run(self, script: str, parameters: Mapping[str, object], statuses: list[int]) -> None:
        with self._output:
            results = iter(self._session.run(script, parameters))
            while True:
                meter = Meter()
                with self._progress() as progress:
                    result = meter.timed(lambda: next(results, None))
                    if result is None:
                        break
                    try:
                        report = self._output.write(result, progress, meter)
                    finally:
                        result.close()
                self._tell_rows(result, report, meter)
                statuses.append(self._tell(result, meter.seconds))
                if result.interrupt is not None:
                    raise result.interrupt

    def _end_transaction(self) -> int:
        """Roll back a transaction that the script left open: nothing of it was called."""
        if self._session.transaction_status == "idle":
            return 0
        count = self._session.transaction.drop()
        say(
            f"notice: the transaction was not committed: {count} queued writes were dropped and "
            "none was made"
        )
        return NOT_COMMITTED

    def _progress(self) -> ProgressLine:
        return ProgressLine(self._session.progress, is_shown=self._session.settings.progress)

    def _tell_rows(self, result: Result, report: ScreenReport, meter: Meter) -> None:
        """For a person: how many rows, how long, and what the terminal did not show."""
        if not result.schema.names:
            return
        if told := left_out(report, "-o vertical shows all"):
            say(told)
        if sys.stderr.isatty() and result.layout != "text":
            written = result.rows_written if result.verb in WRITES else None
            say(summary(meter, report, written=written))

    def _tell(self, result: Result, seconds: float) -> int:
        for notice in result.notices:
            say_notice(notice)
        say_failures(result.failures, is_whole=self._is_verbose)
        if self._is_verbose:
            for record in self._session.records:
                say(record_text(record))
        if self._has_timing:
            say(f"{result.verb}: {seconds * 1000:.0f} ms")
        return result.exit_status or (PARTIAL if result.failures else 0)


def write_options(
    *, assume_yes: bool = False, is_dry_run: bool = False, is_shell: bool = False
) -> WriteOptions:
    """How far writes may go: on a terminal they ask, otherwise they need ``--yes``."""
    can_ask = sys.stdin.isatty() and sys.stderr.isatty()
    confirm = ask if can_ask else None
    return WriteOptions(
        assume_yes=assume_yes,
        is_dry_run=is_dry_run,
        confirm=confirm,
        show=show,
        hints=SHELL if is_shell else COMMAND_LINE,
    )


def show(preview: Preview) -> None:
    """Show on standard error what is about to be written: wrapped on a terminal, otherwise one line
    per resource."""
    widths = (shutil.get_terminal_size().columns,) if sys.stderr.isatty() else ()
    with no_progress():
        for line in preview_lines(preview, *widths):
            say(line)


def ask(preview: Preview) -> bool:
    """Show on the terminal what would be written, and ask. Anything but ``yes`` means no."""
    show(preview)
    with no_progress():
        sys.stderr.write(f"write {preview.extent.told}? [yes/no] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("yes", "y")
