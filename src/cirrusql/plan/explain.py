"""EXPLAIN: a plan as rows: which calls are made with which parameters and where, and what limits
them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cirrusql.api.model import Operation, Permissions
from cirrusql.catalog.inverses.readback import Reading
from cirrusql.catalog.secrets.secret_columns import SECRET_NAMES, gives_secret
from cirrusql.plan.model import Binding, CallScope, CallSet, Constant, Plan, Scan, Wait, Write

HEADINGS = (
    "step",
    "table",
    "operation",
    "iam_actions",
    "accounts",
    "regions",
    "parameters",
    "completeness",
    "server_filter",
    "local_filter",
    "columns",
    "calls",
)


@dataclass(frozen=True)
class ExplainStep:
    """One row of EXPLAIN, in the order of HEADINGS."""

    step: str
    table: str
    operation: str
    iam_actions: str
    accounts: str
    regions: str
    parameters: str
    completeness: str
    """Why the rows are complete: parents, kinds, scopes."""
    server_filter: str
    local_filter: str
    columns: str
    calls: str
    scan: str = ""
    """The id of the scan or write, for EXPLAIN ANALYZE."""

    def cells(self) -> tuple[str, ...]:
        """The values of the row."""
        return tuple(getattr(self, heading) for heading in HEADINGS)


def steps(plan: Plan) -> tuple[ExplainStep, ...]:
    """The scans in the order they run, then the writes."""
    numbers = {scan.id: i for i, scan in enumerate(plan.scans, 1)}
    found = [_scan_step(scan, c, numbers) for scan in plan.scans for c in scan.calls]
    for i, write in enumerate(plan.writes, len(plan.scans) + 1):
        if write.existing is not None:
            found.append(_existing_step(write, write.existing.reading, i, numbers))
        found.append(_write_step(write, i, numbers))
        if write.wait is not None:
            found.append(_wait_step(write, write.wait, i))
    return tuple(found)


def operations_of(plan: Plan) -> Iterator[Operation]:
    """Every operation that the plan calls."""
    for scan in plan.scans:
        for calls in scan.calls:
            yield calls.method.operation
    for write in plan.writes:
        if write.existing is not None:
            yield write.existing.reading.method.operation
        yield write.method.operation
        if write.wait is not None:
            yield write.wait.method.operation


def policy(plan: Plan) -> Mapping[str, object]:
    """The smallest policy that allows the plan, including finding places; one per provider."""
    scopes = [
        *(s.scope for s in plan.scans if not s.table.is_global),
        *(w.scope for w in plan.writes),
    ]
    finds_places = any(
        "%" in p or "_" in p.replace("\\_", "") for s in scopes for p in s.regions or ()
    )
    used: dict[str, Permissions] = {}
    actions: dict[str, set[str]] = {}
    for operation in operations_of(plan):
        words = operation.service.permissions
        if words is not None:
            provider = operation.service.provider
            used[provider] = words
            actions.setdefault(provider, set()).update(operation.permissions)
    for provider, words in used.items() if finds_places else ():
        actions[provider] |= set(words.of_places)
    found = {
        provider: words.document(sorted(actions[provider])) for provider, words in used.items()
    }
    return next(iter(found.values())) if len(found) == 1 else found


def _scan_step(scan: Scan, calls: CallSet, numbers: dict[str, int]) -> ExplainStep:
    operation = calls.method.operation
    return ExplainStep(
        step=str(numbers[scan.id]),
        table=f"{scan.table.id} AS {scan.alias}"
        if scan.alias != scan.table.name
        else scan.table.id,
        operation=operation.id,
        iam_actions=", ".join(operation.permissions),
        accounts=_accounts(scan.scope),
        regions=_regions(scan.scope, scan.table.is_global),
        parameters="; ".join(_parameters(b, calls) for b in calls.bindings),
        completeness="; ".join(calls.completeness),
        server_filter=scan.server_filter,
        local_filter=scan.local_filter,
        columns=", ".join(c.name for c in scan.columns),
        calls=_count(scan, calls, numbers),
        scan=scan.id,
    )


def _write_step(write: Write, number: int, numbers: dict[str, int]) -> ExplainStep:
    operation = write.method.operation
    of = ", ".join(f"step {numbers[n]}" for n in write.needs if n in numbers)
    return ExplainStep(
        step=str(number),
        table=write.table.id,
        operation=operation.id,
        iam_actions=", ".join(operation.permissions),
        accounts=_accounts(write.scope),
        regions=_regions(write.scope, write.table.is_global),
        parameters=", ".join(write.given),
        completeness="",
        server_filter="",
        local_filter="",
        columns="",
        calls=f"per row of {of}" if of else "1 per given row",
        scan=write.id,
    )


def _existing_step(
    write: Write, reading: Reading, number: int, numbers: dict[str, int]
) -> ExplainStep:
    """The read before an INSERT that must not overwrite."""
    return replace(
        _write_step(write, number, numbers),
        operation=reading.method.operation.id,
        iam_actions=", ".join(reading.method.operation.permissions),
        parameters=", ".join(f"{n} = {source}" for n, source in reading.given.items()),
        completeness="refuses what exists",
    )


def _wait_step(write: Write, wait: Wait, number: int) -> ExplainStep:
    return replace(
        _write_step(write, number, {}),
        operation=wait.method.operation.id,
        iam_actions=", ".join(wait.method.operation.permissions),
        parameters=", ".join(f"{n} from {source}" for n, (source, _) in wait.sources.items()),
        calls=f"until {wait.name}, at most {wait.seconds:g} s",
    )


def _accounts(scope: CallScope) -> str:
    named = [w for w in (scope.connections, scope.accounts) if w is not None and w != ("%",)]
    every = "session" if scope.connections is None else "all connections"
    text = ", ".join(named[0]) if named else every
    if scope.excluded_connections:
        text += f" except {', '.join(scope.excluded_connections)}"
    told = dict.fromkeys(c.reason for c in scope.conditions if c.names - {"region"})
    return f"{text} where {' and '.join(told)}" if told else text


def _regions(scope: CallScope, is_global: bool) -> str:
    if is_global:
        return "global"
    if scope.region_feed is not None:
        return _where(f"from {scope.region_feed.reason}", scope, "region")
    text = ", ".join(p.replace("\\", "") for p in scope.regions) if scope.regions else "session"
    if scope.regions == ("%",):
        text = "all enabled"
    if scope.excluded_regions:
        text += f" except {', '.join(scope.excluded_regions)}"
    return _where(text, scope, "region")


def _where(text: str, scope: CallScope, name: str) -> str:
    """The places, and the conditions that the engine will evaluate over them."""
    told = [c.reason for c in scope.conditions if name in c.names]
    return f"{text} where {' and '.join(told)}" if told else text


def _parameters(binding: Binding, calls: CallSet) -> str:
    names = ", ".join(binding.parameters)
    members = calls.method.parameters
    if any(
        (n in members and gives_secret(members[n])) or SECRET_NAMES.search(n)
        for n in binding.parameters
    ):
        return f"{names} = ****"
    if isinstance(binding, Constant):
        values = ", ".join(repr(row[0]) if len(row) == 1 else repr(row) for row in binding.rows[:5])
        more = f", … {len(binding.rows)} in total" if len(binding.rows) > 5 else ""
        return f"{names} = {values}{more}"
    return f"{names} from {binding.reason}" if names else ""


def _count(scan: Scan, calls: CallSet, numbers: dict[str, int]) -> str:
    """Exact if the plan determines it, otherwise what it depends on."""
    exact = 1
    rows = []
    for binding in calls.bindings:
        if isinstance(binding, Constant):
            exact *= len(binding.rows)
        else:
            of = [f"step {numbers[n]}" for n in binding.needs if n in numbers]
            each = f"{calls.batch_size} rows" if calls.batch and calls.batch_size > 1 else "row"
            each = each if binding.parameters else "place"
            rows.append(f"per {each} of {', '.join(of)}" if of else "per value")
    many_places = scan.scope.regions is not None and not scan.table.is_global
    if many_places:
        names = scan.scope.regions or ()
        if any("%" in n for n in names):
            rows.append("per region")
        else:
            exact *= max(1, len(names))
    if scan.scope.region_feed is not None or scan.scope.connections is not None:
        rows.append("per place")
    pages = calls.method.operation.paging is not None and scan.limit is None
    text = " × ".join([*([str(exact)] if exact > 1 or not rows else []), *rows])
    return f"{text}, by pages" if pages else text
