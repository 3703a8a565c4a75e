"""The schemas of the provider whose name may be omitted: ``service.resource``."""

from __future__ import annotations

from functools import cached_property

from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import UnknownName


class ProviderSchemas:
    """The first provider of a catalog, with its services as schemas."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def provider(self) -> str:
        """Its name."""
        return self._catalog.providers()[0][0]

    @cached_property
    def schemas(self) -> tuple[str, ...]:
        """The services' schema names, in order. Loads no model."""
        return tuple(sorted(s.id for s in self._catalog.services(self.provider)))

    def has(self, schema: str, table: str) -> bool:
        """Whether the service has the resource, in any spelling."""
        try:
            self._catalog.table(self.provider, schema, table)
        except UnknownName:
            return False
        return True
