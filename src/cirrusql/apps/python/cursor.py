"""The PEP 249 cursor: a relation, one statement after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from cirrusql.apps.python.parameter_styles import Parameters
from cirrusql.apps.python.python_values import base_type
from cirrusql.errors import InterfaceError, ProgrammingError

if TYPE_CHECKING:
    from cirrusql.apps.python.relation import Relation, Row

Description = tuple[str, str, None, int | None, int | None, int | None, bool | None]

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


class CursorConnection(Protocol):
    """What a cursor and its owner need of a connection."""

    def sql(self, text: str, parameters: Parameters | None = None) -> Relation: ...

    def cursor(self) -> Cursor: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...

    def must_be_open(self) -> None: ...


class Cursor:
    """Runs statements and iterates over their rows. For one thread."""

    def __init__(self, connection: CursorConnection) -> None:
        self.connection = connection
        """The connection that created it."""
        self.arraysize = 1
        """Default number of rows for ``fetchmany``."""
        self._relation: Relation | None = None
        self._rowcount = -1
        self._is_closed = False

    def execute(self, operation: str, parameters: Parameters | None = None) -> Cursor:
        """Run a statement; a sequence of parameters goes with ``?``, a mapping with ``$name``."""
        self._begin()
        relation = self.connection.sql(operation, parameters)
        self._relation = relation
        self._rowcount = relation.rows_written if relation.verb in _CHANGING else -1
        return self

    def executemany(self, operation: str, seq_of_parameters: Iterable[Parameters]) -> Cursor:
        """Run a statement once for each of the parameters; its rows are discarded.

        Stops at the first failure. Raises ProgrammingError for a statement that reads.
        """
        self._begin()
        count = 0
        for parameters in seq_of_parameters:
            with self.connection.sql(operation, parameters) as relation:
                if relation.verb not in _CHANGING:
                    raise ProgrammingError(
                        f"executemany supports only statements that write, not {relation.verb}",
                        hint="use execute",
                    )
                count += relation.rows_written
        self._rowcount = count
        return self

    @property
    def description(self) -> list[Description] | None:
        """Name, SQL type, None, None, precision, scale and None of each column; None
        without rows."""
        if self._relation is None or not self._relation.columns:
            return None
        pairs = zip(self._relation.columns, self._relation.types, strict=True)
        return [_described(name, type_) for name, type_ in pairs]

    @property
    def rowcount(self) -> int:
        """Number of rows that the last statement wrote; -1 after a read, since rows arrive on
        demand."""
        return self._rowcount

    @property
    def rownumber(self) -> None:
        """Not supported."""
        return

    def fetchone(self) -> Row | None:
        """The next row; None after the last."""
        return self._rows().fetchone()

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """The next ``size`` (default ``arraysize``) rows, or as many as there are."""
        return self._rows().fetchmany(self.arraysize if size is None else size)

    def fetchall(self) -> list[Row]:
        """The remaining rows."""
        return self._rows().fetchall()

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def setinputsizes(self, sizes: object) -> None:
        """Does nothing, as PEP 249 allows."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Does nothing, as PEP 249 allows."""

    def close(self) -> None:
        """Release the rows. May be called more than once."""
        if self._relation is not None and not self._is_closed:
            self._relation.close()
        self._is_closed = True

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _begin(self) -> None:
        self._must_be_open()
        if self._relation is not None:
            self._relation.close()
        self._relation, self._rowcount = None, -1

    def _rows(self) -> Relation:
        self._must_be_open()
        if self._relation is None or not self._relation.columns:
            raise ProgrammingError(
                "there are no rows to fetch",
                hint="execute a statement that returns rows first",
            )
        return self._relation

    def _must_be_open(self) -> None:
        if self._is_closed:
            raise InterfaceError("the cursor is closed")
        self.connection.must_be_open()


_CHANGING = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "EXEC", "CREATE", "DROP", "COPY"})


def _described(name: str, type_: str) -> Description:
    precision = scale = None
    if match := _DECIMAL.fullmatch(type_):
        precision, scale = int(match[1]), int(match[2])
    code: Any = base_type(type_)
    return (name, code, None, None, precision, scale, None)
