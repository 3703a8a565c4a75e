"""Runs the scans of a plan: reads keys from feeds, makes calls concurrently, hands rows to the
engine.

Scans run in waves: a wave is every scan whose feeds are complete. The plan decides which calls are
allowed; this module turns bindings into calls, counts them, and separates failures from responses.
It knows neither SQL nor the wire format.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from cirrusql.catalog.model import Column, Role, Table
from cirrusql.errors import (
    AccessDenied,
    BadAnswer,
    CallFailed,
    CallLimit,
    Interrupted,
    NotFound,
    Throttled,
    UnknownColumn,
)
from cirrusql.execution.audit.hidden_columns import hide
from cirrusql.execution.reads.calls_per_kind import of_its_kind, unsaid
from cirrusql.execution.reads.connection_accounts import tell_accounts
from cirrusql.execution.reads.key_calls import Key, answered_where, batched, halved, keys_of
from cirrusql.execution.reads.location_filter import fulfilling
from cirrusql.execution.reads.read_cache import ReadCache, frozen
from cirrusql.plan.model import UNKNOWN, Binding, CallScope, CallSet, Constant, Feed, Plan, Scan
from cirrusql.plan.passes.locations import in_any_region, literal
from cirrusql.transport.model import Allowance, Batch, Call, Elsewhere, Failure, Target

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.engine.database import Database
    from cirrusql.settings import Settings
    from cirrusql.transport.fetcher import Fetcher


_NOT_ENABLED = frozenset(
    {
        "AuthFailure",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "OptInRequired",
        "InvalidToken",
    }
)
"""Error codes by which a region rejects valid credentials of an account that has not enabled it."""


@dataclass
class ReadRun:
    """The reads of one statement. ``failures`` is filled as calls end."""

    database: Database
    fetcher: Fetcher
    settings: Settings
    parameters: Mapping[str, object]
    cache: ReadCache | None = None
    is_fresh: bool = False
    """Ignore cached responses, but cache what is read."""
    on_cached: Callable[[Call], None] = lambda call: None
    may_stream: bool = True
    """Return rows before all of them are read; failures are then known only after the rows."""
    failures: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)
    """Those failures that come from regions that seem to be disabled, when listing regions is not
    permitted."""
    notices: list[str] = field(default_factory=list)
    """Notices for the user; complete when the rows are."""
    unread: list[str] = field(default_factory=list)
    """Descriptions of values that do not match their type; each is NULL in its row."""
    noted: int = 0
    """How many of the failures ``cirrusql.errors`` already contains."""
    relations: list[str] = field(default_factory=list)
    """Relations registered with the engine, to be removed at the end."""
    calls_answered: int = 0
    calls_by_scan: dict[str, int] = field(default_factory=dict)
    rows_by_scan: dict[str, int] = field(default_factory=dict)
    _allowance: Allowance = field(init=False)
    _hit_limit: bool = False

    def __post_init__(self) -> None:
        self._allowance = Allowance(self.settings.max_calls, self.settings.max_rows)

    def check(self, plan: Plan) -> None:
        """Let the engine bind the statement over empty relations, so that errors are found before
        any call.

        Raises the engine's error, with similar column names of the tables involved.
        """
        queries = [plan.query] if plan.query else [write.rows for write in plan.writes]
        if not plan.scans or any(query.depends_on_rows for query in queries):
            return
        try:
            for scan in plan.scans:
                self.database.load(scan.id, columns_of(scan), [])
            for query in queries:
                self.database.check(query.sql, self.parameters)
        except UnknownColumn as error:
            owner = next(
                (s.table for s in plan.scans if error.name.lower() in s.table.by_alias), None
            )
            if owner is not None:
                raise UnknownColumn(error.name, hint=_not_passed_on(error.name, owner)) from error
            if error.hint is not None and not error.near:
                raise  # It says what the word looks like.
            legal = [c.name for scan in plan.scans for c in scan.table.columns]
            raise UnknownColumn(error.name, [*error.near, *legal]) from error
        finally:
            self.database.unregister([s.id for s in plan.scans])

    def run(self, plan: Plan) -> None:
        """Load every scan, or prepare it for streaming.

        Raises the first failure if every call of the statement failed, or immediately with the
        setting ``strict``.
        """
        tell_accounts(plan, self.database, self.fetcher)
        done: set[str] = set()
        waiting = list(plan.scans)
        while waiting:
            ready = [s for s in waiting if needs_of(s) <= done]
            waiting = [s for s in waiting if s not in ready]
            is_alone = len(plan.scans) == 1 and plan.query is not None
            if is_alone and self.may_stream and ready[0].is_streamed:
                self._stream(ready[0])
            else:
                self._load(ready)
            done |= {s.id for s in ready}

    def _load(self, scans: Sequence[Scan]) -> None:
        rows: dict[int, list[pa.RecordBatch]] = {i: [] for i in range(len(scans))}
        calls = chain.from_iterable([self._calls(scan, i) for i, scan in enumerate(scans)])
        with closing(self._answers(scans, calls)) as answers:
            for batch in answers:
                rows[batch.call.tag].append(batch.rows)
        self._raise_if_nothing_answered()
        for i, scan in enumerate(scans):
            columns = columns_of(scan)
            batches = _first(rows[i], scan.limit)
            self.database.load(
                scan.id, columns, [hide(batch, scan.masked, columns) for batch in batches]
            )
            self.relations.append(scan.id)

    def keep_only(self, scan: Scan, condition: str, values: Mapping[str, object]) -> None:
        """Remove rows from what was read for a scan."""
        result = self.database.run(f"SELECT * FROM {scan.id} WHERE {condition}", values)
        try:
            batches = list(result.batches())
        finally:
            result.close()
        from cirrusql.engine.database import arrow_schema

        columns = columns_of(scan)
        schema = arrow_schema(columns)
        self.database.load(scan.id, columns, [b.cast(schema) for b in batches])

    def _stream(self, scan: Scan) -> None:
        calls = self._calls(scan, 0)
        batches = self._first_rows(scan, self._answers([scan], calls))
        self.database.stream(scan.id, columns_of(scan), batches)
        self.relations.append(scan.id)

    def _first_rows(self, scan: Scan, answers: Generator[Batch]) -> Iterator[pa.RecordBatch]:
        """The rows of responses up to the scan's limit; closing the generator cancels the calls."""
        left = scan.limit
        with closing(answers) as source:
            for batch in source:
                rows = hide(batch.rows, scan.masked, scan.columns)
                yield rows if left is None else rows.slice(0, left)
                if left is not None:
                    left -= batch.rows.num_rows
                    if left <= 0:
                        return
        self._raise_if_nothing_answered()

    def _answers(self, scans: Sequence[Scan], calls: Iterable[Call]) -> Generator[Batch]:
        answered: set[int] = set()
        for item in self._unrefused(calls):
            if isinstance(item, Failure):
                self._fail(item)
                continue
            if item.call.number not in answered:
                answered.add(item.call.number)
                self.calls_answered += 1
            self._note_unread(item)
            scan = scans[item.call.tag]
            item = of_its_kind(item, scan)
            self._note_unplaced(item, scan)
            rows = self.rows_by_scan.get(scan.id, 0) + item.rows.num_rows
            self.rows_by_scan[scan.id] = rows
            yield item

    def _note_unread(self, batch: Batch) -> None:
        operation = batch.call.operation.id
        for said in batch.unread:
            note = f"{operation}: a value could not be read and is NULL: {said}"
            if self.settings.strict:
                raise BadAnswer(note)
            self.unread.append(note)
            self.note(note)

    def _note_unplaced(self, batch: Batch, scan: Scan) -> None:
        """Notice about a listing of all regions that does not return its rows' region."""
        field = scan.table.region_field
        if not scan.shows_region or field not in batch.rows.schema.names:
            return
        if batch.rows.column(field).null_count:
            listed, region = batch.call.operation.id, batch.call.target.region
            self.note(
                f"{listed} does not return a region for every row of {scan.table.id}: rows "
                f"without one have region = '{region}', the region that was called"
            )

    def _unrefused(self, calls: Iterable[Call]) -> Generator[Batch | Failure]:
        """Yield the outcomes of the calls; repeat those whose filters the API rejects without the
        filters.

        The model lists filters that an emulator or a region may not support. If one key of a batch
        does not exist, the others are requested again in halves.
        """
        again: list[Call] = []
        begun: set[int] = set()
        with closing(self._outcomes(calls)) as first:
            for item in first:
                if isinstance(item, Batch):
                    begun.add(item.call.number)
                    yield item
                elif _is_refused_filter(item) and item.call.number not in begun:
                    kept = {
                        n: v
                        for n, v in item.call.parameters.items()
                        if n not in item.call.narrowing
                    }
                    again.append(item.call.another(kept, frozenset()))
                elif isinstance(item.error, NotFound) and item.call.number not in begun:
                    halves = halved(item.call)
                    again += halves
                    if not halves:
                        yield item
                else:
                    yield item
        if again:
            yield from self._unrefused(self._allowed(again))

    def _allowed(self, calls: Iterable[Call]) -> Iterator[Call]:
        """Yield the calls up to ``max_calls``."""
        for call in calls:
            if not self._allowance.take():
                self._fail(Failure(call, self._allowance.error()))
                return
            yield call

    def _outcomes(self, calls: Iterable[Call]) -> Generator[Batch | Failure]:
        """Yield the outcomes of the calls; responses to repeated calls come from the cache.

        Rows are cached once every call was read to the end; nothing is cached after an early stop.
        """
        ttl = 0.0 if self.is_fresh else self.settings.cache_ttl
        if self.cache is None or (ttl <= 0 and not self.is_fresh):
            yield from self._fetched(calls)
            return
        hits: deque[Batch] = deque()
        read: dict[int, tuple[Call, list[pa.RecordBatch]]] = {}
        failed: set[int] = set()
        for item in self._fetched(self._misses(calls, ttl, hits)):
            while hits:
                yield hits.popleft()
            if isinstance(item, Failure) or item.unread:
                failed.add(item.call.number)
            if isinstance(item, Batch):
                read.setdefault(item.call.number, (item.call, []))[1].append(item.rows)
            yield item
        yield from hits
        for number, (call, rows) in read.items():
            if number not in failed:
                self.cache.put(call, rows)

    def _misses(self, calls: Iterable[Call], ttl: float, hits: deque[Batch]) -> Iterator[Call]:
        assert self.cache is not None
        for call in calls:
            found = self.cache.get(call, ttl)
            if found is None:
                yield call
                continue
            self.on_cached(call)
            hits += [Batch(call, rows) for rows in found]

    def _fetched(self, calls: Iterable[Call]) -> Generator[Batch | Failure]:
        with closing(self.fetcher.batches(calls)) as stream:
            yield from stream

    def _fail(self, failure: Failure) -> None:
        if isinstance(failure.error, NotFound):
            # A key that does not exist has no rows, which is not a failure.
            self.calls_answered += 1
            return
        if self.settings.strict or isinstance(failure.error, Interrupted):
            raise failure.error
        if isinstance(failure.error, CallLimit):
            # All calls in progress report it; it is shown once.
            if self._hit_limit:
                return
            self._hit_limit = True
        target = failure.call.target
        code = failure.error.code if isinstance(failure.error, CallFailed) else ""
        provider = failure.call.operation.service.provider
        if code in _NOT_ENABLED and self.fetcher.regions_are_guessed(target.connection, provider):
            self.skipped.append(failure)
            self.note(
                f"skipped {target.region}: it returned {code}, as regions that are not enabled do"
            )
            return
        self.failures.append(failure)

    def note(self, text: str) -> None:
        """Add a notice, once."""
        if text not in self.notices:
            self.notices.append(text)

    def _raise_if_nothing_answered(self) -> None:
        failed = self.failures or self.skipped
        if failed and not self.calls_answered:
            first = failed[0].error
            self.failures.clear()
            raise first

    def _calls(self, scan: Scan, tag: int) -> Iterator[Call]:
        """The calls of a scan, each once, at most ``max_calls`` per statement including pages.

        Queries to the engine and discovery run now: the calls may be drawn while the engine is busy
        with the user's query.
        """
        keys = [
            (call_set, batched(self._keys(scan, call_set), call_set)) for call_set in scan.calls
        ]
        return self._drawn(scan, tag, keys)

    def _drawn(
        self, scan: Scan, tag: int, keys: list[tuple[CallSet, Iterator[Key]]]
    ) -> Iterator[Call]:
        seen: set[object] = set()
        columns = columns_of(scan)
        for call_set, found in keys:
            for target, keys_given in found:
                parameters = {**call_set.constants, **call_set.filters, **keys_given}
                key = (call_set.method.operation.name, target, frozen(parameters))
                if key in seen:
                    continue
                seen.add(key)
                call = Call(
                    operation=call_set.method.operation.asked_with(parameters),
                    parameters=parameters,
                    target=target,
                    rows=call_set.method.rows,
                    columns=columns,
                    page_size=call_set.page_size,
                    batch=call_set.batch,
                    limit=scan.limit,
                    tag=tag,
                    narrowing=frozenset(call_set.filters) - set(keys_given),
                    unsaid=unsaid(call_set, keys_given),
                    allowance=self._allowance,
                    is_read=call_set.method.is_read,
                    elsewhere=elsewhere_of(scan, call_set),
                )
                if not self._allowance.take():
                    self._fail(Failure(call, self._allowance.error()))
                    return
                self.calls_by_scan[scan.id] = self.calls_by_scan.get(scan.id, 0) + 1
                yield call

    def _keys(self, scan: Scan, call_set: CallSet) -> Iterator[Key]:
        """Each target with its parameters: the product of all bindings."""
        operation = call_set.method.operation
        possible = self.fetcher.targets(self._scope(scan.scope), operation.service, operation.name)
        targets = fulfilling(self, possible, scan.scope.conditions, scan.table.provider)
        if scan.table.is_global and scan.scope.regions and not possible:
            for home in self.fetcher.targets(in_any_region(scan.scope), operation.service):
                self.note(f"{scan.table.id} has no regions: region is '{home.region}' in every row")
        rows = [list(self._rows_of(b)) for b in call_set.bindings]
        only = self.fetcher.only_region(operation) if targets else None
        feed = scan.scope.region_feed
        is_silent = scan.scope.says_no_region or (feed is not None and feed.says_regions)
        is_global = scan.table.is_global or only is not None
        homes: tuple[Target, ...] = ()
        if any(place is not None and place[2] == UNKNOWN for found in rows for _, place in found):
            free = in_any_region(self._scope(scan.scope))
            homes = fulfilling(
                self,
                self.fetcher.targets(free, operation.service),
                free.conditions,
                scan.table.provider,
            )
        keys = keys_of(targets, rows, is_global, is_silent=is_silent, homes=homes)
        return answered_where(operation, keys, self.fetcher.answered_in, is_silent=is_silent)

    def _rows_of(
        self, binding: Binding
    ) -> Iterator[tuple[dict[str, object], tuple[object, ...] | None]]:
        """The values of a binding, each with the place it is bound to, if any."""
        names = binding.parameters
        if isinstance(binding, Constant):
            for row in binding.rows:
                yield dict(zip(names, row, strict=True)), None
            return
        for row in self._found(binding):
            place = tuple(row[len(names) :]) if binding.carries_context else None
            values = zip(names, row, strict=False)
            yield {name: value for name, value in values if value is not None}, place

    def _found(self, feed: Feed) -> list[tuple[object, ...]]:
        """The values of a feed, sorted: DISTINCT returns them in any order, which would vary the
        batches."""
        return self.database.rows(f"SELECT * FROM ({feed.sql}) ORDER BY ALL", self.parameters)

    def _scope(self, scope: CallScope) -> CallScope:
        if scope.region_feed is None:
            return scope
        regions = tuple(literal(str(row[0])) for row in self._found(scope.region_feed))
        return replace(scope, regions=regions, region_feed=None)


