"""Guesses the tables that an unknown name may mean, for the error's hint.

People bring names from elsewhere: a table without its service (``instances``), names of other tools
(``cloud_machine``), a service by its product name (``vpc``), a table in a related service
(``cloudwatch.log_groups``). The provider's data (``api.other_names``) has what naming rules cannot
tell. Such a name cannot be queried, so that statements always show the table they read.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from cirrusql.catalog.inference.words import plural_noun, singular_noun

if TYPE_CHECKING:
    from cirrusql.api.model import Source
    from cirrusql.catalog.service import ServiceCatalog

Find = Callable[[str, str, str], str | None]
"""Finds the table of a service, by the service's name as it was written and a noun."""

_MOST = 3
_ALIKE = 0.8
"""How like a name must be spelled that is looked for in many services."""


class KnownNames(Protocol):
    """What of the catalog this needs."""

    def providers(self) -> tuple[tuple[str, str], ...]: ...
    def source(self, provider: str) -> Source: ...
    def schemas(self, provider: str) -> tuple[str, ...]: ...
    def service_catalog(self, provider: str, schema: str) -> tuple[ServiceCatalog, bool]: ...
    def loaded(self, provider: str, schema: str) -> tuple[ServiceCatalog, bool]: ...


def meant_tables(catalog: KnownNames, path: tuple[str, ...]) -> tuple[str, ...]:
    """Full names of tables that a path of one to three names may mean, likeliest first."""
    parts = tuple(part.lower() for part in path)
    found: dict[str, None] = {}
    for provider, _ in catalog.providers():
        if len(parts) == 3 and parts[0] != provider:
            continue
        for table in _Names(catalog, provider).meant(parts[-2:]):
            found.setdefault(table)
            if len(found) == _MOST:
                return tuple(found)
    return tuple(found)


def meant_services(catalog: KnownNames, provider: str, schema: str) -> tuple[str, ...]:
    """Full names of services that a name may mean, likeliest first."""
    return tuple(f"{provider}.{s}" for s in _Names(catalog, provider).services(schema.lower()))


class _Names:
    """The names of one provider."""

    def __init__(self, catalog: KnownNames, provider: str) -> None:
        self._catalog = catalog
        self._provider = provider
        self._other = catalog.source(provider).other_names
        self._schemas = {_folded(schema): schema for schema in catalog.schemas(provider)}
        self._services = {_folded(name): found for name, found in self._other.services.items()}

    def services(self, name: str) -> tuple[str, ...]:
        """The services that a name may mean: the one of that name, then related ones."""
        folded = _folded(name)
        own = self._schemas.get(folded)
        meant = self._services.get(folded, self._services.get(folded.removesuffix("s"), ()))
        return tuple(dict.fromkeys((*((own,) if own else ()), *meant)))

    def meant(self, path: tuple[str, ...]) -> Iterator[str]:
        """The tables that a table's name, or a service's and a table's, may mean."""
        name = path[-1].removeprefix(f"{self._provider}_")
        if len(path) == 2:
            yield from self._in_service(path[0], path[1])
        elif name != path[-1]:
            yield from self._of_tool(name)
        else:
            yield from self._anywhere(name)

    def _in_service(self, service: str, noun: str) -> Iterator[str]:
        """What ``service.noun`` may mean: tables of other services only if its own has none."""
        services = self.services(service)
        if not services:
            alike = difflib.get_close_matches(service, self._schemas.values(), cutoff=_ALIKE)
            services = tuple(alike)
        found = list(self._in(services, service, noun))
        yield from found or self._anywhere(noun)

    def _of_tool(self, name: str) -> Iterator[str]:
        """What ``service_noun`` may mean, trying each position as the start of the noun."""
        words = name.split("_")
        is_found = False
        for find in (self._exactly, self._nearly):
            for size in range(len(words) - 1, 0, -1):
                service, noun = "_".join(words[:size]), "_".join(words[size:])
                for table in self._in(self.services(service), service, noun, find):
                    is_found = True
                    yield table
            if is_found:
                return
            if find == self._exactly:
                for table in self._anywhere(name, is_exact=True):
                    is_found = True
                    yield table

    def _in(self, services: tuple[str, ...], name: str, noun: str, *only: Find) -> Iterator[str]:
        """The tables of some services that a noun may mean there."""
        told = self._told(noun)
        if told is not None and told.partition(".")[0] in services:
            yield f"{self._provider}.{told}"
            return
        for find in only or (self._exactly, self._nearly):
            is_found = False
            for service in services:
                resource = find(service, name, noun)
                if resource is None:
                    continue
                is_found = True
                yield f"{self._provider}.{service}.{resource}"
                if _folded(service) == _folded(name):
                    break
            if is_found:
                return

    def _told(self, noun: str) -> str | None:
        return self._other.tables.get("_".join(singular_noun(tuple(noun.split("_")))))

    def _exactly(self, service: str, name: str, noun: str) -> str | None:
        """The table of a noun, also if the API prefixes it with the service's name."""
        found, _ = self._catalog.service_catalog(self._provider, service)
        nouns = (noun, f"{name}_{noun}", f"{service}_{noun}")
        told = next((r for n in nouns if (r := found.resolve(n, False)) is not None), None)
        if told is not None:
            return told
        folded = {_folded(_plural(n)) for n in nouns}
        return next((r for r in found.resources(False) if _folded(r) in folded), None)

    def _nearly(self, service: str, name: str, noun: str) -> str | None:
        """The table whose name ends like the noun: the shortest, which is the plainest; or the one
        that the noun ends with: the longest."""
        del name
        found, _ = self._catalog.service_catalog(self._provider, service)
        plural = _plural(noun)
        longer = [r for r in found.resources(False) if r.endswith(f"_{plural}")]
        shorter = [r for r in found.resources(False) if plural.endswith(f"_{r}")]
        return min(longer, key=len) if longer else max(shorter, key=len, default=None)

    def _anywhere(self, noun: str, *, is_exact: bool = False) -> Iterator[str]:
        """The tables of a noun, or of one spelled like it, in the services that most people use."""
        if (told := self._told(noun)) is not None:
            yield f"{self._provider}.{told}"
            return
        spellings = (noun, _plural(noun))
        by_name: dict[str, str] = {}
        is_found = False
        for service in self._other.first or tuple(self._schemas.values()):
            plain = self._catalog.loaded(self._provider, service)[0].plain
            for resource in plain:
                by_name.setdefault(resource, service)
            for resource in plain.keys() & spellings:
                is_found = True
                yield f"{self._provider}.{service}.{resource}"
        if not is_found and not is_exact:
            near = difflib.get_close_matches(noun, by_name, n=_MOST, cutoff=_ALIKE)
            yield from (f"{self._provider}.{by_name[r]}.{r}" for r in near)


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _plural(noun: str) -> str:
    return "_".join(plural_noun(tuple(noun.split("_"))))
