"""Plans a stack: evaluates its resources in order, reads what is live, and compares.

Reads only. A row that could not be read is never taken to be gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cirrusql.errors import Error, nearest
from cirrusql.stacks.evaluation.evaluator import Evaluated, Evaluator
from cirrusql.stacks.evaluation.nodes import Graph, NamedQuery, Node
from cirrusql.stacks.evaluation.once import OnceValues
from cirrusql.stacks.language.statements import OnDelete, StackError, StackErrors
from cirrusql.stacks.planning.adopting import Imports, moved
from cirrusql.stacks.planning.begun import find_begun, owner_label
from cirrusql.stacks.planning.checks import add_outputs, checked, publish_plan, value_of
from cirrusql.stacks.planning.contents import look_inside
from cirrusql.stacks.planning.live import LiveRows, identity_text, read_owned, read_rows
from cirrusql.stacks.planning.plan import (
    Action,
    Deferred,
    DesiredRow,
    RowChange,
    StackPlan,
)
from cirrusql.stacks.planning.row_changes import RowChanges, is_within, renamed_hints
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.planning.wanted_columns import wanted_columns
from cirrusql.stacks.state.store import State, StateRow, now

if TYPE_CHECKING:
    from cirrusql.stacks.runner import StackRunner
    from cirrusql.stacks.secrets import SecretValues


@dataclass
class StackOptions:
    """What a plan is asked for beside the files."""

    replaces: frozenset[str] = frozenset()
    """Addresses that may be replaced though they hold data."""
    renews: frozenset[str] = frozenset()
    """Addresses whose ``once()`` values are drawn anew."""
    only: frozenset[str] = frozenset()
    """Addresses to plan, with what they need; empty: all."""
    is_destroy: bool = False
    once: Mapping[str, Any] = field(default_factory=dict)
    """Values that an earlier plan drew, which this one is to have too."""


@dataclass
class Planner:
    """Plans one stack once."""

    runner: StackRunner
    graph: Graph
    state: State
    options: StackOptions = field(default_factory=StackOptions)
    environment: str = ""
    secrets: SecretValues | None = None

    def __post_init__(self) -> None:
        self.rows = self.state.rows()
        kept = {
            n: v
            for n, v in self.state.once().items()
            if not any(is_within(n.rpartition("|")[0], a) for a in self.options.renews)
        }
        self.once = OnceValues({**kept, **self.options.once})
        self.evaluator = Evaluator(self.runner, self.once)
        self.shapes: dict[str, RowShape] = {}
        self.wanted: dict[str, list[str]] = {}
        self.hash_key = self.state.meta("hash_key")
        self.deferred: dict[str, tuple[str, ...]] = {}
        self.evaluated: dict[str, Evaluated] = {}
        """By address of a resource, its rows as last evaluated."""
        self._by_physical: dict[str, tuple[str, Node]] = {}
        self.label = owner_label(self.graph, self.environment)
        begun = {entry.address for entry in self.state.unfinished()}
        self.judge = RowChanges(self.options.replaces, self.hash_key, begun)
        self.mark = self.state.mark()
        self.imported: set[str] = set()
        self.imports = Imports(self.runner, self.graph, self.shapes)

    def plan(self) -> StackPlan:
        """The plan. Raises StackError or StackErrors for a wrong text, before any write."""
        started = time.monotonic()
        name = self.graph.text.name
        plan = StackPlan(
            name.name if name is not None else "",
            self.environment,
            self.state.serial,
            now(),
            params=self.graph.params,
        )
        self._prepare()
        renamed = moved(self.graph, self.runner, self.rows)
        self.rows = {new: replace(row, address=new) for new, row in renamed.rows.items()}
        for address, old in renamed.old.items():
            row = self.rows[address]
            plan.changes.append(
                RowChange(address, row.resource, Action.MOVE, row.table, row.key, row.id, row.place,
                       previous_address=old)
            )  # fmt: skip
        self._check_asked()
        self.imports.check()
        self._in_order(plan)
        self._removed(plan)
        plan.changes = [c for c in plan.changes if self._is_asked_for(c)]
        look_inside(plan.changes, self.runner, self.shape_of, self._on_delete)
        plan.notices += renamed_hints(plan.changes)
        plan.deferred = [Deferred(a, because) for a, because in self.deferred.items()]
        self._outputs(plan)
        plan.once = {**self.options.once, **self.once.new}
        plan.calls = dict(self.runner.reads)
        plan.seconds = time.monotonic() - started
        return plan

    def _prepare(self) -> None:
        """Find the tables, and which columns of a resource others use."""
        for macro in (*_MACROS, *self.graph.macros):
            self.runner.do(macro)
        errors: list[StackError] = []
        for node in self.graph.nodes.values():
            try:
                self.shapes[node.address] = self.shape(node)
            except StackError as error:
                errors.append(error)
        if errors:
            raise StackErrors(errors) if len(errors) > 1 else errors[0]
        queries = [n.sql for n in self.graph.nodes.values()]
        queries += [q.sql for q in (*self.graph.outputs, *self.graph.checks)]
        self.wanted = wanted_columns(queries, self.shapes)

    def shape(self, node: Node) -> RowShape:
        """What the row model says of a node's table. Raises StackError if it cannot be used."""
        shape = self.shape_of(node.resource.table, node)
        shape.check_usable(node.resource.place)
        return shape

    def shape_of(self, path: Sequence[str], node: Node | None = None) -> RowShape:
        """What the row model says of a table."""
        catalog = self.runner.session.catalog
        if len(path) != 3:
            raise StackError(
                f"{'.'.join(path)} is not the name of a table",
                node.resource.place if node is not None else None,
                hint="RESOURCE name IN provider.service.table AS SELECT …",
            )
        try:
            return RowShape(catalog, catalog.table(*path))
        except Error as error:
            place = node.resource.place if node is not None else None
            raise StackError(error.message, place, error.hint) from None

    def _check_asked(self) -> None:
        """Raise StackError for an address that no row or resource has."""
        known = [*self.graph.nodes, *self.rows]
        for asked in (*self.options.only, *self.options.replaces, *self.options.renews):
            if not any(is_within(a, asked) or is_within(asked, a) for a in known):
                near = nearest(asked, known)
                raise StackError(
                    f"the stack has no {asked}", hint=f"did you mean {near[0]}?" if near else None
                )

    def _in_order(self, plan: StackPlan) -> None:
        errors: list[StackError] = []
        for node in self.graph.nodes.values():
            try:
                plan.changes += self.of_node(node, plan)
            except StackErrors as error:
                errors += error.errors
            except StackError as error:
                errors.append(error)
                self.deferred.pop(node.address, None)
                self.evaluator.defer(node, self.shapes[node.address], self._wanted(node))
        if errors:
            raise StackErrors(errors) if len(errors) > 1 else errors[0]

    def of_node(self, node: Node, plan: StackPlan) -> list[RowChange]:
        """The changes of one resource's rows, whose relation is then there for others."""
        shape = self.shapes[node.address]
        evaluated = Evaluated() if self.options.is_destroy else self.evaluator.rows_of(node, shape)
        if self.secrets is not None:
            rows = self.secrets.with_versions(evaluated.rows, node.resource.place)
            evaluated = replace(evaluated, rows=rows)
        plan.errors += [f"{node.address}: {f}" for f in evaluated.failures]
        if evaluated.deferred:
            self.deferred[node.address] = evaluated.deferred
            self.evaluator.defer(node, shape, self._wanted(node))
            return []
        self._check_physical(node, shape, evaluated.rows)
        changes = self._compared(node, shape, evaluated, plan)
        if evaluated.failures:
            # Rows may be missing, so nothing may be deleted for being no longer among them.
            self.deferred[node.address] = ("what could not be read",)
        self.evaluated[node.address] = evaluated
        self._publish(node, shape, evaluated, changes)
        return [c for c in changes if self._is_asked_for(c)]

    def _compared(
        self, node: Node, shape: RowShape, evaluated: Evaluated, plan: StackPlan
    ) -> list[RowChange]:
        desired = {row.address: row for row in evaluated.rows}
        owned = {a: r for a, r in self.rows.items() if r.resource == node.address}
        columns = self.read_columns(shape, node, evaluated.rows)
        live = read_owned(self.runner, shape, owned.values(), columns)
        begun = find_begun(self.runner, shape, owned.values(), desired, columns, self.label)
        owned |= begun.owned
        live.add(begun.live)
        errors = list(live.failures)
        found = self._existing(
            node,
            shape,
            [r for a, r in desired.items() if a not in owned],
            evaluated.rows,
            columns,
        )
        errors += found.failures
        plan.errors += [f"{node.address}: {f}" for f in dict.fromkeys(errors)]
        changes = []
        for address, row in desired.items():
            state = owned.get(address)
            if state is not None:
                change = self.judge.of_owned(
                    node, shape, row, state, live.rows.get(address), plan.drift,
                    unreadable=address in live.unreadable,
                )  # fmt: skip
                if address in begun.alike:
                    self.judge.refuse_alike(change, shape, begun.alike[address])
            else:
                change = self.judge.of_new(
                    node,
                    shape,
                    row,
                    found.rows.get(address),
                    found,
                    is_imported=address in self.imported,
                )
            change.source = str(node.resource.place)
            change.depends_on = node.needs
            changes.append(change)
        for address, state in owned.items():
            if address not in desired:
                gone = live is not None and address not in live.rows
                unreadable = live is not None and address in live.unreadable
                changes.append(
                    self.judge.of_undesired(
                        state, shape, node.resource.on_delete, self._why_not_desired,
                        is_gone=gone and not unreadable, is_unreadable=unreadable,
                    )
                )  # fmt: skip
        return changes

    @property
    def _why_not_desired(self) -> str:
        return "" if self.options.is_destroy else "no longer among the rows"

    def _existing(
        self,
        node: Node,
        shape: RowShape,
        rows: Sequence[DesiredRow],
        every: Sequence[DesiredRow],
        columns: Iterable[str],
    ) -> Any:
        """The live rows of what is to be imported, or has the name of what would be created."""
        imported = self.imports.of(node, shape, rows, every)
        found = LiveRows()
        if imported:
            by_id = read_rows(
                self.runner,
                shape,
                shape.identity,
                ((r.address, imported[r.address], r.place) for r in rows if r.address in imported),
                columns,
            )
            missing = [a for a in imported if a not in by_id.rows and a not in by_id.unreadable]
            if missing:
                raise StackError(
                    f"IMPORT {missing[0]}: {shape.table.id} has no row with "
                    f"{', '.join(f'{k} = {v}' for k, v in imported[missing[0]].items())}",
                    node.resource.place,
                )
            found.rows |= by_id.rows
            found.failures += by_id.failures
            found.unreadable |= by_id.unreadable
        self.imported = set(imported)
        asked = []
        for row in rows:
            values = self._natural_values(shape, row)
            if row.address not in imported and values is not None and shape.is_checked_first:
                asked.append((row.address, values, row.place))
        if asked:
            by_name = read_rows(self.runner, shape, shape.natural, asked, columns)
            found.rows |= by_name.rows
            found.failures += by_name.failures
            found.unreadable |= by_name.unreadable
        return found

    def _natural_values(self, shape: RowShape, row: DesiredRow) -> Mapping[str, Any] | None:
        """The name that the caller gives a row; None if it is unknown."""
        values = {}
        for name in shape.natural:
            cell = row.cell(name) or self._alias_cell(shape, row, name)
            if cell is None or cell.unknown:
                return None
            values[name] = cell.value
        return values if values and any(v is not None for v in values.values()) else None

    def _alias_cell(self, shape: RowShape, row: DesiredRow, name: str) -> Any:
        column = shape.columns.get(name.lower())
        return row.cell(column.name) if column is not None else None

    def _removed(self, plan: StackPlan) -> None:
        """The rows of resources that the files no longer have."""
        forgotten = {item.name for item in self.graph.text.removed}
        shapes: dict[str, list[StateRow]] = {}
        for row in self.rows.values():
            if row.resource not in self.graph.nodes:
                shapes.setdefault(row.table, []).append(row)
        for table, rows in shapes.items():
            shape = self.shape_of(table.split("."))
            live = read_owned(self.runner, shape, rows, ())
            begun = find_begun(self.runner, shape, rows, {}, (), self.label)
            live.add(begun.live)
            plan.errors += [f"{table}: {f}" for f in live.failures]
            rows = [begun.owned.get(row.address, row) for row in rows]
            for row in rows:
                if any(is_within(row.address, a) for a in forgotten):
                    plan.changes.append(
                        RowChange(
                            row.address,
                            row.resource,
                            Action.FORGET,
                            row.table,
                            row.key,
                            row.id,
                            row.place,
                            reason="REMOVED: it stays",
                        )
                    )
                    continue
                unreadable = row.address in live.unreadable
                gone = row.address not in live.rows and not unreadable
                plan.changes.append(
                    self.judge.of_undesired(
                        row, shape, OnDelete.DELETE, "no longer in the files",
                        is_gone=gone, is_unreadable=unreadable,
                    )
                )  # fmt: skip

    def _on_delete(self, change: RowChange) -> OnDelete:
        node = self.graph.nodes.get(change.resource)
        if node is not None:
            return node.resource.on_delete
        return OnDelete(self.rows[change.address].on_delete)

    def _outputs(self, plan: StackPlan) -> None:
        if not self.options.is_destroy:
            add_outputs(plan, self.graph, self.evaluator)
        publish_plan(self.runner, plan)
        plan.checks = checked(self.graph, self.evaluator, "policy")

    def value_of(self, query: NamedQuery) -> tuple[Any, tuple[str, ...]]:
        """The rows of an output or check, and what they are known after."""
        return value_of(self.evaluator, query)

    def _is_asked_for(self, change: RowChange) -> bool:
        """Whether a change is planned: any, or of the addresses asked for and what they need."""
        if not self.options.only:
            return True
        if any(is_within(change.address, a) for a in self.options.only):
            return True
        return change.resource in self._needed

    @cached_property
    def _needed(self) -> frozenset[str]:
        """The resources that those need which are asked for."""
        asked = [n for n in self.graph.nodes.values() if self._holds_asked(n.address)]
        found: set[str] = set()
        left = [need for node in asked for need in node.needs]
        while left:
            address = left.pop()
            if address not in found and address in self.graph.nodes:
                found.add(address)
                left += self.graph.nodes[address].needs
        return frozenset(found)

    def _holds_asked(self, address: str) -> bool:
        return any(is_within(a, address) or is_within(address, a) for a in self.options.only)

    def _publish(
        self, node: Node, shape: RowShape, evaluated: Evaluated, changes: Sequence[RowChange]
    ) -> None:
        """Make the rows as they will be, as far as known, a relation."""
        rows = []
        by_address = {c.address: c for c in changes}
        for row in evaluated.rows:
            change = by_address[row.address]
            rows.append((row, *self.values_after(shape, row, change)))
        self.evaluator.publish(node, shape, self._wanted(node), rows, evaluated.local_types)

    def publish_live(self, node: Node) -> None:
        """Make the live rows of a resource a relation, after a write; only if anything reads it."""
        shape, evaluated = self.shapes[node.address], self.evaluated[node.address]
        needs = [n.needs for n in self.graph.nodes.values()]
        needs += [q.needs for q in (*self.graph.outputs, *self.graph.checks)]
        if not any(node.address in n for n in needs):
            return
        self.rows = self.state.rows()
        owned = [(r, self.rows[r.address]) for r in evaluated.rows if r.address in self.rows]
        asked = [(row.address, state.id, state.place) for row, state in owned if state.id]
        columns = self.read_columns(shape, node, evaluated.rows)
        live = read_rows(self.runner, shape, shape.identity, asked, columns) if asked else None
        rows = [
            (row, live.rows.get(row.address, {}), frozenset[str]())
            for row, _ in owned
            if live is not None
        ]
        self.evaluator.publish(node, shape, self._wanted(node), rows, evaluated.local_types)

    def values_after(
        self, shape: RowShape, row: DesiredRow, change: RowChange
    ) -> tuple[Mapping[str, Any], frozenset[str]]:
        """The values of a row by column as they will be, and the columns that are not known."""
        is_new = change.action in (Action.CREATE, Action.REPLACE)
        values: dict[str, Any] = {} if is_new or change.live is None else dict(change.live)
        known = {c.lower() for c in values}
        unknown: set[str] = set()
        changed = {c.column.lower() for c in change.cells}
        for cell in row.cells:
            name = cell.column.lower()
            if cell.unknown:
                unknown.add(name)
            elif cell.value is not None and not cell.tag and (is_new or name in changed):
                values[cell.column] = cell.value
                known.add(name)
        if is_new:
            values |= row.place
            known |= set(row.place)
            known |= self._given_identity(shape, values)
            unknown |= {c.name.lower() for c in shape.columns.values()} - known
        return values, frozenset(unknown)

    def _given_identity(self, shape: RowShape, values: dict[str, Any]) -> set[str]:
        """The identity of a row to be created, if its name is all of it."""
        known = set()
        for column, name in shape.same_as_name.items():
            if name in values and column not in values:
                values[column] = values[name]
                known.add(column.lower())
        if "region" not in values and self.runner.region and not shape.table.is_global:
            values["region"] = self.runner.region
            known.add("region")
        return known

    def _wanted(self, node: Node) -> list[str]:
        return self.wanted.get(node.address, [])

    def read_columns(self, shape: RowShape, node: Node, rows: Sequence[DesiredRow]) -> list[str]:
        found = {
            c.column: None for row in rows for c in row.cells if c.is_readable and not c.is_secret
        }
        return [*found, *(n for n in self._wanted(node) if n not in found)]

    def _check_physical(self, node: Node, shape: RowShape, rows: Sequence[DesiredRow]) -> None:
        """Raise StackError if two rows of the stack are the same resource."""
        for row in rows:
            values = self._natural_values(shape, row)
            if values is None or not shape.is_checked_first:
                continue
            region = "" if shape.reads_all_regions else row.place.get("region", "")
            where = f"{shape.table.id} {region} {row.place.get('connection', '')}"
            text = f"{where} {identity_text(shape.natural, values)}"
            other = self._by_physical.get(text)
            if other is not None and other[0] != row.address:
                name = ", ".join(f"{k} = {v}" for k, v in values.items())
                raise StackError(
                    f"{other[0]} and {row.address} are the same resource: {shape.table.id} {name}",
                    node.resource.place,
                )
            self._by_physical[text] = row.address, node


_MACROS = (
    "CREATE OR REPLACE TEMP MACRO secret(ref) AS 'cirrusql-secret:' || ref",
    "CREATE OR REPLACE TEMP MACRO exact(x) AS x",
)
