"""Pages of a whole provider, and what a static site generator wants around them.

``docs/index.md`` lists the services, ``docs/<service>/index.md`` its resources with the
operations of each, and ``docs/<service>/<resource>.md`` is one resource. ``mkdocs.yml``, for
MkDocs with the Material theme, makes HTML with search of them; Zensical reads it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cirrusql.api.model import ServiceInfo
from cirrusql.apps.docs.page import code, markdown_table, resource_page
from cirrusql.apps.docs.prose import quoted
from cirrusql.apps.docs.related import related
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Table
from cirrusql.errors import ConfigError
from cirrusql.session.introspection.catalog_listings import method_verb, table_description

_MKDOCS = """\
site_name: {provider} in CirruSQL
site_description: Every resource of {provider} as a SQL table
docs_dir: docs
theme:
  name: material
  # What the theme would load from elsewhere: the pages are whole without a network.
  font: false
  features: [search.suggest, search.highlight, content.code.copy]
extra:
  generator: false
extra_css: [style.css]
plugins: [meta, search]
markdown_extensions:
  - tables
  - attr_list
  - toc
  - pymdownx.highlight
  - pymdownx.superfences
# The navigation is repeated on every page: with all resources in it, a site grows by their square.
nav:
{nav}
validation:
  nav: {{omitted_files: ignore}}
"""

_STYLE = """\
/* Tables of names: columns as wide as the names want, names broken nowhere else. */
.md-typeset table:not([class]) { display: table; table-layout: auto; }
.md-typeset td code { white-space: nowrap; word-break: normal; }
.md-typeset th { white-space: nowrap; }
.md-typeset td:nth-child(n+3):last-child { width: 60%; overflow-wrap: anywhere; }
.md-typeset td:nth-child(n+3):last-child code { white-space: normal; }
.md-grid { max-width: 76rem; }
"""

_SEARCHED_BY_SERVICE = """\
# A search leads to the service's page, which names every resource and operation: an index of
# the whole text of all pages is more than a browser takes.
search: {exclude: true}
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
        (out / "mkdocs.yml").write_text(
            _MKDOCS.format(provider=provider, nav=_nav(chosen, suffix)), "utf-8"
        )
        (root / "style.css").write_text(_STYLE, "utf-8")
        count = sum(_service(catalog, provider, s, suffix, root) for s in chosen)
        rows = [(f"[{s.id}{suffix}]({s.id}{suffix}/index.md)", quoted(s.title)) for s in chosen]
        text = f"# {provider}\n\n{_number(chosen, 'service')}.\n\n{markdown_table(['Service', 'Title'], rows)}"  # noqa: E501
        (root / "index.md").write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write pages to {out}: {error.strerror}") from error
    return Built(len(chosen), count)


_MOST_IN_NAVIGATION = 40


def _nav(services: Sequence[ServiceInfo], suffix: str) -> str:
    """Home, and the services where they are few."""
    listed = [f"  - {s.id}{suffix}: {s.id}{suffix}/index.md" for s in services]
    return "\n".join(["  - index.md", *(listed if len(listed) <= _MOST_IN_NAVIGATION else ())])


def _service(catalog: Catalog, provider: str, service: ServiceInfo, suffix: str, root: Path) -> int:
    """The pages of one service, from a catalog of its own that is dropped after them."""
    schema = service.id + suffix
    folder = root / schema
    folder.mkdir(exist_ok=True)
    own = Catalog([catalog.source(provider)])
    others = related(own, provider, schema)
    tables = [own.table(provider, schema, name) for name in others]
    for table in tables:
        (folder / f"{table.name}.md").write_text(resource_page(table, others[table.name]), "utf-8")
    (folder / "index.md").write_text(service_page(schema, service.title, tables), "utf-8")
    (folder / ".meta.yml").write_text(_SEARCHED_BY_SERVICE, "utf-8")
    return len(tables)


def service_page(schema: str, title: str, tables: Sequence[Table]) -> str:
    """A service's resources: what each is, its operations, and the methods that make them."""
    head = f"---\ntitle: {schema}\nsearch:\n  exclude: false\n---\n\n# {quoted(title)}\n\n"
    text = f"`{tables[0].provider}.{schema}`: {_number(tables, 'resource')}.\n" if tables else ""
    return head + text + "".join(map(_resource, tables))


def _resource(table: Table) -> str:
    rows = [
        (code(m.operation.name), code(method_verb(table, m)), code(table.spelled(m)))
        for m in table.methods
    ]
    said = quoted(table_description(table))
    head = f"\n## {table.name}\n\n[{code(table.id)}]({table.name}.md): {said}\n\n"
    return head + markdown_table(["Operation", "Accessible by", "Method"], rows)


def _number(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
