"""The session's catalog as completion wants it: unknown names give nothing, never an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.model import Table
from cirrusql.errors import Error, UnknownName

if TYPE_CHECKING:
    from cirrusql.session.session import Session


class CatalogNames:
    """What completion asks for, kept once found: it is asked at every key."""

    def __init__(self, session: Session) -> None:
        self._catalog = session.catalog
        self._session = session
        self.table = lru_cache(maxsize=256)(self._table)
        self.services = lru_cache(maxsize=16)(self._services)
        self.resources = lru_cache(maxsize=256)(self._resources)
        self.regions = lru_cache(maxsize=1)(self._regions)

    def providers(self) -> Sequence[str]:
        """All providers."""
        return [name for name, _ in self._catalog.providers()]

    def relations(self) -> Sequence[str]:
        """The user's own tables and views, once the session has an engine."""
        if "database" not in vars(self._session):
            return ()
        try:
            database = self._session.database
            return sorted({*database.tables(), *database.views()})
        except Error:
            return ()

    def _regions(self) -> tuple[str, ...]:
        """The regions of AWS's own partition, whether the account has enabled them or not."""
        rules = self._catalog.service("aws", "ec2").load_endpoint_rules()
        return regions_of(rules[1]) if rules is not None else ()

    def _services(self, provider: str) -> Sequence[str]:
        try:
            return sorted(s.id for s in self._catalog.services(provider))
        except UnknownName:
            return ()

    def _resources(self, provider: str, service: str) -> Sequence[str]:
        try:
            return self._catalog.resources(provider, service)
        except UnknownName:
            return ()

    def _table(self, provider: str, service: str, resource: str) -> Table | None:
        try:
            return self._catalog.table(provider, service, resource)
        except UnknownName:
            return None


def regions_of(partitions: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the first partition's regions, without the pseudo-region of the whole."""
    first = partitions["partitions"][0]
    return tuple(name for name in sorted(first["regions"]) if not name.endswith("-global"))
