"""Runs the statements of a stack through a session: reads, previews and writes.

Counts the calls of reads by operation, and keeps what could not be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.inverses.inverse import Inverse
from cirrusql.catalog.inverses.inverses import inverse_of
from cirrusql.errors import NotSupportedError
from cirrusql.execution.audit.redaction import without_secrets
from cirrusql.execution.reads.read_cache import ReadCache, WriteTimes
from cirrusql.stacks.planning.plan import StackCall

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.plan.model import Write
    from cirrusql.session.result import Result
    from cirrusql.session.session import Session


@dataclass(frozen=True)
class QueryAnswer:
    """The rows of a query, and what could not be read."""

    table: pa.Table
    rows: Sequence[Mapping[str, Any]]
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one row of a write."""

    status: str
    """``done``, ``failed``, ``unknown`` or ``not run``."""
    error: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)
    """What the response says of the row."""
    region: str = ""


class StackRunner:
    """The session of a stack."""

    def __init__(self, session: Session) -> None:
        self.session = session
        if session.cache is None:
            # Several resources in one table need its listing once.
            session.cache = ReadCache(writings=WriteTimes())
        self.reads: Counter[str] = Counter()

    @property
    def region(self) -> str:
        """The session's region; empty if it has none."""
        return self.session.settings.region or ""

    def query(self, sql: str, *, is_fresh: bool = False) -> QueryAnswer:
        """The rows of a query. Raises the Error of a statement that cannot be run at all.

        ``is_fresh``: not from memory, for what was written just now.
        """
        (result,) = self.session.run(f"/*+ FRESH */ {sql}" if is_fresh else sql)
        table = result.table()
        self._count()
        failures = tuple(dict.fromkeys(f.error.message for f in result.failures))
        return QueryAnswer(table, table.to_pylist(maps_as_pydicts="lossy"), failures)

    def rows(self, sql: str) -> Sequence[Mapping[str, Any]]:
        """The rows of a query that must be complete."""
        return self.query(sql).rows

    def do(self, sql: str) -> None:
        """Run a statement of the engine."""
        for result in self.session.run(sql):
            result.table()

    def preview(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[StackCall]:
        """The calls that a write would make; reads what it must know for that."""
        options = self.session.options
        self.session.options = replace(options, is_dry_run=True)
        try:
            (result,) = self.session.run(sql, parameters)
            result.close()
        finally:
            self.session.options = options
        self._count()
        writes = {m.write.method.operation.id: m.write for m in result.writes}
        return [
            self._told(call, writes.get(call.operation.id))
            for made in result.writes
            for call, _ in (*made.outcomes, *(s for steps in made.steps.values() for s in steps))
        ]

    def _told(self, call: Any, write: Write | None) -> StackCall:
        inverse = ""
        if write is not None:
            given = {n: v for n, v in call.parameters.items() if v is not None}
            found = inverse_of(self.session.catalog, write.table, write.method, given)
            inverse = found.told if isinstance(found, Inverse) else ""
        operation = call.operation
        return StackCall(_id(call), without_secrets(call), operation.permissions, inverse)

    def write(
        self,
        sql: str,
        count: int = 1,
        parameters: Mapping[str, object] | None = None,
        *,
        seconds: float | None = None,
    ) -> list[Outcome]:
        """Make a write of ``count`` rows; the outcome of each, in order.

        ``seconds``: how long to wait for the rows to be ready or gone, where anything can tell.
        """
        result = self._waited(sql, parameters, seconds)
        result.close()
        if count == 1:
            return [_whole(result)]
        (made, *others) = [m for m in result.writes if not m.write.follows]
        if others or len(made.outcomes) != count:
            return [_whole(result)] * count
        return [_one(made, i) for i in range(count)]

    def _waited(
        self, sql: str, parameters: Mapping[str, object] | None, seconds: float | None
    ) -> Result:
        if seconds is not None:
            try:
                (result,) = self.session.run(f"/*+ AWAIT('{seconds:g}s') */ {sql}", parameters)
            except NotSupportedError:
                # Nothing tells when it is done: the response is all there is. Nothing was called.
                pass
            else:
                return result
        (result,) = self.session.run(sql, parameters)
        return result

    def _count(self) -> None:
        for call in self.session.records:
            if not call.is_cached and call.attempt <= 1:
                self.reads[f"{call.service}:{call.operation}"] += 1


def _one(made: Any, number: int) -> Outcome:
    failed = made.failure(number)
    region = made.outcomes[number][0].target.region
    status, error = failed or ("done", "")
    if status == "done" and error:
        # It was made, and is not ready: what needs it must not run.
        status = "failed"
    return Outcome(status, error, made.row(number), region)


def _whole(result: Result) -> Outcome:
    """The outcome of a statement for one row, which may take several calls."""
    row: dict[str, Any] = {}
    region = ""
    worst: Outcome | None = None
    for made in result.writes:
        if made.write.follows:
            continue
        for number in range(len(made.outcomes)):
            found = _one(made, number)
            region = region or found.region
            row |= {k: v for k, v in found.row.items() if v is not None}
            if found.status != "done" or found.error:
                worst = found if worst is None or found.status == "unknown" else worst
    if worst is not None:
        return replace(worst, row=row, region=region)
    if not any(made.outcomes for made in result.writes):
        return Outcome("failed", "no row was found")
    return Outcome("done", row=row, region=region)


def _id(call: Any) -> str:
    return str(call.operation.id)
