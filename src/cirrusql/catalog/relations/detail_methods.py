"""Finds methods that return further columns of a listing's rows: ListTables and DescribeTable are
one table.

A method is a detail of a table if each of its required parameters is among a listing's fields, or
among the listing's own required parameters. Names decide, and a wrong join is worse than none:

- A parameter is the field of exactly its name (``KeyId``), or identifies one of the table's
  resources (``SecretId``, ``restApiId``, ``clusters``, or simply ``name``) and matches the
  resource's name, id or full name, or the only value of a listing that returns nothing but names.
- The table's own Get, Describe and BatchGet methods are details; of the service's other resources,
  those named after the table's resource and requested with its identifier alone:
  ``GetBucketVersioning``.
- ``details.toml`` has what no rule can know.

A column that the listing has is the listing's. A further column of another resource is prefixed
with that resource's name if two would have the same name: ``VersioningStatus``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cirrusql.api.model import Kind, Operation, Service, Shape
from cirrusql.catalog.inference.identifiers import (
    SUREST,
    ending_of,
    items_of,
    own_names,
    spellings,
    stem_of,
)
from cirrusql.catalog.inference.operations_to_tables import plain_noun
from cirrusql.catalog.inference.verbs import DESCRIBES, LISTS, MAKES, parts
from cirrusql.catalog.inference.words import singular_name, snake_case, thing_noun
from cirrusql.catalog.model import Column, Detail, FieldPath, Method, RowPath
from cirrusql.catalog.relations.detail_columns import (
    DetailDraft,
    detail_of,
    name_columns,
    output_of,
)
from cirrusql.catalog.relations.detail_overrides import (
    DetailNote,
    detail_note,
    detail_notes,
    listing_note,
    named_note,
)
from cirrusql.catalog.relations.matching import full_name_instead, joins_of
from cirrusql.catalog.relations.projection import gives_same_rows, is_listing, row_source, told_by
from cirrusql.catalog.relations.row_noun import Thing
from cirrusql.catalog.relations.same_values import told_again
from cirrusql.catalog.relations.tag_details import is_tags, tag_note
from cirrusql.catalog.rows.answer_lists import is_aside
from cirrusql.catalog.rows.column_types import (
    field_column,
    member_at,
    method_columns,
    sql_type,
)
from cirrusql.catalog.rows.single_attributes import SingleAttributes, single_attributes

_MOST_OF_A_SUMMARY = 6
"""A listing with at most this many fields, whose details have at least as many more, returns little
more than names: SELECT * then uses the details too."""
_SCALARS = (Kind.STRING, Kind.INTEGER, Kind.LONG)
_NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)


@dataclass(frozen=True)
class FoundDetails:
    """The details of a table, and the columns that they add to it."""

    details: tuple[Detail, ...] = ()
    added: tuple[Column, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    """By name, the columns of a detail that repeat a listing's column, with that column."""


def find_details(
    resource: str,
    readers: Sequence[Method],
    columns: Sequence[Column],
    others: Iterable[tuple[Method, bool]] = (),
    tags: tuple[Method, str] | None = None,
) -> FoundDetails:
    """Find the details of a resource's listings.

    ``readers``: its own reading methods; ``columns``: the table's so far; ``others``: the methods
    of other resources that may describe its resources (see ``may_tell_of``), each with whether that
    resource ``is_thing``; ``tags``: the operation that lists the tags of any resource of the
    service, if the rows show none, and the name of its column.
    """
    thing = Thing(resource)
    listings = _listings(readers)
    if not listings:
        return FoundDetails()
    by_name = {c.name.lower(): c for c in columns}
    own = _without_needless_streams(_own(thing, readers, listings, by_name), listings)
    drafts = [*own, *_others(thing, others, listings, own, by_name)]
    if tags is not None and not any(is_tags(n) for d in drafts for n in d.fields):
        drafts += _tags(thing, *tags, listings, own)
    added = name_columns(thing, drafts, by_name)
    details = tuple(
        detail_of(thing, d, by_name | {c.name.lower(): c for c in added}) for d in drafts
    )
    told = {d.columns[f]: c for d in reversed(own) for f, c in d.told.items() if f in d.columns}
    return FoundDetails(details, added, {n: c for n, c in told.items() if n not in told.values()})


