"""``cirrusql docs``: builds pages, or shows one in the terminal."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cirrusql.apps.cli.opening import open_session
from cirrusql.apps.docs.answers import Asked, Rows
from cirrusql.config_file import config_file, load
from cirrusql.errors import Error, ProgrammingError
from cirrusql.render import formats
from cirrusql.settings import Settings

if TYPE_CHECKING:
    from cirrusql.apps.docs.answers import Run
    from cirrusql.session.session import Session


@click.group("docs")
def command() -> None:
    """Build or show the pages of the catalog: every service, resource, method and field."""


@command.command()
@click.option("--provider", default="aws", show_default=True, help="Provider to document.")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="Folder to write to.")
@click.option("--service", "services", multiple=True, help="Only this service; repeatable.")
@click.option("--api-names", is_flag=True, help="Use the _api spelling of names.")
@click.option("--rows", is_flag=True, help="Run the examples in a sandbox and show their rows.")
@click.option(
    "--guides", type=click.Path(exists=True, file_okay=False), help="Folder of guides to include."
)
def build(
    provider: str,
    out: str,
    services: tuple[str, ...],
    api_names: bool,
    rows: bool,
    guides: str | None,
) -> None:
    """Write a page for each service and table, and the files that MkDocs needs to build a site."""
    from cirrusql.apps.cookbook.questions import questions
    from cirrusql.apps.docs.guides import found_guides
    from cirrusql.apps.docs.site import build as build_site
    from cirrusql.providers import default_catalog

    settings = load({}, os.environ, config_file(None, os.environ))
    catalog = default_catalog(settings)
    for name in services:
        catalog.service(provider, name)
    suffix = "_api" if api_names else ""
    asked = [Asked(q.question, q.sql) for q in questions()] if provider == "aws" else []
    with _runner(rows) as run:
        built = build_site(
            catalog,
            provider,
            Path(out),
            services,
            suffix=suffix,
            questions=asked,
            run=run,
            guides=Path(guides) if guides else found_guides(),
        )
    click.echo(f"{built.resources} pages of resources in {out}", err=True)


@contextmanager
def _runner(is_wanted: bool) -> Iterator[Run | None]:
    """Runs statements in a sandbox, if requested."""
    if not is_wanted:
        yield None
        return
    with open_session(Settings(sandbox=True, audit="off"), os.environ) as session:
        yield lambda sql: _rows(session, sql)


def _rows(session: Session, sql: str) -> Rows | None:
    """The rows of a statement as lines of a Markdown table."""
    out = io.BytesIO()
    try:
        for result in session.run(sql, {}):
            table = result.table()
            if result.failures:
                return None
            formats.write(table.schema, table.to_batches(), "markdown", out)
    except Error:
        # The sandbox does not support everything.
        return None
    return Rows(tuple(out.getvalue().decode().splitlines()))


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """Render the page of provider.service.resource in the terminal."""
    from rich.console import Console
    from rich.markdown import Markdown

    from cirrusql.apps.docs.related import related
    from cirrusql.apps.docs.terminal_page import terminal_page
    from cirrusql.providers import default_catalog

    parts = name.split(".")
    if len(parts) != 3:
        raise ProgrammingError(f"{name!r} is not a table name", hint="provider.service.resource")
    catalog = default_catalog(load({}, os.environ, config_file(None, os.environ)))
    table = catalog.table(*parts)
    others = related(catalog, table.provider, table.schema)[table.name]
    Console().print(Markdown(terminal_page(table, others)))
