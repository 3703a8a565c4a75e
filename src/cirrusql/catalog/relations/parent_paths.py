"""Finds listings that provide the parameters of a reading method, over several hops.

``catalog.relations.parents`` finds who lists the values of one parameter; here those of a method
are combined. Values that belong together come from one row: of a service's cluster and name, both
from the row of the service. Values from two rows would pair what does not belong together, so only
independent steps are combined freely: each kind of an enum, the caller's own account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.corrections import parent_given
from cirrusql.catalog.inference.fitness import is_list_of_scalars, is_scalar, suits
from cirrusql.catalog.inference.identifiers import fields_of, is_generic, reference_in
from cirrusql.catalog.inference.words import singular_name, snake_case
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.relations.parents import Parent, parents_of
from cirrusql.catalog.relations.taggable import taggable
from cirrusql.catalog.rows.column_types import member_at

MOST_HOPS = 6
"""Deeper than any listing of the API is below one without required parameters."""


MOST_KINDS = 40
"""An enum with more values than this does not list kinds."""


@dataclass(frozen=True)
class Values:
    """A parameter that iterates over a few values; together their rows are the complete table."""

    parameter: str
    values: tuple[str | tuple[str, ...], ...]
    """If the parameter takes a list, one tuple with all of them."""
    reason: str


@dataclass(frozen=True)
class ParentListing:
    """A parent's rows, each of which provides a value for each parameter of its step."""

    table: Table
    method: Method
    columns: tuple[str, ...]
    """Empty for a parameter that its rows lack, so that the call is made without it."""
    route: Route
    """How the method's own parameters get their values."""
    given: tuple[str, ...]
    """Its parameters that the statement binds: with the same values as the child's."""
    reasons: tuple[str, ...]
    """One for each column."""
    only: tuple[str, str] | None = None
    """A column, and the LIKE pattern of the rows that count."""
    sent: Mapping[str, object] = field(default_factory=dict)
    """Parameters sent to the listing, so that it returns every value."""


@dataclass(frozen=True)
class ParentRows:
    """Parameters whose values come together from rows; of several listings, all rows are used."""

    parameters: tuple[str, ...]
    listings: tuple[ParentListing, ...]


Route = tuple[Values | ParentRows, ...]
"""Steps are combined: one call per combination of their values."""

_Names = frozenset[str]
_Known = dict[tuple[str, str, _Names, _Names], Route | None]
_routes: WeakKeyDictionary[Catalog, _Known] = WeakKeyDictionary()


def route(
    catalog: Catalog,
    table: Table,
    method: Method,
    given: Collection[str] = (),
    own: Collection[str] = (),
) -> Route | None:
    """The path by which the unbound keys of a method get values; None if some cannot.

    Parents may be called with the values of ``given``, but not with those of ``own``.
    """
    search = _Search(catalog, _routes.setdefault(catalog, {}))
    return search.route(table, method, frozenset(given), frozenset(own), ())