def is_detail(resource: str, readers: Sequence[Method]) -> Callable[[Method], bool]:
    """Whether the rows of a resource's listings provide the keys of one of its methods."""
    thing = Thing(resource)
    listings = _listings(readers)
    return lambda method: _asked_by_rows(thing, method, listings) is not None


def _listings(readers: Sequence[Method]) -> list[Method]:
    """The listings, the row source first."""
    source = row_source(readers)
    return (
        []
        if source is None
        else [source, *(m for m in readers if is_listing(m) and m is not source)]
    )


def may_tell(service: Service, operation: str) -> bool:
    """Whether an operation, by its name, may describe any other resource."""
    is_noted = f"{service.key}:{operation}" in detail_notes(service.overlay)
    return is_noted or parts(operation).verb in DESCRIBES


def may_tell_of(resource: str, service: Service, operation: str) -> bool:
    """Whether another resource's operation, by its name, may describe this one's resources."""
    note = named_note(service, operation, resource)
    if note.of or note.is_none:
        return note.of == resource
    thing = thing_noun(resource)
    noun = plain_noun(operation)
    return (
        parts(operation).verb in DESCRIBES
        and len(noun) > len(thing)
        and noun[: len(thing)] == thing
    )


def is_thing(operations: Iterable[str]) -> bool:
    """Whether a resource's operations list or create resources of its own."""
    return any(parts(name).verb in LISTS | MAKES for name in operations)


def _own(
    thing: Thing, readers: Sequence[Method], listings: Sequence[Method], table: Mapping[str, Column]
) -> Iterator[DetailDraft]:
    """The table's own methods that return what a listing does not."""
    for method in readers:
        is_none = detail_note(method.operation, thing.resource).is_none
        if method.rows is None or is_none:
            continue
        if method in listings:
            draft = _listed_again(thing, method, listings[0])
        else:
            draft = _asked_by_rows(thing, method, listings)
        if draft is None:
            continue
        asked_by = {c for _, c in draft.keys}
        for column in method_columns(method):
            known = table.get(column.name.lower())
            if known is not None and known.type == column.type and known.name not in asked_by:
                draft.fields[column.name] = column
                draft.columns[column.name] = known.name
        is_either = full_name_instead(
            thing, method, draft.listing, dict(draft.keys).get(draft.many), draft.joins
        )
        if not draft.is_listing and not is_either:
            draft.told = told_again(
                thing, method, draft.listing, draft.keys, draft.joins, draft.many, draft.note
            )
        named = told_by(draft.listing)
        new = {c.lower() for c in draft.columns.values()} - {n.lower() for n in named}
        draft.is_shown = (
            not draft.is_listing and len(named) <= _MOST_OF_A_SUMMARY and len(new) >= len(named)
        )
        if not new:
            # It returns nothing else, but its keys identify the row.
            draft.fields, draft.columns, draft.is_shown = {}, {}, False
        if new or not draft.is_listing:
            yield draft


def _without_needless_streams(
    drafts: Iterable[DetailDraft], listings: Sequence[Method]
) -> list[DetailDraft]:
    """The drafts; streamed contents are read only if nothing else returns a column, and never by a
    star."""
    made = list(drafts)
    streams = [d for d in made if _is_streamed(d.method.operation)]
    if not streams:
        return made
    told = {n.lower() for m in listings for n in _members(m)}
    told |= {c.lower() for d in made if d not in streams for c in d.columns.values()}
    for draft in streams:
        draft.columns = {f: c for f, c in draft.columns.items() if c.lower() not in told}
        draft.fields = {f: column for f, column in draft.fields.items() if f in draft.columns}
        draft.told, draft.is_shown = {}, False
    return [d for d in made if d.fields or d not in streams]


