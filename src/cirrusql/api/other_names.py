"""Other names that people use for an API's services and tables: a provider's data.

These names cannot be queried: they are for the hint about an unknown table
(``catalog.meant_names``), and for search (``catalog.index.search``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class OtherNames:
    """Names in the form of the catalog's: snake_case, a table's in the singular."""

    services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name, the services that it may mean. For a service's own name, related services."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """By a noun ``service.resource``."""
    first: tuple[str, ...] = ()
    """The services that most people use, most used first."""
    words: Mapping[str, str] = field(default_factory=dict)
    """By ``service.resource`` the words that people look for it with, separated by spaces."""
    listing: Path | None = None
    """Where all tables are listed beforehand (``catalog.index.listing``): search reads no model."""


NO_OTHER_NAMES = OtherNames()
