"""EXEC: one operation by name. A reading one is paged to its end, a writing one is a write."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cirrusql.catalog.model import Column, Method, Table, Verb
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.errors import MissingParameter, NotSupportedError, ProgrammingError
from cirrusql.plan.model import CallScope, CallSet, Constant, EngineQuery, Feed, Plan, Scan
from cirrusql.plan.scope.literals import is_literal
from cirrusql.plan.writes.returning import hidden_or_not, named_words, returned_columns
from cirrusql.plan.writes.write_drafts import Drafts, one_expression
from cirrusql.plan.writes.write_methods import PLACES, parameter_name, unknown_parameter
from cirrusql.sql.statements import Exec

DOCUMENT_COLUMN = "_request"
"""The column of a write's rows with a whole request as JSON text (``@@json``)."""


@dataclass(frozen=True)
class ExecPlanner:
    """Plans one EXEC."""

    drafts: Drafts

    def plan(self, statement: Exec) -> Plan:
        """The plan of an EXEC. Raises errors for its names and arguments."""
        if len(statement.path) != 4:
            raise ProgrammingError(
                f"{'.'.join(statement.path)!r} does not name a method",
                hint="EXEC provider.service.resource.method @Parameter = value, …",
            )
        table, method = self.drafts.catalog.method(*statement.path)
        cells = []
        for given, expression in statement.arguments.items():
            name = parameter_name(method, given)
            if name is None:
                raise unknown_parameter(given, method, f"EXEC {'.'.join(statement.path)}")
            cells.append(f'{one_expression(given, expression)} AS "{name}"')
        if statement.json is not None:
            cells.append(f'{statement.json} AS "{DOCUMENT_COLUMN}"')
        else:
            names = {parameter_name(method, g) for g in statement.arguments}
            missing = [n for n in method.required if n not in names]
            if missing:
                are = "are" if len(missing) > 1 else "is"
                raise MissingParameter(
                    f"EXEC {'.'.join(statement.path)}: {', '.join(missing)} {are} required",
                    hint=f"DESCRIBE METHOD {'.'.join(statement.path)}",
                )
        if method.verb is Verb.SELECT and method.rows is not None and statement.json is None:
            return self._exec_read(table, method, statement)
        if statement.keeps and not statement.text.upper().startswith("COPY"):
            # If the table could not be created, the write would be done and its response lost.
            raise NotSupportedError(
                f"EXEC {'.'.join(statement.path)} writes, and its result cannot be stored in a "
                "table by the same statement",
                hint="use SELECT … FROM (EXEC …) to see it, or COPY (SELECT … FROM (EXEC …)) "
                "TO a file to store it",
            )
        reading = self.drafts.query("SELECT " + (", ".join(cells) or "1 AS _nothing"))
        assert reading.query is not None
        needs = tuple(s.id for s in reading.scans)
        names_given = [n for g in statement.arguments if (n := parameter_name(method, g))]
        write = self.drafts.write(
            table, method, reading.query, needs, statement, "EXEC", names_given
        )
        texts = [
            *statement.arguments.values(),
            *([statement.json] if statement.json is not None else []),
        ]
        write = replace(write, is_literal=all(is_literal(t, self.drafts.parameters) for t in texts))
        if method.rows is not None and method.rows.fields:
            columns = ", ".join(hidden_or_not(c) for c in method_columns(method))
            write = replace(write, returning=EngineQuery(f"SELECT {columns} FROM {write.id}"))
        if statement.over is not None:
            answered = returned_columns(table, method)
            named = named_words(*statement.over)
            relation = _without_secrets(write.id, answered, named)
            around = self._around(statement.over, relation)
            if around.scans:
                raise NotSupportedError(
                    "a query over an EXEC that writes cannot read other tables",
                    hint="store the other tables with CREATE TABLE t AS SELECT … and read t",
                )
            write = replace(write, returning=around.query, named=named)
        return replace(reading, query=None, writes=(write,))

    def _around(self, over: tuple[str, str], relation: str) -> Plan:
        """The query around an EXEC, with a relation in place of the EXEC."""
        before, after = over
        return self.drafts.query(f"{before}{relation}{after}")

    def _exec_read(self, table: Table, method: Method, statement: Exec) -> Plan:
        """A method that reads is paged to its end, like a SELECT that uses exactly that method."""
        given = {parameter_name(method, n) or n: e for n, e in statement.arguments.items()}
        cells = [f'{one_expression(n, e)} AS "{n}"' for n, e in given.items() if n not in PLACES]
        scans: tuple[Scan, ...] = ()
        bindings: list[Constant | Feed] = []
        if cells:
            reading = self.drafts.query(f"SELECT {', '.join(cells)}")
            assert reading.query is not None
            scans = reading.scans
            names = tuple(n for n in given if n not in PLACES)
            bindings = [
                Feed(names, reading.query.sql, tuple(s.id for s in scans), reason="arguments")
            ]
        scope = CallScope(is_exact=True)
        if "region" in given:
            feed = Feed(("region",), f"SELECT {given['region']} AS v", reason="argument")
            scope = replace(scope, region_feed=feed)
        if "connection" in given:
            scope = replace(scope, connections=(given["connection"].strip("'"),))
        fields = set(method.rows.fields) if method.rows is not None else set()
        columns = tuple(c for c in table.columns if c.name in fields)
        is_alone = statement.over is None and not scans
        shown = named_words(*statement.over or ())
        scan = Scan(
            "_scan_0",
            table,
            (CallSet(method, tuple(bindings)),),
            columns,
            scope,
            is_streamed=is_alone,
            masked=tuple(c.name for c in columns if is_secret_column(c) and not c.aliases & shown),
        )
        if statement.over is None:
            return Plan(scans=(*scans, scan), query=EngineQuery(f"SELECT * FROM {scan.id}"))
        around = self._around(statement.over, scan.id)
        if scans and around.scans:
            raise NotSupportedError(
                "a query over an EXEC whose arguments are read from the cloud cannot read "
                "other tables",
                hint="store the other tables with CREATE TABLE t AS SELECT … and read t",
            )
        return Plan(scans=(*scans, *around.scans, scan), query=around.query)


def _without_secrets(relation: str, columns: tuple[Column, ...], shown: frozenset[str]) -> str:
    """What the query around an EXEC reads: the response, with secrets hidden unless the query names
    them."""
    if not any(is_secret_column(c) and not c.aliases & shown for c in columns):
        return relation
    cells = [f'"{c.name}"' if c.aliases & shown else hidden_or_not(c) for c in columns]
    return f"(SELECT {', '.join(cells)} FROM {relation})"