def _listed_again(thing: Thing, method: Method, source: Method) -> DetailDraft | None:
    """Another listing of the row source's resources, matched by their identifiers."""
    if method is source or gives_same_rows(method, source) or method.rows is None:
        return None
    note = detail_note(method.operation, thing.resource)
    keys = [(p, _key_column(thing, p, method, source, note)) for p in method.keys]
    shapes = {p: method.operation.parameters[p].shape for p in method.keys}
    found = tuple((p, c) for p, c in keys if c is not None and _suits(shapes[p], source, c))
    own, ours = ({snake_case(n): n for n in _members(m)} for m in (method, source))
    same = next(
        (n for n in own_names(thing.words) if n in own and n in ours and own[n] not in method.keys),
        None,
    )
    if len(found) < len(keys) or same is None:
        return None
    joins = (*found, (own[same], ours[same]))
    return DetailDraft(method, note, found, joins, "", source, is_listing=True)


def _members(listing: Method) -> tuple[str, ...]:
    return tuple(listing.rows.fields) if listing.rows is not None else ()


def _others(
    thing: Thing,
    others: Iterable[tuple[Method, bool]],
    listings: Sequence[Method],
    own: Sequence[DetailDraft],
    table: Mapping[str, Column],
) -> Iterator[DetailDraft]:
    """Methods of other resources: each adds a group of columns."""
    for method, is_other_thing in others:
        note = detail_note(method.operation, thing.resource)
        if method.rows is None or method.operation.is_deprecated or _is_streamed(method.operation):
            continue
        if (single := single_attributes(method.operation)) is not None:
            yield from _one_by_one(thing, method, single, listings, is_other_thing=is_other_thing)
            continue
        draft = _asked_by_rows(thing, method, listings, is_own=False)
        if draft is None or (not note.of and not _is_property(thing, draft, is_other_thing)):
            continue
        if method.rows.lists and not draft.many:
            if not _lists(method) or (method.operation.paging is not None and not note.of):
                # A paged response: a collection that belongs to the resource, not a property.
                continue
            draft.is_gathered = True
            draft.paths = _lists(method)
            draft.fields = {name: _column_at(method, name, at) for name, at in draft.paths.items()}
        else:
            draft.fields = {c.name: c for c in method_columns(method)}
        same = {p.lower() for p, _ in draft.keys} | {c.lower() for _, c in draft.keys}
        identity = {thing.whole, *own_names(thing.words)}
        given = {n.lower() for m in listings for n in _members(m)}
        same |= {n.lower() for n, _ in draft.joins}
        known = given | {c.lower() for d in own for c in d.columns.values()}
        rest = [n for n in draft.fields if n.lower() not in same]
        again = {n for n in rest if n.lower() in known}
        if len(again) > len(rest) / 2 and not draft.many and not draft.is_gathered:
            twins = {n: _same_column(draft.fields[n], table) for n in again}
            draft.twins = {n: c for n, c in twins.items() if c is not None}
        for name in list(draft.fields):
            is_known = snake_case(name) in identity or len(again) > len(rest) / 2
            if name.lower() in same or (name in again and is_known and name not in draft.twins):
                del draft.fields[name]
        draft.is_shown = note.is_shown
        if draft.fields.keys() - draft.twins:
            yield draft


def _one_by_one(
    thing: Thing,
    method: Method,
    single: SingleAttributes,
    listings: Sequence[Method],
    *,
    is_other_thing: bool,
) -> Iterator[DetailDraft]:
    """A detail for each attribute that the rows lack, as a call returns one."""
    note = detail_note(method.operation, thing.resource)
    keys = {n: "" for n in method.required if n != single.parameter}
    given = {n.lower() for m in listings for n in _members(m)}
    for value, path in single.paths.items():
        constants = (*note.constants, (single.parameter, value))
        asked = replace(note, keys=keys, constants=constants)
        draft = _asked_by_rows(thing, method, listings, is_own=False, note=asked)
        if draft is None or not _is_property(thing, draft, is_other_thing):
            return
        name = path[0]
        if name.lower() not in given:
            draft.paths = {name: path}
            draft.fields = {name: _column_at(method, name, path)}
            yield draft


