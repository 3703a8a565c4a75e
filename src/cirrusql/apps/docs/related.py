"""What a resource has to do with others of its service: where a parameter's values are
listed, and which other resources take this one's. The rule is ``catalog.parents``'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.naming import snake_case
from cirrusql.catalog.parents import parent_of

_NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)


@dataclass(frozen=True)
class Place:
    """A field or a parameter of a resource, by the resource's name."""

    resource: str
    name: str


@dataclass(frozen=True)
class Related:
    """``sources``: who lists the values, by parameter. ``uses``: who takes this resource's."""

    sources: Mapping[str, Place] = field(default_factory=dict)
    uses: tuple[Place, ...] = ()


ALONE = Related()
"""Nothing is known of others."""


def related(catalog: Catalog, provider: str, schema: str) -> Mapping[str, Related]:
    """By resource, for all resources of a service."""
    sources: dict[str, dict[str, Place]] = {}
    uses: dict[str, list[Place]] = defaultdict(list)
    names = catalog.resources(provider, schema)
    for name in names:
        table = catalog.table(provider, schema, name)
        sources[name] = _sources(catalog, table)
        for parameter, source in sources[name].items():
            uses[source.resource].append(Place(name, parameter))
    return {name: Related(sources[name], tuple(uses[name])) for name in names}


def _sources(catalog: Catalog, table: Table) -> dict[str, Place]:
    found = {}
    for parameter, method in _identities(table).items():
        parent = parent_of(catalog, table, method, parameter)
        if parent is None or parent.table.schema.removesuffix("_api") != table.schema.removesuffix("_api"):
            continue
        name = _spelled(catalog, table, parent.table.name)
        if name is not None and name != table.name:
            found[parameter] = Place(name, parent.field)
    return found


def _identities(table: Table) -> dict[str, Method]:
    """The parameters that name one thing: required scalars, and what is called so; each with a method."""
    found: dict[str, Method] = {}
    for method in table.methods:
        for name, member in method.parameters.items():
            if member.shape.kind not in _NESTED and (name in method.required or _is_identity(name)):
                found.setdefault(name, method)
    return found


def _is_identity(name: str) -> bool:
    *stem, ending = snake_case(name).split("_")
    return bool(stem) and ending in ("id", "arn", "name")


def _spelled(catalog: Catalog, table: Table, resource: str) -> str | None:
    """A resource of the plain spelling as the table's own spelling has it."""
    service, is_api = catalog.service_catalog(table.provider, table.schema)
    return service.resolve(resource, is_api)
