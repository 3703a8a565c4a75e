"""Service models are large: nothing holds one that its catalog has released."""

from __future__ import annotations

import gc
import weakref

from cirrusql.api.model import Service
from cirrusql.catalog.catalog import Catalog
from tests.catalog.few import FewServices


def test_a_service_that_the_catalog_forgets_is_gone() -> None:
    catalog = Catalog([FewServices("codebuild")])

    def used() -> weakref.ref[Service]:
        found, _ = catalog.loaded("aws", "codebuild")
        for name in found.resources(is_api=False):
            found.table("codebuild", name, False)
        return weakref.ref(found.service)

    service = used()
    assert service() is not None
    catalog._services.clear()
    gc.collect()
    assert service() is None, (
        "a cache that lives as long as the process is keyed by an operation or a shape"
    )
