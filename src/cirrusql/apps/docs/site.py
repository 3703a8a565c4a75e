"""Pages of a whole provider, and the files that a static site generator needs.

``docs/index.md`` is the landing page, ``docs/catalog.md`` lists the services,
``docs/<service>/index.md`` their tables, ``docs/<service>/<resource>.md`` is one table, and
``docs/guides`` has the guides. ``mkdocs.yml``, for MkDocs with the Material theme, builds HTML from
them; Zensical reads it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from cirrusql.api.model import ServiceInfo
from cirrusql.apps.docs.answers import Asked, Run, answer_text, by_table
from cirrusql.apps.docs.guides import Guides, copy_guides
from cirrusql.apps.docs.page import code, markdown_table, resource_page
from cirrusql.apps.docs.prose import quoted
from cirrusql.apps.docs.related import related
from cirrusql.apps.docs.search_shards import SearchShards
from cirrusql.apps.docs.table_page import table_page
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Table
from cirrusql.errors import ConfigError
from cirrusql.session.introspection.catalog_listings import method_verb, table_description

_MKDOCS = """\
site_name: CirruSQL
site_description: Every resource of {provider} as a SQL table
docs_dir: docs
theme:
  name: material
  # What the theme would load from elsewhere: the pages are complete without a network.
  font: false
  features: [search.suggest, search.highlight, content.code.copy, navigation.tabs, navigation.top]
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
      primary: indigo
      toggle: {{icon: material/weather-night, name: Dark colours}}
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
      primary: indigo
      toggle: {{icon: material/weather-sunny, name: Light colours}}
extra:
  generator: false
extra_css: [assets/site.css]
extra_javascript: [assets/site.js]
plugins: [meta, search]
markdown_extensions:
  - tables
  - attr_list
  - md_in_html
  - toc
  - pymdownx.highlight
  - pymdownx.superfences
# The navigation is repeated on every page: with all tables in it, a site grows by their square.
nav:
{nav}
validation:
  nav: {{omitted_files: ignore}}
"""

_FOUND_BY_NAME = """\
# The search finds tables, columns and operations by the files in find/: an index of the whole
# text of all pages is more than a browser takes.
search: {exclude: true}
"""

_MOST_IN_NAVIGATION = 40


@dataclass(frozen=True)
class Built:
    """How many pages were written."""

    services: int
    resources: int


def build(
    catalog: Catalog,
    provider: str,
    out: Path,
    services: Iterable[str] = (),
    *,
    suffix: str = "",
    questions: Sequence[Asked] = (),
    run: Run | None = None,
    guides: Path | None = None,
) -> Built:
    """Write the pages of some services, or of all. ``suffix`` ``_api`` selects that spelling.

    ``questions`` come first on the pages of their tables, with the rows that ``run`` returns.
    ``guides`` is the folder of the guides. Raises ConfigError if a file cannot be written.
    """
    chosen = [s for s in catalog.services(provider) if not services or s.id in set(services)]
    asked = by_table(questions)
    shards = SearchShards()
    count = 0
    try:
        root = out / "docs"
        (root / "assets").mkdir(parents=True, exist_ok=True)
        for asset in ("site.css", "site.js"):
            text = files("cirrusql.apps.docs").joinpath("assets", asset).read_text("utf-8")
            (root / "assets" / asset).write_text(text, "utf-8")
        copied = copy_guides(guides, root / "guides") if guides else Guides()
        nav = _nav(chosen, suffix, copied)
        (out / "mkdocs.yml").write_text(_MKDOCS.format(provider=provider, nav=nav), "utf-8")
        for service in chosen:
            tables = _service(catalog, provider, service, suffix, root, asked, run)
            count += len(tables)
            for table in tables:
                shards.add(table)
        shards.write(root / "find")
        (root / "catalog.md").write_text(_catalog_page(provider, chosen, suffix), "utf-8")
        (root / "index.md").write_text(
            _landing_page(provider, chosen, suffix, questions, run, copied), "utf-8"
        )
    except OSError as error:
        raise ConfigError(f"cannot write pages to {out}: {error.strerror}") from error
    return Built(len(chosen), count)


def _nav(services: Sequence[ServiceInfo], suffix: str, guides: Guides) -> str:
    """Home, the guides, and the services if they are few."""
    lines = ["  - Home: index.md"]
    if guides.sections:
        lines += ["  - Guides:", "    - guides/index.md"]
        for heading, pages in guides.sections:
            lines.append(f"    - {heading}:")
            lines += [f'      - "{title}": guides/{file}' for title, file in pages]
    lines += ["  - Catalog:", "    - All services: catalog.md"]
    if len(services) <= _MOST_IN_NAVIGATION:
        lines += [f"    - {s.id}{suffix}: {s.id}{suffix}/index.md" for s in services]
    return "\n".join(lines)


def _service(
    catalog: Catalog,
    provider: str,
    service: ServiceInfo,
    suffix: str,
    root: Path,
    asked: Mapping[str, list[Asked]],
    run: Run | None,
) -> list[Table]:
    """The pages of one service, from a catalog of its own that is freed afterwards."""
    schema = service.id + suffix
    folder = root / schema
    folder.mkdir(exist_ok=True)
    own = Catalog([catalog.source(provider)])
    others = related(own, provider, schema)
    tables = [own.table(provider, schema, name) for name in others]
    for table in tables:
        if suffix:
            text = resource_page(table, others[table.name])
        else:
            questions = asked.get(f"{schema}.{table.name}", [])
            text = table_page(table, others[table.name], questions, run)
        (folder / f"{table.name}.md").write_text(text, "utf-8")
    (folder / "index.md").write_text(service_page(schema, service.title, tables), "utf-8")
    (folder / ".meta.yml").write_text(_FOUND_BY_NAME, "utf-8")
    return tables


def service_page(schema: str, title: str, tables: Sequence[Table]) -> str:
    """A service's tables with their operations, which link to the pages."""
    head = f"---\ntitle: {schema}\nsearch:\n  exclude: false\n---\n\n# {quoted(title)}\n\n"
    if not tables:
        return head
    text = f"`{tables[0].provider}.{schema}`: {_number(tables, 'table')}.\n\n{_FILTER}\n\n"
    rows = [
        (f"[{code(t.name)}]({t.name}.md)", quoted(table_description(t)), _operations(t))
        for t in tables
    ]
    return head + text + _listed(markdown_table(["Table", "Description", "Operations"], rows))


