"""Running the writes of a plan: rows to calls, checked, shown, made, reported.

Every row of a write ends as exactly one row of the report: done, failed, unknown or not
run. Nothing is called before every row has passed validation and, where it is asked
for, confirmation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.model import RowPath
from cirrusql.errors import ConfirmationRequired, InvalidParameter
from cirrusql.fetch.model import Answer, Call
from cirrusql.plan.executing import DOCUMENT_COLUMN
from cirrusql.plan.model import Write
from cirrusql.plan.returning import returned_columns
from cirrusql.session.answers import batch_of
from cirrusql.session.execution import Executor, Outcome, result_facts
from cirrusql.session.options import WriteOptions as WriteOptions
from cirrusql.session.redaction import shown, target_text
from cirrusql.wire.validate import faults

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.engine.database import Database
    from cirrusql.fetch.fetcher import Fetcher
    from cirrusql.settings import Settings

REPORT_HEADINGS = ("operation", "target", "status", "error", "request_id")
PREVIEW_HEADINGS = ("operation", "target", "region", "connection", "parameters")


@dataclass
class WriteRun:
    """One statement's writing. ``report`` has one row per call, in order."""

    database: Database
    fetcher: Fetcher
    settings: Settings
    parameters: Mapping[str, object]
    options: WriteOptions
    executor: Executor
    statement: str
    """The user's text, for the audit log."""
    report: list[tuple[str | None, ...]] = field(default_factory=list)
    relations: list[str] = field(default_factory=list)
    done: int = 0
    failed: int = 0

    def prepare(self, write: Write) -> list[Call]:
        """The calls of a write, all of them valid.

        Raises InvalidParameter that lists every fault with its row.
        """
        rows = list(self._rows(write))
        calls = [c for row in rows for c in self._calls(write, row)]
        wrong = [
            f"row {i}: {fault}"
            for i, call in enumerate(calls, 1)
            for fault in faults(call.operation, call.parameters)
        ]
        if wrong:
            operation = write.method.operation.id
            raise InvalidParameter(
                f"{operation}: nothing was called, {len(wrong)} fault(s)\n" + "\n".join(wrong[:50]),
                hint=f"DESCRIBE METHOD {write.table.id}.{write.method.name}",
            )
        return calls

    def run(self, write: Write) -> list[pa.RecordBatch]:
        """Make the calls; one batch of rows per call that answered, for RETURNING."""
        calls = self.prepare(write)
        columns = returned_columns(write.table, write.method)
        if self.options.is_dry_run:
            self.report += [preview(c) for c in calls]
            return []
        self._ask(write, calls)
        batches = []
        for call, outcome in self._outcomes(write, calls):
            self.report.append(reported(call, outcome))
            if isinstance(outcome, Answer):
                self.done += 1
                rows = write.method.rows or RowPath()
                batches.append(batch_of(call, outcome.values, rows, columns))
            else:
                self.failed += outcome is not None
        return batches

    def _rows(self, write: Write) -> Iterator[dict[str, Any]]:
        result = self.database.run(write.rows.sql, {**write.rows.parameters, **self.parameters})
        try:
            for batch in result.batches():
                yield from batch.to_pylist(maps_as_pydicts="lossy")
        finally:
            result.close()

    def _calls(self, write: Write, row: dict[str, Any]) -> Iterator[Call]:
        """One call per target: several only where the scope names several regions."""
        region = row.pop("region", None)
        connection = row.pop("connection", None)
        operation = write.method.operation
        scope = narrowed(write, region, connection)
        document = row.pop(DOCUMENT_COLUMN, None)
        given = {**whole_request(document)} if document is not None else {}
        given |= {
            name: tidy(value, operation.parameters[name].shape)
            for name, value in row.items()
            if value is not None and name in operation.parameters
        }
        for target in self.fetcher.targets(scope, operation.service):
            yield Call(operation=operation, parameters=given, target=target)

    def _ask(self, write: Write, calls: Sequence[Call]) -> None:
        many = write.is_found_by_reading and len(calls) > 1
        if self.options.assume_yes or not (many or len(calls) > self.settings.max_writes):
            return
        if self.options.confirm is not None and self.options.confirm([preview(c) for c in calls]):
            return
        if self.options.confirm is not None:
            raise ConfirmationRequired(f"not confirmed: none of {len(calls)} calls was made")
        raise ConfirmationRequired(
            f"{write.verb} would make {len(calls)} calls of {write.method.operation.id}; none was made",
            hint="--dry-run shows them, --yes makes them",
        )

    def _outcomes(self, write: Write, calls: Sequence[Call]) -> list[tuple[Call, Outcome]]:
        """Each call with what became of it."""
        stops = self.settings.on_error == "stop" or (
            self.settings.on_error == "auto" and write.verb == "DELETE"
        )
        return self.executor.outcomes(calls, self.statement, stops=stops, of=(write.table, write.method))


def reported(call: Call, outcome: Outcome) -> tuple[str | None, ...]:
    """A row of REPORT_HEADINGS."""
    facts = result_facts(call, outcome) if outcome is not None else {"result": "not run"}
    return (*_head(call), facts["result"], facts.get("message"), facts.get("request_id"))


def whole_request(document: Any) -> Mapping[str, Any]:
    """The parameters of ``@@json``; InvalidParameter where it is not an object."""
    try:
        parsed = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise InvalidParameter(f"@@json is not JSON: {error}") from error
    if not isinstance(parsed, Mapping):
        raise InvalidParameter("@@json must be an object with the request's parameters")
    return parsed


def narrowed(write: Write, region: str | None, connection: str | None) -> Any:
    """The write's scope with what its row says of region and connection."""
    from dataclasses import replace

    scope = write.scope
    if region is not None:
        scope = replace(scope, regions=(region,))
    if connection is not None:
        scope = replace(scope, connections=(connection,))
    return scope


def tidy(value: Any, shape: Shape) -> Any:
    """An engine's value as the API takes it: members that are NULL are members not given."""
    if value is None:
        return None
    if shape.kind is Kind.STRUCTURE and isinstance(value, Mapping):
        return {
            n: tidy(v, shape.members[n].shape) if n in shape.members else v
            for n, v in value.items()
            if v is not None
        }
    if shape.kind is Kind.LIST and isinstance(value, list):
        return [tidy(v, shape.element.shape) for v in value if v is not None]
    if shape.kind is Kind.MAP and isinstance(value, Mapping):
        return {k: tidy(v, shape.value.shape) for k, v in value.items() if v is not None}
    return value


def _head(call: Call) -> tuple[str, str]:
    return call.operation.id, target_text(call)


def preview(call: Call) -> tuple[str, ...]:
    """A row of PREVIEW_HEADINGS."""
    given = ", ".join(f"{n}={shown(call, n)}" for n in call.parameters)
    return (*_head(call), call.target.region, call.target.connection or "", given)
