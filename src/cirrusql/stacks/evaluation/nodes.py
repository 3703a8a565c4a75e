"""The resources of a stack and its modules, with their queries resolved and in order.

An INCLUDE with FOR EACH makes one instance for each row of its query; each instance has resources
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlglot import exp

from cirrusql.errors import Error, nearest
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece
from cirrusql.sql.tree import parse_sql
from cirrusql.stacks.evaluation.literals import key_text, sql_value
from cirrusql.stacks.evaluation.scopes import Module, Scope, resolve
from cirrusql.stacks.evaluation.volatile import refuse_volatile
from cirrusql.stacks.language.folder import read_folder
from cirrusql.stacks.language.statements import (
    Check,
    Include,
    Param,
    Place,
    QueryText,
    Resource,
    StackError,
    StackErrors,
    StackOutput,
    StackText,
)

SECRET_MARK = "cirrusql-secret:"  # noqa: S105
"""What a secret's reference starts with, which stands for its value until a call is made."""

Rows = Callable[[str], Sequence[Mapping[str, Any]]]
"""Runs a query and returns its rows."""


@dataclass(frozen=True, eq=False)
class Node:
    """A resource of a stack or of an instance of a module."""

    address: str
    resource: Resource
    sql: str
    """Its query, in which the names of other resources are their addresses."""
    needs: tuple[str, ...]
    """Addresses whose rows it reads or waits for."""
    each: Mapping[str, Any] = field(default_factory=dict)
    """The row of FOR EACH of its module's instance."""
    is_single: bool = False
    """It has one row however it is evaluated, so that its address needs no key."""


@dataclass(frozen=True)
class NamedQuery:
    """An output, test or policy with its query resolved."""

    address: str
    item: StackOutput | Check
    sql: str
    needs: tuple[str, ...]


