"""Plans writes: the operations, and the rows that they are called with.

A write is an engine query whose rows are request parameters. If the WHERE itself provides every
required parameter, nothing is read; otherwise the table is read with that WHERE, and each row found
is written (``write_rows``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from sqlglot import exp

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Table, Verb
from cirrusql.catalog.row_model.request_fields import ValueForm, column_of, place_of
from cirrusql.errors import MissingParameter, ProgrammingError, UnknownColumn
from cirrusql.plan.inserts.existing_rows import guarded
from cirrusql.plan.inserts.insert_steps import in_steps
from cirrusql.plan.inserts.insert_values import ROWS, InsertPlan, by_places, is_as_shown, same_twice
from cirrusql.plan.model import EngineQuery, Plan
from cirrusql.plan.parameter_values.mixed_types import check_types
from cirrusql.plan.scope.literals import is_literal_tree
from cirrusql.plan.scope.planning_context import PlanOptions
from cirrusql.plan.updates.differences import differences
from cirrusql.plan.updates.first_settings import creating_first
from cirrusql.plan.updates.record_changes import remade_records
from cirrusql.plan.updates.replacing import replacing
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.updates.switching import switching
from cirrusql.plan.updates.tagging import sets_tags, tagging, taken_tags
from cirrusql.plan.updates.unsetting import unsetting
from cirrusql.plan.writes.await_rules import with_waits
from cirrusql.plan.writes.exec import ExecPlanner
from cirrusql.plan.writes.relations import ConditionalPlan, by_condition, enders, ending
from cirrusql.plan.writes.set_values import set_cells, with_notices
from cirrusql.plan.writes.write_drafts import Drafts, one_expression
from cirrusql.plan.writes.write_methods import (
    PLACES,
    inserters,
    method_for,
    no_method,
    no_where,
    parameter_name,
)
from cirrusql.plan.writes.write_rows import RowPlanner
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Assignment, Delete, Exec, Insert, Statement, Update


class WritePlanner:
    """Plans one write statement; ``views`` and ``parameters`` as for queries."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        views: Mapping[str, str],
        databases: frozenset[str],
        parameters: Mapping[str, object],
        options: PlanOptions,
    ) -> None:
        self._drafts = Drafts(catalog, views, databases, parameters, options)

    def plan(self, statement: Statement) -> Plan:
        """The plan of an INSERT, REPLACE, UPDATE, DELETE or EXEC."""
        check_types(statement, self._drafts.parameters)
        if ctes := getattr(statement, "ctes", ""):
            self._drafts = replace(self._drafts, ctes=ctes)
        plan = self._planned(statement)
        plan = with_notices(plan, getattr(statement, "returning", None) or "")
        catalog = self._drafts.catalog
        if statement.hints.awaits is None:
            return plan
        if not plan.writes:
            raise ProgrammingError("AWAIT waits for a write, but this statement only reads")
        return replace(plan, writes=with_waits(catalog, plan.writes))

    def _planned(self, statement: Statement) -> Plan:
        match statement:
            case Insert():
                return self._insert(statement)
            case Update():
                return self._update(statement)
            case Delete():
                return self._delete(statement)
            case Exec():
                return ExecPlanner(self._drafts).plan(statement)
        raise ProgrammingError(f"{statement.text.split()[0]} is not a write")

    def _insert(self, statement: Insert) -> Plan:
        table = self._drafts.table(statement.path)
        tree = parse_sql(Piece(statement.source, 0, statement.source))
        selected = _headings(tree)
        if not statement.columns and selected is None:
            raise ProgrammingError(
                f"INSERT INTO {table.id} must name its columns",
                hint=f"SHOW INSERT INTO {table.id} shows all of them",
            )
        candidates = table.reached_by(Verb.REPLACE) if statement.is_replace else inserters(table)
        verb = "REPLACE" if statement.is_replace else "INSERT"
        columns = statement.columns or selected or ()
        _check_counts(tree, columns, f"{verb} INTO {table.id}")
        if by_row := by_condition(table, candidates, columns):
            return self._conditional(statement, table, tree, columns, by_row)
        made: InsertPlan | None = None
        try:
            method, names = method_for(table, candidates, columns, verb)
            if not statement.is_replace and not is_as_shown(table, method, columns):
                made = by_places(table, candidates, columns)
                method, names = (
                    (made.maker, tuple(made.values)) if made is not None else (method, names)
                )
        except ProgrammingError as unfit:
            makers = [m for m in candidates if m.verb is not Verb.REPLACE]
            made = by_places(table, makers, columns)
            if made is None and not statement.is_replace:
                made = in_steps(self._drafts.catalog, table, candidates, columns)
            if made is None:
                made = by_places(table, [m for m in candidates if m not in makers], columns)
            if made is None:
                same = same_twice(table, candidates, columns, verb)
                if same is not None and isinstance(unfit, UnknownColumn | MissingParameter):
                    raise same from None
                raise
            method, names = made.maker, tuple(made.values)
        told: dict[str, str] = {}
        if statement.returning:
            headings = columns if made is not None else names
            cells = {c: f"{ROWS}.{quoted(n)}" for c, n in zip(columns, headings, strict=True)}
            sent = made.values if made is not None else {n: f"{ROWS}.{quoted(n)}" for n in names}
            told = set_cells(table, method, cells, sent)
        reading = self._drafts.query(
            _insert_rows(
                statement.source,
                tree,
                names,
                columns,
                made,
                list(told.values()),
                {
                    n: sql
                    for c, n in zip(columns, columns if made is not None else names, strict=True)
                    if (sql := taken_tags(method, c, quoted(n)))
                },
            )
        )
        assert reading.query is not None
        needs = tuple(s.id for s in reading.scans)
        write = self._drafts.write(
            table, method, reading.query, needs, statement, verb, names, set_columns=told
        )
        is_literal = is_literal_tree(tree, self._drafts.parameters)
        later = made.later if made is not None else ()
        elsewhere = {c.name for n in later if (c := column_of(table, n)) is not None}
        writes = [replace(write, is_literal=is_literal, set_elsewhere=frozenset(elsewhere))]
        notices = reading.notices
        if not statement.is_replace:
            writes[0], told_first = guarded(writes[0])
            notices = (*notices, *told_first)
        for number, step in enumerate(made.steps if made is not None else (), 2):
            given = (*step.values, *step.answered)
            after = self._drafts.write(
                table, step.method, reading.query, needs, statement, verb, given, number=number
            )
            writes.append(
                replace(
                    after,
                    is_literal=is_literal,
                    returning=None,
                    awaits=None,
                    follows=write.id,
                    answered=step.answered,
                )
            )
        return replace(reading, query=None, writes=tuple(writes), notices=notices)

    def _conditional(
        self,
        statement: Insert,
        table: Table,
        tree: exp.Expr,
        columns: Sequence[str],
        plans: Sequence[ConditionalPlan],
    ) -> Plan:
        """An INSERT in which each row's own values decide the operation that creates it."""
        source = _given_rows(statement.source, tree, columns)
        cells = [
            f"{sql} AS {quoted(f'{i}.{name}')}"
            for i, way in enumerate(plans)
            for name, sql in (*way.plan.values.items(), ("?", f"({way.only_if})"))
        ]
        reading = self._drafts.query(f"SELECT {', '.join(cells)} FROM ({source}) AS {ROWS}")
        assert reading.query is not None
        needs, writes = tuple(s.id for s in reading.scans), []
        notices = list(reading.notices)
        for i, way in enumerate(plans):
            names = tuple(way.plan.values)
            listed = ", ".join(f"{quoted(f'{i}.{n}')} AS {quoted(n)}" for n in names)
            sql = f"SELECT {listed} FROM ({reading.query.sql}) WHERE {quoted(f'{i}.?')}"
            rows = EngineQuery(sql, reading.query.parameters)
            write = self._drafts.write(
                table, way.plan.maker, rows, needs, statement, "INSERT", names, number=i + 1
            )
            write, told = guarded(write)
            notices += told
            writes.append(replace(write, is_literal=is_literal_tree(tree, self._drafts.parameters)))
        return replace(reading, query=None, writes=tuple(writes), notices=tuple(notices))

    def _update(self, statement: Update) -> Plan:
        table = self._drafts.table(statement.path)
        if statement.where is None:
            raise no_where("UPDATE", table)
        checked = [
            replace(a, expression=one_expression(a.column, a.expression))
            for a in statement.assignments
        ]
        tags = [a for a in checked if sets_tags(table, a)]
        rest = _by_column(table, [a for a in checked if a not in tags])
        catalog, alias = self._drafts.catalog, statement.alias or table.name
        rows = RowPlanner(self._drafts, statement, "UPDATE")
        try:
            parts, left = differences(catalog, table, rest, alias)
            turned, left = switching(catalog, table, left, alias)
            taken, left = unsetting(catalog, table, left, alias)
            parts += turned + taken
            if left:
                found = splitting(catalog, table, left, alias)
                parts += creating_first(catalog, table, found, alias)
        except ProgrammingError:
            if not tags and (records := remade_records(table, rest, alias)):
                return rows.plan(table, records)
            remade = replacing(catalog, table, rest, alias) if not tags else []
            if not remade:
                raise
            return rows.replace(table, remade)
        if tags:
            parts += tagging(catalog, table, tags, alias)
        return rows.plan(table, parts)

    def _delete(self, statement: Delete) -> Plan:
        table = self._drafts.table(statement.path)
        if statement.where is None:
            raise no_where("DELETE", table)
        methods = enders(table)
        if not methods:
            raise no_method(table, "DELETE")
        parts = ending(table, methods, statement.alias or table.name)
        return RowPlanner(self._drafts, statement, "DELETE").plan(table, parts)


