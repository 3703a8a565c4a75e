"""One AWS catalog for all tests of a process, so that each service is loaded only once.

Walks over all services use ``Catalog.loaded``, which keeps none. Tests that change a catalog, or
look at how one is made, make their own.
"""

from __future__ import annotations

from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

CATALOG = Catalog([BotocoreSource()])