@dataclass(frozen=True)
class _Search:
    catalog: Catalog
    known: _Known

    def route(
        self, table: Table, method: Method, given: _Names, own: _Names, below: tuple[str, ...]
    ) -> Route | None:
        given, own = given & set(method.keys), own & set(method.keys)
        key = (table.id, method.name, given, own)
        if key in self.known:
            return self.known[key]
        found = self._found(table, method, given, own, (*below, method.operation.id))
        if found is not None or not below:
            # A failure below other tables may only be due to the tables it must not pass through.
            self.known[key] = found
        return found

    def _found(
        self, table: Table, method: Method, given: _Names, own: _Names, below: tuple[str, ...]
    ) -> Route | None:
        beside = self._stand_beside(method)
        if beside and set(method.keys) - given - own:
            # Values that rows of other resources pair with the key come from them, whatever else is
            # given.
            given = own = frozenset()
        steps: list[Values | ParentRows] = []
        missing = []
        for name in method.keys:
            if name in given or name in own:
                continue
            alone = self._alone(table, method, name, below)
            if alone is not None:
                steps.append(alone)
            else:
                missing.append(name)
        if not missing:
            return tuple(steps)
        if not all(is_scalar(method, n) or is_list_of_scalars(method, n) for n in missing):
            return None
        trees = [n for n in missing if (said := parent_given(method.operation, n)) and said.levels]
        if trees:
            rows = self._tree(table, method, trees[0], below) if trees == missing else None
            return None if rows is None else (*steps, rows)
        several = [n for n in missing if len(_fields_given(method, n)) > 1]
        if several:
            rows = self._together(table, method, missing, several[0], below)
        else:
            rows = self._rows(table, method, missing, given, below)
        if rows is not None:
            for name, key in beside.items():
                rows = self._with_others(table, method, rows, name, key, below)
        return None if rows is None else _joined(steps, rows)

    def _alone(
        self, table: Table, method: Method, name: str, below: tuple[str, ...]
    ) -> Values | ParentRows | None:
        """The step of a parameter whose values are independent."""
        told = parent_given(method.operation, name)
        shape = method.operation.parameters[name].shape
        if told is not None and told.values:
            return Values(name, told.values, "every kind, from the overlay")
        if (
            told is not None
            and told.is_all
            and shape.kind is Kind.LIST
            and shape.element.shape.enum
        ):
            return Values(name, (shape.element.shape.enum,), "every value that can be requested")
        is_each = told.is_each if told is not None else _says_its_kind(method, name)
        if is_each and shape.enum:
            return Values(name, shape.enum, "every kind")
        for parent in parents_of(self.catalog, table, method, name)[:1]:
            if (
                parent.method.rows is not None
                and not parent.method.rows.lists
                and not parent.method.keys
            ):
                return ParentRows(
                    (name,), (_listing(parent, [(parent.field, parent.reason)], (), ()),)
                )
        if len(method.keys) == 1 and (things := taggable(self.catalog, table, method, name)):
            listings = []
            for parent in things:
                found = self._below(parent, frozenset(), below)
                if found is None:
                    return None
                listings.append(_listing(parent, [(parent.field, parent.reason)], found, ()))
            return ParentRows((name,), tuple(listings))
        return None

    def _together(
        self,
        table: Table,
        method: Method,
        missing: Sequence[str],
        name: str,
        below: tuple[str, ...],
    ) -> ParentRows | None:
        """Parameters of which one is listed by several resources, so that only together they have
        all values."""
        own = {n: parents_of(self.catalog, table, method, n) for n in missing}
        listings: dict[tuple[str, str], ParentListing] = {}
        for parent in own[name]:
            cells = [
                (parent.field, parent.reason)
                if n == name
                else self._cell(parent, method, n, own[n])
                for n in missing
            ]
            whole = [c for c in cells if c is not None]
            found = self._below(parent, frozenset(), below)
            if found is not None and len(whole) == len(cells):
                listings.setdefault(
                    (parent.table.id, parent.field), _listing(parent, whole, found, ())
                )
        is_whole = len(listings) == len(_fields_given(method, name))
        return ParentRows(tuple(missing), tuple(listings.values())) if is_whole else None

    def _stand_beside(self, method: Method) -> dict[str, str]:
        """The parameters that, together with the key they replace, find further resources."""
        others = {n for names in method.instead.values() for n in names}
        told = {n: parent_given(method.operation, n) for n in sorted(others)}
        return {n: given.beside for n, given in told.items() if given is not None and given.beside}

    def _with_others(
        self,
        table: Table,
        method: Method,
        rows: ParentRows,
        name: str,
        key: str,
        below: tuple[str, ...],
    ) -> ParentRows:
        """The rows that provide a key's values, and beside them those that provide an
        alternative."""
        for parent in (
            parents_of(self.catalog, table, method, name)[:1] if key in rows.parameters else ()
        ):
            found = self._below(parent, frozenset(), below)
            cells = [
                ("", f"requested with {name}")
                if n == key
                else self._cell(parent, method, n, parents_of(self.catalog, table, method, n))
                for n in rows.parameters
            ]
            whole = [c for c in cells if c is not None]
            if found is None or len(whole) < len(cells):
                continue
            own = [
                replace(x, columns=(*x.columns, ""), reasons=(*x.reasons, f"requested with {key}"))
                for x in rows.listings
            ]
            other = _listing(parent, [*whole, (parent.field, parent.reason)], found, ())
            return ParentRows((*rows.parameters, name), (*own, other))
        return rows

    def _tree(
        self, table: Table, method: Method, name: str, below: tuple[str, ...]
    ) -> ParentRows | None:
        """A parameter that names any node of a tree: its roots, then level by level
        their children."""
        given = parent_given(method.operation, name)
        found = parents_of(self.catalog, table, method, name)
        if given is None or len(found) != 2 or len(found[1].method.keys) != 1:
            return None
        roots, nodes = found
        above = self._below(roots, frozenset(), below)
        if above is None:
            return None
        levels = [_listing(roots, [(roots.field, roots.reason)], above, ())]
        for _ in range(given.levels):
            above = (ParentRows(nodes.method.keys, (levels[-1],)),)
            levels.append(_listing(nodes, [(nodes.field, nodes.reason)], above, ()))
        return ParentRows((name,), tuple(levels))

    def _rows(
        self,
        table: Table,
        method: Method,
        missing: Sequence[str],
        given: frozenset[str],
        below: tuple[str, ...],
    ) -> ParentRows | None:
        """The first parent whose rows have all the values and that can itself be read."""
        candidates = {n: parents_of(self.catalog, table, method, n) for n in missing}
        if not all(candidates.values()):
            return None
        for parent in _surest_first(candidates):
            cells = [
                c
                for n in missing
                if (c := self._cell(parent, method, n, candidates[n])) is not None
            ]
            if len(cells) < len(missing):
                continue
            same = tuple(
                n for n in parent.method.keys if n in given and not (is_generic(n) or _is_state(n))
            )
            found = self._below(parent, frozenset(same), below)
            if found is not None:
                return ParentRows(tuple(missing), (_listing(parent, cells, found, same),))
        return None

    def _below(self, parent: Parent, given: frozenset[str], below: tuple[str, ...]) -> Route | None:
        if parent.method.operation.id in below or len(below) > MOST_HOPS:
            return None
        return self.route(parent.table, parent.method, given, frozenset(), below)

    def _cell(
        self, parent: Parent, method: Method, name: str, own: Sequence[Parent]
    ) -> _Cell | None:
        """The column of a parent's rows with a parameter's value.

        A field, the parent's own parameter of the same name, or the one whose values come from the
        same listing.
        """
        fields = fields_of(parent.method)
        for other in own:
            if other.table.id == parent.table.id and other.field.partition(".")[0] in fields:
                return other.field, other.reason
        keys = [k for k in parent.method.keys if is_scalar(parent.method, k)]
        wanted = snake_case(singular_name(name))
        member = method.operation.parameters[name]
        if not is_generic(wanted):
            for key in keys:
                if snake_case(key) == wanted and _is_value(parent, key, name, member):
                    return _carried(parent, key)
            reference = reference_in(parent.method, singular_name(name), member)
            if reference is not None:
                return _carried(parent, reference)
        sources = {(p.table.id, p.field) for p in own}
        for key in keys:
            listed = parents_of(self.catalog, parent.table, parent.method, key)[:1]
            if any((p.table.id, p.field) in sources for p in listed):
                return _carried(parent, key)
        return None


