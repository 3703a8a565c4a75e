"""Writes: which method, and the rows that it is called with.

A write is a query over the engine whose rows are parameters. Where the WHERE gives every
required parameter itself nothing is read; where it does not, the table is read by that
same WHERE and each row found is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.naming import singular_name, snake_case
from cirrusql.catalog.parents import fields_for
from cirrusql.errors import MissingParameter, ProgrammingError, UnknownColumn
from cirrusql.plan.binding import Bound, bound_by_where
from cirrusql.plan.draft import Options
from cirrusql.plan.model import CallSet, Constant, Feed, Plan, Query, Scan, Scope, Write
from cirrusql.plan.planner import plan_query
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Delete, Exec, Insert, Statement, Update

DOCUMENT_COLUMN = "_request"
"""The column of a write's rows that holds a whole request as JSON text (``@@json``)."""

_PLACES = ("region", "connection")


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
        if not statement.columns and statement.source[:6].upper() == "VALUES":
            raise ProgrammingError(
                f"INSERT INTO {table.id} must name its columns",
                hint=f"SHOW INSERT INTO {table.id} shows them all",
            )
        methods = table.reached_by(Verb.REPLACE) if statement.is_replace else inserters(table)
        verb = "REPLACE" if statement.is_replace else "INSERT"
        columns = statement.columns or self._names_of(statement.source)
        method, names = self._method_for(table, methods, columns, verb)
        listed = ", ".join(f'"{n}"' for n in names)
        reading = self._query(f"SELECT * FROM ({statement.source}) AS _rows({listed})")
        write = self._write(table, method, reading, statement, verb)
        return replace(reading, query=None, writes=(write,))

    def _names_of(self, source: str) -> tuple[str, ...]:
        tree = parse_sql(Piece(source, 0, source))
        names = tuple(tree.named_selects)
        if not names or "*" in names:
            raise ProgrammingError("INSERT … SELECT * must name the columns it inserts")
        return names

    def _method_for(
        self, table: Table, methods: Iterable[Method], columns: tuple[str, ...], verb: str
    ) -> tuple[Method, tuple[str, ...]]:
        """The method that takes all the columns and misses none, and its names for them."""
        candidates = list(methods)
        if not candidates:
            raise _no_method(table, verb)
        fits = []
        for method in candidates:
            names = tuple(parameter_name(method, c) for c in columns)
            given = {n for n in names if n is not None}
            if None not in names and set(method.required) <= given:
                fits.append((method, names))
        if fits:
            method, found = min(fits, key=lambda f: len(f[0].parameters))
            return method, tuple(n for n in found if n is not None)
        raise self._unfit(table, candidates, columns, verb)

    def _unfit(
        self, table: Table, methods: list[Method], columns: tuple[str, ...], verb: str
    ) -> ProgrammingError:
        """What is wrong with the columns, for the method that they fit best."""
        method = max(methods, key=lambda m: sum(parameter_name(m, c) is not None for c in columns))
        for column in columns:
            if parameter_name(method, column) is None:
                return UnknownColumn(column, [*method.parameters, *_PLACES], where=f"{verb} INTO {table.id}")
        given = {parameter_name(method, c) for c in columns}
        missing = [n for n in method.required if n not in given]
        return MissingParameter(
            f"{verb} INTO {table.id}: {', '.join(missing)} must be given",
            hint=f"SHOW INSERT INTO {table.id}",
        )

    def _update(self, statement: Update) -> Plan:
        table = self._table(statement.path)
        if statement.where is None:
            raise _no_where("UPDATE", table)
        if any(a.key is not None for a in statement.assignments):
            raise ProgrammingError(
                "one element of a column cannot be set yet",
                hint="give the whole value, or EXEC the service's own tag operation",
            )
        given = {a.column: a.expression for a in statement.assignments}
        methods = [m for m in table.methods if m.verb in (Verb.UPDATE, Verb.REPLACE)]
        if not methods:
            raise _no_method(table, "UPDATE")
        fits = [m for m in methods if all(parameter_name(m, c) is not None for c in given)]
        if not fits:
            best = max(methods, key=lambda m: sum(parameter_name(m, c) is not None for c in given))
            wrong = next(c for c in given if parameter_name(best, c) is None)
            raise UnknownColumn(wrong, best.parameters, where=f"UPDATE {table.id}")
        return self._by_where(table, fits, given, statement, "UPDATE", statement.alias)

    def _delete(self, statement: Delete) -> Plan:
        table = self._table(statement.path)
        if statement.where is None:
            raise _no_where("DELETE", table)
        methods = table.reached_by(Verb.DELETE)
        if not methods:
            raise _no_method(table, "DELETE")
        return self._by_where(table, list(methods), {}, statement, "DELETE", statement.alias)

    def _by_where(
        self,
        table: Table,
        methods: list[Method],
        given: Mapping[str, str],
        statement: Update | Delete,
        verb: str,
        alias: str | None,
    ) -> Plan:
        """The method whose parameters the WHERE gives, else one whose the rows found give."""
        name = alias or table.name
        source = f'{".".join(statement.path)} AS "{name}" WHERE {statement.where}'
        bound = bound_by_where(f"SELECT 1 FROM {source}", self._catalog)
        for method in sorted(methods, key=lambda m: (-len(bound.used_by(m)), len(m.required))):
            assigned = {parameter_name(method, c) or c: e for c, e in given.items()}
            if bound.is_enough_for(method, assigned):
                return self._directly(table, method, assigned, bound, statement, verb)
        for method in sorted(methods, key=lambda m: (len(m.required), len(m.parameters))):
            assigned = {parameter_name(method, c) or c: e for c, e in given.items()}
            values = row_values(table, method, set(assigned))
            if values is not None:
                return self._by_reading(table, method, assigned, values, source, name, statement, verb)
        wanted = "; ".join(f"{m.name} wants {', '.join(m.required)}" for m in methods)
        raise MissingParameter(f"{verb} on {table.id}: the WHERE does not give what is needed ({wanted})")

    def _directly(
        self,
        table: Table,
        method: Method,
        assigned: Mapping[str, str],
        bound: Bound,
        statement: Update | Delete,
        verb: str,
    ) -> Plan:
        """One call for each combination of the values that the WHERE names."""
        columns = bound.used_by(method)
        cells = [f'_{i}.v AS "{parameter_name(method, c)}"' for i, c in enumerate(columns)]
        cells += [f'{e} AS "{n}"' for n, e in assigned.items()]
        relations = [f"{bound.values[c]} AS _{i}(v)" for i, c in enumerate(columns)]
        source = f" FROM {', '.join(relations)}" if relations else ""
        reading = self._query(f"SELECT DISTINCT {', '.join(cells)}{source}")
        write = replace(self._write(table, method, reading, statement, verb), scope=bound.scope)
        return replace(reading, query=None, writes=(write,))

    def _by_reading(
        self,
        table: Table,
        method: Method,
        assigned: Mapping[str, str],
        values: Mapping[str, str],
        source: str,
        alias: str,
        statement: Update | Delete,
        verb: str,
    ) -> Plan:
        """Read the table by the WHERE; each row found gives one call's parameters."""
        quoted = f'"{alias}"'
        cells = [f'{e.format(alias=quoted)} AS "{n}"' for n, e in values.items()]
        cells += [f'{e} AS "{n}"' for n, e in assigned.items()]
        cells += [f'{quoted}.{place} AS "{place}"' for place in _PLACES]
        reading = self._query(f"SELECT DISTINCT {', '.join(cells)} FROM {source}")
        extra = self._keys_of_reading(reading, table, method, {*values, *assigned})
        if extra:
            cells += [f'{quoted}."{n}" AS "{n}"' for n in extra]
            reading = self._query(f"SELECT DISTINCT {', '.join(cells)} FROM {source}")
        write = self._write(table, method, reading, statement, verb)
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
        return sorted(n for n in names if n in method.parameters and n not in given)

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
                legal = [*method.parameters, *_PLACES]
                raise UnknownColumn(given, legal, where=f"EXEC {'.'.join(statement.path)}")
            cells.append(f'{expression} AS "{name}"')
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
        text = "SELECT " + (", ".join(cells) or "1 AS _nothing")
        if method.verb is Verb.SELECT and method.rows is not None and statement.json is None:
            return self._exec_read(table, method, statement)
        reading = self._query(text)
        write = self._write(table, method, reading, statement, "EXEC")
        if method.rows is not None and method.rows.fields:
            columns = ", ".join(f'"{n}"' for n in method.rows.fields)
            write = replace(write, returning=Query(f"SELECT {columns} FROM {write.id}"))
        return replace(reading, query=None, writes=(write,))

    def _exec_read(self, table: Table, method: Method, statement: Exec) -> Plan:
        """A method that reads is paged to its end, as a SELECT by exactly that method."""
        bindings: list[Constant | Feed] = []
        scope = Scope()
        for given, expression in statement.arguments.items():
            name = parameter_name(method, given) or given
            feed = Feed((name,), f"SELECT {expression} AS v", reason="argument")
            if name == "region":
                scope = replace(scope, region_feed=feed)
            elif name == "connection":
                scope = replace(scope, connections=(expression.strip("'"),))
            else:
                bindings.append(feed)
        fields = set(method.rows.fields) if method.rows is not None else set()
        columns = tuple(c for c in table.columns if c.name in fields)
        scan = Scan("_scan_1", table, (CallSet(method, tuple(bindings)),), columns, scope, is_streamed=True)
        return Plan(scans=(scan,), query=Query(f"SELECT * FROM {scan.id}"))

    def _write(
        self,
        table: Table,
        method: Method,
        reading: Plan,
        statement: Insert | Update | Delete | Exec,
        verb: str,
    ) -> Write:
        assert reading.query is not None
        returning = getattr(statement, "returning", None)
        write_id = "_write_1"
        return Write(
            id=write_id,
            table=table,
            method=method,
            rows=reading.query,
            needs=tuple(s.id for s in reading.scans),
            verb=verb,
            returning=Query(f"SELECT {returning} FROM {write_id}") if returning else None,
            awaits=statement.hints.awaits,
        )


