"""The columns that join a detail's rows with a listing's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cirrusql.catalog.inference.identifiers import FULL, ending_of, same_value, spelled
from cirrusql.catalog.inference.words import singular_name, snake_case
from cirrusql.catalog.model import Method
from cirrusql.catalog.relations.row_noun import Thing


def joins_of(
    thing: Thing, method: Method, keys: Sequence[tuple[str, str]], many: str
) -> tuple[tuple[str, str], ...]:
    """A single key joins with the row's value; for several keys per call, a response field says
    which is which."""
    found = [(p, c) for p, c in keys if p != many]
    if many:
        column = dict(keys)[many]
        own = _answered_as(thing, many, column, method.rows.fields if method.rows else ())
        found.append((own, column) if own is not None else (many, column))
    return tuple(found)


def _answered_as(thing: Thing, many: str, column: str, fields: Iterable[str]) -> str | None:
    """The field by which a batch response says which key each row belongs to."""
    by_name = {snake_case(n): n for n in fields}
    names = [snake_case(column), *same_value(singular_name(many), thing.words)]
    return next((by_name[n] for n in names if n in by_name), None)


def full_name_instead(
    thing: Thing,
    method: Method,
    listing: Method,
    column: str | None,
    joins: Sequence[tuple[str, str]],
) -> str:
    """The full name in a batch response, if it may equal the key sent: for a listing of plain
    values.

    The same parameter takes names and full names (``BatchGetFleets``), and no model says which of
    them a listing of texts returns. Empty if the listing says its kind, or if its values are
    matched directly.
    """
    rows, listed = method.rows, listing.rows
    if (
        column is None
        or rows is None
        or listed is None
        or column not in listed.fields
        or listed.fields[column].path
    ):
        return ""
    fields = {snake_case(n): n for n in rows.fields}
    own = next(own for own, of in joins if of == column)
    found = next((fields[s] for s in spelled(thing.words, FULL) if s in fields), "")
    return "" if ending_of(column) or own not in rows.fields or own == found else found