@dataclass
class Graph:
    """A stack's resources in an order in which each comes after what it needs."""

    text: StackText
    nodes: dict[str, Node] = field(default_factory=dict)
    outputs: list[NamedQuery] = field(default_factory=list)
    checks: list[NamedQuery] = field(default_factory=list)
    macros: list[str] = field(default_factory=list)
    """SQL that defines them."""
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By parameter of the stack, for plans: its value, or what a secret is taken from."""
    scope: Scope | None = None


class GraphBuilder:
    """Makes the graph of a stack. ``rows`` runs queries that read no resource."""

    def __init__(self, folder: Path, rows: Rows) -> None:
        self.folder = folder
        self.rows = rows
        self.graph = Graph(read_folder(folder))
        self.errors: list[StackError] = []

    def build(self, given: Mapping[str, object]) -> Graph:
        """The graph with these values of parameters, by name in lower case.

        Raises StackError or StackErrors, before anything of the cloud is read.
        """
        text = self.graph.text
        unknown = [name for name in given if name not in text.params]
        if unknown:
            near = nearest(unknown[0], text.params)
            raise StackError(
                f"the stack has no parameter {unknown[0]}",
                hint=f"did you mean {near[0]}?" if near else f"PARAM {unknown[0]} VARCHAR;",
            )
        scope = Scope(text)
        for param in text.params.values():
            scope.values[param.name.lower()] = self._value(param, given, scope)
        self.graph.scope = scope
        self._add(scope, self.folder, ())
        if self.errors:
            raise StackErrors(self.errors) if len(self.errors) > 1 else self.errors[0]
        nodes: dict[str, Node] = {}
        for address in _ordered(self.graph.nodes):
            node = self.graph.nodes[address]
            single = {a for a, n in nodes.items() if n.is_single}
            nodes[address] = replace(node, is_single=is_one_row(node.sql, single))
        self.graph.nodes = nodes
        return self.graph

    def _value(self, param: Param, given: Mapping[str, object], scope: Scope) -> str:
        """SQL of a parameter's value. Raises StackError if there is none, or it is refused."""
        name = param.name.lower()
        if param.is_secret:
            self.graph.params[param.name] = {"secret": True, "source": f"param:{param.name}"}
            if name not in given and param.default is None:
                raise _missing(param)
            if param.default is not None and name not in given:
                return f"({resolve(param.default, scope)})"
            return sql_value(f"{SECRET_MARK}param:{param.name}")
        if name in given:
            raw = sql_value(given[name])
        elif param.default is not None:
            raw = f"({resolve(param.default, scope)})"
        else:
            raise _missing(param)
        sql = f"CAST({raw} AS {param.type})"
        try:
            (row,) = self.rows(f"SELECT {sql} AS value")
        except Error as error:
            raise StackError(f"PARAM {param.name}: {error.message}", param.place) from None
        self.graph.params[param.name] = {"value": row["value"]}
        if param.check is not None:
            self._check(param, param.check, sql, scope, row["value"])
        return f"CAST({sql_value(row['value'])} AS {param.type})"

    def _check(self, param: Param, check: QueryText, sql: str, scope: Scope, value: object) -> None:
        inner = Scope(scope.text, values={**scope.values, param.name.lower(): sql})
        condition = resolve(check, inner)
        try:
            (row,) = self.rows(
                f"SELECT coalesce({condition}, false) AS ok FROM (SELECT {sql} AS "
                f"{quoted(param.name)})"
            )
        except Error as error:
            raise StackError(f"PARAM {param.name}: {error.message}", check.place) from None
        if not row["ok"]:
            raise StackError(
                f"PARAM {param.name} = {sql_value(value)} is not allowed",
                param.place,
                hint=f"CHECK ({check.text})",
            )

    def _add(self, scope: Scope, folder: Path, within: tuple[Path, ...]) -> None:
        """Add what a folder defines."""
        text = scope.text
        for number, macro in enumerate(text.macros.values()):
            name = f"stack_{len(self.graph.macros)}_{number}_{macro.name}"
            scope.macros[macro.name.lower()] = name
        for macro in text.macros.values():
            name = scope.macros[macro.name.lower()]
            names = {p.strip().lower() for p in macro.parameters.split(",")}
            values = {k: v for k, v in scope.values.items() if k not in names}
            inner = Scope(text, values=values, macros=scope.macros)
            body = resolve(QueryText(f"SELECT {macro.body.text}", macro.body.place.at(-7)), inner)
            self.graph.macros.append(
                f"CREATE OR REPLACE TEMP MACRO {name}({macro.parameters}) AS "
                f"({body.removeprefix('SELECT ')})"
            )
        for include in text.includes.values():
            self._include(include, scope, folder, within)
        for resource in text.resources.values():
            with self._noting():
                self._resource(resource, scope)
        for output in text.outputs.values():
            with self._noting():
                if not scope.prefix:
                    self.graph.outputs.append(self._query(output.name, output, output.body, scope))
        for check in text.checks:
            with self._noting():
                address = scope.address(check.name)
                self.graph.checks.append(self._query(address, check, check.body, scope))

    def _resource(self, resource: Resource, scope: Scope) -> None:
        refuse_volatile(resource.body)
        address = scope.address(resource.name)
        sql = resolve(resource.body, scope)
        needs = [*_read(sql)]
        for name in resource.depends_on:
            found = scope.text.resources.get(name.lower())
            if found is None:
                near = nearest(name, scope.text.resources)
                raise StackError(
                    f"DEPENDS ON {name}: there is no such resource",
                    resource.place,
                    hint=f"did you mean {near[0]}?" if near else None,
                )
            needs.append(scope.address(found.name))
        self.graph.nodes[address] = Node(
            address, resource, sql, tuple(dict.fromkeys(needs)), scope.each
        )

    def _query(
        self, address: str, item: StackOutput | Check, body: QueryText, scope: Scope
    ) -> NamedQuery:
        sql = resolve(body, scope)
        return NamedQuery(address, item, sql, tuple(_read(sql)))

    def _include(
        self, include: Include, scope: Scope, folder: Path, within: tuple[Path, ...]
    ) -> None:
        inside = (folder / include.folder).resolve()
        if inside in within or inside == self.folder.resolve():
            raise StackError(f"{include.folder} includes itself", include.place)
        try:
            text = read_folder(inside)
        except StackErrors as error:
            raise StackErrors(
                [StackError(f"{include.folder}{e.message}", None, e.hint) for e in error.errors]
            ) from None
        except StackError as error:
            raise StackError(error.message, include.place, error.hint) from None
        module = Module(include.name, (), [])
        for row, key in self._instances(include, scope):
            values = {name: sql_value(value) for name, value in row.items()}
            inner = Scope(text, f"{scope.prefix}{include.name}{key}.", each={**scope.each, **row})
            for name in include.given:
                if name.lower() not in text.params:
                    near = nearest(name, text.params)
                    raise StackError(
                        f"module {include.name} has no parameter {name}",
                        include.given[name].place,
                        hint=f"did you mean {near[0]}?" if near else None,
                    )
            for param in text.params.values():
                inner.values[param.name.lower()] = self._given(param, include, scope, values, inner)
            module.instances.append((values, inner))
            self._add(inner, inside, (*within, inside))
        scope.modules[include.name.lower()] = module

    def _given(
        self,
        param: Param,
        include: Include,
        scope: Scope,
        values: Mapping[str, str],
        inner: Scope,
    ) -> str:
        given = {name.lower(): body for name, body in include.given.items()}
        body = given.get(param.name.lower())
        if body is None:
            if param.default is None:
                raise StackError(
                    f"module {include.name} needs {param.name}",
                    include.place,
                    hint=f"INCLUDE '{include.folder}' AS {include.name} ({param.name} => …)",
                )
            return f"CAST(({resolve(param.default, inner)}) AS {param.type})"
        whole = QueryText(f"SELECT {body.text}", body.place.at(-7))
        sql = resolve(whole, scope).removeprefix("SELECT ")
        if values:
            cells = ", ".join(f"{v} AS {quoted(k)}" for k, v in values.items())
            try:
                typed = f"CAST(({sql}) AS {param.type})"
                (row,) = self.rows(f"SELECT {typed} AS v FROM (SELECT {cells})")
            except Error as error:
                raise StackError(error.message, body.place) from None
            return f"CAST({sql_value(row['v'])} AS {param.type})"
        return f"CAST(({sql}) AS {param.type})"

    def _instances(self, include: Include, scope: Scope) -> Iterator[tuple[Mapping[str, str], str]]:
        """For each instance, SQL of its FOR EACH columns, and the key in its address."""
        if include.each is None:
            yield {}, ""
            return
        sql = resolve(include.each, scope)
        if needs := list(_read(sql)):
            raise StackError(
                f"FOR EACH reads {needs[0]}, whose rows are not known before the plan is made",
                include.each.place,
                hint="read the rows from a file, VALUES or a table of the cloud",
            )
        try:
            rows = self.rows(sql)
        except Error as error:
            raise StackError(error.message, include.each.place) from None
        seen: dict[str, int] = {}
        for number, row in enumerate(rows, 1):
            key = key_text(row.values())
            if key in seen:
                raise StackError(
                    f"FOR EACH returns {key} twice, in rows {seen[key]} and {number}",
                    include.each.place,
                )
            seen[key] = number
            yield row, key

    def _noting(self) -> _Noting:
        return _Noting(self.errors)


