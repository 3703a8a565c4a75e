"""Answers kept in memory."""

import pyarrow as pa

from cirrusql.catalog.catalog import Catalog
from cirrusql.fetch.model import Call, Target
from cirrusql.session.cache import ReadCache


def test_pages_are_kept_as_few_batches_with_the_same_rows() -> None:
    operation = Catalog.default().service("aws", "iam").operation("ListUsers")
    call = Call(operation, {}, Target(None, "us-east-1"))
    pages = [pa.record_batch({"a": [n, n + 1]}) for n in range(0, 100, 2)]
    cache = ReadCache()
    cache.put(call, pages)
    (found,) = cache.get(call, 60) or ()
    assert found.column("a").to_pylist() == list(range(100))
