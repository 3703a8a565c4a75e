"""The work behind the tools: one session, blocking, independent of MCP.

Everything here runs in one thread at a time. Reads cannot write: the session is read-only except
while a previewed write runs.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlglot import exp

from cirrusql.apps.cookbook.questions import as_hits
from cirrusql.apps.mcp.open_results import OpenResult, shortened
from cirrusql.apps.mcp.tool_outputs import (
    SHOWN_CALLS,
    CallDone,
    ColumnHeading,
    Explanation,
    PlannedCall,
    ReadFailure,
    RowPage,
    Search,
    TableColumn,
    TableDescription,
    TableMethod,
    WritePreview,
    Written,
)
from cirrusql.catalog.provider_schemas import ProviderSchemas
from cirrusql.errors import ConfirmationRequired, InvalidParameter, PolicyDenied, ProgrammingError
from cirrusql.execution.writes.preview import HEADINGS as PREVIEW_HEADINGS
from cirrusql.execution.writes.write_options import AGENT
from cirrusql.execution.writes.write_runner import REPORT_HEADINGS
from cirrusql.session.introspection.call_log import failure_fields
from cirrusql.session.session import Session
from cirrusql.sql.bounds import check_length
from cirrusql.sql.short_names import qualified
from cirrusql.sql.split import split
from cirrusql.sql.statements import (
    Delete,
    Describe,
    Exec,
    Explain,
    Insert,
    QueryStatement,
    Show,
    Statement,
    Update,
)

T = TypeVar("T")

MOST_ROWS = 5_000
"""Maximum rows per page, whatever is requested."""
_USUAL_ROWS = 200
"""Rows per page by default."""
TOKEN_LIFE = 600.0
"""Seconds for which a preview's token is valid: what it showed may change."""
_MOST_CURSORS = 8


@dataclass(frozen=True)
class Previewed:
    """A write that was previewed and may be run."""

    statement: Statement
    parameters: Mapping[str, object]
    calls: list[PlannedCall]
    expires: float


