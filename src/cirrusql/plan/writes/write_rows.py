"""The rows that an UPDATE or DELETE acts on, and the calls of each operation for them.

A statement may need several operations (tags are set separately, for example); each is a part of
it. All parts use the same rows: the WHERE is evaluated once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from cirrusql.catalog.inference.verbs import parts as words_of
from cirrusql.catalog.inference.words import thing_noun
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.relations.parents import parents_of
from cirrusql.catalog.write_rules.containers import acts_on_container, row_parameters
from cirrusql.catalog.write_rules.updates import keeps_what_is_left_out, may_create, replaces_all
from cirrusql.catalog.write_rules.write_identity import is_single
from cirrusql.errors import MissingParameter, UnknownColumn
from cirrusql.plan.model import EngineQuery, Plan, ValueChange, Write
from cirrusql.plan.scope.literals import is_literal, is_one_place
from cirrusql.plan.updates.carrying import refuse_ciphertext
from cirrusql.plan.writes.preview_columns import about_cells, changed_cells, free_cells, set_changes
from cirrusql.plan.writes.set_values import SET_COLUMN, set_cells
from cirrusql.plan.writes.write_conditions import WhereBindings, bound_by_where
from cirrusql.plan.writes.write_drafts import Drafts
from cirrusql.plan.writes.write_methods import PLACES, needed_in_where, says_which, sources, wants
from cirrusql.plan.writes.write_parts import Part, Placed, of_container, row_keys_within, told_apart
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.quoting import literal
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Delete, Update


@dataclass(frozen=True)
class RowPlanner:
    """Plans the rows of one UPDATE or DELETE."""

    drafts: Drafts
    statement: Update | Delete
    verb: str

    def plan(self, table: Table, parts: Sequence[Sequence[Part]]) -> Plan:
        """One write per element of ``parts``, each the best of the possible ways.

        If the WHERE provides what every part needs, nothing is read, unless the operation would
        create what does not exist. Raises MissingParameter if neither the WHERE nor the rows
        provide it.
        """
        where = self.statement.where or ""
        alias = self.statement.alias or table.name
        bound = bound_by_where(table, alias, where, self.drafts.parameters)
        direct = [_direct(table, ways, bound) for ways in parts]
        given = [d for d in direct if d is not None]
        is_direct = len(given) == len(parts)
        if is_direct and not bound.is_product():
            makes = self.verb == "UPDATE" and any(may_create(table, d.part.method) for d in given)
            if makes and (plan := self._if_there(table, parts, bound)) is not None:
                return plan
            plan = self._directly(table, given, bound)
            if not _is_of_other_places(plan, table, bound) and not self._is_seen_elsewhere(
                table, given, bound
            ):
                return _told_that_it_creates(plan, table, given) if makes else plan
            # Each row is written where its key was found: the rows contain their place.
            is_direct = not _is_of_other_places(plan, table, bound)
        found = [p for ways in parts if (p := placed_by_row(table, ways)) is not None]
        if len(found) == len(parts):
            return self._by_reading(table, found, alias, bound)
        if is_direct:
            return self._directly(table, given, bound)
        lost = next(w for w in parts if placed_by_row(table, w) is None)
        raise MissingParameter(
            f"{self.verb} on {table.id}: the WHERE clause does not provide the required values "
            f"({wants(table, (p.method for p in lost))})",
            hint=needed_in_where(table, [p.method for p in lost]),
        )

    def _is_seen_elsewhere(
        self, table: Table, parts: Sequence[Placed], bound: WhereBindings
    ) -> bool:
        """Whether a region is named for resources that one listing shows for all regions, or for
        their children.

        Such a resource is found from any region: only its row tells whether it meets the condition.
        """
        if bound.scope.regions is None or table.is_api_spelling:
            return False
        above = (
            parent.table
            for placed in parts
            for name in placed.columns
            for parent in parents_of(self.drafts.catalog, table, placed.part.method, name)[:1]
        )
        return any(t.region_field and not t.shows_others for t in (table, *above))

    def replace(self, table: Table, parts: Sequence[Placed]) -> Plan:
        """Rows that are re-created: one write and a following one per element, each for the rows it
        covers."""
        alias = self.statement.alias or table.name
        bound = bound_by_where(table, alias, self.statement.where or "", self.drafts.parameters)
        return self._by_reading(table, parts, alias, bound)

    def _if_there(
        self, table: Table, parts: Sequence[Sequence[Part]], bound: WhereBindings
    ) -> Plan | None:
        """The plan that reads first; None if the table cannot be read with the WHERE's values."""
        found = [p for ways in parts if (p := placed_by_row(table, ways)) is not None]
        if len(found) < len(parts):
            return None
        try:
            return self._by_reading(table, found, self._alias(table), bound)
        except (MissingParameter, UnknownColumn):
            return None

    def _directly(self, table: Table, parts: Sequence[Placed], bound: WhereBindings) -> Plan:
        """One call for each value that the WHERE names, without reading the table."""
        numbers = {column: i for i, column in enumerate(bound.values)}
        used = {column for p in parts for column, _ in p.columns.values()}
        cells = {column: f"_{i}.v" for column, i in numbers.items()}
        relations = [f"{bound.values[c]} AS _{numbers[c]}(v)" for c in bound.values if c in used]
        source = f" FROM {', '.join(relations)}" if relations else ""
        # Equality with NULL is true for no row.
        if known := [f"_{numbers[c]}.v IS NOT NULL" for c in bound.values if c in used]:
            source += f" WHERE {' AND '.join(known)}"
        told = set_cells(table, parts[0].part.method, self._set_values(is_literal_only=True))
        told = told if self.statement.returning else {}
        listed = [*_cells(parts, cells), *told.values()] or ["1 AS _nothing"]
        reading = self.drafts.query(f"SELECT DISTINCT {', '.join(listed)}{source} ORDER BY ALL")
        plan = self._written(table, parts, reading, [SET_COLUMN + name for name in told])
        # Values from a subquery count as targets found by reading.
        is_found = bool(reading.scans)
        is_named = is_one_place(bound.scope) and all(
            is_literal(bound.values[c], self.drafts.parameters) for c in used
        )
        writes = [
            replace(w, scope=bound.scope, is_found_by_reading=is_found, is_literal=is_named)
            for w in plan.writes
        ]
        return replace(plan, writes=tuple(writes))

    def _by_reading(
        self, table: Table, parts: Sequence[Placed], alias: str, bound: WhereBindings
    ) -> Plan:
        """Read the table with the WHERE; each row found provides the parameters of one call of each
        part."""
        where = self.statement.where or ""
        parts = [self._of_rows(table, placed, where) for placed in parts]
        read_if = dict.fromkeys(p.part.read_if for p in parts if p.part.read_if)
        if read_if:
            where = f"({where}\n) AND {' AND '.join(read_if)}"
        source = f'{".".join(self.statement.path)} AS "{alias}" WHERE {where}\n'
        columns = {c.name: f'"{alias}"."{c.name}"' for c in table.columns}
        places = [f'"{alias}".{place} AS "{place}"' for place in _places_of(table)]
        about = about_cells(
            table,
            alias,
            dict.fromkeys(n for p in parts if p.then is None for n in p.part.assigned),
            # The identifiers of a target: any other name is a display name.
            {c for p in parts for n, (c, _) in p.columns.items() if n in p.part.method.required},
            self._changes(table) if self.verb == "UPDATE" else None,
        )

        if self.statement.returning:
            about += set_cells(table, parts[0].part.method, self._set_values()).values()
        about += changed_cells(table, (c for p in parts for c in p.part.changes))

        def read(parts: Sequence[Placed]) -> Plan:
            cells = [*_cells(parts, columns), *places, *about]
            text = f"SELECT DISTINCT {', '.join(cells)} FROM {source} ORDER BY ALL"
            return self.drafts.query(text, has_target=True)

        reading = read(parts)
        if free := free_cells(table, self._changes(table), reading, about):
            about += free
            reading = read(parts)
        keyed = [self._with_keys(reading, table, p) for p in parts]
        if keyed != list(parts):
            parts, reading = keyed, read(keyed)
        shown = [cell.rpartition(' AS "')[2].removesuffix('"') for cell in about]
        plan = self._written(table, parts, reading, (*_places_of(table), *shown))
        target = _target(reading)
        if read_if:
            # The row's own secrets are decrypted; those that a subquery reads may not be.
            refuse_ciphertext(reading.scans)
        is_here = is_one_place(bound.scope) and not _is_of_other_places(reading, table, bound)
        is_named = is_here and all(self._is_named(table, placed, bound) for placed in parts)
        writes = (
            replace(w, is_found_by_reading=True, target=target, is_literal=is_named)
            for w in plan.writes
        )
        return replace(plan, writes=tuple(writes))

    def _of_rows(self, table: Table, placed: Placed, where: str) -> Placed:
        """The part with what says which row of a container it is for.

        Raises ProgrammingError if it would act on the whole container, although the WHERE tells its
        rows apart.
        """
        part, columns = placed.part, [c for c, _ in placed.columns.values()]
        is_within = part.which or row_keys_within(table, part.method, part.assigned)
        if is_within or not acts_on_container(table, columns):
            return placed
        names = row_parameters(table, part.method, (*part.assigned, *placed.columns))
        if names:
            return replace(placed, columns={**placed.columns, **{n: (n, False) for n in names}})
        told = told_apart(table, where)
        if told:
            raise of_container(table, self.verb, part.method, columns, told)
        return placed

    def _set_values(self, *, is_literal_only: bool = False) -> dict[str, str]:
        """SQL of what SET assigns, by column as written."""
        given = getattr(self.statement, "assignments", ())
        values = {a.column: f"({a.expression})" for a in given if a.key is None}
        return {n: v for n, v in values.items() if not is_literal_only or is_literal(v, {})}

    def _alias(self, table: Table) -> str:
        return self.statement.alias or table.name

    def _changes(self, table: Table) -> list[ValueChange]:
        """What SET changes; empty if columns swap places."""
        if not isinstance(self.statement, Update):
            return []
        return set_changes(table, self.statement.assignments, self._alias(table))

    def _changes_by(self, table: Table, part: Part, parts: int) -> tuple[ValueChange, ...]:
        """What one of several parts changes: columns that it sends under their name, or inside a
        parameter."""
        changes = self._changes(table)
        if parts == 1:
            return tuple(changes)
        names = {c.name if (c := table.by_alias.get(n.lower())) else n for n in part.sets}
        return tuple(c for c in changes if c.column in names or c.of in names)

    def _is_named(self, table: Table, placed: Placed, bound: WhereBindings) -> bool:
        """Whether the WHERE names literally everything that identifies a call's target.

        A record or a rule is identified inside the structure that is sent: its container alone
        names no row.
        """
        columns = [c for name, (c, _) in placed.columns.items() if name not in placed.part.kept]
        columns += row_keys_within(table, placed.part.method, placed.part.assigned)
        return bool(columns) and all(
            c in bound.values and is_literal(bound.values[c], self.drafts.parameters)
            for c in columns
        )

    def _with_keys(self, reading: Plan, table: Table, placed: Placed) -> Placed:
        """Optional parameters that the rows were found with: they must be sent again, because they
        identify the parent."""
        names = {
            name
            for scan in reading.scans
            if scan.table is table
            for calls in scan.calls
            for binding in calls.bindings
            for name in binding.parameters
        }
        method = placed.part.method
        extra = sorted(n for n in names if n not in placed.names and says_which(table, method, n))
        then = self._with_keys(reading, table, placed.then) if placed.then is not None else None
        return replace(
            placed, columns={**placed.columns, **{n: (n, False) for n in extra}}, then=then
        )

    def _written(
        self, table: Table, parts: Sequence[Placed], reading: Plan, places: Iterable[str]
    ) -> Plan:
        assert reading.query is not None
        needs = tuple(s.id for s in reading.scans)
        writes: list[Write] = []
        places = list(places)
        told = frozenset(p.removeprefix(SET_COLUMN) for p in places if p.startswith(SET_COLUMN))
        for i, placed in enumerate(parts):
            rows = reading.query
            after = f"_write_{len(parts) + i + 1}"
            if not _is_alone(parts):
                sql = _rows_of_part(reading.query.sql, i, placed, places, after)
                rows = EngineQuery(sql, reading.query.parameters)
            write = self.drafts.write(
                table,
                placed.part.method,
                rows,
                needs,
                self.statement,
                self.verb,
                placed.names,
                keys=list(placed.columns),
                number=i + 1,
                set_columns=told,
            )
            own = {n.lower() for n in placed.part.assigned}
            write = replace(write, set_elsewhere=frozenset(n for n in told if n.lower() not in own))
            written = {n: e for n, e in placed.part.assigned.items() if is_literal(e, {})}
            method = placed.part.method
            resets = replaces_all(method) and not keeps_what_is_left_out(method)
            is_set = self.verb == "UPDATE" and not resets
            never_null = tuple(
                n for n in placed.part.assigned if is_set and n not in placed.part.left_out
            )
            if placed.then is None:
                writes.append(
                    replace(
                        write,
                        constants=written,
                        never_null=never_null,
                        shown_as=placed.part.shown_as,
                        changes=self._changes_by(table, placed.part, len(parts)),
                        row_of=f'{".".join(self.statement.path)} AS "{self._alias(table)}"',
                        row_keys={
                            n: c for n, c in placed.columns.items() if n not in placed.part.kept
                        },
                    )
                )
                continue
            then = placed.then
            second = self.drafts.write(
                table,
                then.part.method,
                rows,
                needs,
                self.statement,
                self.verb,
                then.names,
                keys=then.names,
                number=len(parts) + i + 1,
            )
            writes.append(
                replace(write, constants=written, keys=tuple(placed.names), is_remaking=True)
            )
            writes.append(replace(second, follows=write.id, returning=None, awaits=None))
        notices = dict.fromkeys(_told_of_losses(table, p) for p in parts if p.part.lost)
        return replace(
            reading, query=None, writes=tuple(writes), notices=(*reading.notices, *notices)
        )


