"""The session's catalog for completion: unknown names return nothing, never an error."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.model import Table
from cirrusql.errors import Error, UnknownName

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.session.session import Session


_TEMPLATE_COLUMN = re.compile(r'^(?:--)?[ ,]+"?([\w:.-]+)"? +--', re.M)
"""A column in the template of an INSERT: a line, with a comment behind it."""

_MOST_VALUES = 200
_LONGEST_VALUE = 80


class RecentValues:
    """Short texts of recent answers by column, for completion. In memory only."""

    def __init__(self) -> None:
        self._by_column: dict[str, dict[str, None]] = {}

    def of(self, column: str) -> Sequence[str]:
        """The values of a column of that name, the latest first."""
        return tuple(reversed(self._by_column.get(column.lower(), {})))

    def note(self, batch: pa.RecordBatch) -> None:
        """Record the values of text columns."""
        import pyarrow as pa

        for field, array in zip(batch.schema, batch.columns, strict=True):
            if not pa.types.is_string(field.type):
                continue
            kept = self._by_column.setdefault(field.name.lower(), {})
            for value in array.slice(0, _MOST_VALUES).to_pylist():
                if value and len(value) <= _LONGEST_VALUE and "'" not in value:
                    kept.pop(value, None)
                    kept[value] = None
            while len(kept) > _MOST_VALUES:
                del kept[next(iter(kept))]


class CatalogNames:
    """The names for completion, cached, because they are needed at every key."""

    def __init__(self, session: Session, recent: RecentValues | None = None) -> None:
        self._catalog = session.catalog
        self._session = session
        self._recent = recent or RecentValues()
        self.insertable = lru_cache(maxsize=64)(self._insertable)
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

    def recent(self, column: str) -> Sequence[str]:
        """Values that the column of that name had in recent answers, the latest first."""
        return self._recent.of(column)

    def _insertable(self, table: Table) -> Sequence[str]:
        from cirrusql.plan.inserts.show_insert import insert_template

        try:
            columns = insert_template(table).partition(") VALUES (")[0]
        except Error:
            return ()
        return [match[1] for match in _TEMPLATE_COLUMN.finditer(columns)]

    def _regions(self) -> tuple[str, ...]:
        """The regions of AWS's commercial partition, whether the account has enabled
        them or not."""
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
    """The names of the first partition's regions, without its pseudo-region."""
    first = partitions["partitions"][0]
    return tuple(name for name in sorted(first["regions"]) if not name.endswith("-global"))
