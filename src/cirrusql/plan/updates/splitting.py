"""Divides what SET assigns among operations.

One operation for all columns, if there is one. Otherwise as few as possible, the one that takes
most columns first. A column that no operation takes under its name is set at its place according to
``catalog.row_model``. Some operations take one attribute per call, whatever their models say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.identifiers import names_thing
from cirrusql.catalog.inference.verbs import RELATES
from cirrusql.catalog.inference.verbs import parts as parts_of
from cirrusql.catalog.inference.words import thing_noun
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.row_model.request_field import BY_IDS, NESTED
from cirrusql.catalog.row_model.request_fields import RequestField, ValueForm, column_of, places_of
from cirrusql.catalog.row_model.setting_methods import is_no_setter
from cirrusql.catalog.row_model.writers import setters
from cirrusql.catalog.write_rules.copying import carried_along, copiers, copy_of_itself
from cirrusql.catalog.write_rules.updates import (
    Rest,
    acts_on_row,
    overwriting,
    rest_of,
    updaters,
    writes_another,
)
from cirrusql.plan.updates.carrying import carried, decrypted
from cirrusql.plan.updates.row_values import parameters_of
from cirrusql.plan.updates.update_errors import (
    naming_exec,
    not_taken,
    nothing_updates,
    of_enclosing,
    set_at_creation,
    would_lose,
    would_write_another,
)
from cirrusql.plan.writes.write_methods import (
    kin,
    parameter_name,
    sources,
)
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece
from cirrusql.types import ListType, SqlType, StructType

_NUMBERS = frozenset({Kind.INTEGER, Kind.LONG, Kind.FLOAT, Kind.DOUBLE})
_GENERIC = frozenset(
    {"Attribute", "AttributeName", "OperationType", "ValuesToAdd", "ValuesToRemove"}
)
"""Parameters of requests that name the attribute in a value, which is one attribute per call
already."""


def splitting(
    catalog: Catalog, table: Table, given: Mapping[str, str], alias: str | None = ""
) -> list[list[Part]]:
    """For each operation needed, the ways to call it. ``given``: expressions by column.

    ``alias``: the name of the existing row; None if it is just being created. Raises UnknownColumn
    for columns that no operation takes, ProgrammingError if nothing updates the table.
    """
    split = _Splitting(catalog, table, table.name if alias == "" else alias)
    methods = tuple(m for m in updaters(table) if not is_no_setter(m))
    if (around := of_enclosing(catalog, table, [*methods, *split.kin(given)], given)) is not None:
        raise around
    copying = copiers(table) if split.alias is not None else ()
    whole = (
        [m for m in methods if _takes_all(m, given) and split.acts(m, given)]
        or split.kin(given)
        or [m for m in copying if _takes_all(m, given) and split.acts(m, given)]
    )
    if whole:
        return list(split.parts(whole, given))
    if (other := split.other(methods, given)) is not None:
        raise would_write_another(table, other)
    candidates = list(methods)
    for column in given:
        candidates += [m for m in split.kin([column]) if m not in candidates]
        candidates += [m for m in split.setters_of(column) if m not in candidates]
    candidates += copying
    if not candidates:
        raise naming_exec(catalog, table, nothing_updates(table, given), given)
    left = dict(given)
    found: list[list[Part]] = []
    while left:
        taken = split.most(candidates, left)
        if taken is None:
            raise naming_exec(
                catalog, table, not_taken(table, methods or tuple(candidates), left), left
            )
        some = {c: left.pop(c) for c in taken}
        ways = [m for m in candidates if split.is_way(m, some)]
        found += split.parts(ways, some)
    return _in_order(found)


def _in_order(ways: list[list[Part]]) -> list[list[Part]]:
    """What another one of the operations must precede goes last."""
    operations = [part.method.operation for way in ways for part in way]
    later = {
        f"{o.service.key}:{name}"
        for o in operations
        for name in o.overlay.section("writers.toml", "goes_before").get(o.id, ())
    }
    return sorted(ways, key=lambda way: way[0].method.operation.id in later)


def places_in(catalog: Catalog, table: Table, method: Method, written: str) -> RequestField | None:
    """The place of a column in a method's request, in any accepted spelling."""
    return _Splitting(catalog, table, table.name).place(method, written)


def _is_one_of_several(table: Table, written: str) -> bool:
    """Whether a row also lists several of what the column has the first of: a VPC's CIDR blocks."""
    column = column_of(table, written)
    lists = (c.type.element for c in table.columns if isinstance(c.type, ListType))
    items = (element for element in lists if isinstance(element, StructType))
    return column is not None and any(column.name in dict(item.fields) for item in items)


