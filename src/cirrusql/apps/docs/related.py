"""What a resource has to do with others of its service: where a parameter's values are
listed, and which other resources take this one's. The rule is ``catalog.relations.parents``'.
"""

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
    """``sources``: who lists the values, by parameter. ``uses``: who takes this resource's."""

    sources: Mapping[str, FieldReference] = field(default_factory=dict)
    uses: tuple[FieldReference, ...] = ()


ALONE = Related()
"""Nothing is known of others."""


def related(catalog: Catalog, provider: str, schema: str) -> Mapping[str, Related]:
    """By resource, for all resources of a service."""
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
    """The surest other resource of the service that lists a parameter's values."""
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
    """The parameters that name one thing: required scalars, and others that are called so."""
    for name in method.parameters:
        if is_scalar(method, name) and (
            name in method.required or (stem_of(name) and says_which(name))
        ):
            yield name


def _spelled(catalog: Catalog, table: Table, resource: str) -> str | None:
    """A resource of the plain spelling as the table's own spelling has it."""
    service, is_api = catalog.service_catalog(table.provider, table.schema)
    return service.resolve(resource, is_api)
