"""Structures of requests that SELECT reads as the request spells them: VersioningConfiguration.

A response is often that structure, unwrapped into columns, so a row shows its members under other
names (VersioningStatus, VersioningMFADelete). Such a name reads a STRUCT of those columns, as an
UPDATE or INSERT of it takes it; ``made_columns`` offers them to statements. Only if rows show every
member: what is read must be what can be written back without loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.model import Column, Method, Role, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM, NESTED, RequestField, ValueForm
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.row_model.setting_methods import setting_methods
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.catalog.service import ServiceCatalog
from cirrusql.sql.quoting import quoted
from cirrusql.types import SqlType, struct_of

Path = tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """A parameter that rows show in parts."""

    column: Column
    """The STRUCT, under the parameter's name."""
    members: Mapping[Path, str]
    """By path in the structure, the column with its value."""

    @property
    def sql(self) -> str:
        """Its value over a relation with its parts; NULL if all of them are."""
        return _packed(self.members)


def structures(service: ServiceCatalog, table: Table) -> Iterator[Structure]:
    """The structures of a table."""
    sent_by_readers = {
        name
        for method in (*(m for m in table.methods if m.is_read), *(d.method for d in table.details))
        for name in method.parameters
    }
    claimed: dict[str, list[Structure | None]] = {}
    for method in (*table.reached_by(Verb.INSERT), *setting_methods(service, table)):
        for name, member in method.parameters.items():
            known = table.by_alias.get(name.lower())
            is_field = known is not None and known.role is not Role.PARAMETER
            if member.shape.kind is Kind.STRUCTURE and not is_field and name not in sent_by_readers:
                claimed.setdefault(name, []).append(_structure(table, method, name, member))
    for found in claimed.values():
        whole = [s for s in found if s is not None]
        # Operations may take less than the one that creates; they agree on what each member is.
        if whole and all(s.members.items() <= whole[0].members.items() for s in whole):
            yield whole[0]


def _structure(table: Table, method: Method, name: str, member: Member) -> Structure | None:
    places = places_of(table, method)
    at = {p.path: column for column, p in places.items() if _is_member(p, name)}
    others = method.operation.overlay.section("writers.toml", "not_read")
    if not at or name in others.get(f"{table.schema}.{table.name}", {}):
        return None
    type_ = _type(table, member.shape, at, ())
    if type_ is None:
        return None
    parts = [table.by_alias[c.lower()] for c in at.values()]
    column = Column(
        name,
        type_,
        Role.FIELD,
        member.documentation,
        is_sensitive=any(p.is_sensitive for p in parts),
        is_credential=any(p.is_credential for p in parts),
    )
    return Structure(column, at)


def _is_member(place: RequestField, parameter: str) -> bool:
    is_of_value = not (place.of or place.only_with or place.also or place.is_which)
    is_inside = place.form is ValueForm.MEMBER and ITEM not in place.path
    return place.parameter == parameter and is_inside and is_of_value


def _type(table: Table, shape: Shape, at: Mapping[Path, str], path: Path) -> SqlType | None:
    """The type of the structure with the columns' own values; None if one of its members is in no
    column, or in another form."""
    fields = []
    for name, member in shape.members.items():
        here = (*path, name)
        if here in at:
            type_ = table.by_alias[at[here].lower()].type
            kinds = {type_.name, sql_type(member.shape).name}
            if type_ != sql_type(member.shape) and kinds & {*NESTED, "BOOLEAN"}:
                return None
        elif any(p[: len(here)] == here for p in at) and member.shape.kind is Kind.STRUCTURE:
            inner = _type(table, member.shape, at, here)
            if inner is None:
                return None
            type_ = inner
        else:
            return None
        fields.append((name, type_))
    return struct_of(tuple(fields))


def _packed(members: Mapping[Path, str]) -> str:
    cells = []
    for name in dict.fromkeys(path[0] for path in members):
        inner = {p[1:]: c for p, c in members.items() if p[0] == name}
        value = quoted(inner[()]) if () in inner else _packed(inner)
        cells.append(f"{quoted(name)} := {value}")
    is_null = " AND ".join(f"{quoted(c)} IS NULL" for c in members.values())
    return f"CASE WHEN NOT ({is_null}) THEN struct_pack({', '.join(cells)}) END"
