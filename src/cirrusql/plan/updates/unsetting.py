"""SET column = NULL: the operation, or the value, that removes a column's value.

A NULL parameter is not sent, and most operations keep what they are not sent: the call would change
nothing. So NULL is done by an operation that removes only that value (DeleteUserPermissionsBoundary
for PutUserPermissionsBoundary), by the empty value that the documentation names, or by leaving it
out of a structure that is replaced as a whole; otherwise it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.identifiers import is_of_a_version, says_which
from cirrusql.catalog.inference.verbs import RELATES, parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.inverses.unset_pairs import unset_by
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.patches import Patched
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.row_model.request_fields import RequestField, ValueForm, column_of, places_of
from cirrusql.catalog.row_model.row_places import is_record
from cirrusql.catalog.write_rules.updates import keeps_what_is_left_out, replaces_all
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.empty_values import documented, empty
from cirrusql.plan.updates.row_values import flag_of
from cirrusql.plan.updates.splitting import places_in, splitting
from cirrusql.plan.writes.write_methods import sources
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.quoting import literal
from cirrusql.sql.split import Piece

_NOTHING: Mapping[str, str] = {
    Patched.MAP: "MAP {}::MAP(VARCHAR, VARCHAR)",
    Patched.ITEMS: "[]::VARCHAR[]",
}
"""Kinds of place where a patch operation of its own removes each entry or text."""
_WRAPS = frozenset("config configuration setting settings status".split())
"""Suffixes of a structure's name besides its subject."""


def is_null(expression: str) -> bool:
    """Whether an expression of SET is literally NULL."""
    tree: Any = parse_sql(Piece(f"SELECT {expression}", 0, f"SELECT {expression}"))
    return isinstance(tree.selects[0].unnest(), exp.Null)


def unsetting(
    catalog: Catalog, table: Table, given: Mapping[str, str], alias: str
) -> tuple[list[list[Part]], dict[str, str]]:
    """The calls that remove the columns that SET makes NULL, and the remaining assignments.

    Raises ProgrammingError for a column that nothing removes.
    """
    nulls = [c for c, expression in given.items() if is_null(expression)]
    taken: list[list[Part]] = []
    left = {c: expression for c, expression in given.items() if c not in nulls}
    done: set[str] = set()
    for column in nulls:
        if column in done:
            continue
        methods = [p.method for p in splitting(catalog, table, {column: "NULL"}, alias)[0]]
        if off := _turned_off(catalog, table, methods, column, alias):
            taken.append([off])
        elif group := _Group.of(catalog, table, methods, column, nulls, given):
            done |= {*group.nulls}
            parts, values = group.unset(alias)
            taken += parts
            left |= values
        elif (ways := _ended(catalog, table, methods, column, alias)) != []:
            taken.append(ways)
        else:
            left[column] = _value(catalog, table, methods, column)
    return taken, left


def _turned_off(
    catalog: Catalog, table: Table, methods: Sequence[Method], column: str, alias: str
) -> Part | None:
    """The call that disables what a column enables: with the value that it has."""
    found = column_of(table, column)
    for method in methods if found is not None else ():
        place = places_in(catalog, table, method, column)
        is_member = place is not None and place.form is ValueForm.MEMBER and len(place.path) == 1
        if place is None or not is_member or not _is_required(method, place):
            continue
        flag = flag_of(method, place.parameter)
        is_shown = any(p.path == (flag,) for p in places_of(table, method).values())
        if flag is not None and not is_shown and found is not None:
            cell = f'"{alias}"."{found.name}"'
            value = f"{{{literal(flag)}: false, {literal(place.path[0])}: {cell}}}"
            only_if = f"{cell} IS NOT NULL"
            return Part(method, {place.parameter: value}, only_if=only_if, sets=(column,))
    return None


def _ended(
    catalog: Catalog, table: Table, methods: Sequence[Method], column: str, alias: str
) -> list[Part]:
    """The operations that remove what the methods set, and nothing else."""
    found = column_of(table, column)
    # If it is NULL already, there is nothing to remove, and the service may return an error.
    only_if = f'"{alias}"."{found.name}" IS NOT NULL' if found is not None else ""
    ways = []
    for method in methods:
        place = places_in(catalog, table, method, column)
        is_one = place is not None and place.form is not ValueForm.MEMBER
        if place is not None and is_one and _gives_only(table, method, place):
            enders = _enders(catalog, table, method)
            ways += [Part(m, {}, only_if=only_if, sets=(column,)) for m in enders]
    return ways


