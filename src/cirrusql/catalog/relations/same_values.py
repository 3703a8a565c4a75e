"""Finds columns of a detail that repeat a listing's column under another name.

``ListClusters`` returns ``cluster``, and ``DescribeCluster``, called with it as ``name``, returns
``name`` among others: every row has the same value under both names, so neither costs a call. A
response field equals the key sent if

- batch responses are matched with their rows by it, or
- it has the parameter's name (or its resource's: ``clusterName``, ``name``), and the parameter
  takes one kind of value, which is that of the listing's column. A parameter that takes names and
  full names may be answered with the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cirrusql.api.model import Member
from cirrusql.catalog.inference.fitness import takes_full_name
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.identifiers import ending_of, fields_of, is_told_of, same_value
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method
from cirrusql.catalog.relations.detail_overrides import DetailNote
from cirrusql.catalog.relations.row_noun import Thing
from cirrusql.catalog.rows.column_types import member_at, sql_type


def told_again(
    thing: Thing,
    method: Method,
    listing: Method,
    keys: Sequence[tuple[str, str]],
    joins: Sequence[tuple[str, str]],
    many: str,
    note: DetailNote,
) -> Mapping[str, str]:
    """The listing's column for each field of a detail with the same value in every row."""
    listed, answered = fields_of(listing), fields_of(method)
    pairs = _matched(joins, many) if many else _echoed(thing, method, keys, answered)
    return {
        field: column
        for field, column in pairs
        if field not in note.apart
        and column in listed
        and field not in listed
        and field in answered
        and snake_case(field) != snake_case(column)
        and sql_type(answered[field].shape) == sql_type(listed[column].shape)
        and (many or _is_of_kind(column, listing, keys, method))
    }


def _matched(joins: Sequence[tuple[str, str]], many: str) -> Iterator[tuple[str, str]]:
    return ((own, column) for own, column in joins if own != many)


def _echoed(
    thing: Thing, method: Method, keys: Sequence[tuple[str, str]], answered: Mapping[str, Member]
) -> Iterator[tuple[str, str]]:
    if method.rows is None or method.rows.lists:
        return
    for parameter, column in keys:
        known = same_value(parameter, thing.words)
        names = [n for n in answered if snake_case(n) in known]
        # If a response has two spellings, either may be something else.
        if len(names) == 1:
            yield names[0], column


def _is_of_kind(
    column: str, listing: Method, keys: Sequence[tuple[str, str]], method: Method
) -> bool:
    """Whether a parameter takes exactly the kind of value in the listing's column."""
    parameter = next(p for p, c in keys if c == column)
    kind = ending_of(parameter)
    if kind in ("", "identifier"):
        # It may take values of several kinds.
        return False
    if ending_of(column):
        return ending_of(column) == kind
    # A field named only after the resource is what the parameter takes.
    member = method.parameters[parameter]
    return kind == FULL or not (takes_full_name(member) or _lists_full_names(listing, column))


def _lists_full_names(listing: Method, column: str) -> bool:
    """Whether a listing of texts documents that they are full names."""
    rows, output = listing.rows, listing.operation.output
    if rows is None or output is None:
        return False
    lists = [output.members[path[0]] for path in rows.lists if path and path[0] in output.members]
    members = [*lists, member_at(output, rows, rows.fields[column])]
    return any(is_told_of(FULL, member) for member in members)