def _listed(table: str) -> str:
    """A table of names, which narrow windows show line by line."""
    return f'<div class="listed" markdown>\n\n{table}\n</div>\n'


def _operations(table: Table) -> str:
    return ", ".join(
        f'[{code(m.operation.name)}]({table.name}.md#{table.spelled(m)} "{method_verb(table, m)}")'
        for m in table.methods
    )


_FILTER = '<input class="filter" type="search" placeholder="Filter" aria-label="Filter">'


def _catalog_page(provider: str, services: Sequence[ServiceInfo], suffix: str) -> str:
    rows = [
        (f"[{code(s.id + suffix)}]({s.id}{suffix}/index.md)", quoted(s.title)) for s in services
    ]
    text = f"# The catalog of {provider}\n\n{_number(services, 'service')}. Search finds tables, "
    text += f"columns and operations in all of them.\n\n{_FILTER}\n\n"
    return text + _listed(markdown_table(["Service", "Title"], rows))


_LANDING = """\
---
title: CirruSQL
hide: [navigation, toc]
---

# SQL over your cloud

Every resource of {provider}'s {count} is a table. `SELECT` reads it live, across regions and
accounts; `INSERT`, `UPDATE` and `DELETE` change it. Try it on a simulated account, without
credentials:

```sh
pip install 'cirrusql[all]'
cirrusql shell --sandbox
```

"""

_FIRST_QUESTIONS = 2


def _landing_page(
    provider: str,
    services: Sequence[ServiceInfo],
    suffix: str,
    questions: Sequence[Asked],
    run: Run | None,
    guides: Guides,
) -> str:
    """What CirruSQL is, questions with their answers, and links."""
    text = _LANDING.format(provider=provider.upper(), count=_number(services, "service"))
    answers = [answer_text(asked, run) for asked in questions[:_FIRST_QUESTIONS]]
    if answers:
        text += "## Ask a question\n\n" + "\n".join(answers) + "\n"
    text += '## Where to go\n\n<div class="landing" markdown>\n'
    for heading, pages in guides.sections:
        links = "\n".join(f"[{title}](guides/{file})  " for title, file in pages)
        text += f"<div markdown>\n**{heading}**\n\n{links}\n</div>\n"
    links = ", ".join(f"[{s.id}]({s.id}{suffix}/index.md)" for s in _popular(services))
    text += f"<div markdown>\n**The catalog**\n\n{links} and [all services](catalog.md)\n</div>\n"
    return text + "</div>\n"


_POPULAR = "ec2 s3 iam lambda rds dynamodb ecs eks sqs sns cloudwatch logs route53 kms".split()


def _popular(services: Sequence[ServiceInfo]) -> Sequence[ServiceInfo]:
    """The services that most accounts use; if none is included, the first ones."""
    by_id = {service.id: service for service in services}
    return [by_id[name] for name in _POPULAR if name in by_id] or services[:10]


def _number(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
