"""Names the columns that a detail adds to its table, and builds the final Detail.

``detail_methods`` finds the methods; here a draft of each gets its names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.behaviour.completeness import may_lack
from cirrusql.catalog.inference.operations_to_tables import plain_noun
from cirrusql.catalog.model import Column, Detail, FieldPath, Method, Pick, Role, RowPath
from cirrusql.catalog.relations.batch_size import most_of
from cirrusql.catalog.relations.detail_overrides import DetailNote
from cirrusql.catalog.relations.matching import full_name_instead
from cirrusql.catalog.relations.row_noun import Thing
from cirrusql.catalog.rows.column_types import (
    context_columns,
    member_at,
    sql_type,
)
from cirrusql.types import BIGINT, BOOLEAN, TIMESTAMPTZ, VARCHAR, SqlType

_MOST_OF_A_LISTING = 100
"""Estimated rows per page of a listing."""


@dataclass
class DetailDraft:
    """A detail under construction: ``fields`` are the response's, under their names there."""

    method: Method
    note: DetailNote
    keys: tuple[tuple[str, str], ...]
    joins: tuple[tuple[str, str], ...]
    many: str
    listing: Method
    fields: dict[str, Column] = field(default_factory=dict)
    is_listing: bool = False
    is_gathered: bool = False
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The path in the response to each list that is gathered, and to an attribute that is requested
    alone."""
    is_shown: bool = False
    is_of_tags: bool = False
    """It has the tags, which a creating request may take in another form."""
    columns: dict[str, str] = field(default_factory=dict)
    """The table's column for a field."""
    twins: dict[str, str] = field(default_factory=dict)
    """The same, for another resource's method that mostly repeats the listing."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Give every field of another resource's detail a unique name; returns the new columns."""

    @property
    def is_alone(self) -> bool:
        """Whether a call returns this one attribute of several."""
        return bool(self.paths) and not self.is_gathered


def output_of(method: Method) -> Shape:
    assert method.operation.output is not None
    return method.operation.output


def name_columns(
    thing: Thing, drafts: Sequence[DetailDraft], table: Mapping[str, Column]
) -> tuple[Column, ...]:
    """The columns that a draft provides: its fields, and the known keys of its map of
    attributes."""
    free = [d for d in drafts if not d.columns]
    uses = Counter(n.lower() for d in free for n in _column_names(d))
    taken = {n for n, c in table.items() if c.role is not Role.PARAMETER}
    added: list[Column] = []
    for draft in free:
        group = plain_noun(draft.method.operation.name)
        if group[: len(thing.words)] == thing.words:
            group = group[len(thing.words) :]
        renamed: dict[str, str] = {}
        for name, column in _column_names(draft).items():
            given = draft.note.columns.get(name, name)
            parameter = table.get(given.lower(), column)
            is_twice = given == name and uses[name.lower()] > 1
            # A request may wrap what a response has bare, and an attribute is set under its name.
            is_alike = draft.is_of_tags or draft.is_alone
            is_unlike = parameter.type != column.type and not is_alike
            if given.lower() in taken or is_twice or is_unlike:
                given = _prefixed(group, name)
                is_unlike = table.get(given.lower(), column).type != column.type
            if given.lower() in taken or is_unlike:
                continue
            taken.add(given.lower())
            renamed[name] = given
            added.append(replace(column, name=given))
        draft.columns = renamed
    return tuple(added)


def _column_names(draft: DetailDraft) -> dict[str, Column]:
    """The columns that a draft provides: its fields, and the known keys of its map of
    attributes."""
    found = {n: c for n, c in draft.fields.items() if n not in draft.twins}
    for name in list(found):
        keys = _attributes(draft, name)
        if keys:
            del found[name]
            found |= {
                k: Column(k, _key_type(draft, k) or VARCHAR, Role.FIELD, f"{k} of {name}.")
                for k in keys
            }
    same = {c.lower() for _, c in draft.keys}
    return {n: c for n, c in found.items() if n.lower() not in same}