def _fields_given(method: Method, name: str) -> tuple[str, ...]:
    """The fields that the overlay names for a parameter."""
    told = parent_given(method.operation, name)
    return told.fields if told is not None else ()


def _joined(steps: Sequence[Values | ParentRows], rows: ParentRows) -> Route:
    """The combined steps; parameters that a parent was itself called with come from its rows."""
    kept: list[Values | ParentRows] = []
    for step in steps:
        name = step.parameter if isinstance(step, Values) else step.parameters[0]
        columns = [c for listing in rows.listings if (c := _asked_with(listing, name)) is not None]
        if len(columns) < len(rows.listings) or _is_state(name):
            kept.append(step)
            continue
        listings = tuple(
            replace(
                listing,
                columns=(*listing.columns, column),
                reasons=(*listing.reasons, f"the same row of {listing.table.name} has it"),
            )
            for listing, column in zip(rows.listings, columns, strict=True)
        )
        rows = ParentRows((*rows.parameters, name), listings)
    return (*kept, rows)


def _is_state(name: str) -> bool:
    """Whether a parameter asks for a state of each resource: one in use may have
    deprecated parts."""
    return snake_case(name).endswith(("status", "state"))


def _asked_with(listing: ParentListing, name: str) -> str | None:
    """The column of a parent's rows for the parameter of the same name that it was called with."""
    keys = (k for k in listing.method.keys if snake_case(k) == snake_case(name))
    key = next((k for k in keys if is_scalar(listing.method, k)), None)
    column = listing.table.by_alias.get(key.lower()) if key is not None else None
    return column.name if column is not None else None