def inserters(table: Table) -> tuple[Method, ...]:
    """The methods that INSERT reaches; where nothing creates, what puts."""
    found = table.reached_by(Verb.INSERT)
    by_registry = tuple(m for m in table.methods if m.api_verb is Verb.INSERT and m not in found)
    return (*found, *by_registry) or table.reached_by(Verb.REPLACE)


def parameter_name(method: Method, written: str) -> str | None:
    """The parameter or place that a column name means for a method, in any accepted spelling."""
    folded = written.lower()
    if folded in _PLACES:
        return folded
    for name, member in method.parameters.items():
        wire_name = str(member.traits.get("locationName", name)).lower()
        if folded in (name.lower(), snake_case(name), wire_name):
            return name
    return None


def row_values(table: Table, method: Method, assigned: set[str]) -> Mapping[str, str] | None:
    """For each required parameter that is not assigned, how a row found gives it.

    ``{alias}`` stands for the row. None where some parameter has no column that could be it.
    """
    found = {}
    for name in method.required:
        if name in assigned:
            continue
        column = table.by_alias.get(name.lower())
        is_list = method.parameters[name].shape.kind == "list"
        one = table.by_alias.get(singular_name(name).lower())
        if is_list and one is not None:
            found[name] = f'[{{alias}}."{one.name}"]'
        elif column is not None and column.role == "field":
            found[name] = f'{{alias}}."{column.name}"'
        elif not is_list and (fields := fields_for(table, name)):
            found[name] = f'{{alias}}."{fields[0]}"'
        elif column is not None and not is_list and method.parameters[name].shape.kind == "string":
            found[name] = f'{{alias}}."{column.name}"'
        else:
            return None
    return found or _identity(table, method, assigned)