def _attributes(draft: DetailDraft, name: str) -> tuple[str, ...]:
    """The keys that a map of texts can have, according to the model or the notes."""
    path = draft.method.rows.fields.get(name) if draft.method.rows is not None else None
    if path is None or draft.paths:
        return ()
    shape = member_at(output_of(draft.method), draft.method.rows or RowPath(), path).shape
    if shape.kind is not Kind.MAP or shape.value.shape.kind is not Kind.STRING:
        return ()
    return draft.note.attributes or tuple(k for k in shape.key.shape.enum if k != "All")


_TYPES = {"integer": BIGINT, "boolean": BOOLEAN, "seconds": TIMESTAMPTZ}


def _key_type(draft: DetailDraft, key: str) -> SqlType | None:
    """What the text of a key stands for, where the notes say that it is none."""
    return _TYPES[draft.note.types[key]] if key in draft.note.types else None


def _prefixed(group: Sequence[str], name: str) -> str:
    """``VersioningStatus``; in an API with lower-case names, ``scalingStatus``."""
    words = "".join(w.capitalize() for w in group)
    if name[:1].islower():
        words = words[:1].lower() + words[1:]
    return words + name[:1].upper() + name[1:]


def detail_of(thing: Thing, draft: DetailDraft, table: Mapping[str, Column]) -> Detail:
    rows = draft.method.rows
    assert rows is not None
    sent = {p.lower() for p, _ in draft.joins}
    own: dict[str, Column] = {}
    fields: dict[str, FieldPath] = {}
    picks: dict[str, Pick] = {}
    for name, column in draft.fields.items():
        keys = {k: c for k in _attributes(draft, name) if (c := draft.columns.get(k)) is not None}
        target = draft.columns.get(name) or draft.twins.get(name)
        if target is None and not keys:
            continue
        called = target or name
        if called.lower() in sent:
            called = f"{called}_answered"
        fields[called] = FieldPath(0, draft.paths[name]) if draft.paths else rows.fields[name]
        own[called] = replace(column, name=called)
        if target is not None:
            picks[target] = Pick(called)
        picks |= {c: Pick(called, k, _key_type(draft, k)) for k, c in keys.items()}
    for name, column_name in draft.joins:
        is_matched = draft.is_listing and name not in dict(draft.keys)
        if name in rows.fields and (
            is_matched or (draft.many and name not in draft.method.parameters)
        ):
            fields[name] = rows.fields[name]
            own[name] = replace(table[column_name.lower()], name=name, role=Role.FIELD)
        else:
            shape = draft.method.operation.parameters[name].shape
            own[name] = Column(name, sql_type(shape), Role.PARAMETER)
    or_full_name = full_name_instead(
        thing, draft.method, draft.listing, dict(draft.keys).get(draft.many), draft.joins
    )
    if or_full_name and or_full_name not in own:
        fields[or_full_name] = rows.fields[or_full_name]
        own[or_full_name] = Column(or_full_name, VARCHAR, Role.FIELD)
    made = RowPath((), fields, ()) if draft.paths else RowPath(rows.lists, fields, rows.single)
    return Detail(
        method=replace(draft.method, rows=made),
        keys=draft.keys,
        joins=draft.joins,
        own=own,
        columns=(*own.values(), *context_columns([draft.method])),
        picks=picks,
        # A field that repeats what the row was requested with.
        constants=tuple(c for c in draft.note.constants if c[0] not in dict(draft.keys)),
        skipped=draft.note.skip,
        many=draft.many,
        most=_most(draft),
        may_lack=may_lack(draft.method.operation),
        or_full_name=or_full_name,
        is_gathered=draft.is_gathered,
        is_listing=draft.is_listing,
        is_twin=bool(draft.twins),
        is_shown=draft.is_shown,
    )


def _most(draft: DetailDraft) -> int:
    """The number of rows per call."""
    if draft.is_listing:
        return _MOST_OF_A_LISTING
    is_matched = bool(draft.many) and draft.many not in dict(draft.joins)
    return draft.note.most or most_of(draft.method.operation, draft.many) if is_matched else 1
