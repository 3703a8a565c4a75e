"""``cirrusql search``: finds resources, methods and fields by words."""

from __future__ import annotations

import os
import sys

import click

from cirrusql.apps.cli.completing import format_names
from cirrusql.apps.cli.output import Output
from cirrusql.apps.cli.progress_line import ProgressLine
from cirrusql.errors import ConfigError
from cirrusql.render.display.present import Meter
from cirrusql.session.result import Result, ResultLayout

DEFAULT_LIMIT = 20


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=DEFAULT_LIMIT, show_default=True,
              help="Maximum rows to print.")  # fmt: skip
@click.option(
    "-o",
    "--output",
    "format_",
    metavar="FORMAT",
    help="Format of the rows, as in exec.",
    shell_complete=format_names,
)
def command(words: tuple[str, ...], limit: int, format_: str | None) -> int:
    """Find resources, methods and fields that match all WORDS, best first. Makes no calls."""
    text = " ".join(words)
    if not text.strip():
        raise ConfigError("nothing to search for", hint="cirrusql search access key")
    output = Output(format_, None, has_header=True)

    import pyarrow as pa

    from cirrusql.config_file import config_file, load
    from cirrusql.providers import default_catalog

    settings = load({}, os.environ, config_file(None, os.environ))
    # The first search with a new version of botocore reads all models.
    with ProgressLine(lambda: "indexing the catalog, once", is_shown=True) as progress, output:
        hits = default_catalog(settings).index().search(text, limit)
        columns = {
            "kind": [h.kind for h in hits],
            "name": [h.name for h in hits],
            "description": [h.description for h in hits],
        }
        table = pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))
        output.write(
            Result(table.schema, iter(table.to_batches()), layout=ResultLayout.LISTING),
            progress,
            Meter(),
        )
    if not hits:
        print(f"nothing matches {text!r}", file=sys.stderr)  # noqa: T201
    return 0
