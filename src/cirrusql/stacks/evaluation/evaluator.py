"""Evaluates the query of a RESOURCE, and makes its rows a relation for the queries that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from cirrusql.catalog.model import Column, Role
from cirrusql.errors import Error
from cirrusql.execution.writes.answer_rows import as_arrow
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece
from cirrusql.sql.tree import parse_sql, tokens_of
from cirrusql.stacks.evaluation.lineage import Dependency, Found, Unknowns, unknowns_of
from cirrusql.stacks.evaluation.literals import column_type, key_text, plain, sql_value
from cirrusql.stacks.evaluation.nodes import SECRET_MARK, Node
from cirrusql.stacks.evaluation.once import OnceValues
from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.plan import Cell, DesiredRow
from cirrusql.stacks.planning.row_shape import Managed, RowShape
from cirrusql.types import BOOLEAN, ListType, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.stacks.runner import StackRunner

_FLAG = "?"
"""What the columns start with that say for each row whether a value is unknown."""


@dataclass(frozen=True)
class Evaluated:
    """The rows of one query."""

    rows: tuple[DesiredRow, ...] = ()
    deferred: tuple[str, ...] = ()
    """What its rows are known after; empty: they are known."""
    failures: tuple[str, ...] = ()
    local_types: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Evaluator:
    """The relations of a stack in the engine, and what of them is unknown."""

    runner: StackRunner
    once: OnceValues
    unknown: dict[str, Unknowns] = field(default_factory=dict)
    """By address of a resource."""
    _schemas: dict[str, list[Column]] = field(default_factory=dict)

    def rows_of(self, node: Node, shape: RowShape) -> Evaluated:
        """Evaluate a resource's query over the relations that are there.

        Raises StackError with the place if it is wrong.
        """
        tree = parse_sql(Piece(node.sql, 0, node.sql))
        found = unknowns_of(tree, self.unknown)
        if found.rows:
            return Evaluated(deferred=told(found.rows))
        flagged, flags = _flagged(node.sql, tree, found, self.unknown)
        try:
            sql = self.once.filled(flagged, node, self.runner)
            answer = self.runner.query(sql)
        except StackError:
            raise
        except Error as error:
            raise StackError(error.message, node.resource.body.place, error.hint) from None
        names = [n for n in answer.table.column_names if not n.startswith(_FLAG)]
        place = node.resource.place
        managed = {n: shape.managed(n, place) for n in names if not n.startswith("_")}
        _check_once_each(managed.values(), node)
        types = {n: answer.table.schema.field(n).type for n in names}
        exact = _exact(tree)
        rows = []
        for row in answer.rows:
            cells = []
            for name, column in managed.items():
                if column.is_place:
                    continue
                deps = found.column(name)
                flag = flags.get(name.lower())
                is_unknown = bool(deps) and (flag is None or bool(row[flag]))
                cells.append(
                    _cell(column, row[name], types[name], deps if is_unknown else (), exact)
                )
            rows.append(self._row(node, row, managed, cells, found, shape))
        _check_keys(rows, node)
        return Evaluated(
            tuple(rows),
            failures=answer.failures,
            local_types={n: types[n] for n in names if n.startswith("_")},
        )

    def _row(
        self,
        node: Node,
        row: Mapping[str, Any],
        managed: Mapping[str, Managed],
        cells: Sequence[Cell],
        found: Found,
        shape: RowShape,
    ) -> DesiredRow:
        place = {
            c.name: str(row[n]) for n, c in managed.items() if c.is_place and row[n] is not None
        }
        key = self._key(node, row, managed, cells, found, shape)
        text = "" if key is None else key_text(key.values())
        return DesiredRow(
            f"{node.address}{text}",
            {k: plain(v) for k, v in (key or {}).items()},
            tuple(cells),
            place,
            {n: v for n, v in row.items() if n.startswith("_")},
        )

    def _key(
        self,
        node: Node,
        row: Mapping[str, Any],
        managed: Mapping[str, Managed],
        cells: Sequence[Cell],
        found: Found,
        shape: RowShape,
    ) -> Mapping[str, Any] | None:
        """The key of a row by column; None if the query has one row and names no key."""
        by_name = {n.lower(): n for n in row}
        names = node.resource.key
        if not names and node.is_single:
            return None
        if not names:
            by_column = {c.name.lower(): n for n, c in managed.items()}
            names = tuple(by_column.get(n.lower(), "") for n in shape.natural)
            if not names or not all(names):
                return None
        key = {}
        for name in names:
            written = by_name.get(name.lower())
            if written is None:
                raise StackError(
                    f"KEY ({name}): the query has no such column",
                    node.resource.place,
                    hint=f"its columns are {', '.join(n for n in row if not n.startswith(_FLAG))}",
                )
            unknown = next((c for c in cells if c.name == written and c.unknown), None)
            if unknown is not None or (written.startswith("_") and found.column(written)):
                after = ", ".join(told(found.column(written)))
                raise StackError(
                    f"KEY ({name}) is known only after {after}, but tells the rows apart before",
                    node.resource.place,
                    hint="use a column whose value is known when the plan is made",
                )
            if row[written] is None:
                raise StackError(f"KEY ({name}) is NULL in a row", node.resource.place)
            key[written] = row[written]
        return key

    def publish(
        self,
        node: Node,
        shape: RowShape,
        wanted: Sequence[str],
        rows: Sequence[tuple[DesiredRow, Mapping[str, Any], frozenset[str]]],
        local_types: Mapping[str, Any],
    ) -> None:
        """Make the rows of a resource a relation.

        ``rows``: each with its values by column, live ones overlaid by desired ones, and the
        columns, lower-case, whose values are unknown. ``wanted``: the columns that other queries
        use.
        """
        import pyarrow as pa

        columns = [shape.columns[n.lower()] for n in wanted]
        columns += [Column(n, column_type(t), Role.FIELD) for n, t in local_types.items()]
        taken = {c.name.lower() for c in columns}
        each = {n: v for n, v in node.each.items() if n.lower() not in taken}
        columns += [Column(n, column_type(pa.scalar(v).type), Role.FIELD) for n, v in each.items()]
        if not columns:
            # The engine knows no relation without columns; nothing names this one.
            columns.append(Column(f"{_FLAG}row", BOOLEAN, Role.FIELD))
        data: list[dict[str, Any]] = []
        unknown: dict[str, str] = {}
        for row, values, unknowns in rows:
            cells = {c.name: _arrow(values.get(c.name), c) for c in columns}
            for name in local_types:
                cells[name] = as_arrow(row.locals.get(name), column_type(local_types[name]))
            cells |= {n: as_arrow(v, column_type(pa.scalar(v).type)) for n, v in each.items()}
            cells |= {f"{_FLAG}{c.name}": c.name.lower() in unknowns for c in columns}
            data.append(cells)
            unknown |= {c.name.lower(): c.name for c in columns if c.name.lower() in unknowns}
        self.unknown[node.address] = Unknowns(unknown)
        database = self.runner.session.database
        flags = [Column(f"{_FLAG}{c.name}", BOOLEAN, Role.FIELD) for c in columns]
        for name, all_columns in ((node.address, columns), (node.address + _FLAG, columns + flags)):
            schema = pa.schema([pa.field(c.name, c.type.arrow) for c in all_columns])
            chosen = [{c.name: d[c.name] for c in all_columns} for d in data]
            batch = pa.RecordBatch.from_pylist(chosen, schema=schema)
            database.load(name, all_columns, [batch])

    def defer(self, node: Node, shape: RowShape, wanted: Sequence[str]) -> None:
        """Make a resource whose rows are unknown an empty relation."""
        self.publish(node, shape, wanted, (), {})
        self.unknown[node.address] = Unknowns(is_row_set=True)

    def result_of(self, sql: str) -> tuple[Any, tuple[str, ...]]:
        """The answer of an output, test or policy, and what it is known after."""
        tree = parse_sql(Piece(sql, 0, sql))
        found = unknowns_of(tree, self.unknown)
        if found.everything:
            return None, told(found.everything)
        return self.runner.query(sql), ()


def told(dependencies: Iterable[Dependency]) -> tuple[str, ...]:
    """Dependencies as plans show them: ``topic.TopicArn``, ``net.subnets row set``."""
    return tuple(
        sorted(f"{a} row set" if column == "*" else f"{a}.{column}" for a, column in dependencies)
    )


def _cell(
    column: Managed, value: Any, type_: pa.DataType, deps: Iterable[Dependency], exact: set[str]
) -> Cell:
    text = plain(value)
    return Cell(
        column.name,
        text,
        sql_value(value, type_),
        unknown=told(deps),
        tag=column.tag,
        is_readable=column.is_readable,
        is_tags=column.is_tags,
        is_exact=column.written.lower() in exact,
        is_secret=column.is_sensitive or (isinstance(text, str) and text.startswith(SECRET_MARK)),
        write=column.write,
        written=column.written,
    )


def _arrow(value: Any, column: Column) -> Any:
    if isinstance(value, Mapping) and isinstance(column.type, ListType):
        item = column.type.element
        if isinstance(item, StructType) and len(item.fields) == 2:
            key, val = (name for name, _ in item.fields)
            value = [{key: k, val: v} for k, v in value.items()]
    if isinstance(value, Mapping) and any(not isinstance(k, str) for k in value):
        return None
    try:
        return as_arrow(value, column.type)
    except (TypeError, ValueError, AttributeError):
        return None


def _check_once_each(managed: Iterable[Managed], node: Node) -> None:
    seen: dict[str, Managed] = {}
    for column in managed:
        name = f"{column.name}['{column.tag}']".lower() if column.tag else column.name.lower()
        if name in seen:
            raise StackError(
                f"{column.written} and {seen[name].written} are the same column",
                node.resource.place,
            )
        seen[name] = column
        if column.is_tags and not column.tag and any(m.tag for m in managed):
            raise StackError(
                f"{column.written} gives all tags, and another column one of them",
                node.resource.place,
            )


def _check_keys(rows: Sequence[DesiredRow], node: Node) -> None:
    """Raise StackError unless the rows' keys are there and differ."""
    shape_name = ".".join(node.resource.table)
    if len(rows) > 1 and not rows[0].key:
        raise StackError(
            f"{node.address} has {len(rows)} rows and nothing tells them apart",
            node.resource.place,
            hint=f"RESOURCE {node.resource.name} IN {shape_name} KEY (column) AS …",
        )
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if row.address in seen:
            key = ", ".join(f"{k} = {sql_value(v)}" for k, v in row.key.items())
            raise StackError(
                f"{node.address} has two rows with {key}: rows {seen[row.address]} and {number}",
                node.resource.place,
            )
        seen[row.address] = number


