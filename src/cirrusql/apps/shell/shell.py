"""The loop of the prompt: read, run, show, until Ctrl-D.

Ctrl-C ends the running statement, or clears the line; never the shell.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from cirrusql.apps.shell.backslash_commands import run_command
from cirrusql.apps.shell.banner import banner
from cirrusql.apps.shell.completion_names import CatalogNames, RecentValues
from cirrusql.errors import ConfigError, Ended, Error, Interrupted
from cirrusql.render.display.pager import Paged, pager_command
from cirrusql.render.display.present import WRITES, Meter, left_out, present, summary
from cirrusql.render.display.screen_report import FORMS, ScreenReport
from cirrusql.render.quiet import QuietFirst
from cirrusql.render.terminal import Shown, safe
from cirrusql.sql.split import is_terminated

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.session.result import Result
    from cirrusql.session.session import Session
    from cirrusql.transport.model import Failure


WORDS = {"help": "\\?", "quit": "\\q", "exit": "\\q"}
"""Words typed by people who do not know the backslash commands."""
_GO = re.compile(r";?\s*\\gx?\s*$")
"""What ends a statement in the semicolon's stead."""


class ProgressDisplay(Protocol):
    """A line that shows a statement's progress, until it is stopped."""

    def stop(self) -> None:
        """Remove the line. May be called more than once."""


class _Quiet:
    def stop(self) -> None:
        pass


def _no_progress() -> AbstractContextManager[ProgressDisplay]:
    return nullcontext(_Quiet())