def _by_column(table: Table, assignments: list[Assignment]) -> Mapping[str, str]:
    """Expressions by column. Raises ProgrammingError for columns that cannot be set."""
    for assignment in assignments:
        if assignment.key is not None:
            raise ProgrammingError(
                f"UPDATE {table.id}: only elements of tags can be set, not {assignment.column}[…]",
                hint="set the whole value of any other column",
            )
    given = {a.column: a.expression for a in assignments}
    if place := next((c for c in given if c.lower() in PLACES), None):
        raise ProgrammingError(
            f"{place} selects where the call is made and cannot be set", hint=f"WHERE {place} = '…'"
        )
    if len(given) < len(assignments):
        raise ProgrammingError(f"UPDATE {table.id} sets a column twice")
    if twice := _same(table, given):
        raise ProgrammingError(
            f"UPDATE {table.id} sets a column twice: {twice[0]} and {twice[1]} are the same",
            hint=f"SET {twice[0]} or {twice[1]}, but not both",
        )
    return given


def _same(table: Table, given: Iterable[str]) -> tuple[str, str] | None:
    """Two spellings of one column, or of one parameter of an updating request: Path and NewPath."""
    methods = table.reached_by(Verb.UPDATE)
    for one, other in combinations(given, 2):
        column = table.by_alias.get(one.lower())
        if column is not None and column is table.by_alias.get(other.lower()):
            return one, other
        if column_of(table, one) is not None and column_of(table, other) is not None:
            # Two columns, which different requests may take under one name.
            continue
        for method in methods:
            sent = parameter_name(method, one), parameter_name(method, other)
            if sent[0] is not None and sent[0] == sent[1]:
                return one, other
            places = place_of(table, method, one), place_of(table, method, other)
            for place, name in zip(places, reversed(sent), strict=True):
                if place is not None and place.form is ValueForm.WHOLE and place.parameter == name:
                    return one, other
    return None


