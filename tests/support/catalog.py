"""One catalog of AWS for all tests of a process: what one test has loaded the next need not load again.

Owns: how many services it keeps. Tests that change a catalog, or look at how one is made, make their own.
"""

from __future__ import annotations

import threading

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.service import ServiceCatalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

MOST_KEPT = 40
"""Services, of 439: with all of them kept a process of the tests grows to gigabytes."""


class SharedCatalog(Catalog):
    """A catalog that lets go of the service that nobody has asked for longest."""

    def __init__(self) -> None:
        super().__init__([BotocoreSource()])
        self._lock = threading.RLock()

    def service_catalog(self, provider: str, schema: str) -> tuple[ServiceCatalog, bool]:
        with self._lock:
            found, is_api = super().service_catalog(provider, schema)
            for key in [k for k, kept in self._services.items() if kept is found]:
                self._services[key] = self._services.pop(key)
            for key in list(self._services)[:-MOST_KEPT]:
                del self._services[key]
            return found, is_api


CATALOG = SharedCatalog()