class Shell:
    """One run of the prompt over an open session. ``progress`` is entered for each statement."""

    def __init__(
        self,
        session: Session,
        *,
        error_text: Callable[[Error], str],
        failure_text: Callable[[Failure], str],
        progress: Callable[[], AbstractContextManager[ProgressDisplay]] = _no_progress,
    ) -> None:
        self.session = session
        self.error_text = error_text
        self.failure_text = failure_text
        self._progress = progress
        self.is_done = False
        self.pager = "on"
        self.format = "auto"
        self.is_expanded = False
        self.has_timing = False
        self.last_statement = ""
        self.last_error: Error | None = None
        self.next_text = ""
        """The initial text of the next prompt: from the editor."""
        self._file: BinaryIO | None = None
        self._recent = RecentValues()

    def run(self) -> int:
        """Read and run until the end. The exit status is 0: errors were shown when they
        occurred."""
        from cirrusql.apps.shell.prompt import prompt_session

        self._tell_of_transactions()
        self.say(banner(self.session))
        self.say("Statements end with a semicolon, \\? lists commands, Ctrl-D quits")
        names = CatalogNames(self.session, self._recent)
        prompt = prompt_session(
            names, names.regions, is_complete, lambda: self.session.transaction_status
        )
        try:
            while not self.is_done:
                try:
                    text = prompt.prompt(default=self.next_text)
                except Ended:
                    raise
                except KeyboardInterrupt:
                    continue
                except EOFError:
                    break
                finally:
                    self.next_text = ""
                self.handle(text)
        finally:
            self.send_output_to(None)
        if self.session.transaction_status != "idle":
            count = self.session.transaction.drop()
            self.say(
                f"the transaction was not committed: {count} queued writes were dropped and none "
                "was made"
            )
        return 0

    def _tell_of_transactions(self) -> None:
        """Of those whose process died in the middle."""
        from cirrusql.execution.transaction.journal import left_behind

        for line in left_behind():
            self.say(line)

    def handle(self, text: str) -> None:
        """Run one input: a backslash command or statements. Shows errors, raises none."""
        text = text.strip()
        if not text:
            return
        try:
            if text.startswith("\\"):
                run_command(self, text)
            elif (word := text.rstrip(";").rstrip().lower()) in WORDS:
                run_command(self, WORDS[word])
            elif ending := _go(text):
                self.last_statement = f"{text[: ending.start()].rstrip()};"
                run_command(self, ending[0].strip("; \n"))
            else:
                self.last_statement = text
                self.execute(text)
        except Error as error:
            self._tell(error)

    def execute(self, script: str) -> None:
        """Run statements and show their results. Raises the Error of the first that fails."""
        results = iter(self.session.run(script, {}))
        seconds = 0.0
        try:
            while True:
                meter = Meter()
                with self._progress() as progress:
                    try:
                        result = meter.timed(lambda: next(results, None))
                        if result is None:
                            break
                        try:
                            self._show(result, progress, meter)
                        finally:
                            result.close()
                    finally:
                        seconds += meter.seconds
                    if result.interrupt is not None:
                        raise result.interrupt
        except Ended:
            raise
        except KeyboardInterrupt:
            raise Interrupted("cancelled") from None
        finally:
            if self.has_timing:
                self.say(f"time: {seconds * 1000:.0f} ms")

    def execute_expanded(self, script: str, *, is_expanded: bool = True) -> None:
        """The same, each row shown one line per column."""
        kept, self.is_expanded = self.is_expanded, is_expanded
        try:
            self.execute(script)
        finally:
            self.is_expanded = kept

    def send_output_to(self, path: Path | None) -> None:
        """Write rows to a file from now on; None: to the terminal again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if path is not None:
            try:
                self._file = path.open("wb")
            except OSError as error:
                raise ConfigError(f"cannot write {path}: {error.strerror}") from error

    def say(self, line: str) -> None:
        """Show one line to the user."""
        print(line, file=sys.stderr, flush=True)  # noqa: T201

    def _show(self, result: Result, progress: ProgressDisplay, meter: Meter) -> None:
        if result.schema.names:
            format_ = None if self.format == "auto" else self.format
            if self.is_expanded and format_ in (None, "table"):
                format_ = "vertical"
            is_shown = self._file is None and sys.stdout.isatty()
            size = shutil.get_terminal_size()
            result.batches = self._noted(result.batches)
            report = ScreenReport()
            with self._opened(size, may_wrap=format_ in (None, *FORMS)) as out:
                quiet = QuietFirst(Shown(out) if is_shown else out, progress.stop)
                width = size.columns if is_shown else None
                report = present(result, quiet, format_, width=width, meter=meter)
                quiet.flush()
                progress.stop()
            report.is_unfinished = getattr(out, "was_left", False)
            if told := left_out(report, "\\gx shows all"):
                self.say(told)
            if is_shown and result.layout != "text":
                written = result.rows_written if result.verb in WRITES else None
                self.say(summary(meter, report, written=written, has_time=not self.has_timing))
        else:
            for _ in meter.read(result.batches):
                pass
        progress.stop()
        for notice in result.notices:
            self.say(f"notice: {safe(notice)}")
        for failure in result.failures:
            self.say(f"not read: {self.failure_text(failure)}")
            self.last_error = failure.error

    def _noted(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches, with their values recorded for completion."""
        for batch in batches:
            self._recent.note(batch)
            yield batch

    def _opened(
        self, size: os.terminal_size, *, may_wrap: bool
    ) -> AbstractContextManager[BinaryIO | Paged]:
        """The destination of rows: the file of ``\\o``, otherwise the terminal, through the pager
        if needed."""
        if self._file is not None:
            return _flushed(self._file)
        if not sys.stdout.isatty():
            return _flushed(sys.stdout.buffer)
        command = pager_command(os.environ)
        return Paged(sys.stdout.buffer, command, self.pager, size, may_wrap=may_wrap)

    def _tell(self, error: Error) -> None:
        self.last_error = error
        self.say(self.error_text(error))


@contextmanager
def _flushed(out: BinaryIO) -> Iterator[BinaryIO]:
    yield out
    out.flush()


def _go(text: str) -> re.Match[str] | None:
    """The backslash command that ends a statement; in a string it ends none."""
    found = _GO.search(text)
    return found if found and text[: found.start()].count("'") % 2 == 0 else None


def is_complete(text: str) -> bool:
    """Whether an input is complete: a backslash command, nothing, or a terminated statement."""
    stripped = text.strip()
    if not stripped or stripped.startswith("\\") or stripped.lower() in WORDS:
        return True
    return _go(stripped) is not None or is_terminated(text)
