"""CREATE, REFRESH and DROP of views; a materialized view is a table and the SELECT that
fills it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cirrusql.errors import ProgrammingError
from cirrusql.execution.reads.partial import notice, refused
from cirrusql.session.result import Result, text_result
from cirrusql.sql.statements import CreateView, DropView, QueryStatement, Refresh

if TYPE_CHECKING:
    from cirrusql.session.running_session import RunningSession
    from cirrusql.transport.model import Failure

_STAGED = "_cirrusql_refreshed"
"""Holds the rows of a refresh until they are known to be complete."""


def create_view(
    session: RunningSession, statement: CreateView, parameters: Mapping[str, object]
) -> Result:
    """Store the SELECT under its name, after checking that it can be planned."""
    from cirrusql.sql.parse import parse

    database = session.database
    taken = {*database.views(), *database.materialized(), *database.tables()}
    if statement.name.lower() in {t.lower() for t in taken}:
        if statement.if_not_exists:
            return text_result((), [], "CREATE VIEW")
        if not statement.may_replace:
            raise ProgrammingError(
                f"{statement.name} already exists",
                hint="use CREATE OR REPLACE VIEW or another name",
            )
    body = parse(statement.body)
    if not isinstance(body, QueryStatement):
        raise ProgrammingError("a view must be a SELECT")
    failures: list[Failure] = []
    if statement.is_materialized:
        failures = _filled(session, statement.name, statement.body, parameters)
    else:
        session.plan(body, parameters)
    database.save_view(statement.name, statement.body, is_materialized=statement.is_materialized)
    result = text_result((), [], "CREATE VIEW")
    result.failures, result.notices = failures, notice("CREATE MATERIALIZED VIEW", failures)
    return result


def refresh(
    session: RunningSession, statement: Refresh, parameters: Mapping[str, object]
) -> Result:
    """Refresh the view. If the rows are incomplete, raises an error and keeps the previous rows."""
    body = session.database.materialized().get(statement.name.lower())
    if body is None:
        raise ProgrammingError(f"unknown materialized view {statement.name!r}")
    try:
        if failures := _filled(session, _STAGED, body, parameters):
            raise refused("REFRESH", failures)
        session.database.execute(f'CREATE OR REPLACE TABLE "{statement.name}" AS FROM "{_STAGED}"')
    finally:
        session.database.execute(f'DROP TABLE IF EXISTS "{_STAGED}"')
    return text_result((), [], "REFRESH")


def drop_view(session: RunningSession, statement: DropView) -> Result:
    """Remove the SELECT, and the rows of a materialized view."""
    name = statement.name.lower()
    if name in session.database.materialized():
        session.database.execute(f'DROP TABLE IF EXISTS "{statement.name}"')
    if not session.database.drop_view(name) and not statement.if_exists:
        raise ProgrammingError(f"unknown view {statement.name!r}")
    return text_result((), [], "DROP VIEW")


def _filled(
    session: RunningSession, name: str, body: str, parameters: Mapping[str, object]
) -> list[Failure]:
    """Fill a table with the rows of a SELECT; returns what could not be read."""
    failures = []
    for result in session.run(f'CREATE OR REPLACE TABLE "{name}" AS {body}', parameters):
        result.table()
        failures += result.failures
    return failures