def _told_that_it_creates(plan: Plan, table: Table, parts: Sequence[Placed]) -> Plan:
    """The plan with a notice: whether the row exists could not be read first."""
    makers = [m for p in parts if may_create(table, m := p.part.method) and not is_single(table)]
    told = tuple(
        f"{m.operation.id} may create a {table.noun.replace('_', ' ')} that does not exist: the "
        "WHERE does not give what it could be read by"
        for m in makers
    )
    return replace(plan, notices=(*plan.notices, *told))


def _told_of_losses(table: Table, placed: Placed) -> str:
    lost = ", ".join(placed.part.lost)
    if placed.then is not None:
        return (
            f"the {table.noun} is re-created: {lost} of the old one cannot be sent as read, and "
            "may be lost"
        )
    return (
        f"{placed.part.method.operation.id} sets all properties of the {table.noun}: {lost} "
        "cannot be sent as read, and may be lost unless SET assigns it"
    )


def _target(reading: Plan) -> str:
    """The scan with the rows of the written table; empty if it has other uses."""
    assert reading.query is not None
    tree = parse_sql(Piece(reading.query.sql, 0, reading.query.sql))
    start = tree.args["from_"].this
    while isinstance(start, exp.Subquery):
        start = start.this.args["from_"].this if isinstance(start.this, exp.Select) else None
    if not isinstance(start, exp.Table):
        return ""
    times = sum(t.name == start.name for t in tree.find_all(exp.Table))
    return start.name if times == 1 else ""


