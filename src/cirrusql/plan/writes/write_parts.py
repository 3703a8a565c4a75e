"""The operations that a statement needs, each with the expressions that it is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from cirrusql.catalog.model import Method, Role, Table
from cirrusql.catalog.row_model.request_field import ITEM, RequestField
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.write_rules.containers import container_columns
from cirrusql.errors import ProgrammingError
from cirrusql.plan.model import ValueChange
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from cirrusql.types import SqlType


@dataclass(frozen=True)
class Part:
    """One operation's part of a statement: ``assigned`` are expressions by parameter."""

    method: Method
    assigned: Mapping[str, str]
    which: Mapping[str, tuple[str, bool]] | None = None
    """The columns that identify the resource, if no naming rule does."""
    only_if: str = ""
    """A condition over the row: if false, the operation is not needed for it."""
    kept: tuple[str, ...] = ()
    """Parameters sent as they were read, because the operation drops what it is not sent."""
    lost: tuple[str, ...] = ()
    """Parameters that cannot be sent as they were read."""
    left_out: frozenset[str] = frozenset()
    """Assigned parameters that may be missing: members that the given structure need not have."""
    read_if: str = ""
    """A condition over the row by which it is read as it must be sent again: decrypted."""
    changes: tuple[ValueChange, ...] = ()
    """What changes in a row that is re-created."""
    moved: tuple[str, str] | None = None
    """SQL of the key of such a row, before and after."""
    sets: tuple[str, ...] = ()
    """What of SET it is for: columns as written, and single tags (``Tags['team']``)."""
    shown_as: Mapping[str, SqlType] = field(default_factory=dict)
    """See ``Write``."""


@dataclass(frozen=True)
class Placed:
    """A part with the columns that provide its other parameters (a list's item if flagged)."""

    part: Part
    columns: Mapping[str, tuple[str, bool]]
    then: Placed | None = None
    """What is called after it, for the same row."""

    @property
    def names(self) -> list[str]:
        """The parameters that it sends."""
        return [*self.columns, *self.part.assigned]


def row_keys_within(table: Table, method: Method, parameters: Collection[str]) -> list[str]:
    """The columns that identify the row inside a structure that is sent: a record's Name and Type.

    Optional ones (SetIdentifier) are left out, because most rows have none.
    """
    places = {
        column: place
        for column, place in places_of(table, method).items()
        if place.is_in_item and place.parameter in parameters
    }
    which = {c for c, p in places.items() if p.is_which} or set(places)
    needed = [c for c in places if c in which and _is_required(method, places[c])]
    return needed or sorted(which)


def record_keys(table: Table, method: Method) -> list[str]:
    """The columns that tell the records within a container apart, with those that most rows do not
    have."""
    places = places_of(table, method)
    which = [c for c, p in places.items() if p.is_in_item and p.is_which]
    return which or row_keys_within(table, method, method.parameters)


def _is_required(method: Method, place: RequestField) -> bool:
    shape = method.parameters[place.parameter].shape
    for name in place.path[:-1]:
        shape = shape.element.shape if name == ITEM else shape.members[name].shape
    return place.path[-1] in shape.required


def told_apart(table: Table, where: str) -> list[str]:
    """The columns of a WHERE that tell rows of one container apart."""
    text = f"SELECT 1 WHERE {where}"
    within = container_columns(table)
    columns = (
        table.by_alias.get(node.name.lower())
        for node in (parse_sql(Piece(text, 0, text)).find_all(exp.Column) if where else ())
    )
    named = (c.name for c in columns if c is not None and c.role is Role.FIELD)
    return [name for name in dict.fromkeys(named) if name not in within]


def of_container(
    table: Table, verb: str, method: Method, columns: Collection[str], told: Collection[str]
) -> ProgrammingError:
    """The error for an operation that acts on all rows of a container, where only some are
    meant."""
    whole = " AND ".join(f"{name} = …" for name in columns)
    return ProgrammingError(
        f"{method.operation.id} is not for single rows of {table.id}: it acts on all rows with the "
        f"same {', '.join(columns)}, whatever their {', '.join(told)}",
        hint=f"{verb} … WHERE {whole} without other conditions is about all of them",
    )
