"""Feeds required parameters that the statement does not bind from listings of their values, over
several hops.

``catalog.relations.parent_paths`` knows which listings provide the values; here they become scans
and feeds. A value is only used in the place where it was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cirrusql.api.model import Kind
from cirrusql.catalog.behaviour.completeness import excused, may_lack
from cirrusql.catalog.inference.fitness import is_list_of_scalars
from cirrusql.catalog.inference.identifiers import fields_of
from cirrusql.catalog.model import Method
from cirrusql.catalog.relations.parent_paths import ParentListing, ParentRows, Values, route
from cirrusql.plan.model import UNKNOWN, Binding, CallSet, Constant, Feed, Scan
from cirrusql.plan.model import CallScope as Places
from cirrusql.plan.parameter_values.pruning import pruned
from cirrusql.plan.parameter_values.unbound_parameters import fed, filling
from cirrusql.plan.passes.locations import in_any_region
from cirrusql.plan.reads.page_size import page_size
from cirrusql.plan.reads.sharing import share
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.scopes import TableReference


def with_parents(
    draft: PlanningContext, source: TableReference, method: Method, bindings: Sequence[Binding] = ()
) -> list[Binding] | None:
    """All bindings of a method: those of the statement, and feeds for the keys that it leaves
    unbound.

    Returns None if no path is known. A parent that shares parameters with the statement's bindings
    is called with the same values and passes on what its rows contain, so that values stay paired.
    """
    usable = [b for b in bindings if not _is_placed(b)]
    given = {n for b in usable for n in b.parameters}
    placed = {n for b in bindings if _is_placed(b) for n in b.parameters}
    placed |= excused(method.operation, given | placed)
    others = set(method.keys) - set(method.unbound(given | placed)) - given
    found = route(draft.catalog, source.table, method, given, placed | others)
    if found is None:
        return None
    walk = _Walk(
        draft, source.places, source.table.is_global, {n: b for b in usable for n in b.parameters}
    )
    feeds = [
        pruned(draft, source, method, step, binding)
        if isinstance(step, ParentRows) and isinstance(binding, Feed)
        else binding
        for step, binding in zip(found, walk.bindings(method, found), strict=True)
    ]
    theirs = {n for feed in feeds for n in feed.parameters}
    return [b for b in bindings if not set(b.parameters) <= theirs] + feeds


@dataclass(frozen=True)
class _Walk:
    draft: PlanningContext
    places: Places
    is_global: bool
    """Whether the child's service has no regions either."""
    bound: dict[str, Binding]
    """The statement's bindings by parameter."""

    def bindings(self, method: Method, found: Sequence[Values | ParentRows]) -> list[Binding]:
        """One binding for each step of a path."""
        return [
            Constant((step.parameter,), tuple((value,) for value in step.values))
            if isinstance(step, Values)
            else self._feed(method, step)
            for step in found
        ]

    def _feed(self, method: Method, step: ParentRows) -> Feed:
        """The rows of the parents: each row provides a value for every parameter, for use where it
        was found."""
        same = self._same(step)
        names = (*step.parameters, *(n for n in same if n not in step.parameters))
        texts, needs = [], []
        for listing in step.listings:
            columns = (
                *listing.columns,
                *(_column(listing, n) for n in same if n not in step.parameters),
            )
            scan = self._scan(listing, columns)
            needs.append(scan.id)
            texts.append(_text(method, names, columns, scan, listing))
        tables = ", ".join(dict.fromkeys(listing.table.id for listing in step.listings))
        return Feed(
            names,
            " UNION ".join(texts),
            tuple(needs),
            f"parent {tables}",
            carries_context=True,
            says_regions=any(_region_field(listing) for listing in step.listings),
        )

    def _same(self, step: ParentRows) -> tuple[str, ...]:
        """The statement's parameters that every parent is called with, so that its rows contain
        them.

        Only whole bindings: values that belong together are not separated.
        """
        asked = [set(listing.given) for listing in step.listings]
        common = set.intersection(*asked) if asked else set()
        return tuple(
            n for n in self.bound if n in common and set(self.bound[n].parameters) <= common
        )

    def _scan(self, listing: ParentListing, needed: Sequence[str]) -> Scan:
        """The scan of a parent's listing in the places of the child, shared with equal scans."""
        same = [self.bound[n] for n in listing.given]
        same = [b for i, b in enumerate(same) if b not in same[:i]]
        keys = self.bindings(listing.method, listing.route)
        table = listing.table
        given = {n for b in (*same, *keys) for n in b.parameters}
        filled = filling(
            table, listing.method, given, is_needed=lambda name: name in needed, sent=listing.sent
        )
        bindings = (*same, *keys, *filled.bindings)
        region_field = _region_field(listing)
        names = {c.partition(".")[0] for c in needed} | {"connection", "region", region_field}
        names |= set((listing.only or ())[:1])
        columns = tuple(c for c in table.columns if c.name in names)
        page = page_size(listing.table, listing.method, None)
        words = (*fed(listing.method.keys, keys), *filled.said) or ("complete without parameters",)
        calls = (
            CallSet(listing.method, bindings, page, constants=filled.constants, completeness=words),
        )
        # A listing that covers all regions is called once, and its rows contain their region.
        is_of_all = (region_field and not table.shows_others) or (
            table.is_global and not self.is_global
        )
        places = in_any_region(self.places) if is_of_all else self.places
        scan = share(self.draft, Scan("", table, calls, columns, places, alias=table.name))
        self.draft.whole.add(scan.id)
        return scan


def _text(
    method: Method, names: Sequence[str], columns: Sequence[str], scan: Scan, listing: ParentListing
) -> str:
    """The query for the parent rows' parameter values and places."""
    field = _region_field(listing)
    own = "NULL" if listing.table.is_global else "region"
    # A resource visible in several regions can be read in the region where it was seen.
    unsaid = own if listing.table.shows_others else f"'{UNKNOWN}'"
    region = f"coalesce({listing.table.row_region}, {unsaid})" if field else own
    values = [_value(listing, column) for column in columns]
    cells = [
        f"[{value}] AS v{i}" if is_list_of_scalars(method, name) else f"{value} AS v{i}"
        for i, (value, name) in enumerate(zip(values, names, strict=True))
    ]
    missing = may_lack(method.operation)
    needed = [
        v
        for v, n, c in zip(values, names, columns, strict=True)
        if c and n not in missing and not v.startswith("unnest(")
    ]
    filled = " AND ".join(f"{value} IS NOT NULL" for value in needed)
    if listing.only is not None:
        column, pattern = listing.only
        filled += f""" AND "{column}" LIKE '{pattern}'"""
    return (
        f"SELECT DISTINCT {', '.join(cells)}, connection, NULL AS account_id, {region} AS region "
        f"FROM {scan.id} WHERE {filled}"
    )


def _value(listing: ParentListing, column: str) -> str:
    """SQL of a parent's column: each value of a list; NULL for a parameter that is not sent."""
    if not column:
        return "NULL"
    field = fields_of(listing.method).get(column)
    name = ".".join(f'"{part}"' for part in column.split("."))
    return f"unnest({name})" if field is not None and field.shape.kind is Kind.LIST else name


def _region_field(listing: ParentListing) -> str:
    """The field of a listing's rows that contains their region; empty if it is the
    call's region."""
    rows = listing.method.rows
    field = listing.table.region_field
    return field if rows is not None and rows.lists and field in rows.fields else ""


def _column(listing: ParentListing, name: str) -> str:
    return listing.table.by_alias[name.lower()].name


def _is_placed(binding: Binding) -> bool:
    return isinstance(binding, Feed) and binding.carries_context
