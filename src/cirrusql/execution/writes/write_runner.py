"""Runs the writes of a plan: turns rows into calls, validates, previews, executes and reports them.

Every row of a write ends as exactly one row of the report: done, failed, unknown or not run.
Nothing is called before every row has passed validation and, if required, confirmation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.model import Method, Table
from cirrusql.encode.coercion import parameters_of
from cirrusql.encode.region_values import with_region
from cirrusql.encode.validation import faults, faults_of_values
from cirrusql.errors import AuditFailed, ConfirmationRequired, InvalidParameter
from cirrusql.execution.audit.redaction import target_text
from cirrusql.execution.writes.awaiting import Awaiter
from cirrusql.execution.writes.confirmation import Extent, calls_told
from cirrusql.execution.writes.engine_values import request_value
from cirrusql.execution.writes.existing_check import as_existing, check_new, with_condition
from cirrusql.execution.writes.preview import Preview, places_told, shown_calls, with_answers_named
from cirrusql.execution.writes.preview_fields import OldValues, Prepared, about_of, elsewhere_of
from cirrusql.execution.writes.set_values import set_values
from cirrusql.execution.writes.write_calls import Executor, Outcome
from cirrusql.execution.writes.write_options import WriteOptions as WriteOptions
from cirrusql.execution.writes.write_results import WriteResult
from cirrusql.plan.model import Write
from cirrusql.plan.writes.exec import DOCUMENT_COLUMN
from cirrusql.plan.writes.write_methods import PLACES
from cirrusql.transport.model import Answer, Call, Failure

if TYPE_CHECKING:
    from cirrusql.engine.database import Database
    from cirrusql.settings import Settings
    from cirrusql.transport.fetcher import Fetcher

REPORT_HEADINGS = ("operation", "target", "status", "error", "request_id")

_FAULTS_SHOWN = 50


@dataclass
class WriteRun:
    """The writes of one statement."""

    database: Database
    fetcher: Fetcher
    settings: Settings
    parameters: Mapping[str, object]
    options: WriteOptions
    executor: Executor
    statement: str
    """The user's text, for the audit log."""
    awaiter: Awaiter
    made: list[WriteResult] = field(default_factory=list)
    old_values: OldValues | None = None
    """Reads old values for a preview that the rows do not contain."""
    warnings: tuple[str, ...] = ()
    """What the plan says of the writes: shown with the preview."""
    notices: list[str] = field(default_factory=list)
    """What could not be read before an INSERT that may overwrite."""
    unshown: Preview | None = None
    """Previews that had to be shown before the write, when there was nobody to show them to."""
    _set_values: dict[int, Mapping[str, object]] = field(default_factory=dict)
    """By index of the call: the values that the statement assigns to columns, for RETURNING."""
    _steps: dict[int, list[tuple[Write, Call]]] = field(default_factory=dict)
    """By index of a creating call: the calls that follow it."""

    def prepare(self, write: Write) -> list[Call]:
        """The calls of a write, all validated.

        Raises InvalidParameter listing every fault with its row.
        """
        return self.prepare_all([write])[0]

    def prepare_all(self, writes: Sequence[Write]) -> list[list[Call]]:
        """The calls of each write, all validated.

        Raises InvalidParameter listing every fault of all writes with its row.
        """
        following: dict[str, list[Write]] = {}
        for write in writes:
            following.setdefault(write.follows, []).append(write)
        by_id: dict[str, list[Call]] = {w.id: [] for w in writes}
        for write in following.get("", []):
            for row in self._rows(write):
                self._prepare_row(write, row, following.get(write.id, []), by_id)
        prepared = [by_id[w.id] for w in writes]
        wrong = [
            f"{f'{write.method.operation.id}, ' if len(writes) > 1 else ''}{_row(write, i, call)}: {fault}"  # noqa: E501
            for write, calls in zip(writes, prepared, strict=True)
            for i, call in enumerate(calls, 1)
            for fault in faults(call.operation, call.parameters)
            if fault.partition(" ")[0] not in write.answered
        ]
        if wrong:
            method = writes[0].method
            shown = wrong[:_FAULTS_SHOWN]
            more = len(wrong) - len(shown)
            raise InvalidParameter(
                f"{method.operation.id}: nothing was called, {len(wrong)} invalid parameter(s)\n"
                + "\n".join([*shown, *([f"… and {more} more"] if more else [])]),
                hint=f"DESCRIBE METHOD {writes[0].table.id}.{method.name}",
            )
        return prepared

    def _prepare_row(
        self,
        write: Write,
        row: dict[str, Any],
        following: Sequence[Write],
        by_id: dict[str, list[Call]],
    ) -> None:
        """The calls of one row: the write's own, and those that set further properties of what it
        creates."""
        given = set_values(write, row)
        calls = list(self._calls(write, dict(row)))
        self._set_values |= {call.number: given for call in calls}
        by_id[write.id] += calls
        for after in following:
            prefix = f"{after.id}."
            own = {n.removeprefix(prefix): v for n, v in row.items() if n.startswith(prefix)}
            if not own.pop("?", False):
                continue
            own |= {place: row[place] for place in PLACES if place in row}
            steps = list(self._calls(after, own))
            by_id[after.id] += steps
            for call, step in zip(calls, steps, strict=True):
                self._steps.setdefault(call.number, []).append((after, step))

    def run(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Make the calls of all writes in order; none in a dry run.

        Raises InvalidParameter and ConfirmationRequired before anything is called.
        """
        prepared = list(zip(writes, self.prepare_all(writes), strict=True))
        if self.options.is_dry_run:
            shown = self._told(prepared)
            self.made = [
                WriteResult(w, [(with_answers_named(w, c), None) for c in calls])
                for w, calls in shown
            ]
            return self.made
        self._ask(prepared)
        for write, calls in prepared:
            if write.keeps_existing and calls:
                self.notices += check_new(self.executor, write, calls)
        for write, calls in ((w, calls) for w, calls in prepared if not w.follows):
            is_stopped = self._stops(write) and any(m.failed for m in self.made)
            made = WriteResult(write, [(call, None) for call in calls], set_values=self._set_values)
            if not is_stopped:
                made.outcomes = self._outcomes(write, calls)
                self._follow(made)
            self.made.append(made)
        for made in self.made:
            self._wait(made)
        return self.made

    def _follow(self, made: WriteResult) -> None:
        """Set the remaining properties of what was created: rows concurrently, the steps of each in
        order."""
        made.steps = {
            i: [(c, None) for _, c in self._steps.get(call.number, [])]
            for i, (call, _) in made.numbered()
        }
        for turn in range(max(map(len, made.steps.values()), default=0)):
            lots: dict[str, list[tuple[int, Write, Call]]] = {}
            for i, (call, outcome) in made.numbered():
                planned = self._steps.get(call.number, [])
                before = [o for _, o in made.steps[i][:turn]]
                if turn >= len(planned) or not all(
                    isinstance(o, Answer) for o in (outcome, *before)
                ):
                    continue
                after, step = planned[turn]
                given = {**step.parameters, **made.answered(i, after)}
                lots.setdefault(after.id, []).append((i, after, replace(step, parameters=given)))
            for lot in lots.values():
                after = lot[0][1]
                of = (after.table, after.method)
                outcomes = self._called([c for _, _, c in lot], of, is_first=False)
                by_number = {c.number: o for c, o in outcomes}
                for i, _, call in lot:
                    made.steps[i][turn] = (call, by_number.get(call.number))

    def _wait(self, made: WriteResult) -> None:
        wait = made.write.wait
        done = {i: (c, o) for i, (c, o) in enumerate(made.outcomes) if isinstance(o, Answer)}
        if wait is not None and done:
            waited = self.awaiter.wait(wait, made.write.method, list(done.values()))
            made.waited = dict(zip(done, waited, strict=True))

    def _rows(self, write: Write) -> Iterator[dict[str, Any]]:
        result = self.database.run(write.rows.sql, {**write.rows.parameters, **self.parameters})
        try:
            for batch in result.batches():
                yield from batch.to_pylist(maps_as_pydicts="lossy")
        finally:
            result.close()

    def _calls(self, write: Write, row: dict[str, Any]) -> Iterator[Call]:
        """One call per target; there are several only if the scope names several regions."""
        region = row.pop("region", None)
        connection = row.pop("connection", None)
        operation = write.method.operation
        scope = narrowed(write, region, connection)
        document = row.pop(DOCUMENT_COLUMN, None)
        about = about_of(write, row)
        _check_not_null(write, row)
        given = {**whole_request(document)} if document is not None else {}
        given |= {
            name: request_value(value, operation.parameters[name].shape, write.shown_as.get(name))
            for name, value in row.items()
            if value is not None and name in operation.parameters
        }
        # In the form that is sent, so that counts, previews and logs do not see text in place of a
        # list.
        given = with_condition(write, parameters_of(operation, given))
        # EXEC and the API's own names send exactly what is written.
        says_region = write.verb in ("INSERT", "REPLACE") and not write.table.is_api_spelling
        for target in self.fetcher.targets(scope, operation.service):
            sent = with_region(operation, given, target.region) if says_region else given
            yield Call(
                operation=operation,
                parameters=sent,
                target=target,
                is_read=write.method.is_read,
                about=about,
                elsewhere=elsewhere_of(write),
            )

    def _told(self, prepared: Prepared, *, reads_all: bool = False) -> Prepared:
        """The calls with additional old values for a preview.

        ``reads_all``: also read resources that were named literally, which otherwise needs no call.
        """
        if self.old_values is None:
            return prepared
        read = self.old_values([(w, c) for w, c in prepared if reads_all or w.is_found_by_reading])
        found = {w.id: (w, c) for w, c in read}
        return [found.get(w.id, (w, c)) for w, c in prepared]

    def _ask(self, prepared: Prepared) -> None:
        calls = [c for _, found in prepared for c in found]
        extent = Extent.of(prepared)
        if self.options.approve is not None:
            told = self._told(prepared)
            shown = [with_answers_named(write, c) for write, found in told for c in found]
            if not self.options.approve(Preview(shown, extent, self.warnings)):
                raise ConfirmationRequired(
                    f"not approved: nothing was called; {extent.told} would be written"
                )
        if self.options.assume_yes or not extent.asks(self.settings.max_writes):
            if self.options.approve is None:
                self._show(prepared)
            return
        if self.options.confirm is not None:
            calls = [c for _, found in self._told(prepared, reads_all=True) for c in found]
            if self.options.confirm(self._preview(calls, extent)):
                return
        if self.options.confirm is not None:
            raise ConfirmationRequired(
                f"not confirmed: nothing was called; {extent.told} would be written"
            )
        operations = ", ".join(dict.fromkeys(c.operation.id for c in calls))
        raise ConfirmationRequired(
            f"{prepared[0][0].verb} would write {extent.told} by {calls_told(calls)} of "
            f"{operations}; "
            "none was made",
            hint=self.options.hints.statement,
        )

    def _show(self, prepared: Prepared) -> None:
        """Preview, before a write without confirmation, what the statement does not
        name literally."""
        if not shown_calls(prepared):
            return
        calls = shown_calls(self._told(prepared))
        extent = Extent.of([(w, c) for w, c in prepared if shown_calls([(w, c)])])
        places = places_told(calls, self.executor, self.settings, asks=False)
        preview = Preview(calls, extent, (*places, *self.warnings))
        if self.options.show is not None:
            self.options.show(preview)
        else:
            self.unshown = preview

    def _preview(self, calls: Sequence[Call], extent: Extent) -> Preview:
        places = places_told(calls, self.executor, self.settings)
        return Preview(calls, extent, (*places, *self.warnings))

    def _stops(self, write: Write) -> bool:
        on_error = self.settings.on_error
        return on_error == "stop" or (on_error == "auto" and write.verb == "DELETE")

    def _outcomes(self, write: Write, calls: Sequence[Call]) -> list[tuple[Call, Outcome]]:
        """Each call with its outcome."""
        made = self._made_in_turn(write, calls)
        return [(call, as_existing(write, call, outcome)) for call, outcome in made]

    def _made_in_turn(self, write: Write, calls: Sequence[Call]) -> list[tuple[Call, Outcome]]:
        of = (write.table, write.method)
        is_first = not any(m.done or m.failed for m in self.made)
        if self._stops(write):
            return self._called(calls, of, is_first=is_first, stops=True)
        found: dict[int, Outcome] = {}
        for lot in in_turn(write, calls):
            made = self._called(lot, of, is_first=is_first and not found)
            found |= {c.number: outcome for c, outcome in made}
        return [(call, found.get(call.number)) for call in calls]

    def _called(
        self,
        calls: Sequence[Call],
        of: tuple[Table, Method],
        *,
        is_first: bool,
        stops: bool = False,
    ) -> list[tuple[Call, Outcome]]:
        """Each call with its outcome.

        A failure to log the first call is an error only if the statement has made no call yet:
        otherwise the calls made must be reported.
        """
        try:
            return self.executor.outcomes(calls, self.statement, stops=stops, of=of)
        except AuditFailed as error:
            if is_first:
                raise
            return [(call, Failure(call, error)) for call in calls]


def _check_not_null(write: Write, row: Mapping[str, Any]) -> None:
    """Raise InvalidParameter if SET computes NULL: a value that is not sent changes nothing."""
    for name in write.never_null:
        if name in row and row[name] is None:
            which = ", ".join(f"{k} = {row[k]}" for k in write.keys if row.get(k) is not None)
            raise InvalidParameter(
                f"{write.method.operation.id}: nothing was called: SET assigns NULL to "
                f"{name}{f' where {which}' if which else ''}, and NULL values are not sent",
                hint="exclude these rows in the WHERE clause, or unset the column with SET "
                f"{name} = NULL",
            )


def check_constants(
    database: Database, writes: Sequence[Write], parameters: Mapping[str, object]
) -> None:
    """Raise InvalidParameter for faulty constants in SET, before any row is read."""
    for write in writes:
        if not write.constants:
            continue
        cells = ", ".join(f'{sql} AS "{name}"' for name, sql in write.constants.items())
        (row,) = database.rows(f"SELECT {cells}", parameters)
        operation = write.method.operation
        given = {
            name: request_value(value, operation.parameters[name].shape)
            for name, value in zip(write.constants, row, strict=True)
            if value is not None
        }
        if wrong := faults_of_values(operation, given):
            raise InvalidParameter(
                f"{operation.id}: nothing was called\n" + "\n".join(wrong),
                hint=f"DESCRIBE METHOD {write.table.id}.{write.method.name}",
            )


def in_turn(write: Write, calls: Sequence[Call]) -> list[list[Call]]:
    """Split the calls into batches that may run concurrently: calls to the same resource keep their
    order."""
    lots: list[list[Call]] = []
    times: dict[object, int] = {}
    for call in calls:
        key = (call.target, *(repr(call.parameters.get(name)) for name in write.keys))
        number = times.get(key, 0) if write.keys else 0
        times[key] = number + 1
        if number == len(lots):
            lots.append([])
        lots[number].append(call)
    return lots


def whole_request(document: Any) -> Mapping[str, Any]:
    """The parameters in ``@@json``; InvalidParameter if it is not an object."""
    try:
        parsed = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise InvalidParameter(f"@@json is not valid JSON: {error}") from error
    if not isinstance(parsed, Mapping):
        raise InvalidParameter("@@json must be an object with the request's parameters")
    return parsed


def narrowed(write: Write, region: str | None, connection: str | None) -> Any:
    """The write's scope, limited to the region and connection of its row."""
    scope = write.scope
    if (
        write.verb in ("UPDATE", "DELETE")
        and write.table.is_global
        and not write.table.is_api_spelling
    ):
        # Only the WHERE decides whose rows these are: what SELECT does not find is not written.
        scope = replace(scope, is_exact=False)
    elif region is not None:
        scope = replace(scope, is_exact=True)
    if region is not None:
        scope = replace(scope, regions=(region,))
    if connection is not None:
        scope = replace(scope, connections=(connection,))
    return scope


def _row(write: Write, number: int, call: Call) -> str:
    """Which row a fault is in; rows that were found have no number the user knows."""
    return f"the row of {target_text(call)}" if write.is_found_by_reading else f"row {number}"
