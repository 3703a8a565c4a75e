"""The result of a statement, in several forms.

Read completely (``arrow``, ``df``, ``pl``, ``show``, any number of times) or once, row by row or
batch by batch, in bounded memory (``batches``, ``fetchone`` …). ``connection`` owns the lock and
the work in progress.
"""

from __future__ import annotations

import io
import shutil
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from cirrusql.apps.python.python_values import rows_of, sql_type
from cirrusql.errors import InterfaceError
from cirrusql.render import formats
from cirrusql.render.display.present import left_out

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from cirrusql.session.result import Result
    from cirrusql.transport.model import Failure


SHOWN = 10
"""Rows in a repr."""

Row = tuple[Any, ...]


class PartialAnswer(UserWarning):
    """Some of the rows could not be read; ``Relation.failures`` says why."""


class Relation:
    """Rows of one statement. ``with`` or ``close`` drops unread rows.

    ``guard`` runs work while no other statement of the connection runs.
    """

    def __init__(self, result: Result, guard: Callable[[Callable[[], Any]], Any], sql: str) -> None:
        self._result = result
        self._guard = guard
        self._sql = sql
        self._held: deque[pa.RecordBatch] = deque()
        self._is_whole = False
        self._is_walking = False
        self._has_ended = False
        self._walk: Iterator[Row] | None = None
        self.on_end: Callable[[], object] = lambda: None

    # Metadata.

    @property
    def columns(self) -> list[str]:
        """The headings, as written in the query; names may repeat."""
        return list(self._result.schema.names)

    @property
    def types(self) -> list[str]:
        """The SQL type of each column."""
        return [sql_type(field) for field in self._result.schema]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema."""
        return self._result.schema

    @property
    def verb(self) -> str:
        """The first word of the statement."""
        return self._result.verb

    @property
    def rows_written(self) -> int:
        """Number of rows that a statement wrote."""
        return self._result.rows_written

    @property
    def failures(self) -> list[Failure]:
        """What could not be read; complete once the rows are read."""
        return self._result.failures

    @property
    def notices(self) -> list[str]:
        """Further notices of the session."""
        return self._result.notices

    # Complete results.

    def arrow(self) -> pa.Table:
        """All rows as a pyarrow Table."""
        import pyarrow as pa

        return pa.Table.from_batches(list(self._whole()), schema=self.schema)

    def df(self) -> pd.DataFrame:
        """All rows as a pandas DataFrame. Needs ``cirrusql[pandas]``."""
        _need("pandas")
        found: pd.DataFrame = self.arrow().to_pandas()
        return found

    def pl(self) -> pl.DataFrame:
        """All rows as a polars DataFrame; a repeated heading gets a number, and INTERVAL is a
        Duration. Raises DataError for an INTERVAL with months. Needs ``cirrusql[polars]``."""
        _need("polars")
        import polars

        from cirrusql.apps.python.polars_types import for_polars
        from cirrusql.render.text_values import unique

        table = for_polars(self.arrow())
        found = polars.from_arrow(table.rename_columns(unique(table.schema.names)))
        assert isinstance(found, polars.DataFrame)
        return found

    def show(self, limit: int = 100) -> None:
        """Print the first ``limit`` rows as they fit the terminal: a table, or a value a line."""
        sys.stdout.write(self.text(limit, shutil.get_terminal_size().columns))

    def text(self, limit: int, width: int | None = None) -> str:
        """The first ``limit`` rows as a table, with a note if there are more."""
        from cirrusql.render.display import screen

        if not self.columns:
            return f"{self.verb} {self.rows_written}\n" if self.rows_written else f"{self.verb}\n"
        rows, has_more = self.first(limit)
        out = io.BytesIO()
        told = None
        if width is None:
            formats.write(self.schema, rows, "table", out)
        else:
            report = screen.write(self.schema, rows, out, width=width)
            told = left_out(report, ".arrow() and .df() have them whole")
        notes = [f"first {limit} rows; there are more"] if has_more else []
        notes += [told] if told else []
        return out.getvalue().decode() + "".join(f"{note}\n" for note in notes)

    def first(self, limit: int) -> tuple[list[pa.RecordBatch], bool]:
        """The first ``limit`` rows, which remain unread, and whether there are more."""
        self._may_look()

        def look() -> None:
            while self._count() <= limit and (batch := self._next()) is not None:
                self._held.append(batch)

        self._guard(look)
        found, room = [], limit
        for batch in self._held:
            found.append(batch.slice(0, room))
            room -= found[-1].num_rows
        return found, self._count() > limit

    def __repr__(self) -> str:
        if self._is_walking and not self._is_whole:
            return f"<Relation of {self._sql[:60]!r}, its rows read one by one>"
        return self.text(SHOWN).rstrip("\n")

    def _repr_html_(self) -> str:
        from cirrusql.apps.python.html import table_of

        if self._is_walking and not self._is_whole:
            return table_of(self.schema, [], "its rows were read one by one")
        rows, has_more = self.first(SHOWN * 5)
        said = [f"first {SHOWN * 5} rows; there are more"] if has_more else []
        said += [f"not read: {failure.error.message}" for failure in self.failures]
        if not self.columns:
            said.append(f"{self.verb} {self.rows_written or ''}".strip())
        return table_of(self.schema, rows, *said)

    # Streaming.

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows as they arrive, as Arrow batches, in bounded memory: to be read once.

        Rows in memory (after ``arrow``) may be read again.
        """
        if self._is_whole:
            yield from list(self._held)
            return
        if self._is_walking:
            raise InterfaceError(
                "the rows of this relation have already been read", hint="run the query again"
            )
        self._is_walking = True
        while self._held:
            yield self._held.popleft()
        while (batch := self._guard(self._next)) is not None:
            yield batch

    def fetchone(self) -> Row | None:
        """The next row; None after the last."""
        return next(self._rows(), None)

    def fetchmany(self, size: int = 1) -> list[Row]:
        """The next ``size`` rows, or as many as there are."""
        return list(islice(self._rows(), size))

    def fetchall(self) -> list[Row]:
        """The remaining rows. If none were read before, they stay in memory: see ``arrow``."""
        if not self._is_walking:
            self._whole()
        return list(self._rows())

    def __iter__(self) -> Iterator[Row]:
        return self._rows()

    def _rows(self) -> Iterator[Row]:
        if self._walk is None:
            schema = self.schema
            self._walk = (row for batch in self.batches() for row in rows_of(schema, batch))
        return self._walk

    # The stream below.

    def _may_look(self) -> None:
        if self._is_walking and not self._is_whole:
            raise InterfaceError(
                "some rows of this relation were read one by one and were not kept",
                hint="run the query again, or call .arrow() first",
            )

    def _whole(self) -> deque[pa.RecordBatch]:
        self._may_look()

        def read() -> None:
            while (batch := self._next()) is not None:
                self._held.append(batch)
            self._is_whole = True

        self._guard(read)
        return self._held

    def _count(self) -> int:
        return sum(batch.num_rows for batch in self._held)

    def _next(self) -> pa.RecordBatch | None:
        """The next batch of the stream, which closes at its end or on an error. Called under the
        guard."""
        if self._has_ended:
            return None
        try:
            batch = next(self._result.batches, None)
        except BaseException:
            self._end()
            raise
        if batch is None:
            self._end()
            if self._result.failures:
                warnings.warn(_partial(self._result.failures), PartialAnswer, stacklevel=4)
        return batch

    def _end(self) -> None:
        self._has_ended = True
        self.on_end()
        close = getattr(self._result.batches, "close", None)
        if close is not None:
            close()
        self._result.close()

    def close(self) -> None:
        """Cancel what is in progress for it. Rows in memory stay readable."""
        if not self._has_ended:
            self._guard(self._end)

    def __enter__(self) -> Relation:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _partial(failures: list[Failure]) -> str:
    more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
    return f"the result is partial: {failures[0].error.message}{more}; see .failures"


def _need(package: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise InterfaceError(f"this requires {package}", hint=f"pip install 'cirrusql[{package}]'")
