"""Calls for real tables, and users in the emulator for them to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Column, Method, Table
from cirrusql.transport.model import Call, Target
from tests.support.catalog import CATALOG

MakeCall = Callable[..., Call]


@lru_cache(maxsize=1)
def catalog() -> Catalog:
    return CATALOG


def method_of(table: Table, operation: str) -> Method:
    return next(m for m in table.methods if m.operation.name == operation)


@pytest.fixture
def call() -> MakeCall:
    """Makes a call: ``call("iam.users", "ListUsers", {}, columns=("UserName",))``."""

    def make(
        name: str,
        operation: str,
        parameters: Mapping[str, object] | None = None,
        *,
        columns: tuple[str, ...] = (),
        region: str = "us-east-1",
        connection: str | None = None,
        page_size: int | None = None,
        tag: int = 0,
    ) -> Call:
        schema, _, resource = name.partition(".")
        table = catalog().table("aws", schema, resource)
        method = method_of(table, operation)
        wanted: tuple[Column, ...] = tuple(table.by_alias[c.lower()] for c in columns)
        target = Target(connection, region)
        return Call(
            method.operation,
            parameters or {},
            target,
            method.rows,
            wanted,
            page_size,
            tag,
            is_read=method.is_read,
        )

    return make


@pytest.fixture
def users(client: Any) -> list[str]:
    """Twenty-five users."""
    iam = client("iam")
    names = [f"user-{i:02}" for i in range(25)]
    for name in names:
        iam.create_user(UserName=name)
    return names
