"""Plans the queries and writes of a session, and runs the plans.

Owns the order of what happens: the policy is asked before anything is called, the engine checks its
SQL before the reads, and a write comes after them. The reads are made by ``execution.reads``,
writes by ``session.writing``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.rows.display_order import display_order
from cirrusql.errors import Error, PolicyDenied, ReadOnlySession, UnknownTable
from cirrusql.execution.audit.hidden_columns import reads_secrets
from cirrusql.execution.reads.partial import Effect, check_whole, effect_of, notice
from cirrusql.execution.reads.reads import ReadRun
from cirrusql.plan.planner import plan_query
from cirrusql.plan.policy import changes, refusals, ungranted
from cirrusql.plan.scope.clock import feeds_ask_the_clock
from cirrusql.plan.scope.planning_context import PlanOptions
from cirrusql.plan.scope.star_table import star_table
from cirrusql.session.introspection import information_schema
from cirrusql.session.introspection.system_tables import load_named
from cirrusql.session.introspection.view_columns import view_columns
from cirrusql.session.result import Result
from cirrusql.sql.kinds.pragmas import check_pragma
from cirrusql.sql.kinds.prepared import prepares_no_cloud_table
from cirrusql.sql.statements import Exec, QueryStatement, Statement

if TYPE_CHECKING:
    from cirrusql.plan.model import Plan
    from cirrusql.session.running_session import RunningSession


def planned(
    session: RunningSession, statement: Statement, parameters: Mapping[str, object]
) -> Plan:
    """The plan of a query or write."""
    options = PlanOptions(parents=session.settings.parents)
    views = {**session.database.views(), **information_schema.views(statement.text)}
    databases = session.database.databases()
    load_named(
        statement.text,
        session.database,
        session.catalog,
        session.call_log,
        partial(view_columns, session),
    )
    if isinstance(statement, QueryStatement):
        return plan_query(
            statement.text,
            statement.tree,
            session.catalog,
            views=views,
            databases=databases,
            parameters=parameters,
            options=options,
        )
    # Reads start without what only writes need.
    from cirrusql.plan.writes.writes import WritePlanner

    planner = WritePlanner(
        session.catalog, views=views, databases=databases, parameters=parameters, options=options
    )
    return planner.plan(statement)


def refused(session: RunningSession, plan: Plan) -> list[str]:
    """What the policy does not allow the session's user in a plan, as messages."""
    settings = session.settings
    is_guarded = settings.read_only or not settings.credentials
    if settings.policy is None and not is_guarded:
        return []
    user, catalog = session.user, session.catalog
    found = refusals(plan, settings.policy, user, catalog) if settings.policy else []
    if is_guarded and not found:
        found = ungranted(plan, settings.policy, user, catalog)
    return found


def run_query(
    session: RunningSession, statement: QueryStatement, parameters: Mapping[str, object]
) -> Result:
    """The result of a query, or of a statement that the engine runs."""
    if statement.verb == "PRAGMA" and session.settings.is_guarded:
        check_pragma(statement.text)
    plan = session.plan(statement, parameters)
    effect = effect_of(statement.tree)
    is_fresh = statement.hints.is_fresh
    result = _run(session, plan, parameters, statement.verb, is_fresh=is_fresh, effect=effect)
    result.display_order = partial(_display_order, session, statement.tree, result.schema)
    return result


def run_write(
    session: RunningSession, statement: Statement, parameters: Mapping[str, object], verb: str
) -> Result:
    """The result of a write, or of EXEC."""
    plan = session.plan(statement, parameters)
    is_kept = isinstance(statement, Exec) and statement.keeps
    effect = Effect.KEEPS if is_kept else Effect.NONE
    return _run(session, plan, parameters, verb, text=statement.text, effect=effect)


def _run(
    session: RunningSession,
    plan: Plan,
    parameters: Mapping[str, object],
    verb: str,
    *,
    is_fresh: bool = False,
    text: str = "",
    effect: Effect = Effect.NONE,
) -> Result:
    session.planning.check()
    if session.settings.read_only and not session.options.is_dry_run and changes(plan):
        raise ReadOnlySession(f"{verb} is not allowed: the session is read-only")
    _allow(session, plan)
    run = ReadRun(
        session.database,
        session.fetcher,
        session.settings,
        parameters,
        cache=session.cache,
        is_fresh=is_fresh,
        on_cached=session.call_log.cached,
        may_stream=effect is not Effect.CHANGES,
        notices=list(plan.notices),
    )
    session.reading = run
    session.database.release_clock()
    session.database.reads_secrets = reads_secrets(plan)
    try:
        run.check(plan)
        if plan.writes:
            # Reads start without what only writes need.
            from cirrusql.execution.writes.write_runner import check_constants
            from cirrusql.session.writing import written

            check_constants(session.database, plan.writes, parameters)
        if feeds_ask_the_clock(plan):
            session.database.hold_clock()
        run.run(plan)
        if plan.writes:
            result = written(session, plan, run, parameters, verb, text)
            result.notices += run.notices[len(plan.notices) :]
            return result
        if effect is Effect.CHANGES:
            check_whole(verb, run)
        result = _answered(session, plan, run, parameters, verb)
        if effect is Effect.KEEPS:
            result.notices += notice(verb, run.failures)
        return result
    except BaseException as error:
        session.end(run)
        if isinstance(error, Error):
            session.last_error = error
        raise


def _allow(session: RunningSession, plan: Plan) -> None:
    """Raise PolicyDenied if the policy does not allow the session's user all calls of a plan.

    Called before any plan's calls are made. Raises ConfigError for policy rules with unknown names.
    """
    if found := session.refusals(plan):
        raise PolicyDenied(
            "\n".join(found), hint="[policy] in the config file says what may be called"
        )


def _answered(
    session: RunningSession, plan: Plan, run: ReadRun, parameters: Mapping[str, object], verb: str
) -> Result:
    assert plan.query is not None
    sql = plan.query.sql
    try:
        rows = session.engine_thread.do(lambda: session.database.run(sql, parameters))
    except UnknownTable as error:
        raise prepares_no_cloud_table(error) if verb == "PREPARE" else error from None
    return Result(
        schema=rows.schema,
        batches=session.engine_thread.each(rows.batches()),
        verb=verb,
        rows_written=rows.changed,
        failures=run.failures,
        notices=run.notices,
        on_close=(rows.close, lambda: session.end(run)),
    )


def _display_order(session: RunningSession, tree: object, schema: Any) -> Sequence[int] | None:
    table = star_table(tree, session.catalog)
    return display_order(table, schema.names) if table is not None else None
