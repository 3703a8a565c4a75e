"""Answers cached in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from cirrusql.execution.reads.read_cache import ReadCache, WriteTimes
from cirrusql.providers.registry import default_catalog
from cirrusql.transport.model import Call, Target


@pytest.fixture(scope="module")
def call() -> Call:
    """A call without parameters."""
    operation = default_catalog().service("aws", "iam").operation("ListUsers")
    return Call(operation, {}, Target(None, "us-east-1"))


PAGE = pa.record_batch({"a": [1]})


def clock() -> Iterator[float]:
    """Seconds, advancing by one at each read."""
    yield from map(float, range(1000))


def cached(writings: WriteTimes, times: Iterator[float]) -> ReadCache:
    return ReadCache(clock=lambda: next(times), writings=writings)


def test_pages_are_kept_as_few_batches_with_the_same_rows(call: Call) -> None:
    pages = [pa.record_batch({"a": [n, n + 1]}) for n in range(0, 100, 2)]
    cache = ReadCache()
    assert cache.get(call, 60) is None
    cache.put(call, pages)
    (found,) = cache.get(call, 60) or ()
    assert found.column("a").to_pylist() == list(range(100))


def test_what_is_too_old_is_asked_for_again(call: Call) -> None:
    cache = cached(WriteTimes(), clock())
    cache.get(call, 5)
    cache.put(call, [PAGE])
    assert cache.get(call, 5) is not None
    assert cache.get(call, 0) is None


def test_what_another_session_may_have_changed_is_asked_for_again(call: Call) -> None:
    writings, times = WriteTimes(), clock()
    one, other = cached(writings, times), cached(writings, times)
    one.get(call, 100)
    one.put(call, [PAGE])
    other.forget("ec2")
    assert one.get(call, 100) is not None
    other.forget("iam")
    assert one.get(call, 100) is None


def test_what_was_asked_before_a_write_and_answered_after_it_is_not_given(call: Call) -> None:
    writings, times = WriteTimes(), clock()
    reader, writer = cached(writings, times), cached(writings, times)
    reader.get(call, 100)
    writer.forget("iam")
    reader.put(call, [PAGE])
    assert reader.get(call, 100) is None
