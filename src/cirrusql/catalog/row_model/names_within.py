"""Names that creating requests give, of which rows have only a URL or a full name: QueueName.

``identities.toml`` says where in which field a name is; the name is the same wherever a row was
found. ``made_columns`` has those that no reading request takes, ``plan.reads.detail_joins`` the
others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cirrusql.api.overlay import Overlay
from cirrusql.catalog.model import Table
from cirrusql.data_files import entry
from cirrusql.sql.quoting import literal, quoted

FILE = "identities.toml"
SECTION = "names_within"


@dataclass(frozen=True)
class NameWithin:
    """Where a name is."""

    of: str
    """The field."""
    pattern: str
    """A pattern with one group, which is the name."""

    @property
    def sql(self) -> str:
        """The name, over a relation with the field; NULL if it is not of that form."""
        return f"nullif(regexp_extract({quoted(self.of)}, {literal(self.pattern)}, 1), '')"


@cache
def _entries(overlay: Overlay) -> Mapping[str, NameWithin]:
    """The entries by ``service.table.Parameter``. Raises ValueError naming the invalid entry."""
    found = overlay.section(FILE, SECTION)
    return {key: entry(NameWithin, FILE, key, raw) for key, raw in found.items()}


def names_within(table: Table) -> Mapping[str, NameWithin]:
    """By parameter, the names that the rows of a table have within a field."""
    if not table.methods or table.is_api_spelling:
        return {}
    prefix = f"{table.schema}.{table.name}."
    found = _entries(table.methods[0].operation.overlay)
    return {key.removeprefix(prefix): n for key, n in found.items() if key.startswith(prefix)}
