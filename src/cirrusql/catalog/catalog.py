"""Finds providers, services, tables and methods by name. Services are loaded one at a time.

A service may have a second name that ends in ``_api``, with tables named as in StackQL's registry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cirrusql.api.model import ServiceInfo
from cirrusql.catalog.inference.words import registry_plural
from cirrusql.catalog.meant_names import meant_services, meant_tables
from cirrusql.errors import UnknownMethod, UnknownProvider, UnknownService, UnknownTable, nearest

if TYPE_CHECKING:
    from cirrusql.api.model import Service, Source
    from cirrusql.catalog.index.index import CatalogIndex
    from cirrusql.catalog.model import Method, Table
    from cirrusql.catalog.service import ServiceCatalog

_API = "_api"
_ALIKE = 0.8
"""Minimum similarity for a service's name to count as a misspelling."""
_PLAIN = re.compile("[a-z0-9_]+")


class Catalog:
    """All providers. Thread-safe: a race loads a service twice, with the same result."""

    def __init__(self, sources: Sequence[Source], cache_dir: Path | None = None) -> None:
        self._sources = {s.provider: s for s in sources}
        self.cache_dir = cache_dir
        self._services: dict[tuple[str, str], ServiceCatalog] = {}
        self._index: CatalogIndex | None = None

    @property
    def version(self) -> str:
        """Changes whenever anything in the catalog may have changed."""
        return "-".join(f"{p}-{s.version}" for p, s in sorted(self._sources.items()))

    def providers(self) -> tuple[tuple[str, str], ...]:
        """Name and version of each provider."""
        return tuple((name, source.version) for name, source in sorted(self._sources.items()))

    def source(self, provider: str) -> Source:
        """The provider's source. Raises UnknownProvider."""
        found = self._sources.get(provider.lower())
        if found is None:
            # Other tools put a word of theirs before it.
            meant = [p for p in self._sources if provider.lower().endswith(f"_{p}")]
            raise UnknownProvider(provider, self._sources, meant=meant)
        return found

    def services(self, provider: str) -> tuple[ServiceInfo, ...]:
        """The services of a provider by schema name (``cognito_idp``), without loading any."""
        found = self.source(provider).services().values()
        return tuple(ServiceInfo(schema_name(s.id), s.title) for s in found)

    @cached_property
    def _ids(self) -> Mapping[tuple[str, str], str]:
        return {
            (provider, schema_name(service_id)): service_id
            for provider, source in self._sources.items()
            for service_id in source.ids()
        }

    def schemas(self, provider: str) -> tuple[str, ...]:
        """The schema names of a provider's services."""
        return tuple(s for p, s in self._ids if p == provider.lower())

    def _unknown_service(self, provider: str, schema: str) -> UnknownService:
        meant = meant_services(self, provider.lower(), schema)
        return UnknownService(schema, self.schemas(provider), where=provider, meant=meant)

    def service_catalog(self, provider: str, schema: str) -> tuple[ServiceCatalog, bool]:
        """The service, and whether it was named with ``_api``."""
        # A DESCRIBE that is answered from the cache needs no service: these imports are a tenth of
        # its time.
        from cirrusql.catalog.service import ServiceCatalog

        source = self.source(provider)
        folded = schema.lower()
        at_once = (provider.lower(), folded)
        if at_once not in self._services and (service := _of_that_name(source, folded)) is not None:
            self._services[at_once] = ServiceCatalog(service)
        if at_once in self._services:
            return self._services[at_once], False
        is_api = (provider.lower(), folded) not in self._ids and folded.endswith(_API)
        plain = folded.removesuffix(_API) if is_api else folded
        service_id = self._ids.get((provider.lower(), plain))
        if service_id is None:
            raise self._unknown_service(provider, schema)
        key = (provider.lower(), plain)
        if key not in self._services:
            self._services[key] = ServiceCatalog(source.load(service_id))
        if is_api and not self._services[key].service.has_api_names:
            raise UnknownService(schema, self.schemas(provider), where=provider)
        return self._services[key], is_api

    def loaded(self, provider: str, schema: str) -> tuple[ServiceCatalog, bool]:
        """Like ``service_catalog``, but a service that is not loaded yet is not cached: for walks
        over all."""
        known = set(self._services)
        found = self.service_catalog(provider, schema)
        for key in set(self._services) - known:
            del self._services[key]
        return found

    def service(self, provider: str, schema: str) -> Service:
        """The API's own description of a service."""
        return self.service_catalog(provider, schema)[0].service

    def resources(self, provider: str, schema: str) -> tuple[str, ...]:
        """The names of a service's resources, sorted."""
        found, is_api = self.service_catalog(provider, schema)
        return found.resources(is_api)

    def table(self, provider: str, schema: str, name: str) -> Table:
        """The table of that name. Raises UnknownTable with similar names."""
        try:
            found, is_api = self.service_catalog(provider, schema)
        except UnknownService as error:
            raise self._unknown_table_of(error, provider, schema, name) from None
        resource = found.resolve(name, is_api)
        if resource is None:
            legal = found.resources(is_api)
            meant = (
                () if nearest(name, legal, cutoff=_ALIKE) else self._meant(provider, schema, name)
            )
            raise UnknownTable(name, legal, where=f"{provider}.{schema}", meant=meant)
        return found.table(schema.lower(), resource, is_api)

    def _meant(self, *path: str) -> tuple[str, ...]:
        """The tables that a path may mean which names none; it may take a third of a second."""
        return meant_tables(self, path)

    def _unknown_table_of(
        self, error: UnknownService, provider: str, schema: str, name: str
    ) -> UnknownService:
        """The error for a table in no service: it suggests tables if it is known what is meant."""
        meant = self._meant(provider, schema, name)
        return UnknownService(schema, error.near, where=provider, meant=meant or error.near)

    def method(
        self, provider: str, schema: str, resource: str, method: str
    ) -> tuple[Table, Method]:
        """A method in either spelling, with the table it was named in.

        A method of another table of the service is found too, with that table.
        """
        folded = method.lower()
        try:
            table = self.table(provider, schema, resource)
        except UnknownTable:
            of_service = self._of_service(provider, schema, folded)
            if of_service is None:
                raise
            return of_service
        if (own := _method_named(table.methods, folded)) is not None:
            return table, own
        elsewhere = self._by_other_spelling(provider, schema, resource, folded)
        if elsewhere is not None:
            return table, elsewhere
        if (of_service := self._of_service(provider, schema, folded)) is not None:
            return of_service
        names = [table.spelled(m) for m in table.methods]
        raise UnknownMethod(method, names, where=table.id)

    def _of_service(self, provider: str, schema: str, method: str) -> tuple[Table, Method] | None:
        """The method of an operation's own name, wherever in the service it is."""
        found, is_api = self.service_catalog(provider, schema)
        home = found.home_of(method, is_api)
        if home is None:
            return None
        resource, operation = home
        table = found.table(schema.lower(), resource, is_api)
        return table, next(m for m in table.methods if m.operation.name == operation)

    def _by_other_spelling(
        self, provider: str, schema: str, resource: str, method: str
    ) -> Method | None:
        """A method that the service's other spelling has under this resource."""
        found, is_api = self.service_catalog(provider, schema)
        other = found.resolve(resource, not is_api)
        if other is None:
            return None
        names = (found.plain if is_api else found.registry)[other]
        return _method_named([found.method(n) for n in names], method)

    def index(self) -> CatalogIndex:
        """Everything in the catalog as tables, for search; built once per version."""
        from cirrusql.catalog.index.index import CatalogIndex

        if self._index is None:
            self._index = CatalogIndex(self)
        return self._index


