"""Every table is whole, and the same however it is asked: see ``tests/laws/laws.py``.

A seeded sample; ``LAWS=all`` takes every readable table, ``LAWS_SERVICES`` and ``LAWS_SEED``
choose.
"""

from __future__ import annotations

import gc
from fnmatch import fnmatchcase

import pytest

from tests.laws.exceptions import exceptions, unexcepted
from tests.laws.tables import check_service, is_whole, services

pytestmark = pytest.mark.timeout(3600 if is_whole() else 300)


@pytest.mark.parametrize("service", services())
def test_tables_are_tables(service: str) -> None:
    found = unexcepted(check_service(service))
    gc.collect()
    assert not found, "\n".join(map(str, found))


def test_exceptions_are_of_the_form() -> None:
    assert all(e.reason and e.tables for e in exceptions())


if is_whole():

    @pytest.mark.parametrize("number", range(len(exceptions())))
    def test_every_table_of_an_exception_still_needs_it(number: int) -> None:
        entry = exceptions()[number]
        by_service: dict[str, list[str]] = {}
        for name in entry.tables:
            by_service.setdefault(name.split(".")[1], []).append(name)
        found = [
            violation
            for service, names in by_service.items()
            for violation in check_service(service, only=tuple(names))
            if entry.covers(violation)
        ]
        unneeded = [n for n in entry.tables if not any(fnmatchcase(v.table, n) for v in found)]
        assert not unneeded, f"these are whole now: {', '.join(unneeded)}"
