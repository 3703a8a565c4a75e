"""A session over the world: runs statements, and the engine alone over whole tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from cirrusql.errors import Error
from cirrusql.plan.model import Plan
from cirrusql.providers.registry import default_catalog
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings, Settings
from cirrusql.sql.parse import parse
from cirrusql.sql.split import split
from tests.support.model_world.peer import WorldFetcher
from tests.support.model_world.regions import only_region, session_region

SETTINGS = Settings(
    connection="first",
    connections={name: ConnectionSettings(name) for name in ("first", "second")},
    audit="off",
    max_calls=2000,
)


@dataclass
class Answered:
    """The result of a statement. ``error``: why there is none; ``failures``: unreadable parts."""

    table: pa.Table | None = None
    error: Error | None = None
    failures: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def trouble(self) -> str:
        """Why the answer is not complete; empty if it is."""
        if self.error is not None:
            return f"{type(self.error).__name__}: {self.error.message}"
        return self.failures[0] if self.failures else ""

    @property
    def names(self) -> list[str]:
        """The headings."""
        return list(self.table.schema.names) if self.table is not None else []

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The rows."""
        return rows_of(self.table) if self.table is not None else []

    @property
    def bag(self) -> Counter[str]:
        """The rows in any order."""
        return Counter(map(repr, self.rows))


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """The rows of an Arrow table as tuples."""
    columns = [column.to_pylist() for column in table.columns]
    return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


class Bench:
    """A session whose calls the world answers."""

    def __init__(self, service: str, seed: int = 0) -> None:
        self.catalog = default_catalog()
        self.seed = seed
        self.service = self.catalog.service("aws", service)
        self.region = session_region(self.service)
        self.answers_in = only_region(self.service) or self.region
        settings = replace(SETTINGS, region=self.region)
        self.fetcher = WorldFetcher(settings, seed)
        self.session = Session(settings, {}, catalog=self.catalog)
        self.session.__dict__["fetcher"] = self.fetcher
        self.statements = 0

    def ask(self, sql: str) -> Answered:
        """What the product answers."""
        self.statements += 1
        self.fetcher.refused.clear()
        try:
            (result,) = self.session.run(sql)
            table = result.table()
        except Error as error:
            return Answered(error=error, refused=list(self.fetcher.refused))
        failures = [f"{type(f.error).__name__}: {f.error.message}" for f in result.failures]
        return Answered(table, None, failures, list(result.notices), list(self.fetcher.refused))

    def plan(self, sql: str) -> Plan:
        """The product's plan."""
        (piece,) = split(sql)
        return self.session.plan(parse(piece), {})

    def keep(self, name: str, table: pa.Table) -> None:
        """A whole table, for the engine alone."""
        self.session.database.replace_table("memory", name, table)

    def expected(self, sql: str) -> Counter[str]:
        """What the engine alone answers over the kept tables."""
        rows = self.session.database.run(sql)
        try:
            return Counter(
                map(repr, rows_of(pa.Table.from_batches(list(rows.batches()), schema=rows.schema)))
            )
        finally:
            rows.close()

    def close(self) -> None:
        """Close the session."""
        self.session.close()