def _is_of_other_places(plan: Plan, table: Table, bound: WhereBindings) -> bool:
    """Whether the values are found in places that the statement names, but it names none for the
    table."""
    regions = bound.scope.regions is None and not table.is_global
    connections = bound.scope.connections is None
    return any(
        (regions and not scan.table.is_global and not scan.scope.says_no_region)
        or (connections and scan.scope.connections is not None)
        for scan in plan.scans
    )


def _direct(table: Table, ways: Sequence[Part], bound: WhereBindings) -> Placed | None:
    """The way whose parameters the WHERE provides, preferring the one that uses most of it."""
    found = [
        Placed(part, columns)
        for part in ways
        if not part.only_if
        and not part.kept
        and (columns := bound.parameters(table, part.method, part.assigned, part.which)) is not None
    ]
    return min(found, key=lambda p: (-len(p.columns), *_wants(table, p.part)), default=None)


def _wants(table: Table, part: Part) -> tuple[int, bool, int]:
    """What a way requires besides the values it sets, and what else it could do: SetIpAddressType
    rather than SetSubnets, which accepts the same value incidentally; but UpdateRole before
    UpdateRoleDescription."""
    noun = "_".join(thing_noun("_".join(words_of(part.method.operation.name).noun)))
    rest = set(part.method.required) - set(part.assigned)
    return len(rest), noun != table.noun, len(part.method.parameters)


