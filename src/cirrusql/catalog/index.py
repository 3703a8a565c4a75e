"""The whole catalog as tables, for search and the system tables.

Built once for each version of the sources and of this package, kept as Arrow IPC files in
the cache folder and mapped into memory from there. Building reads every model; the list of
services alone reads none. Each operation is once in ``methods``, where it lives; a resource
that is a further list of another's answer is in ``resources`` and ``fields``.
"""

from __future__ import annotations

import os
import shutil
import zlib
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.documentation import first_sentence
from cirrusql.catalog.model import Table
from cirrusql.catalog.search import Hit, search

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.catalog.catalog import Catalog

TABLES = ("services", "resources", "methods", "fields")
_BUILT = TABLES[1:]

_COLUMNS = {
    "services": "provider service title",
    "resources": "provider service resource description",
    "methods": "provider service resource method api_method operation sql_verb required description",
    "fields": "provider service resource name type sql_type role required description",
}


class CatalogIndex:
    """The tables of a catalog, by name."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def table(self, name: str) -> pa.Table:
        """One of TABLES. Where it is not cached all are built, which takes half a minute."""
        return self._services if name == "services" else self._built[name]

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """What all the words of a text name or describe, best first."""
        return search(self.table, text, limit)

    @cached_property
    def _services(self) -> pa.Table:
        rows = [
            (provider, info.id, info.title)
            for provider, _ in self._catalog.providers()
            for info in self._catalog.services(provider)
        ]
        return _arrow("services", rows)

    @cached_property
    def _built(self) -> dict[str, pa.Table]:
        folder = self._folder()
        found = _read(folder) if folder is not None else None
        if found is None:
            found = self._build()
            if folder is not None:
                _write(folder, found)
        return found

    def is_kept(self) -> bool:
        """Whether the tables are in the cache folder, so that nothing has to be built."""
        folder = self._folder()
        return folder is not None and _read(folder) is not None

    def _folder(self) -> Path | None:
        if self._catalog.cache_dir is None:
            return None
        ours = f"{version('cirrusql')}-{_stamp():08x}"
        return self._catalog.cache_dir / f"index-{ours}-{self._catalog.version}"

    def _build(self) -> dict[str, pa.Table]:
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _BUILT}
        for provider, _ in self._catalog.providers():
            for info in self._catalog.services(provider):
                # Not kept by the catalog: each model goes when its rows are there.
                service, _ = self._catalog.loaded(provider, info.id)
                for resource in service.resources(False):
                    _collect(rows, service.table(info.id, resource, False))
        return {name: _arrow(name, found) for name, found in rows.items()}


def _stamp() -> int:
    """Changes with the rules and the overlay: while they are worked on, versions do not."""
    folder = Path(__file__).parent
    told = sorted((f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in folder.iterdir() if f.is_file())
    return zlib.crc32(repr(told).encode())


def _collect(rows: dict[str, list[tuple[Any, ...]]], table: Table) -> None:
    where = (table.provider, table.schema, table.name)
    description = first_sentence(table.methods[0].description) if table.methods else ""
    rows["resources"].append((*where, description))
    for m in table.methods:
        if not m.is_further:
            names = (m.name, m.api_name, m.operation.name, str(m.verb), list(m.required))
            rows["methods"].append((*where, *names, first_sentence(m.description)))
    for c in table.columns:
        types = (c.type.reference_name, c.type.sql, str(c.role), c.is_required)
        rows["fields"].append((*where, c.name, *types, first_sentence(c.description)))


def _arrow(name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    import pyarrow as pa

    others = {("methods", "required"): pa.list_(pa.string()), ("fields", "required"): pa.bool_()}
    headings = _COLUMNS[name].split()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headings)
    arrays = [
        pa.array(cells, others.get((name, heading), pa.string()))
        for heading, cells in zip(headings, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=headings)


def _read(folder: Path) -> dict[str, pa.Table] | None:
    """The cached tables, mapped; None where one is not there, not whole or of another form."""
    import pyarrow as pa

    found = {}
    for name in _BUILT:
        try:
            with pa.memory_map(str(folder / f"{name}.arrow")) as file:
                found[name] = pa.ipc.open_file(file).read_all()
        except (OSError, pa.ArrowException):
            return None
        if found[name].column_names != _COLUMNS[name].split():
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
        # A cache that cannot be written costs time, nothing else.
        return
