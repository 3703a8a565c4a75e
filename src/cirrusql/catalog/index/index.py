"""The whole catalog as tables, for search and the system tables.

Built once per version of the sources and of CirruSQL, stored as Arrow IPC files in the cache
folder, and memory-mapped from there. ``catalog.index.building`` builds them, which reads every
model; the list of services alone reads none.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cirrusql.api.other_names import OtherNames
from cirrusql.catalog.index.building import BUILT, COLUMNS, Walkable, arrow, built
from cirrusql.catalog.index.code_stamp import CATALOG, code_stamp
from cirrusql.catalog.index.listing import CatalogListing, listing_of, read
from cirrusql.catalog.index.search import Hit, Sought, search

if TYPE_CHECKING:
    import pyarrow as pa


TABLES = tuple(COLUMNS)


class KeptCatalog(Walkable, Protocol):
    """A catalog, and the folder that caches what is built from it."""

    cache_dir: Path | None

    @property
    def version(self) -> str: ...


class CatalogIndex:
    """The tables of a catalog, by name."""

    def __init__(self, catalog: KeptCatalog) -> None:
        self._catalog = catalog

    def table(self, name: str) -> pa.Table:
        """One of TABLES. If it is not cached, all are built, which takes seconds."""
        return self._services if name == "services" else self._built[name]

    def search(self, text: str, limit: int = 20, questions: Sequence[Hit] = ()) -> list[Hit]:
        """What matches any words of a text, best first, ``questions`` included."""
        services = [
            (provider, info.id, info.title)
            for provider, _ in self._catalog.providers()
            for info in self._catalog.services(provider)
        ]
        sought = Sought(services, self._names, questions)
        return search(self._listing, sought, text, limit)

    @cached_property
    def _names(self) -> dict[str, OtherNames]:
        return {p: self._catalog.source(p).other_names for p, _ in self._catalog.providers()}

    @cached_property
    def _listing(self) -> CatalogListing:
        """What is searched: the provider's own listing, or one built from the index."""
        found, unlisted = [], []
        for provider, names in self._names.items():
            if names.listing is None:
                unlisted.append(provider)
            else:
                ids = [info.id for info in self._catalog.services(provider)]
                found.append(read(names.listing, provider, ids))
        if unlisted:
            found.append(listing_of(self.table, unlisted))
        return CatalogListing(
            tuple(t for listing in found for t in listing.tables),
            tuple(m for listing in found for m in listing.methods),
        )

    @cached_property
    def _services(self) -> pa.Table:
        rows = [
            (provider, info.id, info.title)
            for provider, _ in self._catalog.providers()
            for info in self._catalog.services(provider)
        ]
        return arrow("services", rows)

    @cached_property
    def _built(self) -> dict[str, pa.Table]:
        folder = self._folder()
        found = _read(folder) if folder is not None else None
        if found is None:
            found = built(self._catalog)
            if folder is not None:
                _write(folder, found)
        return found

    def is_kept(self) -> bool:
        """Whether the tables are cached, so that nothing has to be built."""
        folder = self._folder()
        return folder is not None and _read(folder) is not None

    def _folder(self) -> Path | None:
        if self._catalog.cache_dir is None:
            return None
        ours = f"{version('cirrusql')}-{code_stamp(*CATALOG):08x}"
        return self._catalog.cache_dir / f"index-{ours}-{self._catalog.version}"


def _read(folder: Path) -> dict[str, pa.Table] | None:
    """The cached tables, memory-mapped; None if one is missing, incomplete or of another format."""
    import pyarrow as pa

    found = {}
    for name in BUILT:
        try:
            with pa.memory_map(str(folder / f"{name}.arrow")) as file:
                found[name] = pa.ipc.open_file(file).read_all()
        except (OSError, pa.ArrowException):
            return None
        if found[name].column_names != COLUMNS[name].split():
            return None
    return found


def _write(folder: Path, tables: dict[str, pa.Table]) -> None:
    import pyarrow as pa

    try:
        for old in folder.parent.glob("index-*"):
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            part = folder / f"{name}.{os.getpid()}.part"
            with pa.OSFile(str(part), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
                writer.write_table(table)
            part.replace(folder / f"{name}.arrow")
    except OSError:
        # A cache that cannot be written only costs time.
        return
