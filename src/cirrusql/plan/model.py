"""The plan: scans, writes and the engine's SQL. Values only, printable, comparable.

The invariant: the rows of a scan are a superset of the rows of its table that the statement can
need; the engine evaluates the user's own predicates over them. So a pass may drop or narrow calls,
but never change the meaning of ``EngineQuery.sql``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cirrusql.api.model import Acceptor
from cirrusql.catalog.model import Column, Method, Table
from cirrusql.catalog.write_rules.existing import ExistingReading
from cirrusql.types import SqlType


@dataclass(frozen=True)
class Constant:
    """Values written in the statement: each tuple holds one value per parameter."""

    parameters: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


UNKNOWN = "?"
"""The region of a value whose row did not contain it: the API reports it when called."""


@dataclass(frozen=True)
class Feed:
    """Values that the engine finds: ``sql`` runs over the relations of ``needs``.

    Its result has one column per parameter, in order, DISTINCT and without NULLs. If
    ``carries_context``, the columns ``connection``, ``account_id``, ``region`` follow, and a value
    is only used where it came from (a parent's rows).
    """

    parameters: tuple[str, ...]
    sql: str
    needs: tuple[str, ...] = ()
    """Ids of the scans it reads; they run first."""
    reason: str = ""
    """For EXPLAIN: ``u.UserName``, ``subquery``, or ``parent`` and a table."""
    carries_context: bool = False
    says_regions: bool = False
    """Its values may be in regions other than the called ones: if the statement names no region,
    they are used where they are."""


Binding = Constant | Feed


@dataclass(frozen=True)
class CallSet:
    """One call per combination of the bindings' rows (their cross product)."""

    method: Method
    bindings: tuple[Binding, ...] = ()
    page_size: int | None = None
    """Sent as the page size, if the operation has one."""
    filters: Mapping[str, object] = field(default_factory=dict)
    """Sent with each call: parameters that only narrow its rows. No column shows them, and a call
    that is rejected because of them is repeated without."""
    constants: Mapping[str, object] = field(default_factory=dict)
    """Sent with each call, so that all rows are returned. No column shows them."""
    completeness: tuple[str, ...] = ()
    """Why the rows are complete, in words."""
    partition: tuple[str, ...] = ()
    """Parameters that iterate over values and are also fields of the rows: a row with another value
    belongs to another call."""
    batch: str = ""
    """The parameter that accepts a list: up to ``batch_size`` values for one place are sent in one
    call."""
    batch_size: int = 1


@dataclass(frozen=True)
class PlaceCondition:
    """A condition on where calls are made, which the engine evaluates over the possible places."""

    sql: str
    """SQL over ``alias``, with the context columns under the first name of each pair in
    ``columns``."""
    alias: str
    columns: tuple[tuple[str, str], ...]
    ctes: str = ""
    """The WITH clause that it needs, followed by a space."""
    needs: tuple[str, ...] = ()
    """Ids of the scans it reads; they run first."""
    is_true_of_null: bool = False
    """If it is true for a NULL place, no place may be left out."""
    reason: str = ""
    """For EXPLAIN: the condition."""

    @property
    def names(self) -> frozenset[str]:
        """The context columns that it reads."""
        return frozenset(context for _, context in self.columns)


@dataclass(frozen=True)
class CallScope:
    """Where calls are made. None: the session's own place. Otherwise patterns that select places.

    Patterns are SQL LIKE patterns with ``%``/``_`` (escape ``\\``); ``excluded`` are then removed.
    ``regions=("%",)`` is every region that the service has and the account has enabled.
    """

    regions: tuple[str, ...] | None = None
    excluded_regions: tuple[str, ...] = ()
    connections: tuple[str, ...] | None = None
    excluded_connections: tuple[str, ...] = ()
    accounts: tuple[str, ...] | None = None
    own_account_too: bool = False
    """In addition to the config file's connections, the session's own, if none of them has its
    account."""
    region_feed: Feed | None = None
    """Regions that the engine finds, like key feeds."""
    conditions: tuple[PlaceCondition, ...] = ()
    """Conditions that each place must meet."""
    is_exact: bool = False
    """Call the named regions even if the service is only in another one: set by EXEC and writes."""

    @property
    def says_no_region(self) -> bool:
        """Whether no region is named, so that the session's region or the service's only one is
        used."""
        is_free = self.regions is None and not self.excluded_regions and self.region_feed is None
        return is_free and not any("region" in c.names for c in self.conditions)


@dataclass(frozen=True)
class Scan:
    """One read of a cloud table; the engine sees its rows as the relation ``id``."""

    id: str
    """A name that no user writes: ``_scan_1``."""
    table: Table
    calls: tuple[CallSet, ...]
    columns: tuple[Column, ...]
    """The columns of the relation, in the table's order."""
    scope: CallScope = field(default_factory=CallScope)
    limit: int | None = None
    """No more rows than this are ever needed (no predicate in between)."""
    is_streamed: bool = False
    """Read once, by the query only, so that rows may be streamed."""
    alias: str = ""
    """For EXPLAIN: the user's name for it."""
    masked: tuple[str, ...] = ()
    """Sensitive columns selected only by a star: their values are hidden."""
    local_filter: str = ""
    server_filter: str = ""
    shows_region: bool = False
    """The statement shows or compares the region of its rows."""


@dataclass(frozen=True)
class EngineQuery:
    """The query that the engine runs once the scans are complete. ``parameters`` are its ``$name``
    values."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    depends_on_rows: bool = False
    """Its columns depend on the rows (PIVOT), so it cannot be bound without them."""


@dataclass(frozen=True)
class Wait:
    """What AWAIT polls after a write, until a rule ends the wait."""

    method: Method
    acceptors: tuple[Acceptor, ...]
    """Rules over a response, like a waiter's; ``execution.writes.waiter_rules`` evaluates them."""
    sources: Mapping[str, tuple[str, bool]]
    """By parameter of the method: the field of the write's response, or the parameter sent, that
    provides its value; the flag says that it is one item of a list."""
    delay: float
    """Seconds between two polls."""
    seconds: float
    """Seconds until the wait times out."""
    name: str
    """For display: the waiter's name, or the status that is polled."""
    is_gone: bool = False
    """The wait is for the resource to be gone."""


@dataclass(frozen=True)
class ValueChange:
    """A column of a row, with SQL of its values before and after."""

    column: str
    before: str
    after: str
    """Empty if the request alone determines it."""
    of: str = ""
    """The column of the table that this is, or is part of."""
    is_secret: bool = False
    """The values are secret: the preview only says that they change."""


@dataclass(frozen=True)
class Write:
    """One call per row of ``rows``.

    ``rows.sql`` has one column per request parameter (nested values in the engine's nested types),
    plus ``region`` and ``connection`` if the statement provides them.
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
    """Constants that SET assigns, by parameter: SQL without columns, validated before any row is
    read."""
    follows: str = ""
    """The write that creates what this one then sets, for the same row: its rows also have this
    one's parameters as ``<id>.<name>``, and ``<id>.?`` if there is something to set."""
    is_remaking: bool = False
    """Removes or re-creates a row, and the following write does the other half: one
    call per row."""
    changes: tuple[ValueChange, ...] = ()
    """What an UPDATE sets by this write, by column of the table ``row_of``."""
    row_of: str = ""
    """The table and the name by which SQL refers to its row, as in FROM."""
    row_keys: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """For each identifying parameter, its column, and whether it is one item of a list."""
    answered: Mapping[str, str] = field(default_factory=dict)
    """Parameters whose values come from fields of that write's response."""
    keeps_existing: bool = False
    """An INSERT by an operation that would overwrite what exists, which is refused."""
    existing: ExistingReading | None = None
    """How what exists is found before the call, if the request has no condition for that."""
    shown_as: Mapping[str, SqlType] = field(default_factory=dict)
    """By parameter whose value is computed from columns, the type of the column that it sets."""
    target: str = ""
    """The scan whose rows are the rows written, if the statement reads it for nothing else."""
    never_null: tuple[str, ...] = ()
    """Parameters that SET assigns: NULL would not be sent, and so change nothing."""
    is_literal: bool = False
    """The statement names the written resources literally. Otherwise several are previewed and
    confirmed first."""
    returning: EngineQuery | None = None
    """SQL over the relation ``<id>`` with one row per call: response fields, parameters, context.
    None: the report ``operation, target, status, error, request_id``."""
    returning_notice: str = ""
    """Columns in RETURNING whose value is not available."""
    set_columns: frozenset[str] = frozenset()
    """Columns whose values the statement assigns and its rows carry for RETURNING, as
    ``=.<column>``."""
    set_elsewhere: frozenset[str] = frozenset()
    """Those of them that other calls set: this call's response has their old values."""
    named: frozenset[str] = frozenset()
    """The words of RETURNING, or of the query around an EXEC, lower-case: they decide which secrets
    may be shown."""
    given: tuple[str, ...] = ()
    """The parameters that its rows provide, for EXPLAIN."""
    keys: tuple[str, ...] = ()
    """Those of them that identify the resource: calls with the same values are made in order."""
    awaits: float | None = None
    """Seconds to wait for it to take effect; None: no waiting."""
    wait: Wait | None = None
    """What to wait for; None if nothing can tell when it is done."""
    scope: CallScope = field(default_factory=CallScope)


@dataclass(frozen=True)
class Plan:
    """Everything that one statement will do. ``scans`` come after the scans they depend on."""

    scans: tuple[Scan, ...] = ()
    query: EngineQuery | None = None
    writes: tuple[Write, ...] = ()
    columns: tuple[str, ...] = ()
    """The headings as the user wrote them; empty to use the engine's."""
    notices: tuple[str, ...] = ()
    """Notices that the user should see."""