class Tools:
    """The tools of one session. Only ``cancel`` is thread-safe."""

    def __init__(
        self,
        session: Session,
        *,
        allows_writes: bool,
        max_rows: int | None = None,
        max_bytes: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``max_rows`` and ``max_bytes`` limit every page; bytes are those of JSON."""
        session.settings = replace(session.settings, read_only=True, credentials=False).guarded()
        # Agents read clouds, not this machine's files.
        session.database.guard()
        session.options = replace(session.options, hints=AGENT)
        self.allows_writes = allows_writes
        self._session = session
        self._schemas = ProviderSchemas(session.catalog)
        self._most_rows = min(max_rows or MOST_ROWS, MOST_ROWS)
        self._max_bytes = max_bytes
        self._clock = clock
        self._open: OrderedDict[str, OpenResult] = OrderedDict()
        self._previews: dict[str, Previewed] = {}
        self._running: Callable[[], int] | None = None
        """Counts the calls of the last statement."""

    # Catalog.

    def search(self, text: str, limit: int) -> Search:
        """What matches any words of a text; questions have their SQL."""
        index = self._session.catalog.index()
        return Search.of(index.search(text, max(1, min(limit, 100)), as_hits()))

    def describe(self, table: str) -> TableDescription:
        """A table's columns and methods. Raises UnknownName with similar names."""
        named = tuple(p.strip('" ') for p in table.split("."))
        described = self._short(Describe(f"DESCRIBE EXTENDED {table}", named, is_extended=True))
        assert isinstance(described, Describe)
        path = described.path
        if len(path) != 3 or not all(path):
            raise ProgrammingError(
                f"{table!r} is not a table",
                hint="use a name such as aws.iam.users; search_catalog finds names",
            )
        columns = self._all(described)
        methods = f"SHOW EXTENDED METHODS IN {'.'.join(path)}"
        return TableDescription(
            name=".".join(path),
            columns=[
                TableColumn(
                    name=c["name"],
                    sql_type=c["sql_type"],
                    role=c["role"],
                    is_in_star=c["in_star"] == "true",
                    write=c["write"],
                    is_required=c["required"] == "true",
                    description=c["description"] or "",
                )
                for c in columns
            ],
            methods=[
                TableMethod(
                    name=m["MethodName"],
                    sql_verb=m["SQLVerb"],
                    required=[p for p in (m["RequiredParams"] or "").split(", ") if p],
                    description=m["description"] or "",
                )
                for m in self._all(Show(methods, "methods", path, is_extended=True))
            ],
        )

    def explain(self, sql: str, parameters: Mapping[str, object] | None) -> Explanation:
        """The calls and permissions of a statement. Calls nothing."""
        statement = self._one(sql)
        inner = statement.inner if isinstance(statement, Explain) else statement
        steps = self._all(Explain(sql, inner), parameters)
        policy = self._all(Explain(sql, inner, format="policy"), parameters)
        return Explanation(
            steps=[{k: "" if v is None else str(v) for k, v in row.items()} for row in steps],
            policy=json.loads(policy[0]["policy"]),
        )

    # Reads.

    def query(
        self, sql: str, parameters: Mapping[str, object] | None, max_rows: int | None
    ) -> RowPage:
        """The first page of a statement that only reads. Raises PolicyDenied for one
        that writes."""
        statement = self._one(sql)
        self._check_reads(statement, parameters or {})
        self._keep()
        result = self._session.execute(statement, parameters)
        opened = OpenResult(result, iter(result.batches), self._calls())
        return self._page(opened, max_rows)

    def next_rows(self, cursor: str, max_rows: int | None) -> RowPage:
        """The page after the one that returned the cursor."""
        opened = self._open.pop(cursor, None)
        if opened is None:
            raise InvalidParameter(
                "unknown cursor: a cursor is valid for one page, and the oldest of "
                f"{_MOST_CURSORS} go when new ones come",
                hint="run the query again, perhaps with ORDER BY and a WHERE beyond the last row",
            )
        return self._page(opened, max_rows)

    def _check_reads(self, statement: Statement, parameters: Mapping[str, object]) -> None:
        is_write = isinstance(statement, Insert | Update | Delete) or (
            isinstance(statement, Exec) and bool(self._session.plan(statement, parameters).writes)
        )
        if is_write:
            hint = (
                "use preview_write, then run_write"
                if self.allows_writes
                else "the server is read-only"
            )
            raise PolicyDenied("run_query only reads, but this statement writes", hint=hint)
        if isinstance(statement, QueryStatement):
            if isinstance(statement.tree, exp.Query) or statement.verb in _READING:
                return
        elif isinstance(statement, Exec):
            if not statement.keeps:
                return
        elif isinstance(statement, Show | Describe | Explain):
            # The session itself rejects EXPLAIN ANALYZE of a write.
            return
        raise PolicyDenied(
            f"run_query does not support {statement.text.split()[0].upper()}",
            hint="use SELECT, SHOW, DESCRIBE or EXPLAIN; put region and connection in WHERE",
        )

    def _calls(self) -> Callable[[], int]:
        """Counts the calls of the current statement, even after another has run."""
        session, seen = self._session, [0]

        def counted() -> int:
            seen[0] = max(seen[0], len(session.records)) if self._running is counted else seen[0]
            return seen[0]

        self._running = counted
        return counted

    def _page(self, opened: OpenResult, max_rows: int | None) -> RowPage:
        most = max(1, min(max_rows or _USUAL_ROWS, self._most_rows))
        rows: list[list[Any]] = []
        size = 0
        is_shortened = False
        is_more = False
        for row in opened.rows():
            length = len(json.dumps(row, default=str))
            if len(rows) >= most or (rows and size + length > self._max_bytes):
                opened.waiting.insert(0, row)
                is_more = True
                break
            if length > self._max_bytes:
                row, is_shortened = [shortened(v) for v in row], True
            rows.append(row)
            size += length
        if not is_more and opened.is_cut:
            raise ProgrammingError(
                "the rest of this result was too large to keep while another statement ran",
                hint="run the query again and read it to the end, or narrow it",
            )
        return RowPage(
            columns=[ColumnHeading(name=f.name, type=str(f.type)) for f in opened.result.schema],
            rows=rows,
            cursor=self._hold(opened) if is_more else None,
            is_shortened=is_shortened,
            failures=[_failure(f) for f in opened.result.failures],
            notices=list(opened.result.notices),
            calls=opened.calls(),
        )

    def _hold(self, opened: OpenResult) -> str:
        cursor = secrets.token_urlsafe(12)
        self._open[cursor] = opened
        while len(self._open) > _MOST_CURSORS:
            _, oldest = self._open.popitem(last=False)
            oldest.close()
        return cursor

    def _keep(self) -> None:
        """The engine streams one result at a time: the remaining rows of others are read into
        memory."""
        for opened in self._open.values():
            opened.keep()
            opened.calls()
        self._running = None

    # Writes.

    def preview(self, sql: str, parameters: Mapping[str, object] | None) -> WritePreview:
        """The calls of a write, none of them made, and the token that runs it."""
        statement = self._one(sql)
        if not isinstance(statement, Insert | Update | Delete | Exec):
            raise ProgrammingError(
                "this statement does not write to a cloud",
                hint="use run_query for statements that only read",
            )
        calls = self._planned(statement, parameters or {})
        token = None
        if self.allows_writes and len(calls) > SHOWN_CALLS:
            raise ProgrammingError(
                f"{len(calls)} calls, but only {SHOWN_CALLS} can be shown, and only shown calls "
                "are made",
                hint="narrow the statement, and write the rest with another one",
            )
        if self.allows_writes:
            token = secrets.token_urlsafe(18)
            self._forget()
            expires = self._clock() + TOKEN_LIFE
            self._previews[token] = Previewed(statement, dict(parameters or {}), calls, expires)
        return WritePreview(calls=calls[:SHOWN_CALLS], count=len(calls), token=token)

    def _planned(self, statement: Statement, parameters: Mapping[str, object]) -> list[PlannedCall]:
        self._keep()
        options = self._session.options
        self._session.options = replace(options, is_dry_run=True)
        try:
            result = self._session.execute(statement, parameters)
            if tuple(result.schema.names) != PREVIEW_HEADINGS:
                result.close()
                raise ProgrammingError("this statement only reads", hint="run_query")
            return [_planned(r.values()) for r in result.table().to_pylist()]
        finally:
            self._session.options = options

    def previewed(self, token: str) -> list[PlannedCall]:
        """The calls of a preview; none of an unknown one."""
        self._forget()
        found = self._previews.get(token)
        return found.calls if found is not None else []

    def holds(self, token: str) -> bool:
        """Whether a cursor or preview is one of this session's. Thread-safe."""
        return token in self._open or token in self._previews

    def progress(self) -> str:
        """The progress of what is running. Thread-safe."""
        return self._session.progress()

    def write(self, token: str) -> Written:
        """Run a previewed write, once. Raises PolicyDenied if it differs from the preview."""
        if not self.allows_writes:
            raise PolicyDenied(
                "the server is read-only", hint="start the server with --allow-writes"
            )
        self._forget()
        previewed = self._previews.pop(token, None)
        if previewed is None:
            raise InvalidParameter(
                "unknown preview: a token is valid for one write, for ten minutes",
                hint="call preview_write for a new one",
            )
        try:
            return self._written(previewed)
        except ConfirmationRequired:
            raise PolicyDenied(
                "what would be written has changed since the preview; nothing was written",
                hint="preview_write again",
            ) from None

    def _written(self, previewed: Previewed) -> Written:
        self._keep()
        session = self._session
        statement = previewed.statement
        if isinstance(statement, Insert | Update | Delete):
            # The report has the outcome of every call; RETURNING would replace it.
            statement = replace(statement, returning=None)
        options, settings = session.options, session.settings
        # Make exactly the calls that were previewed, or none.
        session.options = replace(
            options,
            assume_yes=True,
            approve=lambda p: [_planned(r) for r in p.rows()] == previewed.calls,
        )
        session.settings = replace(settings, read_only=False)
        try:
            result = session.execute(statement, previewed.parameters)
            rows = result.table()
        finally:
            session.options, session.settings = options, settings
        if tuple(rows.column_names) != REPORT_HEADINGS:
            # EXEC returns what the operation did; there is no more to report.
            done = [
                CallDone(
                    operation=c.operation,
                    target=c.target,
                    status="done",
                    error=None,
                    request_id=None,
                )
                for c in previewed.calls
            ]
            return Written.of(done)
        return Written.of([CallDone(**row) for row in rows.to_pylist()])

    def _forget(self) -> None:
        now = self._clock()
        self._previews = {t: p for t, p in self._previews.items() if p.expires > now}

    def _all(
        self, statement: Statement, parameters: Mapping[str, object] | None = None
    ) -> list[dict[str, Any]]:
        self._keep()
        found: list[dict[str, Any]] = (
            self._session.execute(statement, parameters).table().to_pylist()
        )
        return found

    def services(self) -> list[tuple[str, str]]:
        """Name and title of each service. Loads no model."""
        catalog = self._session.catalog
        return [
            (f"{p}.{s.id}", s.title) for p, _ in catalog.providers() for s in catalog.services(p)
        ]

    def _one(self, sql: str) -> Statement:
        """The only statement of a text. Raises SqlSyntaxError, or ProgrammingError for several or
        none."""
        check_length(sql, self._session.settings.max_statement)
        pieces = split(sql)
        if len(pieces) != 1:
            raise ProgrammingError(f"expected one statement, got {len(pieces)}")
        return self._short(self._session.parse(pieces[0]))

    def _short(self, statement: Statement) -> Statement:
        """The statement with full names, where it omits the provider."""
        return qualified(statement, self._schemas, (), ())

    def whole(self, call: Callable[..., T], *arguments: object) -> T:
        """Run a whole tool call; a cancel between two phases of its statement stops all of it."""
        with self._session.planning.statement():
            return call(*arguments)

    def cancel(self) -> None:
        """Stop what is running. Thread-safe."""
        self._session.cancel()

    def close(self) -> None:
        """Close the cursors. The owner of the session closes it."""
        for opened in self._open.values():
            opened.close()
        self._open.clear()


def _planned(cells: Iterable[str | None]) -> PlannedCall:
    """A call of a preview, from its row."""
    return PlannedCall(**{k: v or "" for k, v in zip(PREVIEW_HEADINGS, cells, strict=True)})


_READING = frozenset({"FROM", "VALUES", "TABLE", "SUMMARIZE", "PIVOT", "UNPIVOT"})


def _failure(failure: Any) -> ReadFailure:
    told = failure_fields(failure)
    return ReadFailure(
        operation=f"{told['service']}:{told['operation']}",
        **{k: told[k] for k in ("account", "region", "code", "message")},
    )
