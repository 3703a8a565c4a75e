"""A resource's page for the terminal: the same tables, descriptions as plain text."""

from __future__ import annotations

from html import unescape

from cirrusql.apps.docs.page import examples_section, fields_section, methods_section, permissions_section
from cirrusql.catalog.documentation import plain_text
from cirrusql.catalog.model import Table


def terminal_page(table: Table) -> str:
    """Markdown without front matter and without the model's tags."""
    sections = (fields_section, methods_section, examples_section, permissions_section)
    lines = [f"# {table.id}", ""]
    for section in sections:
        lines += [_plain(line) for line in section(table).splitlines()]
        lines.append("")
    return "\n".join(lines)


def _plain(line: str) -> str:
    """A table row's last cell without tags; other lines as they are."""
    if not line.startswith("| "):
        return line
    head, bar, last = line.rstrip(" |").rpartition(" | ")
    return f"{head}{bar}{plain_text(unescape(last))} |"