def _says_its_kind(method: Method, name: str) -> bool:
    """Whether a listing takes one kind of an enum, and each row contains its kind, so that the
    kinds partition the rows."""
    rows, output = method.rows, method.operation.output
    shape = method.operation.parameters[name].shape
    if rows is None or output is None or not rows.lists or not 1 <= len(shape.enum) <= MOST_KINDS:
        return False
    fields = {
        snake_case(n): path for n, path in rows.fields.items() if path.level == len(rows.lists)
    }
    path = fields.get(snake_case(name))
    return path is not None and member_at(output, rows, path).shape.enum == shape.enum


_Cell = tuple[str, str]
"""A column of a parent's rows, and why it has a parameter's value."""


def _listing(
    parent: Parent, cells: Sequence[_Cell], found: Route, given: tuple[str, ...]
) -> ParentListing:
    columns, reasons = zip(*cells, strict=True)
    return ParentListing(
        parent.table, parent.method, columns, found, given, reasons, parent.only, parent.sent
    )


def _surest_first(candidates: dict[str, tuple[Parent, ...]]) -> Iterator[Parent]:
    """Every parent of every parameter, once; among equally reliable ones, the one with most
    dependencies first."""
    ranked = [
        (rank, -len(parent.method.keys), number, parent)
        for number, parents in enumerate(candidates.values())
        for rank, parent in enumerate(parents)
    ]
    ranked.sort(key=lambda r: r[:3])
    seen = set()
    for *_, parent in ranked:
        key = (parent.table.id, parent.method.name)
        if key not in seen:
            seen.add(key)
            yield parent


def _is_value(parent: Parent, column: str, name: str, member: Member) -> bool:
    """Whether a column of a parent's rows has the kind of value that a parameter takes."""
    fields = fields_of(parent.method)
    found = fields[column] if column in fields else parent.method.operation.parameters[column]
    return suits(column, found, name, member)


def _carried(parent: Parent, name: str) -> _Cell | None:
    column = parent.table.by_alias.get(name.lower())
    return None if column is None else (column.name, f"the same row of {parent.table.name} has it")


def told(
    catalog: Catalog, table: Table, method: Method
) -> Iterator[tuple[str, str | None, str | None, str]]:
    """For each key of a method: parameter, parent, field and the reason in words.

    If nothing provides the values, parent and field are None, and the reason says why.
    """
    found = route(catalog, table, method)
    if found is None:
        for name in method.keys:
            known = parents_of(catalog, table, method, name)
            reason = (
                f"listed by {known[0].table.id}, but not together with the others"
                if known
                else "no operation lists its values"
            )
            yield (
                name,
                None,
                None,
                reason if len(method.keys) > 1 or not known else "its listing cannot be read",
            )
        return
    for step in found:
        if isinstance(step, Values):
            yield step.parameter, None, None, f"{step.reason}: {', '.join(map(str, step.values))}"
            continue
        for listing in step.listings:
            for name, column, reason in zip(
                step.parameters, listing.columns, listing.reasons, strict=True
            ):
                if not column:
                    continue
                yield name, listing.table.id, column, reason
