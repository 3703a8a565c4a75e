"""Decides, with the engine, which of the possible locations meet a statement's conditions.

A location stays in if the engine cannot evaluate a condition: the rows are compared anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from cirrusql.errors import Error, Interrupted, OperationalError
from cirrusql.plan.model import PlaceCondition
from cirrusql.sql.quoting import literal, quoted
from cirrusql.transport.model import Target

if TYPE_CHECKING:
    from cirrusql.engine.database import Database
    from cirrusql.transport.fetcher import Fetcher

_NOBODY = -1
"""The number of the location that is NULL."""


class LocationRun(Protocol):
    """What this module needs of a statement's execution."""

    database: Database
    fetcher: Fetcher
    parameters: Mapping[str, object]


def fulfilling(
    run: LocationRun, targets: Iterable[Target], conditions: Sequence[PlaceCondition], provider: str
) -> tuple[Target, ...]:
    """The targets for which each condition is true, as far as that can be decided."""
    found = tuple(targets)
    for condition in conditions:
        if found:
            found = _fulfilling(run, found, condition, provider)
    return found


def _fulfilling(
    run: LocationRun, targets: tuple[Target, ...], condition: PlaceCondition, provider: str
) -> tuple[Target, ...]:
    accounts = _accounts(run, targets, provider) if "account_id" in condition.names else {}
    rows, unknown = [], set()
    for number, target in enumerate(targets):
        account = target.account_id or accounts.get(target.connection)
        if account is None and "account_id" in condition.names:
            unknown.add(number)
        known = replace(target, account_id=account)
        rows.append((number, *(known.value(context) for _, context in condition.columns)))
    if condition.is_true_of_null:
        rows.append((_NOBODY, *(None for _ in condition.columns)))
    names = ", ".join(quoted(name) for name in ("#", *(name for name, _ in condition.columns)))
    written = ", ".join(f"({', '.join(_written(value) for value in row)})" for row in rows)
    sql = (
        f'{condition.ctes}SELECT "#" FROM (VALUES {written}) AS {quoted(condition.alias)}({names}) '
        f"WHERE {condition.sql}"
    )
    try:
        numbers = {row[0] for row in run.database.rows(sql, run.parameters)} | unknown
    except Interrupted:
        raise
    except Error:
        return targets
    if _NOBODY in numbers:
        return targets
    return tuple(target for number, target in enumerate(targets) if number in numbers)


def _accounts(run: LocationRun, targets: Iterable[Target], provider: str) -> dict[str | None, str]:
    """The account of each connection that reports one."""
    found: dict[str | None, str] = {}
    for connection in dict.fromkeys(t.connection for t in targets if t.account_id is None):
        try:
            found[connection] = run.fetcher.account_id(connection, provider)
        except Interrupted:
            raise
        except OperationalError:
            continue
    return found


def _written(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    return "NULL::VARCHAR" if value is None else literal(str(value))
