"""Writes: which method, and the rows that it is called with.

A write is a query over the engine whose rows are parameters. Where the WHERE gives every
required parameter itself nothing is read; where it does not, the table is read by that
same WHERE and each row found is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.columns import method_columns
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.errors import MissingParameter, NotSupportedError, ProgrammingError, SqlSyntaxError
from cirrusql.plan.binding import Bound, bound_by_where
from cirrusql.plan.draft import Options
from cirrusql.plan.model import CallSet, Constant, Feed, Plan, Query, Scan, Scope, Write
from cirrusql.plan.planner import plan_query
from cirrusql.plan.returning import hidden_or_not, returning_sql
from cirrusql.plan.tagging import is_tags, tagging
from cirrusql.plan.write_methods import (
    PLACES,
    inserters,
    kin,
    method_for,
    no_method,
    no_where,
    parameter_name,
    says_which,
    sources,
    unknown_parameter,
    updaters,
    wants,
)
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Delete, Exec, Insert, Statement, Update

DOCUMENT_COLUMN = "_request"
"""The column of a write's rows that holds a whole request as JSON text (``@@json``)."""


class WritePlanner:
    """Plans one write statement; ``views`` and ``parameters`` as for queries."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        views: Mapping[str, str],
        databases: frozenset[str],
        parameters: Mapping[str, object],
        options: Options,
    ) -> None:
        self._catalog = catalog
        self._views = views
        self._databases = databases
        self._parameters = parameters
        self._options = options

    def plan(self, statement: Statement) -> Plan:
        """The plan of an INSERT, REPLACE, UPDATE, DELETE or EXEC."""
        match statement:
            case Insert():
                return self._insert(statement)
            case Update():
                return self._update(statement)
            case Delete():
                return self._delete(statement)
            case Exec():
                return self._exec(statement)
        raise ProgrammingError(f"{statement.text.split()[0]} is not a write")

    def _table(self, path: tuple[str, ...]) -> Table:
        if len(path) != 3:
            raise ProgrammingError(
                f"{'.'.join(path)!r} does not name a table", hint="provider.service.resource"
            )
        return self._catalog.table(*path)

    def _query(self, text: str) -> Plan:
        """The plan of a query that we made ourselves around the user's expressions."""
        return plan_query(
            text,
            parse_sql(Piece(text, 0, text)),
            self._catalog,
            views=self._views,
            databases=self._databases,
            parameters=self._parameters,
            options=self._options,
        )

    def _insert(self, statement: Insert) -> Plan:
        table = self._table(statement.path)
        tree = parse_sql(Piece(statement.source, 0, statement.source))
        given = _headings(tree)
        if not statement.columns and given is None:
            raise ProgrammingError(
                f"INSERT INTO {table.id} must name its columns",
                hint=f"SHOW INSERT INTO {table.id} shows them all",
            )
        candidates = table.reached_by(Verb.REPLACE) if statement.is_replace else inserters(table)
        verb = "REPLACE" if statement.is_replace else "INSERT"
        columns = statement.columns or given or ()
        method, names = method_for(table, candidates, columns, verb)
        _check_counts(tree, columns, f"{verb} INTO {table.id}")
        # The first branch has no row: it is there to name the columns and to count them.
        named = ", ".join(f'NULL AS "{n}"' for n in names)
        if _is_values(tree):
            listed = ", ".join(f'"{n}"' for n in names)
            reading = self._query(f"SELECT * FROM ({statement.source}\n) AS _rows({listed})")
        else:
            reading = self._query(f"SELECT {named} WHERE false UNION ALL ({statement.source}\n)")
        write = self._write(table, method, reading, statement, verb, names)
        return replace(reading, query=None, writes=(write,))

    def _update(self, statement: Update) -> Plan:
        table = self._table(statement.path)
        if statement.where is None:
            raise no_where("UPDATE", table)
        if any(a.key is not None for a in statement.assignments):
            checked = [
                replace(a, expression=_one_expression(a.column, a.expression)) for a in statement.assignments
            ]
            tags = tagging(self._catalog, table, checked)
            return self._by_where(
                table, [tags.method], tags.assigned, statement, "UPDATE", statement.alias, tags.which
            )
        given = {a.column: _one_expression(a.column, a.expression) for a in statement.assignments}
        if place := next((c for c in given if c.lower() in PLACES), None):
            raise ProgrammingError(
                f"{place} says where the call is made and cannot be set", hint=f"WHERE {place} = '…'"
            )
        if len(given) < len(statement.assignments):
            raise ProgrammingError(f"UPDATE {table.id} sets a column twice")
        methods = updaters(table)
        fits = [m for m in methods if all(parameter_name(m, c) is not None for c in given)]
        fits = fits or list(kin(self._catalog, table, given))
        if not fits and not methods:
            raise no_method(table, "UPDATE")
        if not fits:
            best = max(methods, key=lambda m: sum(parameter_name(m, c) is not None for c in given))
            wrong = next(c for c in given if parameter_name(best, c) is None)
            error = unknown_parameter(wrong, best, f"UPDATE {table.id}")
            error.hint = f"SET {wrong}['key'] = 'value'" if is_tags(wrong) else error.hint
            raise error
        return self._by_where(table, fits, given, statement, "UPDATE", statement.alias)

    def _delete(self, statement: Delete) -> Plan:
        table = self._table(statement.path)
        if statement.where is None:
            raise no_where("DELETE", table)
        methods = table.reached_by(Verb.DELETE)
        if not methods:
            raise no_method(table, "DELETE")
        return self._by_where(table, list(methods), {}, statement, "DELETE", statement.alias)

    def _by_where(
        self,
        table: Table,
        methods: list[Method],
        given: Mapping[str, str],
        statement: Update | Delete,
        verb: str,
        alias: str | None,
        which: Mapping[str, tuple[str, bool]] | None = None,
    ) -> Plan:
        """The method whose parameters the WHERE gives, else one whose the rows found give.

        ``which``: the columns that say which thing is meant, where no rule over names tells.
        """
        name = alias or table.name
        source = f'{".".join(statement.path)} AS "{name}" WHERE {statement.where}\n'
        bound = bound_by_where(table, name, statement.where or "")
        options = [(m, {parameter_name(m, c) or c: e for c, e in given.items()}) for m in methods]
        direct = [(m, a, p) for m, a in options if (p := bound.parameters(table, m, a, which)) is not None]
        direct.sort(key=lambda o: (-len(o[2]), len(o[0].required)))
        if direct and not bound.is_product():
            return self._directly(table, *direct[0], bound, statement, verb)
        for method, assigned in sorted(options, key=lambda o: (len(o[0].required), len(o[0].parameters))):
            found = which or sources(table, method, assigned)
            if found is not None:
                return self._by_reading(table, method, assigned, found, source, name, statement, verb)
        if direct:
            return self._directly(table, *direct[0], bound, statement, verb)
        raise MissingParameter(
            f"{verb} on {table.id}: the WHERE does not give what is needed ({wants(methods)})"
        )

    def _directly(
        self,
        table: Table,
        method: Method,
        assigned: Mapping[str, str],
        parameters: Mapping[str, tuple[str, bool]],
        bound: Bound,
        statement: Update | Delete,
        verb: str,
    ) -> Plan:
        """One call for each value that the WHERE names; nothing of the table is read."""
        cells = [
            f'[_{i}.v] AS "{n}"' if is_list else f'_{i}.v AS "{n}"'
            for i, (n, (_, is_list)) in enumerate(parameters.items())
        ]
        cells += [f'{e} AS "{n}"' for n, e in assigned.items()]
        relations = [f"{bound.values[c]} AS _{i}(v)" for i, (c, _) in enumerate(parameters.values())]
        source = f" FROM {', '.join(relations)}" if relations else ""
        reading = self._query(f"SELECT DISTINCT {', '.join(cells) or '1 AS _nothing'}{source} ORDER BY ALL")
        write = self._write(table, method, reading, statement, verb, {*parameters, *assigned})
        # Values that a subquery finds are targets found by reading.
        write = replace(write, scope=bound.scope, is_found_by_reading=bool(reading.scans))
        return replace(reading, query=None, writes=(write,))

    def _by_reading(
        self,
        table: Table,
        method: Method,
        assigned: Mapping[str, str],
        values: Mapping[str, tuple[str, bool]],
        source: str,
        alias: str,
        statement: Update | Delete,
        verb: str,
    ) -> Plan:
        """Read the table by the WHERE; each row found gives one call's parameters."""
        quoted = f'"{alias}"'
        cells = [
            f'[{quoted}."{c}"] AS "{n}"' if is_list else f'{quoted}."{c}" AS "{n}"'
            for n, (c, is_list) in values.items()
        ]
        cells += [f'{e} AS "{n}"' for n, e in assigned.items()]
        cells += [f'{quoted}.{place} AS "{place}"' for place in PLACES if place not in assigned]
        names = {*values, *assigned}
        reading = self._query(f"SELECT DISTINCT {', '.join(cells)} FROM {source} ORDER BY ALL")
        extra = self._keys_of_reading(reading, table, method, names)
        if extra:
            cells += [f'{quoted}."{n}" AS "{n}"' for n in extra]
            reading = self._query(f"SELECT DISTINCT {', '.join(cells)} FROM {source} ORDER BY ALL")
        write = self._write(table, method, reading, statement, verb, {*names, *extra})
        return replace(reading, query=None, writes=(replace(write, is_found_by_reading=True),))

    def _keys_of_reading(self, reading: Plan, table: Table, method: Method, given: set[str]) -> list[str]:
        """Optional parameters by which the rows were found: whose keys they are must be said again."""
        names = {
            name
            for scan in reading.scans
            if scan.table is table
            for calls in scan.calls
            for binding in calls.bindings
            for name in binding.parameters
        }
        return sorted(n for n in names if n not in given and says_which(table, method, n))

    def _exec(self, statement: Exec) -> Plan:
        if len(statement.path) != 4:
            raise ProgrammingError(
                f"{'.'.join(statement.path)!r} does not name a method",
                hint="EXEC provider.service.resource.method @Parameter = value, …",
            )
        table, method = self._catalog.method(*statement.path)
        cells = []
        for given, expression in statement.arguments.items():
            name = parameter_name(method, given)
            if name is None:
                raise unknown_parameter(given, method, f"EXEC {'.'.join(statement.path)}")
            cells.append(f'{_one_expression(given, expression)} AS "{name}"')
        if statement.json is not None:
            cells.append(f'{statement.json} AS "{DOCUMENT_COLUMN}"')
        else:
            names = {parameter_name(method, g) for g in statement.arguments}
            missing = [n for n in method.required if n not in names]
            if missing:
                raise MissingParameter(
                    f"EXEC {'.'.join(statement.path)}: {', '.join(missing)} must be given",
                    hint=f"DESCRIBE METHOD {'.'.join(statement.path)}",
                )
        if method.verb is Verb.SELECT and method.rows is not None and statement.json is None:
            return self._exec_read(table, method, statement)
        reading = self._query("SELECT " + (", ".join(cells) or "1 AS _nothing"))
        write = self._write(table, method, reading, statement, "EXEC", ())
        if method.rows is not None and method.rows.fields:
            columns = ", ".join(hidden_or_not(c) for c in method_columns(method))
            write = replace(write, returning=Query(f"SELECT {columns} FROM {write.id}"))
        if statement.over is not None:
            around = self._around(statement.over, write.id)
            if around.scans:
                raise NotSupportedError(
                    "a query over an EXEC that writes reads nothing else",
                    hint="CREATE TABLE t AS SELECT * FROM (EXEC …), then join t",
                )
            write = replace(write, returning=around.query)
        return replace(reading, query=None, writes=(write,))

    def _around(self, over: tuple[str, str], relation: str) -> Plan:
        """The query around an EXEC, the EXEC's relation in its place."""
        before, after = over
        return self._query(f"{before}{relation}{after}")

    def _exec_read(self, table: Table, method: Method, statement: Exec) -> Plan:
        """A method that reads is paged to its end, as a SELECT by exactly that method."""
        given = {parameter_name(method, n) or n: e for n, e in statement.arguments.items()}
        cells = [f'{_one_expression(n, e)} AS "{n}"' for n, e in given.items() if n not in PLACES]
        scans: tuple[Scan, ...] = ()
        bindings: list[Constant | Feed] = []
        if cells:
            reading = self._query(f"SELECT {', '.join(cells)}")
            assert reading.query is not None
            scans = reading.scans
            names = tuple(n for n in given if n not in PLACES)
            bindings = [Feed(names, reading.query.sql, tuple(s.id for s in scans), reason="arguments")]
        scope = Scope()
        if "region" in given:
            feed = Feed(("region",), f"SELECT {given['region']} AS v", reason="argument")
            scope = replace(scope, region_feed=feed)
        if "connection" in given:
            scope = replace(scope, connections=(given["connection"].strip("'"),))
        fields = set(method.rows.fields) if method.rows is not None else set()
        columns = tuple(c for c in table.columns if c.name in fields)
        is_alone = statement.over is None and not scans
        scan = Scan(
            "_scan_0", table, (CallSet(method, tuple(bindings)),), columns, scope, is_streamed=is_alone
        )
        if statement.over is None:
            return Plan(scans=(*scans, scan), query=Query(f"SELECT * FROM {scan.id}"))
        around = self._around(statement.over, scan.id)
        if scans and around.scans:
            raise NotSupportedError(
                "a query over an EXEC whose arguments are read from the cloud reads nothing else",
                hint="CREATE TABLE t AS SELECT * FROM (EXEC …), then join t",
            )
        return Plan(scans=(*scans, *around.scans, scan), query=around.query)

    def _write(
        self,
        table: Table,
        method: Method,
        reading: Plan,
        statement: Insert | Update | Delete | Exec,
        verb: str,
        given: Collection[str],
    ) -> Write:
        assert reading.query is not None
        returning = getattr(statement, "returning", None)
        write_id = "_write_1"
        found = None
        if returning:
            found = Query(returning_sql(returning, table, method, given, write_id))
        return Write(
            id=write_id,
            table=table,
            method=method,
            rows=reading.query,
            needs=tuple(s.id for s in reading.scans),
            verb=verb,
            returning=found,
            awaits=statement.hints.awaits,
        )


