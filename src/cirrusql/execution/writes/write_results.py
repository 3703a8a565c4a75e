"""The outcomes of a write's calls, in order, as a report and as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cirrusql.catalog.model import Column, RowPath
from cirrusql.errors import Error
from cirrusql.execution.audit.redaction import target_text
from cirrusql.execution.writes.answer_rows import as_arrow, batch_of
from cirrusql.execution.writes.awaiting import Waited
from cirrusql.execution.writes.write_calls import Outcome, result_facts
from cirrusql.execution.writes.write_options import WriteOptions as WriteOptions
from cirrusql.plan.model import Write
from cirrusql.plan.writes.returning import returned_columns
from cirrusql.transport.model import Answer, Call, Failure

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class WriteResult:
    """One write of a statement and the outcome of each of its calls, in order."""

    write: Write
    outcomes: list[tuple[Call, Outcome]]
    waited: dict[int, Waited] = field(default_factory=dict)
    """By index of the call: the result of AWAIT, for calls that were answered."""
    steps: dict[int, list[tuple[Call, Outcome]]] = field(default_factory=dict)
    """By index of a creating call: the calls that set further properties of what it created."""

    set_values: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    """By index of the call: the values that the statement assigns to columns."""

    @property
    def done(self) -> int:
        """How many calls succeeded with all their steps."""
        return sum(
            isinstance(o, Answer) and self._stopped_at(i) is None for i, (_, o) in self.numbered()
        )

    @property
    def failed(self) -> int:
        """How many calls failed or may have failed in any step."""
        return sum(
            isinstance(o, Failure) or (isinstance(o, Answer) and self._stopped_at(i) is not None)
            for i, (_, o) in self.numbered()
        )

    @property
    def cause(self) -> Error | None:
        """The first failure, or the first wait that ended in one."""
        steps = (step for found in self.steps.values() for step in found)
        failures = (o.error for _, o in (*self.outcomes, *steps) if isinstance(o, Failure))
        waits = (w.error for w in self.waited.values() if w.error is not None)
        return next(failures, None) or next(waits, None)

    def numbered(self) -> Iterator[tuple[int, tuple[Call, Outcome]]]:
        """The calls with their outcomes, by index."""
        yield from enumerate(self.outcomes)

    def answered(self, number: int, after: Write) -> Mapping[str, object]:
        """What a creating call's response provides to a call that follows it."""
        call, outcome = self.outcomes[number]
        if not after.answered or not isinstance(outcome, Answer):
            return {}
        columns = returned_columns(self.write.table, self.write.method)
        batch = batch_of(call, outcome.values, self.write.method.rows or RowPath(), columns)
        rows = batch.select(list(after.answered.values())).to_pylist()
        return {n: rows[0][field] for n, field in after.answered.items()} if rows else {}

    def _stopped_at(self, number: int) -> int | None:
        """The first step of a row that was not done."""
        steps = self.steps.get(number, [])
        return next((k for k, (_, o) in enumerate(steps) if not isinstance(o, Answer)), None)

    @property
    def not_come(self) -> int:
        """How many were done but did not reach the state that AWAIT waits for."""
        return sum(waited.error is not None for waited in self.waited.values())

    def report(self) -> list[tuple[str | None, ...]]:
        """A row of REPORT_HEADINGS per call; for a write that was done, the error is the wait's."""
        rows = [reported(call, outcome) for call, outcome in self.outcomes]
        for i, waited in self.waited.items():
            if waited.error is not None:
                rows[i] = (*rows[i][:3], waited.error.message, *rows[i][4:])
        for i, steps in self.steps.items():
            if steps and isinstance(self.outcomes[i][1], Answer):
                rows[i] = self._in_steps(rows[i], steps, self._stopped_at(i))
        return rows

    def _in_steps(
        self,
        row: tuple[str | None, ...],
        steps: Sequence[tuple[Call, Outcome]],
        stopped: int | None,
    ) -> tuple[str | None, ...]:
        """One row for a created resource and all its steps; if a step failed, names the completed
        ones."""
        operations = [row[0] or "", *(call.operation.id for call, _ in steps)]
        if stopped is None:
            return (", ".join(operations), *row[1:])
        call, outcome = steps[stopped]
        _, _, status, error, request_id = reported(call, outcome)
        told = (
            f"{call.operation.id} of {target_text(call)} {status}: {error}; done before it: "
            f"{', '.join(operations[: stopped + 1])}"
        )
        if later := operations[stopped + 2 :]:
            told += f"; not run: {', '.join(later)}"
        return (", ".join(operations), row[1], status, told, request_id)

    def rows(self) -> list[pa.RecordBatch]:
        """The rows of the responses, one batch per call, for RETURNING: as of the end
        of the wait."""
        columns = returned_columns(self.write.table, self.write.method)
        rows = self.write.method.rows or RowPath()
        return [
            final(self._answered(c, o, rows, columns), self.waited.get(i), columns, self.write)
            for i, (c, o) in enumerate(self.outcomes)
            if isinstance(o, Answer)
        ]

    def row(self, number: int) -> Mapping[str, object]:
        """The row of one call's response, as RETURNING sees it; empty if there is none."""
        call, outcome = self.outcomes[number]
        if not isinstance(outcome, Answer):
            return {}
        columns = returned_columns(self.write.table, self.write.method)
        rows = self.write.method.rows or RowPath()
        batch = final(
            self._answered(call, outcome, rows, columns),
            self.waited.get(number),
            columns,
            self.write,
        )
        found: list[Mapping[str, object]] = batch.to_pylist(maps_as_pydicts="lossy")
        return found[0] if found else {}

    def failure(self, number: int) -> tuple[str, str] | None:
        """What became of a call that was not done with all its steps: its status and error."""
        status, error = self.report()[number][2:4]
        return None if status == "done" and not error else (status or "not run", error or "")

    def _answered(
        self, call: Call, answer: Answer, rows: RowPath, columns: Sequence[Column]
    ) -> pa.RecordBatch:
        given = self.set_values.get(call.number, {})
        return batch_of(call, answer.values, rows, columns, given, self.write.set_elsewhere)


def reported(call: Call, outcome: Outcome) -> tuple[str | None, ...]:
    """A row of REPORT_HEADINGS."""
    facts = result_facts(call, outcome) if outcome is not None else {"result": "not run"}
    return (*head(call), facts["result"], facts.get("message"), facts.get("request_id"))


def final(
    batch: pa.RecordBatch, waited: Waited | None, columns: Sequence[Column], write: Write
) -> pa.RecordBatch:
    """The rows of a response, updated with the state at the end of the wait."""
    import pyarrow as pa

    if waited is None or write.wait is None or not waited.rows:
        return batch
    by_name = {c.name: c for c in columns}
    which = [s for _, (s, _) in write.wait.sources.items() if s in by_name]
    rows = batch.to_pylist(maps_as_pydicts="lossy")
    for row in rows:
        same = [f for f in waited.rows if all(f.get(s, row[s]) == row[s] for s in which)]
        if len(same) == 1:
            row |= {n: v for n, v in same[0].items() if n in by_name and v is not None}
    arrays = [pa.array([as_arrow(r[c.name], c.type) for r in rows], c.type.arrow) for c in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)


def head(call: Call) -> tuple[str, str]:
    return call.operation.id, target_text(call)