def _enders(catalog: Catalog, table: Table, method: Method) -> list[Method]:
    """The operations that remove exactly what a method sets for a table's rows."""
    service, _ = catalog.service_catalog(table.provider, table.schema)
    names = unset_by(method.operation.name, service.service.operation_names)
    found = [service.method(name) for name in names]
    return [
        m
        for m in found
        if m not in table.reached_by(Verb.DELETE) and sources(table, m, ()) is not None
    ]


@dataclass(frozen=True)
class _Group:
    """Columns that a request takes as members of one structure, which is replaced as a whole.

    If none of them remains, there is no structure to send: an empty one is rejected, or has no
    effect.
    """

    catalog: Catalog
    table: Table
    method: Method
    place: RequestField
    """Of the first that is made NULL."""
    nulls: Mapping[str, str]
    """Those that are made NULL, by their spelling the column's name."""
    given: tuple[str, ...]
    """Those that SET assigns."""
    rest: tuple[str, ...]
    """Those that SET does not mention."""

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        table: Table,
        methods: Sequence[Method],
        column: str,
        nulls: Sequence[str],
        given: Mapping[str, str],
    ) -> _Group | None:
        """The columns in one structure with this one; None if it is in none."""
        for method in methods:
            place = places_in(catalog, table, method, column)
            if place is None or place.form is not ValueForm.MEMBER or place.is_in_item:
                continue
            if _empty(table, method, place) not in (None, "NULL"):
                continue
            spelled = {f.name: c for c in given if (f := column_of(table, c)) is not None}
            members = {
                name: p
                for name, p in places_of(table, method).items()
                if p.parameter == place.parameter and p.form is ValueForm.MEMBER
            }
            # One that has an empty value of its own is given that.
            unset = {
                spelled[n]: n
                for n, p in members.items()
                if spelled.get(n) in nulls and _empty(table, method, p) in (None, "NULL")
            }
            given_too = (n for n in members if n in spelled and spelled[n] not in unset)
            rest = (n for n in members if n not in spelled)
            return cls(catalog, table, method, place, unset, tuple(given_too), tuple(rest))
        return None

    def unset(self, alias: str) -> tuple[list[list[Part]], dict[str, str]]:
        """What takes them away, and the assignments that are left to be set."""
        enders = self._enders() if not self.given else []
        required = [c for c in self.nulls if self._is_required(self.nulls[c])]
        if enders and not self.rest:
            return [self._ended(enders, alias, "")], {}
        if required and self.rest and not self.given and self._may_be_empty():
            raise self._wants_all(required[0])
        if required and not enders and (self.given or self.rest):
            raise _not_unset(self.table, [self.method], ", ".join(required))
        if required and self.rest:
            raise self._wants_all(required[0])
        kept = " OR ".join(f'"{alias}"."{name}" IS NOT NULL' for name in self.rest)
        if enders:
            part = self._ended(enders, alias, f"NOT ({kept}) AND ")
            (ways, *others) = splitting(self.catalog, self.table, dict.fromkeys(self.nulls, "NULL"))
            put = [replace(p, only_if=f"({kept})") for p in ways]
            return [part, put, *others], {}
        if self.given or self._may_be_empty() or any(map(self._is_required, self.rest)):
            return [], dict.fromkeys(self.nulls, "NULL")
        if not kept or required:
            raise _not_unset(self.table, [self.method], ", ".join(self.nulls))
        error = literal(_not_unset(self.table, [self.method], ", ".join(self.nulls)).message)
        first, *more = self.nulls
        check = f"CASE WHEN NOT ({kept}) THEN error({error}) END"
        return [], {first: check, **dict.fromkeys(more, "NULL")}

    def _enders(self) -> list[Method]:
        """The operations that remove the structure, if it is the operation's subject."""
        words = set(snake_case(self.place.parameter).split("_")) - _WRAPS
        is_about = words <= set(parts(self.method.operation.name).noun)
        # Its optional parameters belong to what it is named after.
        others = [n for n in self._others() if not is_about or n in self.method.required]
        return [] if others else _enders(self.catalog, self.table, self.method)

    def _others(self) -> set[str]:
        """What the operation sets besides the structure."""
        given = {p.parameter for p in places_of(self.table, self.method).values()}
        given |= set(self.method.required)
        which = sources(self.table, self.method, [self.place.parameter]) or {}
        rest = given - {self.place.parameter, *which}
        return {n for n in rest if not says_which(n) and not is_of_a_version(n)}

    def _ended(self, enders: Sequence[Method], alias: str, condition: str) -> list[Part]:
        # Where all are NULL there is nothing to take away.
        there = " OR ".join(f'"{alias}"."{name}" IS NOT NULL' for name in self.nulls.values())
        sets = tuple(self.nulls)
        return [Part(m, {}, only_if=f"{condition}({there})", sets=sets) for m in enders]

    def _is_required(self, name: str) -> bool:
        return _is_required(self.method, places_of(self.table, self.method)[name])

    def _may_be_empty(self) -> bool:
        """Whether the operation removes what it sets when it is sent an empty structure."""
        name = self.place.parameter
        if replaces_all(self.method) and name not in self.method.required and self._others():
            return True
        member = self.method.parameters[name]
        said = plain_text(f"{self.method.operation.documentation} {member.documentation}")
        called = "|".join(map(re.escape, {name, member.shape.name}))
        return re.search(rf"\bempty <?(?:{called})\b", said) is not None

    def _wants_all(self, column: str) -> ProgrammingError:
        others = [*self.given, *self.rest]
        return ProgrammingError(
            f"UPDATE {self.table.id}: {column} cannot be set to NULL alone: "
            f"{self.method.operation.id} sets it together with {', '.join(others)}, and not "
            "without it",
            hint="SET " + ", ".join(f"{c} = NULL" for c in (*self.nulls, *others)),
        )