def _takes_all(method: Method, given: Iterable[str]) -> bool:
    return all(parameter_name(method, c) is not None for c in given)


@dataclass(frozen=True)
class _Splitting:
    """The operations that set one table's columns."""

    catalog: Catalog
    table: Table
    alias: str | None

    def kin(self, columns: Iterable[str]) -> list[Method]:
        """Methods of other resources that take the columns under these names."""
        given = dict.fromkeys(columns, "NULL")
        found = kin(self.catalog, self.table, given)
        return [m for m in found if not is_no_setter(m) and self.acts(m, given)]

    def setters_of(self, written: str) -> list[Method]:
        """The methods that set a column, under any name."""
        column = column_of(self.table, written)
        found = setters(self.catalog, self.table).get(column.name, ()) if column is not None else ()
        return [w.method for w in found]

    def place(self, method: Method, written: str) -> RequestField | None:
        """The place of a column in a method's request: a parameter of its name, or as the row model
        says."""
        name = parameter_name(method, written)
        column = column_of(self.table, written)
        if name is not None:
            shown = places_of(self.table, method).get(column.name) if column is not None else None
            if shown is not None and shown.parameter == name and shown.form in BY_IDS:
                return shown
            return RequestField(name)
        found = setters(self.catalog, self.table).get(column.name, ()) if column is not None else ()
        own = method.operation.name
        return next((w.place for w in found if w.method.operation.name == own), None)

    def parts(self, methods: Sequence[Method], given: Mapping[str, str]) -> list[list[Part]]:
        """The same columns set by each of the methods; one by one if they take one per call."""
        if len(given) > 1 and all(self._takes_one(m, given) for m in methods):
            return [[self._part(m, {c: e}) for m in methods] for c, e in given.items()]
        several = [m for m in methods if len(given) == 1 or not self._takes_one(m, given)]
        secrets = {m: self._rest(m, self._assigned(m, given)).secrets for m in several}
        if several and all(secrets.values()):
            raise would_lose(self.table, several[0], secrets[several[0]])
        return [[self._part(m, given) for m in several if not secrets[m]]]

    def _copied(self, method: Method) -> dict[str, str]:
        """SQL of what makes a call one that copies the row onto itself, or carries along."""
        found = copy_of_itself(method) if method in copiers(self.table) else None
        if found is None and not self.table.is_api_spelling:
            found = carried_along(self.table, method)
        return found.parameters(self.alias) if found is not None and self.alias else {}

    def _rest(self, method: Method, assigned: Collection[str]) -> Rest:
        return rest_of(self.table, method, assigned) if self.alias is not None else Rest()

    def _part(self, method: Method, given: Mapping[str, str]) -> Part:
        assigned = self._assigned(method, given)
        assigned |= {n: e for n, e in overwriting(method).items() if n not in assigned}
        assigned |= {n: e for n, e in self._copied(method).items() if n not in assigned}
        rest = self._rest(method, assigned)
        spread = [
            p.path for p, _ in self._placed(method, given).values() if p.form is ValueForm.SPREAD
        ]
        left_out = frozenset(name for names in spread for name in names)
        own = carried(self.table, method, assigned, self.alias)
        sent = (*own.values(), *given.values())
        read_if = decrypted(self.table, sent, self.alias) if self.alias is not None else ""
        assigned |= {n: e for n, e in own.items() if n not in assigned}
        least = self._at_least(method, rest.kept)
        kept = tuple(n for n in rest.kept if n not in least)
        assigned |= least
        left_out |= frozenset((*least, *self._copied(method)))
        copied = copy_of_itself(method)
        lost = (*rest.lost, *(n for n in (copied.loses if copied else ()) if n not in assigned))
        sets = tuple(given)
        return Part(
            method,
            assigned,
            kept=kept,
            lost=lost,
            left_out=left_out,
            read_if=read_if,
            sets=sets,
            shown_as=self._shown_as(method, given),
        )

    def _shown_as(self, method: Method, given: Mapping[str, str]) -> dict[str, SqlType]:
        """The types of structures that are set to what is computed from columns."""
        found = {}
        for column, (place, value) in self._placed(method, given).items():
            known = self.table.by_alias.get(column.lower())
            is_nested = known is not None and known.type.name in NESTED
            if known is not None and is_nested and place.form is ValueForm.WHOLE:
                text = f"SELECT {value}"
                if parse_sql(Piece(text, 0, text)).find(exp.Column) is not None:
                    found[place.parameter] = known.type
        return found

    def _at_least(self, method: Method, kept: Iterable[str]) -> dict[str, str]:
        """SQL of the numbers that are kept: a value below a request's minimum means none (a
        MaxPasswordAge of 0)."""
        found = {}
        for name in kept:
            shape = method.parameters[name].shape
            if shape.kind in _NUMBERS and shape.minimum:
                cell = (
                    f"{quoted(self.alias or '')}.{quoted(self.table.by_alias[name.lower()].name)}"
                )
                found[name] = f"CASE WHEN {cell} >= {shape.minimum} THEN {cell} END"
        return found

    def acts(self, method: Method, given: Mapping[str, str]) -> bool:
        """Whether a method sets the columns of the intended row, and does nothing else."""
        placed = self._placed(method, given)
        names = set(parameters_of(self.table, method, placed, self.alias))
        relates = parts_of(method.operation.name).verb in RELATES
        if relates and any(
            _is_one_of_several(self.table, c) and set_at_creation(self.table, c) for c in given
        ):
            # It adds another one beside the one that the row was created with.
            return False
        columns = sources(self.table, method, names)
        if columns is None:
            columns = {n: (n, False) for n in method.required if n not in names}
        # If one member of a structure is set, the others are sent unchanged, including its name.
        within = {place.parameter for place, _ in placed.values() if place.form is ValueForm.MEMBER}
        members = {
            place.path[-1]: (column, False)
            for column, place in places_of(self.table, method).items()
            if place.form is ValueForm.MEMBER and place.parameter in within and column not in placed
        }
        if not columns and any(
            place.form is ValueForm.MEMBER
            and names_thing(place.path[-1], thing_noun(self.table.name))
            for place, _ in placed.values()
        ):
            # The structure's name member identifies the resource.
            return False
        if self.puts_another(method, {**members, **columns}, placed):
            return False
        return acts_on_row(self.table, method, {**members, **columns}, names)

    def puts_another(
        self, method: Method, columns: Iterable[str], placed: Mapping[str, tuple[RequestField, str]]
    ) -> bool:
        """Whether a completely replaced value could belong to another resource than the row's."""
        whole = {place.parameter for place, _ in placed.values() if place.form is ValueForm.WHOLE}
        return writes_another(self.table, method, [*columns], whole)

    def other(self, methods: Iterable[Method], given: Mapping[str, str]) -> Method | None:
        """The method that takes all of the columns, but could write another resource depending on
        their values."""
        for method in filter(lambda m: _takes_all(m, given), methods):
            placed = self._placed(method, given)
            names = set(parameters_of(self.table, method, placed, self.alias))
            if self.puts_another(method, sources(self.table, method, names) or (), placed):
                return method
        return None

    def _assigned(self, method: Method, given: Mapping[str, str]) -> dict[str, str]:
        return parameters_of(self.table, method, self._placed(method, given), self.alias)

    def _placed(
        self, method: Method, given: Mapping[str, str]
    ) -> dict[str, tuple[RequestField, str]]:
        """By column, its place in a method's request and its value."""
        placed = {}
        for written, value in given.items():
            column = column_of(self.table, written)
            place = self.place(method, written) or RequestField(written)
            placed[column.name if column is not None else written] = (place, value)
        return placed

    def _takes_one(self, method: Method, given: Mapping[str, str]) -> bool:
        if _takes_one(method, given):
            return True
        return any(
            (p := self.place(method, c)) is not None and p.form is ValueForm.PAIR for c in given
        )

    def is_way(self, method: Method, given: Mapping[str, str]) -> bool:
        """Whether a method takes all of the columns, and the rows provide its other required
        parameters."""
        return all(self.place(method, c) is not None for c in given) and self._is_complete(
            method, given
        )

    def _is_complete(self, method: Method, given: Mapping[str, str]) -> bool:
        assigned = self._assigned(method, given)
        own = carried(self.table, method, assigned, self.alias)
        given_anyway = {*assigned, *own, *self._copied(method)}
        is_said = sources(self.table, method, given_anyway) is not None
        return is_said and self.acts(method, given)

    def most(self, methods: Sequence[Method], left: Mapping[str, str]) -> list[str] | None:
        """The columns of the method that takes most of them."""
        best: list[str] = []
        for method in methods:
            taken = [c for c in left if self.place(method, c) is not None]
            if len(taken) > len(best) and self._is_complete(method, {c: left[c] for c in taken}):
                best = taken
        return best or None


def _takes_one(method: Method, given: Mapping[str, str]) -> bool:
    operation = method.operation
    is_named = any(parameter_name(method, c) in _GENERIC for c in given)
    said = operation.overlay.section("writers.toml", "one_at_a_time").get(operation.service.key)
    return said is not None and re.match(said, operation.name) is not None and not is_named