def _identity(table: Table, method: Method, assigned: set[str]) -> Mapping[str, str] | None:
    """For a method that requires nothing: the first optional parameter that says which row.

    Without one the call would not know what it acts on, so there is none.
    """
    for name in method.parameters:
        column = table.by_alias.get(name.lower())
        one = table.by_alias.get(singular_name(name).lower())
        if name in assigned:
            continue
        if column is not None and column.role == "field" and name.endswith(_IDENTITIES):
            return {name: f'{{alias}}."{column.name}"'}
        if one is not None and one.role == "field" and singular_name(name).endswith(_IDENTITIES):
            return {name: f'[{{alias}}."{one.name}"]'}
    return {} if set(method.required) & assigned else None


_IDENTITIES = ("Id", "Arn", "ARN", "Name", "Identifier", "Url", "id", "arn", "name")


def _no_method(table: Table, verb: str) -> ProgrammingError:
    verbs = sorted({str(m.verb) for m in table.methods})
    return ProgrammingError(
        f"{table.id} has no method that {verb} reaches; it has {', '.join(verbs)}",
        hint=f"SHOW METHODS IN {table.id}",
    )


def _no_where(verb: str, table: Table) -> ProgrammingError:
    return ProgrammingError(f"{verb} on {table.id} must have a WHERE", hint="WHERE true means all of them")
