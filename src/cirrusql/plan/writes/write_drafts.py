"""Shared by the planners of writes: table lookup, queries around the user's expressions, Writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.identifiers import says_which
from cirrusql.catalog.model import Method, Table
from cirrusql.errors import ProgrammingError, SqlSyntaxError
from cirrusql.plan.model import EngineQuery, Plan, Write
from cirrusql.plan.planner import plan_query
from cirrusql.plan.scope.planning_context import PlanOptions
from cirrusql.plan.updates.carrying import refuse_ciphertext
from cirrusql.plan.writes.returning import named_words, returning_sql
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Delete, Exec, Insert, Update

WriteStatement = Insert | Update | Delete | Exec


@dataclass(frozen=True)
class Drafts:
    """Plans around one write statement; ``views`` and ``parameters`` as for queries."""

    catalog: Catalog
    views: Mapping[str, str]
    databases: frozenset[str]
    parameters: Mapping[str, object]
    options: PlanOptions
    ctes: str = ""
    """The WITH that the user's expressions may refer to."""

    def table(self, path: tuple[str, ...]) -> Table:
        """The table of a path. Raises ProgrammingError if it is not one."""
        if len(path) != 3:
            raise ProgrammingError(
                f"{'.'.join(path)!r} does not name a table", hint="provider.service.resource"
            )
        return self.catalog.table(*path)

    def query(self, text: str, *, has_target: bool = False) -> Plan:
        """The plan of a generated query around the user's expressions.

        ``has_target``: it reads the rows that are written.
        """
        if self.ctes and _names_any(text, self.ctes):
            text = f"{self.ctes}\n{text}"
        plan = plan_query(
            text,
            parse_sql(Piece(text, 0, text)),
            self.catalog,
            views=self.views,
            databases=self.databases,
            parameters=self.parameters,
            options=replace(self.options, is_write=True, has_target=has_target),
        )
        if not has_target:
            refuse_ciphertext(plan.scans)
        return plan

    def write(
        self,
        table: Table,
        method: Method,
        rows: EngineQuery,
        needs: tuple[str, ...],
        statement: WriteStatement,
        verb: str,
        given: Collection[str],
        *,
        keys: Collection[str] | None = None,
        number: int = 1,
        set_columns: Collection[str] = (),
    ) -> Write:
        """The write that makes one call of the method per row. ``given``: the parameters it sends.

        ``keys``: those that identify the resource; None: the ones named like identifiers.
        """
        if keys is None:
            keys = [n for n in given if n in method.required and says_which(n)]
        returning = getattr(statement, "returning", None)
        write_id = f"_write_{number}"
        found = None
        if returning:
            found = EngineQuery(
                returning_sql(returning, table, method, {*given, *set_columns}, write_id)
            )
        return Write(
            id=write_id,
            table=table,
            method=method,
            rows=rows,
            needs=needs,
            verb=verb,
            returning=found,
            set_columns=frozenset(set_columns),
            named=named_words(returning or ""),
            awaits=statement.hints.awaits,
            given=tuple(given),
            keys=tuple(keys),
        )


def _names_any(text: str, ctes: str) -> bool:
    """Whether a query mentions any name of a WITH: a WITH that is not used is left out."""
    whole = f"{ctes} SELECT 1"
    names = {c.alias.lower() for c in parse_sql(Piece(whole, 0, whole)).find_all(exp.CTE)}
    return bool(names & named_words(text))


def one_expression(name: str, text: str) -> str:
    """The parenthesized expression. SqlSyntaxError if the text is not exactly one expression."""
    try:
        found = parse_sql(Piece(f"SELECT ({text}\n)", 0, f"SELECT ({text}\n)")).expressions
    except SqlSyntaxError:
        found = []
    is_one = len(found) == 1 and isinstance(found[0], exp.Paren | exp.Subquery)
    if not is_one or isinstance(found[0].this, exp.Alias):
        raise SqlSyntaxError(
            f"{name} = {text}: expected a single value",
            hint="to use a value of another table, write (SELECT …)",
        )
    # A comment may end the text.
    return f"({text}\n)" if "--" in text else f"({text})"