def _method_named(methods: Sequence[Method], folded: str) -> Method | None:
    """The method with a name in lower case; the plural of its noun counts only if no other has
    it."""
    named = (m for m in methods if folded in spellings(m))
    return next(named, None) or next((m for m in methods if folded in _in_the_plural(m)), None)


def _in_the_plural(method: Method) -> frozenset[str]:
    """The name that the registry's rule gives a method whose noun has no plural here."""
    from cirrusql.catalog.inference.api_names import name_parts

    verb, noun = name_parts(method.operation.name)
    return frozenset(() if method.is_further else {f"{registry_plural(noun)}_{verb}".lower()})


def spellings(method: Method) -> frozenset[str]:
    """The names of a method, lower-case: its own, its operation's, and ``<noun>_<Verb>``."""
    from cirrusql.catalog.inference.api_names import name_parts

    verb, noun = name_parts(method.operation.name)
    named = () if method.is_further else (method.operation.name.lower(), f"{noun}_{verb}".lower())
    return frozenset({method.name, method.api_name.lower(), *named})


def _of_that_name(source: Source, schema: str) -> Service | None:
    """Try the id that follows from the name first: listing all ids takes 10 ms."""
    if not _PLAIN.fullmatch(schema):
        return None
    try:
        return source.load(schema.replace("_", "-"))
    except KeyError:
        return None


def schema_name(service_id: str) -> str:
    """``cognito-idp`` → ``cognito_idp``"""
    return service_id.replace("-", "_").replace(".", "_").lower()