class _Noting:
    """Collects the StackErrors of a block, so that all of them are reported at once."""

    def __init__(self, errors: list[StackError]) -> None:
        self.errors = errors

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, StackErrors):
            self.errors += error.errors
        elif isinstance(error, StackError):
            self.errors.append(error)
        return isinstance(error, StackError)


def is_one_row(sql: str, single: Collection[str]) -> bool:
    """Whether a query has one row however it is evaluated: it reads from nothing, or from resources
    that have one row, without a condition."""
    tree = parse_sql(Piece(sql, 0, sql))
    if not isinstance(tree, exp.Select):
        return False
    if any(tree.args.get(a) for a in ("where", "group", "having", "qualify", "limit", "laterals")):
        return False
    if any(p.find(exp.Unnest, exp.Explode) for p in tree.expressions):
        return False
    from_ = tree.args.get("from_") or tree.args.get("from")
    joins = tree.args.get("joins") or []
    if any(j.args.get("on") or j.args.get("using") or j.args.get("side") for j in joins):
        return False
    sources = [*([from_.this] if from_ is not None else []), *(j.this for j in joins)]
    return all(isinstance(s, exp.Table) and not s.db and s.name in single for s in sources)


def _missing(param: Param) -> StackError:
    return StackError(
        f"PARAM {param.name} has no value",
        param.place,
        hint=f"--var {param.name}=…, a line in env/NAME.toml, or DEFAULT",
    )


def _read(sql: str) -> Iterator[str]:
    """The addresses of resources that a resolved query reads."""
    tree = parse_sql(Piece(sql, 0, sql), is_strict=True)
    local = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        is_plain = not table.db and isinstance(table.this, exp.Identifier)
        if is_plain and table.this.args.get("quoted") and table.name.lower() not in local:
            yield table.name


def _ordered(nodes: Mapping[str, Node]) -> list[str]:
    """Addresses, each after those it needs. Raises StackError for a cycle."""
    done: list[str] = []
    path: list[str] = []

    def visit(address: str) -> None:
        if address in done or address not in nodes:
            return
        if address in path:
            raise _cycle([*path[path.index(address) :], address], nodes)
        path.append(address)
        for need in nodes[address].needs:
            visit(need)
        path.pop()
        done.append(address)

    for address in nodes:
        visit(address)
    return done


def _cycle(path: Sequence[str], nodes: Mapping[str, Node]) -> StackError:
    steps = []
    for one, other in pairwise(path):
        columns = _columns_of(nodes[one].sql, other)
        steps.append(f"{one} uses {other}{columns}")
    place: Place = nodes[path[0]].resource.place
    return StackError(
        f"a cycle: {' → '.join(path)} ({'; '.join(steps)})",
        place,
        hint="what refers to both belongs into a resource of its own, "
        "such as the rules of two groups",
    )


def _columns_of(sql: str, address: str) -> str:
    """The columns that a query uses of a resource, as ``.GroupId``."""
    tree = parse_sql(Piece(sql, 0, sql))
    aliases = {t.alias_or_name.lower() for t in tree.find_all(exp.Table) if t.name == address}
    names = {c.name for c in tree.find_all(exp.Column) if c.table.lower() in aliases}
    return f".{', .'.join(sorted(names))}" if names else ""
