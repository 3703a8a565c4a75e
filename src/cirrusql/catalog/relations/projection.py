"""Chooses the reader that provides a table's rows, the readers of each column, and what a star
shows.

A table has one row source: the listing that requires least and returns most. Another listing
replaces it only if its rows have the same fields. So the rows, and each value in them, are the same
whichever columns a statement names.

If readers give a field different types, they return different information. The one that returns
more provides the column, if its keys are in the rows; the others are treated as not having it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from cirrusql.api.model import Kind
from cirrusql.catalog.inference.verbs import LISTS, TELLS, parts
from cirrusql.catalog.model import Column, Detail, Method, Role
from cirrusql.catalog.relations.detail_overrides import listing_note
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.catalog.secrets.secret_columns import SECRET_NAMES
from cirrusql.types import ListType, MapType, SqlType, StructType


def is_listing(method: Method) -> bool:
    """Whether a reading method finds rows itself, rather than those whose keys it is given."""
    if method.rows is None or not method.rows.lists:
        return False
    return not any(method.operation.parameters[k].shape.kind is Kind.LIST for k in method.keys)


def row_source(readers: Iterable[Method]) -> Method | None:
    """The listing that provides a table's rows; None if nothing lists them.

    Prefers lookups over computations, no secrets, fewest keys, then listing over getting by name
    or by likeness, then most fields.
    """
    listings = [m for m in readers if is_listing(m)]
    return min(listings, key=_least_asked, default=None)


def _least_asked(method: Method) -> tuple[bool, bool, int, bool, bool, int, int, str]:
    assert method.rows is not None
    name = method.operation.name
    # Resources accessible with a user's token are that user's own.
    is_own = any(SECRET_NAMES.search(key) for key in method.keys)
    return (
        _is_worked_out(method),
        is_own,
        len(method.keys),
        parts(name).is_batch,
        # QueryVectors returns the vectors most like the one that it is given, ListVectors all.
        parts(name).verb == "query",
        -len(method.rows.fields),
        len(name),
        name,
    )


def _is_worked_out(method: Method) -> bool:
    """Whether its rows are computed from its parameters, rather than looked up."""
    return parts(method.operation.name).verb not in LISTS | TELLS


def gives_same_rows(one: Method, other: Method) -> bool:
    """Whether two listings return the same rows: SearchTables and GetTables."""
    a, b = one.rows, other.rows
    return one is other or (a is not None and b is not None and set(a.fields) == set(b.fields))


def told_by(listing: Method) -> tuple[str, ...]:
    """What a listing returns about a resource: its fields, and those for which a detail
    has more."""
    shape, rows = listing.operation.output, listing.rows
    assert shape is not None
    assert rows is not None
    for path in rows.lists:
        for step in path:
            shape = shape.members[step].shape
        shape = shape.element.shape
    if shape.kind is not Kind.STRUCTURE:
        return tuple(rows.fields)
    given = {step.lower() for path in rows.fields.values() for step in path.path[:1]}
    left_out = listing_note(listing.operation).absent
    return (
        *rows.fields,
        *(n for n in shape.members if n.lower() not in given and n not in left_out),
    )


def agreed(readers: Sequence[Method], is_detail: Callable[[Method], bool]) -> list[Method]:
    """The readers, in order, each with only the fields that it returns as the table has them.

    ``is_detail``: whether a listing's rows provide its keys.
    """
    if len(readers) < 2:
        return list(readers)
    types: dict[str, list[tuple[Method, SqlType]]] = {}
    for method in readers:
        for column in method_columns(method):
            types.setdefault(column.name.lower(), []).append((method, column.type))
    dropped: dict[int, set[str]] = {}
    for name, given in types.items():
        best = _richest(given, is_detail) if len({t for _, t in given}) > 1 else given[0][1]
        for method, type_ in given:
            if type_ != best:
                dropped.setdefault(id(method), set()).add(name)
    return [_without(m, dropped[id(m)]) if id(m) in dropped else m for m in readers]


def _richest(
    given: Sequence[tuple[Method, SqlType]], is_detail: Callable[[Method], bool]
) -> SqlType:
    best = next((t for m, t in given if is_listing(m)), given[0][1])
    for method, type_ in given:
        if tells_more(type_, best) and (is_listing(method) or is_detail(method)):
            best = type_
    return best


def tells_more(rich: SqlType, poor: SqlType) -> bool:
    """Whether values of one type contain all that values of the other do, and more."""
    return rich != poor and _holds(rich, poor)


def _holds(rich: SqlType, poor: SqlType) -> bool:
    if isinstance(rich, StructType) and isinstance(poor, StructType):
        fields = dict(rich.fields)
        return all(name in fields and _holds(fields[name], type_) for name, type_ in poor.fields)
    if isinstance(rich, ListType) and isinstance(poor, ListType):
        return _holds(rich.element, poor.element)
    if isinstance(rich, MapType) and isinstance(poor, MapType):
        return _holds(rich.value, poor.value)
    return rich == poor


def _without(method: Method, names: Iterable[str]) -> Method:
    assert method.rows is not None
    left = {n: p for n, p in method.rows.fields.items() if n.lower() not in names}
    # A reader with nothing else is used as far as the column's type allows.
    return replace(method, rows=replace(method.rows, fields=left)) if left else method


def starred(
    readers: Sequence[Method], details: Iterable[Detail], columns: Iterable[Column]
) -> frozenset[str]:
    """The fields and parameters that SELECT * shows: the row source's fields and parameters.

    Plus the fields of details that a star includes. For a table without a listing, the fields of
    each reader.
    """
    by_name = {c.name.lower(): c for c in columns}
    source = row_source(readers)
    found = given_by(source, by_name) if source is not None else _of_every(readers, by_name)
    if source is None:
        return frozenset(found)
    shown = [d for d in details if d.is_shown and all(column in found for _, column in d.keys)]
    again = {c.name for c in by_name.values() if c.role is Role.FIELD and c.told_by in found}
    return frozenset(found.union(again, *(d.picks for d in shown)))


def given_by(method: Method, by_name: dict[str, Column]) -> set[str]:
    """The columns of a method's rows: its fields and required parameters."""
    fields = method.rows.fields if method.rows is not None else ()
    names = (by_name.get(n.lower()) for n in (*fields, *method.keys))
    return {c.name for c in names if c is not None and c.role is not Role.CONTEXT}


def _takes_structures(method: Method) -> bool:
    """Whether one of its keys is a list of requests, which no other row can provide."""
    shapes = (method.operation.parameters[key].shape for key in method.keys)
    return any(s.kind is Kind.LIST and s.element.shape.kind is Kind.STRUCTURE for s in shapes)


def _of_every(readers: Sequence[Method], by_name: dict[str, Column]) -> set[str]:
    """What the reader that requires least returns, as far as its substitutes return it too."""
    ordered = sorted(readers, key=lambda m: (_takes_structures(m), *_least_asked(m)))
    if not ordered:
        return set()
    found = given_by(ordered[0], by_name)
    for other in ordered[1:]:
        if _is_worked_out(other) and not _is_worked_out(ordered[0]):
            continue  # TestTransformer returns nothing about an existing transformer
        if not set(ordered[0].keys) <= set(other.keys):
            common = found & given_by(other, by_name)
            found = common or found
    return found
