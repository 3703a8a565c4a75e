"""What a plan is: scans, writes and the engine's SQL. Values only, printable, comparable.

The invariant: the rows of a scan are a superset of the rows of its table that the
statement can need; the engine runs the user's own predicates over them. So a pass may
drop or narrow calls, never change ``Query.sql``'s meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cirrusql.api.model import Acceptor
from cirrusql.catalog.model import Column, Method, Table


@dataclass(frozen=True)
class Constant:
    """Values written in the statement: each tuple holds one value per parameter."""

    parameters: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


UNKNOWN = "?"
"""The region of a value whose row did not say it: the API tells where it is when it is asked."""


@dataclass(frozen=True)
class Feed:
    """Values that the engine finds: ``sql`` runs over the relations of ``needs``.

    Its result has one column per parameter, in order, DISTINCT and without NULLs. With
    ``carries_context`` the columns ``connection``, ``account_id``, ``region`` follow, and a
    value is only used where it came from (a parent's rows).
    """

    parameters: tuple[str, ...]
    sql: str
    needs: tuple[str, ...] = ()
    """Ids of the scans it reads; they run first."""
    reason: str = ""
    """For EXPLAIN: ``u.UserName``, ``subquery``, ``parent`` and a table."""
    carries_context: bool = False
    says_regions: bool = False
    """Its values are of other regions than those it was asked for: where the statement names no
    region, they are used wherever they are."""


Binding = Constant | Feed


@dataclass(frozen=True)
class CallSet:
    """One call per combination of the bindings' rows (their cross product)."""

    method: Method
    bindings: tuple[Binding, ...] = ()
    page_size: int | None = None
    """Sent as the paging limit where the operation has one."""
    filters: Mapping[str, object] = field(default_factory=dict)
    """Sent with each call too: parameters that only narrow its rows. No column shows them, and a
    call that is refused for them may be made without."""
    constants: Mapping[str, object] = field(default_factory=dict)
    """Sent with each call too, so that all rows come. No column shows them."""
    completeness: tuple[str, ...] = ()
    """What it rests on that these are all rows, in words."""
    partition: tuple[str, ...] = ()
    """Parameters that take one value after the other and are a field of the rows too: a row of
    another value is of another call."""
    batch: str = ""
    """The parameter that takes a list: up to ``batch_size`` values of a place go in one call."""
    batch_size: int = 1


@dataclass(frozen=True)
class PlaceCondition:
    """A condition on where calls are made, for the engine to run over the places there may be."""

    sql: str
    """Over ``alias``, with the context columns under the first of each pair of ``columns``."""
    alias: str
    columns: tuple[tuple[str, str], ...]
    ctes: str = ""
    """The WITH that it needs, a blank after it."""
    needs: tuple[str, ...] = ()
    """Ids of the scans it reads; they run first."""
    is_true_of_null: bool = False
    """Where it is true of a place that is NULL, no place may be left out."""
    reason: str = ""
    """For EXPLAIN: the condition."""

    @property
    def names(self) -> frozenset[str]:
        """The context columns that it reads."""
        return frozenset(context for _, context in self.columns)


@dataclass(frozen=True)
class CallScope:
    """Where calls are made. None: the session's own. Otherwise patterns that select.

    Patterns are SQL LIKE patterns with ``%``/``_`` (escape ``\\``); ``excluded`` are dropped
    after that. ``regions=("%",)`` is every region the service has and the account enabled.
    """

    regions: tuple[str, ...] | None = None
    excluded_regions: tuple[str, ...] = ()
    connections: tuple[str, ...] | None = None
    excluded_connections: tuple[str, ...] = ()
    accounts: tuple[str, ...] | None = None
    own_account_too: bool = False
    """Besides the connections of the config the session's own,
    where none of them is of its account."""
    region_feed: Feed | None = None
    """Regions that the engine finds, as key feeds do."""
    conditions: tuple[PlaceCondition, ...] = ()
    """What each of the places must fulfil."""
    is_exact: bool = False
    """Its named regions are called, also for a service that has one other only:
    EXEC and writes say so."""

    @property
    def says_no_region(self) -> bool:
        """Whether the session's region is meant, or the one that a service has."""
        is_free = self.regions is None and not self.excluded_regions and self.region_feed is None
        return is_free and not any("region" in c.names for c in self.conditions)


@dataclass(frozen=True)
class Scan:
    """One reading of a cloud table; the engine sees its rows as the relation ``id``."""

    id: str
    """A name no user writes: ``_scan_1``."""
    table: Table
    calls: tuple[CallSet, ...]
    columns: tuple[Column, ...]
    """What the relation has, in the table's order."""
    scope: CallScope = field(default_factory=CallScope)
    limit: int | None = None
    """No more rows than this are ever needed (no predicate stands between)."""
    is_streamed: bool = False
    """Read once, by the query only: rows may be handed on as they come."""
    alias: str = ""
    """For EXPLAIN: the name the user gave it."""
    masked: tuple[str, ...] = ()
    """Sensitive columns that only a star asked for: their values are not shown."""
    local_filter: str = ""
    server_filter: str = ""
    shows_region: bool = False
    """The statement shows or compares the region that its rows bear."""


@dataclass(frozen=True)
class EngineQuery:
    """What the engine runs once the scans are there. ``parameters`` are its ``$name`` values."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    depends_on_rows: bool = False
    """Its columns are made of what the rows hold (PIVOT): without rows it cannot be bound."""


@dataclass(frozen=True)
class Wait:
    """What AWAIT asks after a write, again and again, until a rule says that it is over."""

    method: Method
    acceptors: tuple[Acceptor, ...]
    """Rules over an answer, as a waiter has them; ``execution.writes.waiter_rules`` reads them."""
    sources: Mapping[str, tuple[str, bool]]
    """For each parameter of the method: the field of the write's answer, or the parameter sent,
    that it is; the flag says that it is one item of a list."""
    delay: float
    """Seconds between two looks."""
    seconds: float
    """Seconds until it is given up."""
    name: str
    """For people: the waiter's name, or the status that is looked at."""
    is_gone: bool = False
    """It is waited for that the thing is there no more."""


@dataclass(frozen=True)
class ValueChange:
    """A column of a row with the SQL of its values before and after."""

    column: str
    before: str
    after: str
    """Empty where only what is sent says it."""
    of: str = ""
    """The column of the table that it is, or is a part of."""
    is_secret: bool = False
    """It is not read: that it changes is told, and neither value."""


@dataclass(frozen=True)
class Write:
    """One call per row of ``rows``.

    ``rows.sql`` has one column per request parameter (nested values as the engine's nested
    types), plus ``region`` and ``connection`` where the statement gives them.
    """

    id: str
    table: Table
    method: Method
    rows: EngineQuery
    needs: tuple[str, ...] = ()
    verb: str = "INSERT"
    is_found_by_reading: bool = False
    """Its targets were found by a scan."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """What SET gives as it is written, by parameter: SQL that needs no row,
    checked before any is read."""
    follows: str = ""
    """The write that creates what this one then sets, for the same row: its rows have this one's
    parameters too, as ``<id>.<name>``, and ``<id>.?`` where there is something to set."""
    is_remaking: bool = False
    """It makes a row anew or ends the old one, and what follows it does the other:
    a call is of one row."""
    changes: tuple[ValueChange, ...] = ()
    """What an UPDATE sets by this write, by the columns of the table ``row_of`` it."""
    row_of: str = ""
    """The table under the name by which SQL of a row speaks of it, as FROM has it."""
    row_keys: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """For each parameter that says which thing is meant its column,
    and whether that is a list's item."""
    answered: Mapping[str, str] = field(default_factory=dict)
    """Parameters that are fields of that write's answer."""
    target: str = ""
    """The scan whose rows are the rows written,
    where it is read for nothing else of the statement."""
    never_null: tuple[str, ...] = ()
    """Parameters that SET gives: NULL would not be sent, and would change nothing."""
    is_literal: bool = False
    """The statement itself says which things are written.
    Otherwise more than one is shown first and asks."""
    returning: EngineQuery | None = None
    """Over the relation ``<id>`` with one row per call: fields of the answer, parameters,
    context. None: the report ``operation, target, status, error, request_id``."""
    returning_notice: str = ""
    """What RETURNING names and nothing gives."""
    set_columns: frozenset[str] = frozenset()
    """Columns whose values, as the statement gives them,
    its rows have for RETURNING, as ``=.<column>``."""
    set_elsewhere: frozenset[str] = frozenset()
    """Those of them that other calls set: what this one answers of them is older."""
    named: frozenset[str] = frozenset()
    """The words of RETURNING, or of the query around an EXEC, lower-case:
    which columns may be shown."""
    given: tuple[str, ...] = ()
    """The parameters that its rows give, for EXPLAIN."""
    keys: tuple[str, ...] = ()
    """Those of them that say which thing is written: two calls with the same are made in order."""
    awaits: float | None = None
    """Seconds to wait for it to take effect; None: no waiting."""
    wait: Wait | None = None
    """What is waited for; None where nothing tells when it is done."""
    scope: CallScope = field(default_factory=CallScope)


@dataclass(frozen=True)
class Plan:
    """Everything that one statement will do. ``scans`` stand after what they need."""

    scans: tuple[Scan, ...] = ()
    query: EngineQuery | None = None
    writes: tuple[Write, ...] = ()
    columns: tuple[str, ...] = ()
    """The headings, as the user wrote them; empty where the engine's own serve."""
    notices: tuple[str, ...] = ()
    """What the user should know of the answer before trusting it."""