def _gives_only(table: Table, method: Method, place: RequestField) -> bool:
    """Whether a method sets this value only, so that its inverse removes no other."""
    if parts(method.operation.name).verb in RELATES and says_which(place.parameter):
        return True
    which = sources(table, method, [place.parameter])
    given = {p.parameter for p in places_of(table, method).values()} | set(method.required)
    others = given - {place.parameter} - set(which or ())
    return which is not None and all(says_which(n) or is_of_a_version(n) for n in others)


def _value(catalog: Catalog, table: Table, methods: Sequence[Method], column: str) -> str:
    """What is sent for NULL: the empty value, or nothing where missing values are dropped."""
    values = {_empty(table, m, places_in(catalog, table, m, column)) for m in methods}
    if len(values) == 1 and (value := next(iter(values))) is not None:
        return value
    raise _not_unset(table, methods, column)


def _not_unset(table: Table, methods: Sequence[Method], columns: str) -> ProgrammingError:
    told = " or ".join(dict.fromkeys(m.operation.id for m in methods))
    return ProgrammingError(
        f"UPDATE {table.id}: {columns} cannot be set to NULL: {told} keeps values that it is "
        "not sent, and no operation removes this one alone",
        hint=f"set it to a value: DESCRIBE METHOD {table.id}.{table.spelled(methods[0])} shows "
        "what is allowed",
    )


def _empty(table: Table, method: Method, place: RequestField | None) -> str | None:
    """SQL of a value that makes the setting method remove the column; None if there is none."""
    if place is not None and place.form is ValueForm.PATCH:
        return _NOTHING.get(place.path[0])
    if place is None:
        return None
    if (said := documented(method, place)) is not None:
        return said
    is_put = replaces_all(method) and not keeps_what_is_left_out(method)
    is_sent = place.parameter in method.required
    if place.form is ValueForm.MEMBER:
        # An item that is put is the whole row; one that is modified may keep what it is not sent.
        is_put = is_put or is_record(table, method)
        is_sent = _is_required(method, place)
    if is_put and not is_sent and place.form in (ValueForm.WHOLE, ValueForm.MEMBER):
        return "NULL"
    is_left_out = place.form is ValueForm.MEMBER and not place.is_in_item and not is_sent
    return empty(method, place) or ("NULL" if is_left_out else None)


def _is_required(method: Method, place: RequestField) -> bool:
    """Whether the structure requires it; a list that identifies a row always requires its item."""
    shape = method.parameters[place.parameter].shape
    for name in place.path[:-1]:
        shape = shape.element.shape if name == ITEM else shape.members[name].shape
    return place.path[-1] == ITEM or place.path[-1] in shape.required
