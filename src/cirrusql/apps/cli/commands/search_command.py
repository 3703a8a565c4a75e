"""``cirrusql search``: finds resources, methods, fields and questions by words."""

from __future__ import annotations

import os
import sys

import click

from cirrusql.apps.cli.help.completing import output_option
from cirrusql.apps.cli.output import Output
from cirrusql.apps.cli.progress_line import ProgressLine
from cirrusql.config_file import config_file, load
from cirrusql.errors import ConfigError
from cirrusql.render.display.present import Meter
from cirrusql.session.result import Result, ResultLayout

DEFAULT_LIMIT = 20


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=DEFAULT_LIMIT, show_default=True,
              help="Maximum rows to print.")  # fmt: skip
@output_option()
def command(words: tuple[str, ...], limit: int, format_: str | None) -> int:
    """Find resources, methods, fields and questions of the cookbook by WORDS, best first.

    Any of the words may match, plurals and other forms of them too. Makes no calls.
    """
    text = " ".join(words)
    if not text.strip():
        raise ConfigError("nothing to search for", hint="cirrusql search access key")
    output = Output(format_, None, has_header=True)

    import pyarrow as pa

    from cirrusql.apps.cookbook.questions import as_hits
    from cirrusql.providers import default_catalog

    settings = load({}, os.environ, config_file(None, os.environ))
    # Reads all models only for a provider without a listing of its own.
    with ProgressLine(lambda: "indexing the catalog, once", is_shown=True) as progress, output:
        hits = default_catalog(settings).index().search(text, limit, as_hits())
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
        hint = "try fewer or other words, or SHOW SERVICES IN aws"
        print(f"nothing matches {text!r}\nhint: {hint}", file=sys.stderr)  # noqa: T201
    elif any(h.kind == "question" for h in hits):
        print("run a question: cirrusql cookbook run NAME", file=sys.stderr)  # noqa: T201
    return 0