def _not_passed_on(name: str, owner: Table) -> str:
    star = (
        ""
        if owner.is_starred(owner.by_alias[name.lower()])
        else f" (SELECT * on {owner.id} leaves it out)"
    )
    return (
        f"{owner.id} has this column, but the subquery or view does not select it{star}: add it "
        "to the select list"
    )


def elsewhere_of(scan: Scan, call_set: CallSet) -> Elsewhere:
    """What to do with calls that belong in a region other than the target's."""
    feeds = [b for b in call_set.bindings if isinstance(b, Feed)]
    if any(feed.says_regions for feed in feeds):
        return Elsewhere.FOLLOW
    if any(feed.carries_context for feed in feeds):
        return Elsewhere.KEEP
    if not (scan.scope.says_no_region or scan.scope.is_exact):
        return Elsewhere.DROP
    return Elsewhere.LOCATE if scan.shows_region else Elsewhere.FOLLOW


def _is_refused_filter(failure: Failure) -> bool:
    """Whether a call may have failed because of the filters it sent."""
    other = (AccessDenied, Throttled, NotFound)
    is_answer = isinstance(failure.error, CallFailed) and not isinstance(failure.error, other)
    return bool(failure.call.narrowing) and (is_answer or isinstance(failure.error, BadAnswer))


def _first(batches: list[pa.RecordBatch], limit: int | None) -> list[pa.RecordBatch]:
    """Only as many rows as are needed: whatever they feed is then called only for those."""
    if limit is None:
        return batches
    found = []
    for batch in batches:
        if limit > 0:
            found.append(batch.slice(0, limit))
            limit -= batch.num_rows
    return found


def needs_of(scan: Scan) -> set[str]:
    """The scans that must be complete before this one can be called."""
    feeds = [b for c in scan.calls for b in c.bindings if not isinstance(b, Constant)]
    if scan.scope.region_feed is not None:
        feeds.append(scan.scope.region_feed)
    needs = {need for feed in feeds for need in feed.needs}
    return needs | {need for condition in scan.scope.conditions for need in condition.needs}


def columns_of(scan: Scan) -> tuple[Column, ...]:
    """The scan's columns; if the statement needs none, one that is cheap to read.

    Arrow cannot count rows without columns.
    """
    if scan.columns:
        return scan.columns
    return tuple(c for c in scan.table.columns if c.role is Role.CONTEXT)[:1]
