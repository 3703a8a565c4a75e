"""Pages of a whole provider, and what a static site generator wants around them.

``docs/index.md`` lists the services, ``docs/<service>/index.md`` its resources, and
``docs/<service>/<resource>.md`` is one resource. ``mkdocs.yml`` makes HTML with search.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cirrusql.apps.docs.page import code, escaped, markdown_table, resource_page
from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import ConfigError
from cirrusql.session.listing import table_description

_MKDOCS = """\
site_name: {provider} in CirruSQL
site_description: Every resource of {provider} as a SQL table
docs_dir: docs
theme:
  name: material
  features: [navigation.indexes, navigation.instant, search.suggest, search.highlight]
plugins: [search]
markdown_extensions: [tables, toc, pymdownx.highlight, pymdownx.superfences]
"""


@dataclass(frozen=True)
class Built:
    """How many pages were written."""

    services: int
    resources: int


def build(
    catalog: Catalog, provider: str, out: Path, services: Iterable[str] = (), *, suffix: str = ""
) -> Built:
    """Write the pages of some services, or of all. ``suffix`` ``_api`` gives that spelling.

    Raises ConfigError where the folder cannot be written.
    """
    chosen = [s for s in catalog.services(provider) if not services or s.id in set(services)]
    try:
        root = out / "docs"
        root.mkdir(parents=True, exist_ok=True)
        (out / "mkdocs.yml").write_text(_MKDOCS.format(provider=provider), "utf-8")
        count = sum(_service(catalog, provider, s.id + suffix, s.title, root) for s in chosen)
        rows = [(f"[{s.id}]({s.id}{suffix}/index.md)", escaped(s.title)) for s in chosen]
        text = f"# {provider}\n\n{len(chosen)} services.\n\n{markdown_table(['Service', 'Title'], rows)}"
        (root / "index.md").write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write pages to {out}: {error.strerror}") from error
    return Built(len(chosen), count)


def _service(catalog: Catalog, provider: str, schema: str, title: str, root: Path) -> int:
    folder = root / schema
    folder.mkdir(exist_ok=True)
    found, is_api = catalog.loaded(provider, schema)
    rows = []
    for name in found.resources(is_api):
        table = found.table(schema, name, is_api)
        (folder / f"{name}.md").write_text(resource_page(table), "utf-8")
        rows.append((f"[{name}]({name}.md)", code(table.id), escaped(table_description(table))))
    head = f"---\ntitle: {schema}\n---\n\n# {escaped(title)}\n\n{len(rows)} resources.\n\n"
    text = head + markdown_table(["Resource", "Id", "Description"], rows)
    (folder / "index.md").write_text(text, "utf-8")
    return len(rows)
