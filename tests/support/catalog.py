"""One catalog of AWS for all tests of a process: what one test has loaded the next need not load
again.

Walks over all services use ``Catalog.loaded``, which keeps none. Tests that change a catalog, or
look at how one is made, make their own.
"""

from __future__ import annotations

from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

CATALOG = Catalog([BotocoreSource()])
