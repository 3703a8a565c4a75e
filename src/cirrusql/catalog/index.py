"""The whole catalog as tables, for search and the system tables.

Built once for each version of the sources and of this package, kept as Arrow IPC files in
the cache folder and mapped into memory from there. Building reads every model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.documentation import first_sentence
from cirrusql.catalog.model import Table

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.catalog.catalog import Catalog

TABLES = ("services", "resources", "methods", "fields")

_COLUMNS = {
    "services": "provider service title",
    "resources": "provider service resource description",
    "methods": "provider service resource method api_method operation sql_verb required description",
    "fields": "provider service resource name type sql_type role required description",
}
_LISTS = frozenset({("methods", "required")})


@dataclass(frozen=True)
class Hit:
    """One thing that a search found."""

    kind: str
    """``service``, ``resource``, ``method`` or ``field``."""
    name: str
    """Its full name, as a statement would have it."""
    description: str
    score: int


class CatalogIndex:
    """The tables of a catalog, by name."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def table(self, name: str) -> pa.Table:
        """One of TABLES; built with all the others where it is not cached."""
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, pa.Table]:
        folder = self._folder()
        found = self._read(folder) if folder is not None else None
        if found is None:
            found = self._build()
            if folder is not None:
                self._write(folder, found)
        return found

    def _folder(self) -> Path | None:
        if self._catalog.cache_dir is None:
            return None
        return self._catalog.cache_dir / f"index-{version('cirrusql')}-{self._catalog.version}"

    def _read(self, folder: Path) -> dict[str, pa.Table] | None:
        import pyarrow as pa

        try:
            return {
                name: pa.ipc.open_file(pa.memory_map(str(folder / f"{name}.arrow"))).read_all()
                for name in TABLES
            }
        except (OSError, pa.ArrowException):
            return None

    def _write(self, folder: Path, tables: dict[str, pa.Table]) -> None:
        import pyarrow as pa

        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, table in tables.items():
                part = folder / f"{name}.part"
                with pa.OSFile(str(part), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
                    writer.write_table(table)
                part.replace(folder / f"{name}.arrow")
        except OSError:
            # A cache that cannot be written costs time, nothing else.
            return

    def _build(self) -> dict[str, pa.Table]:
        import pyarrow as pa

        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        for provider, _ in self._catalog.providers():
            for info in self._catalog.services(provider):
                rows["services"].append((provider, info.id, info.title))
                # A catalog of its own for each service lets its models go when it is done.
                service, _ = self._catalog.loaded(provider, info.id)
                for resource in service.resources(False):
                    _collect(rows, service.table(info.id, resource, False))
        return {name: _arrow(pa, name, found) for name, found in rows.items()}

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """What all the words of a text name or describe, names before descriptions."""
        words = [w for w in text.lower().replace(".", " ").split() if w]
        if not words:
            return []
        hits = [h for c in self._candidates() if (h := _scored(c, words)) is not None]
        hits.sort(key=lambda h: (-h.score, len(h.name), h.name))
        return hits[:limit]

    def _candidates(self) -> Iterator[Hit]:
        for provider, service, title in _rows(self.table("services")):
            yield Hit("service", f"{provider}.{service}", title, 0)
        for provider, service, resource, description in _rows(self.table("resources")):
            yield Hit("resource", f"{provider}.{service}.{resource}", description, 0)
        methods = self.table("methods")
        for row in _rows(methods.select("provider service resource method operation description".split())):
            yield Hit("method", ".".join(row[:4]), f"{row[4]}: {row[5]}", 0)
        fields = self.table("fields").filter(_is_field(self.table("fields")))
        for row in _rows(fields.select("provider service resource name description".split())):
            yield Hit("field", ".".join(row[:4]), row[4], 0)


def _is_field(table: pa.Table) -> Any:
    import pyarrow.compute as pc

    return pc.equal(table["role"], "field")


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


_KIND_BONUS = {"resource": 3, "service": 2, "method": 1, "field": 0}


def _scored(hit: Hit, words: list[str]) -> Hit | None:
    """The hit with its score, or None where a word is in neither name nor description."""
    name = hit.name.lower()
    parts = set(name.replace("_", ".").split("."))
    description = hit.description.lower()
    score = 0
    for word in words:
        if word in parts or word.rstrip("s") in parts or f"{word}s" in parts:
            score += 10
        elif word in name:
            score += 6
        elif word in description:
            score += 2
        else:
            return None
    return Hit(hit.kind, hit.name, hit.description, score * 4 + _KIND_BONUS[hit.kind])


def _collect(rows: dict[str, list[tuple[Any, ...]]], table: Table) -> None:
    where = (table.provider, table.schema, table.name)
    description = first_sentence(table.methods[0].description) if table.methods else ""
    rows["resources"].append((*where, description))
    for m in table.methods:
        told = first_sentence(m.description)
        rows["methods"].append(
            (*where, m.name, m.api_name, m.operation.name, str(m.verb), list(m.required), told)
        )
    for c in table.columns:
        required = "true" if c.is_required else "false"
        told = first_sentence(c.description)
        rows["fields"].append(
            (*where, c.name, c.type.reference_name, c.type.sql, str(c.role), required, told)
        )


def _arrow(pa: Any, name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    headings = _COLUMNS[name].split()
    types = [pa.list_(pa.string()) if (name, h) in _LISTS else pa.string() for h in headings]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headings)
    arrays = [pa.array(cells, type_) for cells, type_ in zip(columns, types, strict=True)]
    return pa.Table.from_arrays(arrays, names=headings)
