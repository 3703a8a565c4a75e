"""One resource as a Markdown page, in the structure of StackQL's registry reference.

Front matter, Overview, Fields and Methods match those pages cell by cell; then follow sections that
those pages lack: parameters, examples, permissions, related resources. Pure: a Table in, text out.
Descriptions are prose without HTML; under the ``_api`` spelling, which the reference also has, they
are the model's HTML as there, escaped. Neither can break a page or execute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cirrusql.apps.docs.examples import examples
from cirrusql.apps.docs.prose import SPECIAL, prose
from cirrusql.apps.docs.related import ALONE, FieldReference, Related
from cirrusql.catalog.model import Role, Table, Verb
from cirrusql.session.introspection.catalog_listings import method_verb, required_params

_FRONT_MATTER = """\
---
title: {name}
hide_title: false
hide_table_of_contents: false
keywords:
  - {name}
  - {schema}
  - {provider}{blanks}
  - stackql
  - infrastructure-as-code
  - configuration-as-data
  - cloud inventory
description: Query, deploy and manage AWS resources using SQL
custom_edit_url: null
image: /img/providers/{provider}/stackql-{provider}-provider-featured-image.png
---
{two}
{four}

"""
# The reference pages have these spaces; an editor would remove them.
_BLANKS = {"blanks": " " * 4, "two": " " * 2, "four": " " * 4}

_OVERVIEW = """\
## Overview
<table><tbody>
<tr><td><b>Name</b></td><td><code>{name}</code></td></tr>
<tr><td><b>Type</b></td><td>Resource</td></tr>
<tr><td><b>Id</b></td><td><code>{id}</code></td></tr>
</tbody></table>

"""


@dataclass(frozen=True)
class Words:
    """How descriptions of fields, parameters and methods are written."""

    of_field: Callable[[str], str]
    of_method: Callable[[str], str]


def resource_page(table: Table, others: Related = ALONE) -> str:
    """The whole page of a table."""
    words = REFERENCE if table.is_api_spelling else CLEAN
    return "".join(
        [
            _FRONT_MATTER.format(
                name=table.name, schema=table.schema, provider=table.provider, **_BLANKS
            ),
            _OVERVIEW.format(name=table.name, id=table.id),
            fields_section(table, words),
            # Not on the reference page, where the heading would become a row of the table above.
            "\n",
            methods_section(table, words),
            parameters_section(table, others.sources),
            calls_section(table),
            examples_section(table),
            permissions_section(table),
            related_section(table, others),
        ]
    )


def fields_section(table: Table, words: Words) -> str:
    """``## Fields``: Name, Datatype, Description."""
    rows = [
        (code(c.name), code(c.type.reference_name), words.of_field(c.description))
        for c in table.columns
        if c.role is Role.FIELD
    ]
    if not rows:
        return (
            "## Fields\nThis resource has no fields. Use it with `EXEC` or with statements "
            "that write.\n"
        )
    return "## Fields\n" + markdown_table("Name Datatype Description".split(), rows)


def methods_section(table: Table, words: Words) -> str:
    """``## Methods``: Name, Accessible by, Required Params, Description."""
    rows = [
        (
            code(table.spelled(m)),
            code(method_verb(table, m)),
            code(required_params(table, m)) if required_params(table, m) else "",
            words.of_method(m.description),
        )
        for m in table.methods
    ]
    headings = ["Name", "Accessible by", "Required Params", "Description"]
    return "## Methods\n" + markdown_table(headings, rows)


def parameters_section(table: Table, sources: Mapping[str, FieldReference]) -> str:
    """What a WHERE, an INSERT or an EXEC may use: every parameter of every method."""
    rows = [
        (
            code(name),
            ", ".join(map(code, ways)),
            link(sources[name]) if name in sources else "",
            CLEAN.of_field(description),
        )
        for name, (ways, description) in _parameters(table).items()
    ]
    if not rows:
        return ""
    headings = ["Name", "Taken by", "Values from", "Description"]
    return "\n## Parameters\n" + markdown_table(headings, rows)


