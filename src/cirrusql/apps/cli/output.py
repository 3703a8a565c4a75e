"""Writes rows to standard output or a file, in the requested format."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from cirrusql.apps.cli.process.streams import output_failed
from cirrusql.apps.cli.progress_line import ProgressLine
from cirrusql.errors import ConfigError, nearest
from cirrusql.render import formats
from cirrusql.render.display.present import Meter, present
from cirrusql.render.display.screen_report import FORMS, ScreenReport
from cirrusql.render.files import check, replacing
from cirrusql.render.quiet import QuietFirst
from cirrusql.render.terminal import Shown

if TYPE_CHECKING:
    from cirrusql.render.display.pager import Paged
    from cirrusql.session.result import Result

# Formats by file extension, if -o is not given.
BY_SUFFIX = {".md": "markdown", ".ndjson": "jsonl", ".htm": "html"} | {
    f".{name}": name for name in ("json", "jsonl", "csv", "tsv", "html", "parquet", "arrow")
}


class Output:
    """The output of a run. Validates its arguments before anything is called.

    A file is replaced if the run succeeds, by the rows of all its statements.
    """

    def __init__(self, format_: str | None, file: str | None, *, has_header: bool) -> None:
        """Raises ConfigError for an invalid format or file."""
        self._path = Path(file) if file else None
        self._format = _format(format_, self._path)
        self._has_header = has_header
        self._results = 0
        self._ends = ExitStack()
        self._out: BinaryIO | None = None
        if self._path is not None:
            check(self._path)
        elif self._format in formats.BINARY and sys.stdout.isatty():
            raise ConfigError(
                f"{self._format} cannot be written to a terminal",
                hint="use -f FILE, or pipe it to a program",
            )

    def write(self, result: Result, progress: ProgressLine, meter: Meter) -> ScreenReport:
        """Write all rows of a result, through the pager if they are too many for the terminal.

        A result without columns writes nothing. The report says what the terminal did not show.
        """
        if not result.schema.names:
            for _ in result.batches:
                pass
            return ScreenReport()
        self._results += 1
        if self._results > 1 and self._format in formats.BINARY:
            raise ConfigError(
                f"{self._format} can hold the rows of only one statement, and this is a second one",
                hint="run them one at a time, or COPY (SELECT …) TO 'file'",
            )
        is_shown = self._path is None and sys.stdout.isatty()
        size = shutil.get_terminal_size()
        report = ScreenReport()
        with self._opened(size if is_shown else None) as out:
            quiet = QuietFirst(Shown(out) if is_shown else out, progress.stop)
            try:
                report = present(
                    result,
                    quiet,
                    self._format,
                    width=size.columns if is_shown else None,
                    meter=meter,
                    header=self._has_header,
                )
                quiet.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                if quiet.failure is None:
                    raise
                raise output_failed(error, str(self._path or "standard output")) from error
            progress.stop()
        report.is_unfinished = getattr(out, "was_left", False)
        return report

    def _opened(self, size: os.terminal_size | None) -> AbstractContextManager[BinaryIO | Paged]:
        """The destination of rows: the file, otherwise standard output, through the pager on a
        terminal of ``size``."""
        if self._path is None and size is not None:
            may_wrap = self._format in (None, *FORMS)
            from cirrusql.render.display.pager import Paged, pager_command

            command = pager_command(os.environ)
            return Paged(sys.stdout.buffer, command, "on", size, may_wrap=may_wrap)
        if self._path is None:
            return nullcontext(sys.stdout.buffer)
        if self._out is None:
            self._out = self._ends.enter_context(replacing(self._path))
        return nullcontext(self._out)

    def __enter__(self) -> Output:
        self._ends.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends.__exit__(kind, error, trace)


def _format(name: str | None, path: Path | None) -> str | None:
    """One of ``formats.FORMATS``; None if not specified, when rows are for a person."""
    if name is None:
        return _of_suffix(path) if path is not None and path.suffix else None
    if name.lower() in formats.FORMATS:
        return name.lower()
    near = nearest(name, formats.FORMATS)
    raise ConfigError(
        f"unknown format {name!r}",
        hint=f"did you mean {', '.join(near)}?" if near else f"one of {', '.join(formats.FORMATS)}",
    )


def _of_suffix(path: Path) -> str | None:
    """Reject unknown extensions: the file would not contain what its name suggests."""
    if path.suffix.lower() == ".txt":
        return None
    found = BY_SUFFIX.get(path.suffix.lower())
    if found is None:
        raise ConfigError(
            f"no format has the file extension {path.suffix!r}",
            hint=f"use one of {', '.join(sorted((*BY_SUFFIX, '.txt')))}, or say the format with -o",
        )
    return found
