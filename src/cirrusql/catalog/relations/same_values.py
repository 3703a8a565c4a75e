"""Which columns of a detail say again what the listing said under another name.

``ListClusters`` gives ``cluster``, and ``DescribeCluster``, asked by it as ``name``, answers with
``name`` among much else: every row has one value under both names, so that neither the one nor the
other costs a call. A field of the answer is what was sent where

- answers of many are matched with their rows by it, or
- it bears the parameter's name (or its thing's: ``clusterName``, ``name``), and the parameter takes
  one kind of value, which is the kind that the listing's column has. A parameter that takes names
  and full names alike may be answered with the other.
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
    """The listing's column for each field of a detail that has the same value in every row."""
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
        # Of two spellings in one answer either may be another's.
        if len(names) == 1:
            yield names[0], column


def _is_of_kind(
    column: str, listing: Method, keys: Sequence[tuple[str, str]], method: Method
) -> bool:
    """Whether a parameter takes just the kind of value that the listing's column has."""
    parameter = next(p for p, c in keys if c == column)
    kind = ending_of(parameter)
    if kind in ("", "identifier"):
        # It may take values of several kinds.
        return False
    if ending_of(column):
        return ending_of(column) == kind
    # What bears the thing's noun alone is what the parameter takes.
    member = method.parameters[parameter]
    return kind == FULL or not (takes_full_name(member) or _lists_full_names(listing, column))


def _lists_full_names(listing: Method, column: str) -> bool:
    """Whether a listing of texts says that they are full names."""
    rows, output = listing.rows, listing.operation.output
    if rows is None or output is None:
        return False
    lists = [output.members[path[0]] for path in rows.lists if path and path[0] in output.members]
    members = [*lists, member_at(output, rows, rows.fields[column])]
    return any(is_told_of(FULL, member) for member in members)
