"""The relations of a resource within its service: the listings of its parameters' values, and the
resources that take its own values. ``catalog.relations.parents`` has the rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.fitness import is_scalar
from cirrusql.catalog.inference.identifiers import says_which, stem_of
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.relations.parents import parents_of, thing_of


@dataclass(frozen=True)
class FieldReference:
    """A field or a parameter of a resource, by the resource's name."""

    resource: str
    name: str


@dataclass(frozen=True)
class Related:
    """``sources``: the listing of values, by parameter. ``uses``: the parameters that take this
    resource's values."""

    sources: Mapping[str, FieldReference] = field(default_factory=dict)
    uses: tuple[FieldReference, ...] = ()


ALONE = Related()
"""No relations are known."""


def related(catalog: Catalog, provider: str, schema: str) -> Mapping[str, Related]:
    """The relations of all resources of a service."""
    sources: dict[str, dict[str, FieldReference]] = {}
    uses: dict[str, list[FieldReference]] = defaultdict(list)
    names = catalog.resources(provider, schema)
    for name in names:
        table = catalog.table(provider, schema, name)
        sources[name] = _sources(catalog, table)
        for parameter, source in sources[name].items():
            uses[source.resource].append(FieldReference(name, parameter))
    return {name: Related(sources[name], tuple(uses[name])) for name in names}


def _sources(catalog: Catalog, table: Table) -> dict[str, FieldReference]:
    found: dict[str, FieldReference] = {}
    for method in table.methods:
        for parameter in _identities(method):
            if (
                parameter not in found
                and (place := _source(catalog, table, method, parameter)) is not None
            ):
                found[parameter] = place
    return found


def _source(
    catalog: Catalog, table: Table, method: Method, parameter: str
) -> FieldReference | None:
    """The most reliable other resource of the service that lists a parameter's values."""
    if stem_of(parameter)[-1:] == thing_of(table)[-1:]:
        return None  # it is the name of the resource's own rows
    for parent in parents_of(catalog, table, method, parameter):
        if parent.table.schema.removesuffix("_api") != table.schema.removesuffix("_api"):
            continue
        name = _spelled(catalog, table, parent.table.name)
        if name is not None and name != table.name:
            return FieldReference(name, parent.field)
    return None


def _identities(method: Method) -> Iterator[str]:
    """The parameters that identify a resource: required scalars, and others with such names."""
    for name in method.parameters:
        if is_scalar(method, name) and (
            name in method.required or (stem_of(name) and says_which(name))
        ):
            yield name


def _spelled(catalog: Catalog, table: Table, resource: str) -> str | None:
    """A resource of the plain spelling, in the table's own spelling."""
    service, is_api = catalog.service_catalog(table.provider, table.schema)
    return service.resolve(resource, is_api)