def _tags(
    thing: Thing,
    method: Method,
    called: str,
    listings: Sequence[Method],
    own: Sequence[DetailDraft],
) -> Iterator[DetailDraft]:
    """The operation that lists the tags of the rows, by what a listing or else a detail returns."""
    takes_tags = called != ""
    note = tag_note(thing, method, map(_members, listings), takes_tags=takes_tags)
    draft = (
        _asked_by_rows(thing, method, listings, is_own=False, note=note)
        if note is not None
        else None
    )
    if draft is None:
        told = [d.columns.values() for d in own if not d.is_listing]
        note = tag_note(thing, method, told, takes_tags=takes_tags)
        keys = tuple(note.keys.items()) if note is not None else ()
        draft = DetailDraft(method, note, keys, keys, "", listings[0]) if note is not None else None
    if draft is None or method.rows is None:
        return
    if method.rows.lists:
        draft.is_gathered = True
        draft.paths = {n: p for n, p in _lists(method).items() if is_tags(n)}
        draft.fields = {name: _column_at(method, name, at) for name, at in draft.paths.items()}
    else:
        draft.fields = {c.name: c for c in method_columns(method) if is_tags(c.name)}
    draft.is_of_tags = True
    draft.note = replace(draft.note, columns={n: called or n for n in draft.fields})
    if len(draft.fields) == 1:
        yield draft


def _same_column(column: Column, table: Mapping[str, Column]) -> str | None:
    known = table.get(column.name.lower())
    return known.name if known is not None and known.type == column.type else None


def _lists(method: Method) -> dict[str, tuple[str, ...]]:
    """The lists in a response about one resource, by the names of their columns: the rows' own
    first."""
    assert method.rows is not None
    if len(method.rows.lists) != 1:
        return {}
    path = method.rows.lists[0]
    found = {path[-1] if path[-1].lower() != "items" else path[0]: path}
    for name, member in output_of(method).members.items():
        if member.shape.kind is Kind.LIST and not is_aside(name):
            found.setdefault(name, (name,))
    return found


def _column_at(method: Method, name: str, path: tuple[str, ...]) -> Column:
    member = member_at(output_of(method), RowPath(), FieldPath(0, path))
    return field_column(name, member)


def _is_streamed(operation: Operation) -> bool:
    return operation.output is not None and any(
        m.is_streaming for m in operation.output.members.values()
    )


def _asked_by_rows(
    thing: Thing,
    method: Method,
    listings: Sequence[Method],
    *,
    is_own: bool = True,
    note: DetailNote | None = None,
) -> DetailDraft | None:
    """The draft of a method whose keys are all in the rows of one of the listings."""
    note = note or detail_note(method.operation, thing.resource)
    if is_own and note.of not in ("", thing.resource):
        # As another resource's method, its keys have other columns than in its own table.
        note = DetailNote()
    wanted = tuple(note.keys) or method.keys
    if is_own and not note.keys and all(k in m.keys for k in wanted for m in listings[:1]):
        # Required parameters of the listing select the list; optional ones identify a resource in
        # it.
        wanted += _named_by(thing, method, listings)
    shapes = {p: method.operation.parameters[p].shape for p in wanted}
    lists = [p for p, shape in shapes.items() if shape.kind is Kind.LIST]
    if (
        not wanted
        or len(lists) > 1
        or set(method.keys) - set(wanted) - {n for n, _ in note.constants}
    ):
        return None
    for listing in listings:
        keys = [(p, _key_column(thing, p, method, listing, note)) for p in wanted]
        unknown = [p for p, column in keys if column is None]
        if is_own and len(unknown) == 1 and (only := _only_value(listing)):
            keys = [(p, column or only) for p, column in keys]
        found = tuple((p, c) for p, c in keys if c is not None and _suits(shapes[p], listing, c))
        # With no keys but the listing's own, it would describe no particular row.
        is_of_row = any(c not in listing.keys for _, c in found)
        if len(found) == len(keys) and is_of_row:
            many = lists[0] if lists else ""
            joins = joins_of(thing, method, found, many)
            return DetailDraft(method, note, found, joins, many, listing)
    return None


