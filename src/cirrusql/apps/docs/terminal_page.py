"""A resource's page for the terminal: the same tables, descriptions as plain text."""

from __future__ import annotations

from cirrusql.apps.docs.page import (
    Words,
    calls_section,
    examples_section,
    fields_section,
    methods_section,
    parameters_section,
    permissions_section,
)
from cirrusql.apps.docs.prose import quoted
from cirrusql.apps.docs.related import ALONE, Related
from cirrusql.catalog.inference.documentation import first_sentence, plain_text
from cirrusql.catalog.model import Table


def terminal_page(table: Table, others: Related = ALONE) -> str:
    """Markdown without front matter and without the model's tags."""
    sections = [
        f"# {table.id}\n",
        fields_section(table, _PLAIN),
        methods_section(table, _PLAIN),
        parameters_section(table, others.sources),
        calls_section(table),
        examples_section(table),
        permissions_section(table),
    ]
    return "\n".join(sections)


_PLAIN = Words(lambda html: quoted(plain_text(html)), lambda html: quoted(first_sentence(html)))
