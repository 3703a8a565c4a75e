"""All tables and methods of a provider as lines of text, for search: small, and read at once.

A provider may bring them along as a file (``OtherNames.listing``): two texts in a zip, a line for
each table (service, name, description, columns) and for each method (service, table, name,
operation, description). Where it brings none they are taken from the index's tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

if TYPE_CHECKING:
    import pyarrow as pa


class ListedTable(NamedTuple):
    """A table, with the columns that its rows have."""

    provider: str
    service: str
    name: str
    description: str
    columns: str
    """Separated by spaces."""


class ListedMethod(NamedTuple):
    """A method under its own resource."""

    provider: str
    service: str
    table: str
    name: str
    operation: str
    description: str


class CatalogListing(NamedTuple):
    """What of a provider, or of several, can be found."""

    tables: tuple[ListedTable, ...]
    methods: tuple[ListedMethod, ...]


def listing_of(table: Callable[[str], pa.Table], providers: Iterable[str] = ()) -> CatalogListing:
    """The listing of those providers, else of all, from the index's tables by name."""
    wanted = frozenset(providers)
    rows = {
        name: [r for r in table(name).to_pylist() if not wanted or r["provider"] in wanted]
        for name in ("resources", "methods", "fields")
    }
    columns: dict[tuple[str, str, str], list[str]] = {}
    for r in rows["fields"]:
        if r["role"] in ("field", "key"):
            columns.setdefault((r["provider"], r["service"], r["resource"]), []).append(r["name"])
    return CatalogListing(
        tuple(
            ListedTable(*where, r["description"] or "", " ".join(columns.get(where, ())))
            for r in rows["resources"]
            for where in [(r["provider"], r["service"], r["resource"])]
        ),
        tuple(
            ListedMethod(
                r["provider"], r["service"], r["resource"], r["method"], r["operation"],
                r["description"] or "",
            )
            for r in rows["methods"]
        ),
    )  # fmt: skip


def write(path: Path, listing: CatalogListing) -> None:
    """Write a listing of one provider as a file, the same for the same listing."""
    with ZipFile(path, "w") as archive:
        for name, rows in listing._asdict().items():
            text = "\n".join("\t".join(" ".join(c.split()) for c in row[1:]) for row in rows)
            archive.writestr(ZipInfo(name), text.encode(), ZIP_DEFLATED, 9)


def read(path: Path, provider: str, services: Iterable[str]) -> CatalogListing:
    """The listing in a file, as far as there are such services."""
    known = frozenset(services)
    with ZipFile(path) as archive:
        lines = {name: archive.read(name).decode().split("\n") for name in CatalogListing._fields}
    tables = (ListedTable(provider, *line.split("\t")) for line in lines["tables"])
    methods = (ListedMethod(provider, *line.split("\t")) for line in lines["methods"])
    return CatalogListing(
        tuple(t for t in tables if t.service in known),
        tuple(m for m in methods if m.service in known),
    )
