"""A method of a table with its bindings: the columns it returns, and the estimated cost of its
calls.

``method_selection`` and ``method_ranking`` choose among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cirrusql.catalog.model import Detail, Method
from cirrusql.catalog.relations.batch_size import most_of
from cirrusql.plan.model import Binding
from cirrusql.plan.parameter_values.unbound_parameters import Filling, fed
from cirrusql.plan.reads.row_details import asked_by
from cirrusql.plan.scope.scopes import TableReference

_LISTING_COST = 25.0
"""Estimated pages of a listing: up to this many keys are requested one by one instead."""
_MOST_AT_ONCE = 100
"""Keys per call for a list parameter without a known limit."""
FED_COUNT = 100.0
"""Estimated number of values of a feed."""


@dataclass(frozen=True)
class BoundMethod:
    """A method with everything bound that can be; ``missing`` are keys that nothing binds."""

    method: Method
    bindings: tuple[Binding, ...]
    missing: tuple[str, ...] = ()
    fed: tuple[str, ...] = ()
    """Keys whose values come from parents."""
    count: float = 1.0
    """Estimated number of calls for that."""
    details: tuple[Detail, ...] = ()
    """The details requested for its rows."""
    detail: Detail | None = None
    """The method is that detail, called directly."""
    filling: Filling = field(default_factory=Filling)
    """Parameters sent in addition, so that the table is complete."""
    batch: str = ""
    """A list parameter whose bindings provide one value at a time."""

    @property
    def batch_size(self) -> int:
        """How many values such a list may have."""
        shape = self.method.parameters[self.batch].shape if self.batch else None
        if self.batch in self.fed:
            return min(most_of(self.method.operation, self.batch), _MOST_AT_ONCE)
        return int(min(shape.maximum or _MOST_AT_ONCE, _MOST_AT_ONCE)) if shape is not None else 1

    @property
    def completeness(self) -> tuple[str, ...]:
        """Why its rows are complete, in words."""
        parents = tuple(fed(self.fed, self.bindings))
        if parents or self.filling.said:
            return (*parents, *self.filling.said)
        return ("set by the statement",) if self.bindings else ("complete without parameters",)

    @property
    def names(self) -> set[str]:
        """The parameters that are bound."""
        return {n for b in self.bindings for n in b.parameters}

    @property
    def is_listing(self) -> bool:
        """Whether it returns many rows."""
        return self.method.rows is not None and bool(self.method.rows.lists)

    def gives(self, source: TableReference) -> set[str]:
        """The columns of the source that its rows have."""
        further = {name for detail in self.details for name in detail.picks}
        return self.own(source) | further

    def own(self, source: TableReference) -> set[str]:
        """The columns of its rows before any detail, including the keys of details."""
        found = self.itself(source)
        return found | set(asked_by(source.table, found) if self.is_listing else ())

    def itself(self, source: TableReference) -> set[str]:
        """The columns that the method returns, or is requested with."""
        if self.detail is not None:
            return {*self.detail.picks, *(column for _, column in self.detail.joins)}
        rows = self.method.rows
        fields = set(rows.fields if rows is not None else ())
        kinds = (n for b in self.filling.bindings for n in b.parameters)
        names = (*self.names, *self.missing)
        if self.batch in self.fed:
            # A list sent together is not the row's own value; the field has that.
            names = tuple(n for n in names if n != self.batch)
        columns = (source.column(n) for n in (*fields, *names, *kinds))
        return {c.name for c in columns if c is not None}

    def sent(self, source: TableReference) -> set[str]:
        """The columns whose values are sent."""
        return {c.name for n in self.names if (c := source.column(n)) is not None}

    @property
    def cost(self) -> float:
        """Estimated number of calls; a listing counts by its pages."""
        is_one = not self.is_listing and bool(self.method.keys or self.names)
        rows = self.count if is_one else self.count * FED_COUNT
        further = sum(rows / detail.most for detail in self.details)
        if is_one:
            return self.count + further
        return self.count * (2.0 if self.method.keys or self.names else _LISTING_COST) + further