def _exact(tree: Any) -> set[str]:
    """The output columns, lower-case, that are ``EXACT(x)``."""
    if not isinstance(tree, exp.Select):
        return set()
    return {
        p.alias_or_name.lower()
        for p in tree.expressions
        if isinstance(p.unalias(), exp.Anonymous) and p.unalias().name.lower() == "exact"
    }


def _flagged(
    sql: str, tree: Any, found: Found, unknown: Mapping[str, Unknowns]
) -> tuple[str, dict[str, str]]:
    """The query with a column more for each that may be unknown, which says so for each row; and
    by column, lower-case, the name of that column.

    Only where the query is plain enough: its columns come directly from relations. Elsewhere a
    column is unknown in all rows.
    """
    wanted = {name: deps for name, deps in found.cells.items() if deps}
    is_plain = isinstance(tree, exp.Select) and not tree.args.get("group")
    if not wanted or not is_plain or tree.is_star or tree.args.get("distinct"):
        return sql, {}
    if any(p.find(exp.AggFunc) and not p.find(exp.Window) for p in tree.expressions):
        return sql, {}
    from_ = tree.args.get("from_") or tree.args.get("from")
    joins = tree.args.get("joins") or []
    sources = {
        t.alias_or_name.lower(): t
        for t in [*([from_.this] if from_ is not None else []), *(j.this for j in joins)]
        if isinstance(t, exp.Table) and not t.db and t.name in unknown
    }
    flags: dict[str, str] = {}
    more = []
    for projection in tree.expressions:
        name = projection.alias_or_name.lower()
        if name not in wanted or projection.find(exp.Query, exp.Window) is not None:
            continue
        parts = _flag_parts(projection, sources, unknown, wanted[name])
        if parts:
            flags[name] = f"{_FLAG}unknown {len(flags)}"
            more.append(f"({' OR '.join(parts)}) AS {quoted(flags[name])}")
    if not more:
        return sql, {}
    end = _end_of_projections(sql)
    if end is None:
        return sql, {}
    edits = [(end, end, ", " + ", ".join(more))]
    for table in sources.values():
        meta = table.this.meta
        edits.append((meta["start"], meta["end"] + 1, quoted(table.name + _FLAG)))
    for start, stop, new in sorted(edits, reverse=True):
        sql = sql[:start] + new + sql[stop:]
    return sql, flags


def _flag_parts(
    projection: Any,
    sources: Mapping[str, Any],
    unknown: Mapping[str, Unknowns],
    deps: set[Dependency],
) -> list[str]:
    """The flags of the unknown columns that an expression uses; empty if some cannot be found."""
    parts: dict[Dependency, str] = {}
    for column in projection.find_all(exp.Column):
        names = [p.name.lower() for p in column.parts]
        holders = [names[0]] if len(names) > 1 and names[0] in sources else list(sources)
        name = names[1] if len(names) > 1 and names[0] in sources else names[0]
        for alias in holders:
            address = sources[alias].name
            if (spelled := unknown[address].columns.get(name)) is not None:
                parts[address, spelled] = f"{quoted(alias)}.{quoted(_FLAG + name)}"
    return list(parts.values()) if set(parts) == deps else []


def _end_of_projections(sql: str) -> int | None:
    """Where the outermost SELECT's list ends."""
    depth, start, tokens = 0, None, list(tokens_of(sql))
    for i, token in enumerate(tokens):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        if depth == 0 and token.text.upper() == "SELECT":
            start = i
        if depth == 0 and start is not None and token.text.upper() == "FROM" and i > start:
            return int(tokens[i - 1].end) + 1
    return None