def _insert_rows(
    source: str,
    tree: exp.Expr,
    names: Sequence[str],
    columns: Sequence[str],
    made: InsertPlan | None,
    told: Sequence[str],
    tags: Mapping[str, str],
) -> str:
    """SQL of the inserted rows: a column per parameter; those of further steps are numbered.

    ``told``: cells of what RETURNING may name. ``tags``: SQL of tags, by
    heading.
    """
    rows = _given_rows(source, tree, columns if made is not None else names)
    if tags:
        checked = ", ".join(f"{sql} AS {quoted(n)}" for n, sql in tags.items())
        rows = f"SELECT * REPLACE ({checked}) FROM ({rows}) AS {ROWS}"
    if made is None:
        return f"SELECT {', '.join(['*', *told])} FROM ({rows}) AS {ROWS}" if told else rows
    cells = [f"{value} AS {quoted(name)}" for name, value in made.values.items()]
    for number, step in enumerate(made.steps, 2):
        prefix = f"_write_{number}."
        cells += [f"{value} AS {quoted(prefix + name)}" for name, value in step.values.items()]
        cells.append(f"({step.only_if}) AS {quoted(prefix + '?')}")
    return f"SELECT {', '.join([*cells, *told])} FROM ({rows}) AS {ROWS}"


def _given_rows(source: str, tree: exp.Expr, headings: Sequence[str]) -> str:
    """SQL of the rows that the statement gives, with these column names."""
    if _is_values(tree):
        return f"SELECT * FROM ({source}\n) AS {ROWS}({', '.join(map(quoted, headings))})"
    # The first branch has no rows; it only names and counts the columns.
    named = ", ".join(f"NULL AS {quoted(n)}" for n in headings)
    return f"SELECT {named} WHERE false UNION ALL ({source}\n)"


def _headings(tree: Any) -> tuple[str, ...] | None:
    """The columns of a SELECT, by name; None if they are unknown."""
    names = () if _is_values(tree) else tuple(item.alias_or_name for item in tree.selects)
    return None if not names or "*" in names or "" in names else names


def _is_values(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Values) or (
        isinstance(tree, exp.Select) and isinstance(_source_of(tree), exp.Values) and tree.is_star
    )


def _source_of(tree: exp.Expr) -> Any:
    start = tree.args.get("from_")
    return start.this if start is not None else None


def _check_counts(tree: Any, columns: tuple[str, ...], where: str) -> None:
    """Raise an error if a row has more or fewer values than there are columns."""
    if _is_values(tree):
        values = tree if isinstance(tree, exp.Values) else _source_of(tree)
        counts = [
            len(row.expressions) if isinstance(row, exp.Tuple) else 1 for row in values.expressions
        ]
    elif not tree.is_star:
        counts = [len(tree.selects)]
    else:
        return
    for number, count in enumerate(counts, 1):
        if count != len(columns):
            raise ProgrammingError(
                f"{where} names {len(columns)} column{'s' if len(columns) != 1 else ''}, "
                f"and row {number} has {count} value{'s' if count != 1 else ''}"
            )
