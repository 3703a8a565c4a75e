"""Rebuilds a lost state from owner tags.

A row of the stack's tables whose tags name the stack and an address of it becomes the stack's
again. What was last applied is not known then: the next plan compares the desired with the live
values.
Rows without tags of their own are not recovered; IMPORT takes them over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cirrusql.errors import Error
from cirrusql.sql.quoting import quoted
from cirrusql.stacks.evaluation.literals import canonical, plain, sql_value
from cirrusql.stacks.evaluation.nodes import Node
from cirrusql.stacks.planning.comparing import OWNER_TAGS, all_tags_of
from cirrusql.stacks.planning.live import place_of
from cirrusql.stacks.planning.row_changes import is_within
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.state.store import StateRow, now

if TYPE_CHECKING:
    from cirrusql.stacks.planning.planner import Planner

_PLACES = ("region", "connection", "account_id")


def recovered_rows(planner: Planner) -> Iterator[StateRow]:
    """The rows that owner tags say are the stack's, and that its state does not have.

    ``planner`` has planned, so that the resources' rows and places are known. Raises the Error of a
    listing that is not complete.
    """
    known = {canonical(dict(row.id)): row for row in planner.rows.values()}
    for node in planner.graph.nodes.values():
        shape = planner.shapes[node.address]
        tags = shape.tags_column
        if not planner.label or not tags or node.address not in planner.evaluated:
            continue
        for live in _listed(planner, node, shape, tags):
            said = all_tags_of(plain(live.get(tags)))
            stack, address = (said.get(t) for t in OWNER_TAGS)
            if stack != planner.label or not address or not is_within(address, node.address):
                continue
            id_ = {n: plain(live.get(n)) for n in shape.identity}
            if address not in planner.rows and canonical(id_) not in known:
                yield _row(planner, node, shape, address, id_, live)


def _listed(
    planner: Planner, node: Node, shape: RowShape, tags: str
) -> Iterator[Mapping[str, Any]]:
    """The rows of a resource's table in the places of its rows."""
    names = ("connection",) if shape.reads_all_regions else ("region", "connection")
    rows = planner.evaluated[node.address].rows
    places = {tuple((n, r.place.get(n, "")) for n in names) for r in rows} or {()}
    cells = ", ".join(map(quoted, dict.fromkeys([*shape.identity, tags, *_PLACES])))
    for place in sorted(places):
        conditions = " AND ".join(f"{quoted(n)} = {sql_value(v)}" for n, v in place if v)
        where = f" WHERE {conditions}" if conditions else ""
        answer = planner.runner.query(f"SELECT {cells} FROM {shape.table.id}{where}")
        if answer.failures:
            raise Error(f"{node.address}: {answer.failures[0]}")
        yield from answer.rows


def _row(
    planner: Planner,
    node: Node,
    shape: RowShape,
    address: str,
    id_: Mapping[str, Any],
    live: Mapping[str, Any],
) -> StateRow:
    desired = {r.address: r for r in planner.evaluated[node.address].rows}.get(address)
    row = StateRow(
        address, node.address, shape.table.id, desired.key if desired is not None else {},
        id_, place_of(live), {}, {}, depends=node.needs,
        on_delete=node.resource.on_delete, applied_at=now(),
    )  # fmt: skip
    return replace(row, place={**row.place, **(desired.place if desired is not None else {})})
