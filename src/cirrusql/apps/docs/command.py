"""``cirrusql docs``: build pages, or show one in the terminal."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.group("docs")
def command() -> None:
    """Build or show the pages of the catalog: every service, resource, method and field."""


@command.command()
@click.option("--provider", default="aws", show_default=True, help="Provider to document.")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="Folder to write to.")
@click.option("--service", "services", multiple=True, help="Only this service; repeatable.")
@click.option("--api-names", is_flag=True, help="Use the _api spelling of names.")
def build(provider: str, out: str, services: tuple[str, ...], api_names: bool) -> None:
    """Write a Markdown page for each provider, service and resource."""
    from cirrusql.apps.docs.site import build as build_site
    from cirrusql.config_file import config_file, load
    from cirrusql.providers import default_catalog

    catalog = default_catalog(load({}, os.environ, config_file(None, os.environ)))
    for name in services:
        catalog.service(provider, name)
    suffix = "_api" if api_names else ""
    built = build_site(catalog, provider, Path(out), services, suffix=suffix)
    click.echo(f"{built.resources} pages of resources in {out}", err=True)


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """Render the page of provider.service.resource in the terminal."""
    from rich.console import Console
    from rich.markdown import Markdown

    from cirrusql.apps.docs.related import related
    from cirrusql.apps.docs.terminal_page import terminal_page
    from cirrusql.config_file import config_file, load
    from cirrusql.errors import ProgrammingError
    from cirrusql.providers import default_catalog

    parts = name.split(".")
    if len(parts) != 3:
        raise ProgrammingError(f"{name!r} is not a table name", hint="provider.service.resource")
    catalog = default_catalog(load({}, os.environ, config_file(None, os.environ)))
    table = catalog.table(*parts)
    others = related(catalog, table.provider, table.schema)[table.name]
    Console().print(Markdown(terminal_page(table, others)))
