"""The loop of the prompt: read, run, show, until Ctrl-D.

Ctrl-C ends the statement that runs, or clears the line; never the shell.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from cirrusql.apps.shell.backslash_commands import run_command
from cirrusql.errors import ConfigError, Ended, Error, Interrupted
from cirrusql.render import formats
from cirrusql.render.display.pager import Paged, pager_command
from cirrusql.render.quiet import QuietFirst
from cirrusql.render.terminal import Shown, safe
from cirrusql.sql.split import is_terminated

if TYPE_CHECKING:
    from cirrusql.session.result import Result
    from cirrusql.session.session import Session
    from cirrusql.transport.model import Failure


class ProgressDisplay(Protocol):
    """A line that says how far a statement is, until it is stopped."""

    def stop(self) -> None:
        """Take the line away. Safe to call twice."""


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
        self.format = "table"
        self.is_expanded = False
        self.has_timing = False
        self.last_statement = ""
        self.last_error: Error | None = None
        self.next_text = ""
        """What the next prompt begins with: the editor's text."""
        self._file: BinaryIO | None = None

    def run(self) -> int:
        """Read and run until the end. The exit status is 0: errors were shown as they came."""
        from cirrusql.apps.shell.completion_names import CatalogNames
        from cirrusql.apps.shell.prompt import prompt_session

        names = CatalogNames(self.session)
        prompt = prompt_session(
            names, names.regions, is_complete, lambda: self.session.transaction_status
        )
        self._tell_of_transactions()
        self.say("CirruSQL: statements end with a semicolon, \\? lists commands, Ctrl-D quits")
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
        from cirrusql.execution.transaction.journal import cut_short

        for line in cut_short():
            self.say(line)

    def handle(self, text: str) -> None:
        """Run one input: a backslash command or statements. Shows errors, raises none."""
        text = text.strip()
        if not text:
            return
        try:
            if text.startswith("\\"):
                run_command(self, text)
            else:
                self.last_statement = text
                self.execute(text)
        except Error as error:
            self._tell(error)

    def execute(self, script: str) -> None:
        """Run statements and show their results. Raises the Error of the first that fails."""
        started = time.monotonic()
        results = iter(self.session.run(script, {}))
        try:
            while True:
                with self._progress() as progress:
                    result = next(results, None)
                    if result is None:
                        break
                    try:
                        self._show(result, progress)
                    finally:
                        result.close()
                    if result.interrupt is not None:
                        raise result.interrupt
        except Ended:
            raise
        except KeyboardInterrupt:
            raise Interrupted("cancelled") from None
        finally:
            if self.has_timing:
                self.say(f"time: {(time.monotonic() - started) * 1000:.0f} ms")

    def send_output_to(self, path: Path | None) -> None:
        """Let rows go to a file from now on; None: to the terminal again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if path is not None:
            try:
                self._file = path.open("wb")
            except OSError as error:
                raise ConfigError(f"cannot write {path}: {error.strerror}") from error

    def say(self, line: str) -> None:
        """One line to the person at the prompt."""
        print(line, file=sys.stderr, flush=True)  # noqa: T201

    def _show(self, result: Result, progress: ProgressDisplay) -> None:
        if result.schema.names:
            format_ = "vertical" if self.is_expanded and self.format == "table" else self.format
            with self._opened() as out:
                is_shown = self._file is None and sys.stdout.isatty()
                quiet = QuietFirst(Shown(out) if is_shown else out, progress.stop)
                formats.write(result.schema, result.batches, format_, quiet, header=True)
                quiet.flush()
                progress.stop()
        else:
            for _ in result.batches:
                pass
        progress.stop()
        for notice in result.notices:
            self.say(f"notice: {safe(notice)}")
        for failure in result.failures:
            self.say(f"not read: {self.failure_text(failure)}")
            self.last_error = failure.error
        for hint in dict.fromkeys(f.error.hint for f in result.failures if f.error.hint):
            self.say(f"hint: {safe(hint)}")

    def _opened(self) -> AbstractContextManager[BinaryIO | Paged]:
        """Where rows go: the file of ``\\o``, else the terminal, through the pager if need be."""
        if self._file is not None:
            return _flushed(self._file)
        if not sys.stdout.isatty():
            return _flushed(sys.stdout.buffer)
        size = shutil.get_terminal_size()
        return Paged(sys.stdout.buffer, pager_command(os.environ), self.pager, size)

    def _tell(self, error: Error) -> None:
        self.last_error = error
        self.say(self.error_text(error))


@contextmanager
def _flushed(out: BinaryIO) -> Iterator[BinaryIO]:
    yield out
    out.flush()


def is_complete(text: str) -> bool:
    """Whether an input ends here: a backslash command, nothing, or a closed statement."""
    stripped = text.strip()
    if not stripped or stripped.startswith("\\"):
        return True

    return is_terminated(text)