def _parameters(table: Table) -> dict[str, tuple[list[str], str]]:
    found: dict[str, tuple[list[str], str]] = {}
    for method in table.methods:
        for name, member in method.parameters.items():
            mark = " (required)" if name in method.required else ""
            ways, _ = found.setdefault(name, ([], member.documentation))
            ways.append(table.spelled(method) + mark)
    return found


def calls_section(table: Table) -> str:
    """The calls of a SELECT: one operation for rows, and others for columns that it does not
    return."""
    rows = []
    for method in table.reached_by(Verb.SELECT):
        if method.rows is not None:
            given = (
                f"once for each {', '.join(map(code, method.required))}"
                if method.required
                else "once"
            )
            rows.append((code(method.operation.id), given, _names(method.rows.fields)))
    for detail in table.details:
        each = f"for each {detail.most} rows" if detail.many else "for each row"
        made = f"{each}, where one of its columns is named"
        rows.append((code(detail.method.operation.id), made, _names(detail.picks)))
    if not rows:
        return ""
    return "\n## Calls of a SELECT\n" + markdown_table(["Operation", "Made", "Columns"], rows)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(map(code, columns))


def examples_section(table: Table) -> str:
    """Statements that parse and bind unchanged."""
    blocks = [f"\n### `{title}`\n```sql\n{sql}\n```\n" for title, sql in examples(table)]
    return "\n## Examples\n" + "".join(blocks) if blocks else ""


def related_section(table: Table, others: Related) -> str:
    """The service, the listings of parameters' values, and the parameters that take this resource's
    values."""
    lines = [f"- Service: [{table.schema}](index.md)"]
    lines += [f"- `{name}` is listed by {link(place)}" for name, place in others.sources.items()]
    lines += [f"- {link(place)} is one of these" for place in others.uses]
    return "\n## Related\n" + "\n".join(lines) + "\n"


def link(place: FieldReference) -> str:
    """A link to the page of a field or parameter of another resource of the service."""
    return f"[`{place.resource}.{place.name}`]({place.resource}.md)"


def permissions_section(table: Table) -> str:
    """The operation and the IAM actions of each method; only the operation if none are known."""
    if not any(m.operation.permissions for m in table.methods):
        named = [(code(table.spelled(m)), code(m.operation.id)) for m in table.methods]
        return "\n## Operations\n" + markdown_table(["Method", "Operation"], named)
    rows = [
        (
            code(table.spelled(m)),
            code(m.operation.id),
            ", ".join(code(a) for a in m.operation.permissions),
        )
        for m in table.methods
    ]
    return "\n## Permissions\n" + markdown_table(["Method", "Operation", "IAM actions"], rows)


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table in the reference's layout: left-aligned, dashes as wide as the heading."""
    lines = ["| " + " | ".join(headings) + " |"]
    lines.append("|" + "|".join(":" + "-" * (len(h) + 1) for h in headings) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Inline code."""
    return f"`{text}`"


def unwrapped(html: str) -> str:
    """Escaped HTML, without paragraph tags if there is only one paragraph."""
    text = _one_line(html)
    match = re.fullmatch(r"<p>((?:(?!</?p>).)*)</p>", text)
    return escaped(match[1] if match else text)


def escaped(html: str) -> str:
    """HTML as text in a table cell: shown, never interpreted."""
    return "".join(_SHOWN.get(c, c) for c in _one_line(html))


_SHOWN = {**SPECIAL, "<": "&lt;", ">": "&gt;", "&": "&", "_": "_"}
"""As on the reference's pages; HTML entities and URLs are unchanged."""


def _one_line(html: str) -> str:
    return re.sub(r"\s+", " ", html).strip()


REFERENCE = Words(unwrapped, escaped)
"""As on the reference's pages: the model's own HTML, shown rather than interpreted."""
CLEAN = Words(prose, prose)