def _headings(tree: Any) -> tuple[str, ...] | None:
    """The columns that a SELECT gives, by name; None where they cannot be told."""
    names = () if _is_values(tree) else tuple(item.alias_or_name for item in tree.selects)
    return None if not names or "*" in names or "" in names else names


def _is_values(tree: Any) -> bool:
    from sqlglot import exp

    return isinstance(tree, exp.Values) or (
        isinstance(tree, exp.Select) and isinstance(_source_of(tree), exp.Values) and tree.is_star
    )


def _source_of(tree: Any) -> Any:
    start = tree.args.get("from_")
    return start.this if start is not None else None


def _check_counts(tree: Any, columns: tuple[str, ...], where: str) -> None:
    """Raises where a row has more or fewer values than there are columns."""
    from sqlglot import exp

    if _is_values(tree):
        values = tree if isinstance(tree, exp.Values) else _source_of(tree)
        counts = [len(row.expressions) if isinstance(row, exp.Tuple) else 1 for row in values.expressions]
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


def _one_expression(name: str, text: str) -> str:
    """The expression, in parentheses; SqlSyntaxError where the text is more or less than one."""
    from sqlglot import exp

    try:
        found = parse_sql(Piece(f"SELECT ({text}\n)", 0, f"SELECT ({text}\n)")).expressions
    except SqlSyntaxError:
        found = []
    is_one = len(found) == 1 and isinstance(found[0], exp.Paren | exp.Subquery)
    if not is_one or isinstance(found[0].this, exp.Alias):
        raise SqlSyntaxError(
            f"{name} = {text}: that is not one value", hint="a value of another table is (SELECT …)"
        )
    # A comment may end the text.
    return f"({text}\n)" if "--" in text else f"({text})"