def placed_by_row(table: Table, ways: Sequence[Part]) -> Placed | None:
    """The way whose other parameters every row provides; the one that requires least
    comes first."""
    for part in sorted(ways, key=lambda part: _wants(table, part)):
        columns = part.which or sources(table, part.method, part.assigned)
        if columns is not None:
            again = {
                n: (table.by_alias[n.lower()].name, False) for n in part.kept if n not in columns
            }
            return Placed(part, {**columns, **again})
    return None


def _is_alone(parts: Sequence[Placed]) -> bool:
    return len(parts) == 1 and not parts[0].part.only_if


def _cells(parts: Sequence[Placed], columns: Mapping[str, str]) -> list[str]:
    """The select list: each part's parameters, numbered if there are several parts."""
    is_alone = _is_alone(parts)
    found: list[str] = []
    for i, placed in enumerate(parts):
        prefix = "" if is_alone else f"{i}."
        found += _cells_of(placed, columns, prefix)
        if placed.then is not None:
            found += _cells_of(placed.then, columns, f"{prefix}then.")
        if placed.part.only_if:
            found.append(f'({placed.part.only_if}) AS "{prefix}?"')
        if placed.part.moved is not None:
            found += [
                f'{sql} AS "{prefix}{w}"' for sql, w in zip(placed.part.moved, _MOVED, strict=True)
            ]
    return found


