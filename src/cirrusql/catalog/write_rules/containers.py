"""Operations that act on a container of rows where the rows are what it contains.

DeleteBucketCors removes all rules of a bucket, and the rows are the rules: it must not be called to
remove one of them. Other operations take an optional parameter that says which row is meant
(DeleteImageVersion's Version); without it they act on another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cirrusql.api.model import Kind
from cirrusql.catalog.inference.fitness import is_scalar
from cirrusql.catalog.inference.identifiers import (
    is_generic,
    is_of_a_version,
    names_thing,
    says_which,
)
from cirrusql.catalog.inference.words import thing_noun
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.relations.projection import row_source
from cirrusql.catalog.rows.readable_columns import reading_methods


def container_columns(table: Table) -> frozenset[str]:
    """The columns of the parameters that the table is listed by: the name of the bucket in its
    rules.

    A field of that name is the row's own if it is named after the row, or after nothing: ``name``.
    """
    source = row_source(reading_methods(table))
    if source is None or source.rows is None:
        return frozenset()
    columns = (table.by_alias.get(key.lower()) for key in source.keys)
    thing = thing_noun(table.name)
    return frozenset(
        c.name
        for c in columns
        if c is not None
        and (
            c.name not in source.rows.fields
            or not (is_generic(c.name) or names_thing(c.name, thing))
        )
    )


def acts_on_container(table: Table, columns: Collection[str]) -> bool:
    """Whether a call that is identified by these columns of a row is about the row's container."""
    return bool(columns) and set(columns) <= container_columns(table)


def row_parameters(table: Table, method: Method, taken: Iterable[str]) -> list[str]:
    """The optional parameters, besides ``taken``, that say which row of the container is meant."""
    source = row_source(reading_methods(table))
    fields = source.rows.fields if source is not None and source.rows is not None else ()
    given = {name.lower() for name in taken}
    removes = Verb.DELETE in (method.verb, method.api_verb)
    return [
        name
        for name, member in method.parameters.items()
        if name not in method.required
        and name.lower() not in given
        and is_scalar(method, name)
        and member.shape.kind is not Kind.BOOLEAN
        and (column := table.by_alias.get(name.lower())) is not None
        and column.name in fields
        # An operation that sets values takes them by such names too.
        and (removes or says_which(name) or is_of_a_version(name))
    ]