def _only_value(listing: Method) -> str | None:
    """The column of a listing that returns nothing but names: it identifies the resource, whatever
    it is called."""
    fields = listing.rows.fields if listing.rows is not None else {}
    return next((n for n, path in fields.items() if not path.path and len(fields) == 1), None)


def _named_by(thing: Thing, method: Method, listings: Sequence[Method]) -> tuple[str, ...]:
    """The optional parameter that identifies the resource, for a method that reads one."""
    found = parts(method.operation.name)
    if (
        found.verb not in DESCRIBES
        or method in listings
        or (method.rows is not None and method.rows.lists)
    ):
        return ()
    note = detail_note(method.operation, thing.resource)
    scalars = {n for n, m in method.parameters.items() if m.shape.kind in _SCALARS} - {*method.keys}
    named = [n for n in scalars if ending_of(n) and thing.is_meant(n)]
    # A version of an image is identified by the image and its Version.
    named += [
        n
        for n in scalars
        if not ending_of(n) and stem_of(n)[-1:] in (thing.words, thing.words[-1:])
    ]
    asked = [n for n in named if any(_key_column(thing, n, method, m, note) for m in listings)]
    # A full name is the only one of its kind.
    return tuple(sorted(asked, key=lambda n: (SUREST.index(ending_of(n)), n))[:1])


def _is_property(thing: Thing, draft: DetailDraft, is_other_thing: bool) -> bool:
    """Whether another resource's method with one key uses it to identify this resource.

    A plain ``Name`` or ``Id`` does so only if the other resource has no resources of its own.
    """
    stem = stem_of(draft.keys[0][0])
    is_one_each = len(draft.keys) == 1 and (not draft.many or _is_by_key(draft))
    return is_one_each and (stem == thing.words or (not stem and not is_other_thing))


def _is_by_key(draft: DetailDraft) -> bool:
    """Whether a batch returns a map with one resource under each key sent."""
    rows = draft.method.rows
    own = draft.joins[0][0]
    return (
        rows is not None and len(rows.lists) == 1 and rows.fields.get(own) == FieldPath(1, ("key",))
    )


def _key_column(
    thing: Thing, parameter: str, method: Method, listing: Method, note: DetailNote
) -> str | None:
    """The column of a listing's rows with the values of a method's parameter."""
    assert listing.rows is not None
    given = note.keys.get(parameter) or listing_note(listing.operation).keys.get(parameter)
    fields = {snake_case(n): n for n in listing.rows.fields}
    if given:
        return given if given in listing.rows.fields or given in listing.parameters else None
    itself, *others = spellings(
        singular_name(parameter),
        thing.words,
        method.operation.parameters[parameter],
        items_of(listing),
    )
    if itself in fields:
        return fields[itself]
    if parameter in listing.keys:
        return parameter
    return next((fields[s] for s in others if s in fields), None)


def _suits(shape: Shape, listing: Method, column: str) -> bool:
    """Whether a parameter takes what a listing's column contains: one value of the same type."""
    one = shape.element.shape if shape.kind is Kind.LIST else shape
    if one.kind in _NESTED:
        return False
    rows = listing.rows
    assert rows is not None
    if column in rows.fields:
        of = member_at(output_of(listing), rows, rows.fields[column]).shape
    else:
        of = listing.operation.parameters[column].shape
    return of.kind not in _NESTED and sql_type(one) == sql_type(of)