def _cells_of(placed: Placed, columns: Mapping[str, str], prefix: str) -> Iterator[str]:
    for name, (column, is_list) in placed.columns.items():
        cell = columns[column]
        yield f'{f"[{cell}]" if is_list else cell} AS "{prefix}{name}"'
    yield from (f'{e} AS "{prefix}{n}"' for n, e in placed.part.assigned.items())


def _rows_of_part(sql: str, number: int, placed: Placed, places: Iterable[str], after: str) -> str:
    cells = [f'"{number}.{n}" AS "{n}"' for n in placed.names] + [f'"{p}"' for p in places]
    if placed.then is not None:
        cells += [f'"{number}.then.{n}" AS "{after}.{n}"' for n in placed.then.names]
        cells.append(f'true AS "{after}.?"')
    condition = f' WHERE "{number}.?"' if placed.part.only_if else ""
    if placed.part.moved is not None:
        condition = f" WHERE {_not_taken(sql, number, placed.part.method, places)}"
    return (
        f"SELECT DISTINCT {', '.join(cells) or '1 AS _nothing'} FROM ({sql}){condition} ORDER "
        "BY ALL"
    )


_MOVED = ("from", "to")


def _not_taken(sql: str, number: int, method: Method, places: Iterable[str]) -> str:
    """Whether a row changes; an error if it would get the key of another changed row, because
    removing that row would hit it."""
    old, new = (
        ", ".join([f'"{number}.{way}"', *(f"coalesce(\"{p}\", '')" for p in places if p in PLACES)])
        for way in _MOVED
    )
    told = literal(
        f"{method.operation.id}: nothing was called: a changed row gets the identity of another "
        "row that the statement changes too; change them in separate statements"
    )
    others = f'SELECT {old} FROM ({sql}) WHERE "{number}.?"'
    is_taken = f'"{number}.?" AND "{number}.from" <> "{number}.to" AND ({new}) IN ({others})'
    return f'CASE WHEN {is_taken} THEN error({told}) ELSE "{number}.?" END'


def _places_of(table: Table) -> tuple[str, ...]:
    """The context columns that say where a row is written; a provider may have no regions."""
    return tuple(place for place in PLACES if place in table.by_alias)
