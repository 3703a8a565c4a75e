"""Runs one parsed statement of a session.

Decides which part of the session a statement belongs to. Queries and writes are planned and run by
``plan_runner``. That and what else only some statements need is imported when one comes, because it
takes longer to load than a SHOW, DESCRIBE or SET takes to run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cirrusql.errors import ProgrammingError
from cirrusql.session.introspection.listing import empty_notice
from cirrusql.session.introspection.listing_cache import kept
from cirrusql.session.result import Result, ResultLayout, listing_result, text_result
from cirrusql.session.statements.foreign_statements import is_of_a_provider, nothing_to_do
from cirrusql.sql.kinds.pragmas import check_engine_setting
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import (
    CreateView,
    Delete,
    Describe,
    DropView,
    Exec,
    Explain,
    Foreign,
    Insert,
    QueryStatement,
    Refresh,
    SetVariable,
    Show,
    Statement,
    TransactionStatement,
    Update,
)

if TYPE_CHECKING:
    from cirrusql.session.introspection.listing import Listing
    from cirrusql.session.running_session import RunningSession

ENGINE_SETTINGS = frozenset(
    {"timezone", "time zone", "threads", "memory_limit", "schema", "search_path"}
)
"""What SET passes on to the engine."""


def executed(
    session: RunningSession, statement: Statement, parameters: dict[str, object]
) -> Result:
    """The result of a statement, outside of transaction control."""
    statement = _as_local(session, statement)
    match statement:
        case Show() | Describe():
            return _listed(session, statement)
        case SetVariable():
            return _set(session, statement)
        case Explain():
            from cirrusql.session.introspection.explaining import explained

            return explained(session, statement, parameters)
        case Insert() | Update() | Delete() | Exec():
            from cirrusql.session.statements.plan_runner import run_write

            return run_write(session, statement, parameters, verb_of(statement))
        case CreateView() | Refresh() | DropView():
            return _viewed(session, statement, parameters)
        case TransactionStatement():
            return session.transaction.command(statement)
        case Foreign():
            return nothing_to_do(session, statement)
        case QueryStatement():
            from cirrusql.session.statements.plan_runner import run_query

            return run_query(session, statement, parameters)
    raise ProgrammingError(f"cannot run {statement.text[:40]!r}")


def verb_of(statement: Statement) -> str:
    """The statement's first word, as results bear it."""
    if isinstance(statement, Insert):
        return "REPLACE" if statement.is_replace else "INSERT"
    return type(statement).__name__.upper()


def _as_local(session: RunningSession, statement: Statement) -> Statement:
    """A write to ``database.schema.table`` is the engine's own, whatever it looked like; so is
    USE of a database."""
    if isinstance(statement, Foreign) and statement.kind == "use":
        return statement if is_of_a_provider(session, statement) else _as_query(statement, "USE")
    if not isinstance(statement, Insert | Update | Delete) or len(statement.path) != 3:
        return statement
    if statement.path[0].lower() not in session.database.databases():
        return statement
    return _as_query(statement, verb_of(statement))


def _as_query(statement: Statement, verb: str) -> QueryStatement:
    from cirrusql.sql.parse import parse_sql

    tree = parse_sql(Piece(statement.text, 0, statement.text))
    return QueryStatement(statement.text, tree, verb, hints=statement.hints)


def _listed(session: RunningSession, statement: Show | Describe) -> Result:
    def looked_up() -> Listing:
        from cirrusql.session.introspection.show import listing_of

        return listing_of(statement, session)

    found = kept(statement, session.catalog, looked_up)
    is_text = isinstance(statement, Show) and statement.kind in ("insert", "create")
    verb = "DESCRIBE" if isinstance(statement, Describe) else "SHOW"
    result = listing_result(found, verb, ResultLayout.TEXT if is_text else ResultLayout.LISTING)
    if isinstance(statement, Show) and not found.rows:
        result.notices.append(empty_notice(statement.kind, statement.path, statement.like))
    return result


def _set(session: RunningSession, statement: SetVariable) -> Result:
    name = statement.name
    if session.settings.is_guarded:
        check_engine_setting(name)
    if name.lower() in ENGINE_SETTINGS:
        session.database.execute(statement.text)
    elif statement.value is None:
        session.obey(session.settings.with_reset(name, session.started_with))
    else:
        session.obey(session.settings.with_set(name, statement.value))
    return text_result((), [], "SET")


def _viewed(
    session: RunningSession,
    statement: CreateView | Refresh | DropView,
    parameters: Mapping[str, object],
) -> Result:
    from cirrusql.session.statements import views

    if isinstance(statement, CreateView):
        return views.create_view(session, statement, parameters)
    if isinstance(statement, Refresh):
        return views.refresh(session, statement, parameters)
    return views.drop_view(session, statement)
