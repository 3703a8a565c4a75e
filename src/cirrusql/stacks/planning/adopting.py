"""What is there already: rows that move to another address, and resources that are imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cirrusql.errors import Error, nearest
from cirrusql.stacks.evaluation.literals import key_text
from cirrusql.stacks.evaluation.nodes import Graph, Node
from cirrusql.stacks.evaluation.scopes import resolve
from cirrusql.stacks.language.statements import Import, Moved, QueryText, StackError
from cirrusql.stacks.planning.plan import DesiredRow
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.state.store import StateRow

if TYPE_CHECKING:
    from cirrusql.stacks.runner import StackRunner


@dataclass
class MovedRows:
    """The rows of the state under their new addresses."""

    rows: dict[str, StateRow] = field(default_factory=dict)
    old: dict[str, str] = field(default_factory=dict)
    """By new address, the old one."""


def moved(graph: Graph, runner: StackRunner, rows: Mapping[str, StateRow]) -> MovedRows:
    """Apply MOVED. A row whose new address is taken stays where it is."""
    found = MovedRows(dict(rows))
    for item in graph.text.moved:
        for old, new in _pairs(item, graph, runner, found.rows):
            row = found.rows.get(old)
            if row is None or new in found.rows or old == new:
                continue
            del found.rows[old]
            resource = new.split("[", 1)[0] if new.endswith("]") else new
            resource = resource if resource in graph.nodes else _resource_of(new, graph)
            found.rows[new] = replace(row, resource=resource)
            found.old[new] = found.old.pop(old, old)
    return found


def _pairs(
    item: Moved, graph: Graph, runner: StackRunner, rows: Mapping[str, StateRow]
) -> list[tuple[str, str]]:
    if item.using is not None:
        found = _query(item.using, graph, runner)
        pairs = []
        for row in found:
            values = list(row.values())
            half = len(values) // 2
            pairs.append((item.old + key_text(values[:half]), item.new + key_text(values[half:])))
        return pairs
    if item.old in rows:
        return [(item.old, item.new)]
    return [
        (address, item.new + address.removeprefix(item.old))
        for address in rows
        if address.startswith((f"{item.old}[", f"{item.old}."))
    ]


def _resource_of(address: str, graph: Graph) -> str:
    """The resource that a row's address belongs to."""
    matching = [a for a in graph.nodes if address == a or address.startswith(f"{a}[")]
    return max(matching, key=len, default=address)


def _query(body: QueryText, graph: Graph, runner: StackRunner) -> Sequence[Mapping[str, Any]]:
    assert graph.scope is not None
    try:
        return runner.rows(resolve(body, graph.scope))
    except StackError:
        raise
    except Error as error:
        raise StackError(error.message, body.place, error.hint) from None


@dataclass
class Imports:
    """The IMPORT statements of a stack."""

    runner: StackRunner
    graph: Graph
    shapes: Mapping[str, RowShape]

    def of(
        self,
        node: Node,
        shape: RowShape,
        rows: Sequence[DesiredRow],
        every: Sequence[DesiredRow],
    ) -> Mapping[str, Mapping[str, Any]]:
        """By address of a row that is not owned yet, the identity of what it imports.

        ``every``: all rows of the resource. Raises StackError for an address that none of them has.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for item in self.graph.text.imports:
            if item.name != node.address and not item.name.startswith(f"{node.address}["):
                continue
            for address, identifier in self._pairs(item, node, every):
                if any(row.address == address for row in rows):
                    found[address] = _identity(shape, identifier, item)
                elif all(row.address != address for row in every):
                    near = nearest(address, [row.address for row in every])
                    raise StackError(
                        f"IMPORT {address}: {node.address} has no such row",
                        item.place,
                        hint=f"did you mean {near[0]}?" if near else None,
                    )
        return found

    def check(self) -> None:
        """Raise StackError for an IMPORT into a resource that there is not."""
        for item in self.graph.text.imports:
            nodes = self.graph.nodes
            if not any(item.name == a or item.name.startswith(f"{a}[") for a in nodes):
                near = nearest(item.name, nodes)
                raise StackError(
                    f"IMPORT {item.name}: there is no such resource",
                    item.place,
                    hint=f"did you mean {near[0]}?" if near else None,
                )

    def _pairs(self, item: Import, node: Node, rows: Sequence[DesiredRow]) -> list[tuple[str, str]]:
        if item.using is not None:
            found = _query(item.using, self.graph, self.runner)
            pairs = []
            for row in found:
                *key, identifier = row.values()
                if node.is_single:
                    # Its address has no key, whatever the query gives for one.
                    key = []
                pairs.append((node.address + (key_text(key) if key else ""), str(identifier)))
            return pairs
        if item.name == node.address and len(rows) == 1:
            return [(rows[0].address, item.identifier)]
        return [(item.name, item.identifier)]


def _identity(shape: RowShape, identifier: str, item: Import) -> Mapping[str, Any]:
    """The identity that a text stands for; several columns are separated by ``|``."""
    parts = identifier.split("|") if len(shape.identity) > 1 else [identifier]
    if len(parts) != len(shape.identity):
        raise StackError(
            f"IMPORT {item.name}: {shape.table.id} is identified by "
            f"{', '.join(shape.identity)}, and {identifier!r} has {len(parts)} of them",
            item.place,
            hint="'" + "|".join(shape.identity) + "'",
        )
    return dict(zip(shape.identity, parts, strict=True))
