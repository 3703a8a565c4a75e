"""Finds the resources that a service tags: together, their listings have every value of
ListTagsForResource.

A service's tags belong to resources of several kinds, and no single listing has them all. A kind is
taggable if its creating operation takes tags (CreateCluster with ``tags``). Only if each kind's
listing contains the required identifier (its full name) are they complete together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference import full_names
from cirrusql.catalog.inference.identifiers import field_for, is_generic
from cirrusql.catalog.inference.words import snake_case, words
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.relations.parents import Parent, sources, thing_of

_TAGS = re.compile(r"(^|_)tags?(_list|_set)?$|^tagging$")


def taggable(catalog: Catalog, table: Table, method: Method, parameter: str) -> tuple[Parent, ...]:
    """The listings that together have a parameter's values; empty if it is not about tags, or a
    listing is missing."""
    noun = words(method.operation.name)[1:]
    if not {"tags", "tag"} & set(noun) or not is_generic(parameter):
        return ()
    found = []
    for listing in _things(catalog, table):
        parent = _listed(listing, method, parameter)
        if parent is None:
            return ()
        found.append(parent)
    return tuple(found)


def _things(catalog: Catalog, table: Table) -> Iterator[Table]:
    """The resources with a creating operation that takes tags."""
    schema = table.schema.removesuffix("_api") if table.is_api_spelling else table.schema
    service, _ = catalog.service_catalog(table.provider, schema)
    for resource, names in service.plain.items():
        for name in names:
            made = service.method(name)
            is_made = made.verb not in (Verb.SELECT, Verb.DELETE) and not _is_of_tags(name)
            if is_made and any(_TAGS.search(snake_case(p)) for p in made.parameters):
                yield catalog.table(table.provider, schema, resource)
                break


def _is_of_tags(operation: str) -> bool:
    """Whether an operation is about tags themselves: TagResource, AddTagsToResource."""
    return bool({"tag", "tags", "untag", "tagging"} & set(words(operation)))


def _listed(listing: Table, method: Method, parameter: str) -> Parent | None:
    member = method.operation.parameters[parameter]
    for reader in sources(listing):
        # Whatever the parameter's name, it is the full name of the resource.
        field = field_for(reader, thing_of(listing), full_names.ENDING.title(), member)
        if field is not None:
            return Parent(listing, reader, field, "all that is made with tags on it")
    return None
