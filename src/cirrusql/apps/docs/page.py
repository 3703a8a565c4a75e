"""One resource as a Markdown page, in the structure of StackQL's registry reference.

Front matter, Overview, Fields and Methods stand as on those pages, cell by cell; what they
lack follows: parameters, examples, permissions, related resources. Pure: a Table in, text
out. Descriptions are the model's own HTML, escaped, so that no page can break or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cirrusql.apps.docs.examples import examples
from cirrusql.catalog.model import Column, Role, Table
from cirrusql.plan.permissions import actions_of
from cirrusql.session.listing import method_name, method_verb, required_params

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
# The reference pages have these blanks; an editor would take them away.
_BLANKS = {"blanks": " " * 4, "two": " " * 2, "four": " " * 4}

_OVERVIEW = """\
## Overview
<table><tbody>
<tr><td><b>Name</b></td><td><code>{name}</code></td></tr>
<tr><td><b>Type</b></td><td>Resource</td></tr>
<tr><td><b>Id</b></td><td><code>{id}</code></td></tr>
</tbody></table>

"""


def resource_page(table: Table) -> str:
    """The whole page of a table."""
    return "".join(
        [
            _FRONT_MATTER.format(name=table.name, schema=table.schema, provider=table.provider, **_BLANKS),
            _OVERVIEW.format(name=table.name, id=table.id),
            fields_section(table),
            methods_section(table),
            parameters_section(table),
            examples_section(table),
            permissions_section(table),
        ]
    )


def fields_section(table: Table) -> str:
    """``## Fields``: Name, Datatype, Description."""
    rows = [
        (code(c.name), code(c.type.reference_name), field_description(c))
        for c in table.columns
        if c.role is Role.FIELD
    ]
    if not rows:
        return "## Fields\nThis resource has no fields: it is reached by `EXEC` or by writes only.\n\n"
    return "## Fields\n" + markdown_table("Name Datatype Description".split(), rows)


def methods_section(table: Table) -> str:
    """``## Methods``: Name, Accessible by, Required Params, Description."""
    rows = [
        (
            code(method_name(table, m)),
            code(method_verb(table, m)),
            code(required_params(table, m)) if required_params(table, m) else "",
            escaped(m.description),
        )
        for m in table.methods
    ]
    headings = ["Name", "Accessible by", "Required Params", "Description"]
    return "## Methods\n" + markdown_table(headings, rows)


def parameters_section(table: Table) -> str:
    """What a WHERE, an INSERT or an EXEC may give: every parameter of every method."""
    rows = [
        (code(name), code(", ".join(ways)), description)
        for name, (ways, description) in _parameters(table).items()
    ]
    if not rows:
        return ""
    return "\n## Parameters\n" + markdown_table(["Name", "Taken by", "Description"], rows)


def _parameters(table: Table) -> dict[str, tuple[list[str], str]]:
    found: dict[str, tuple[list[str], str]] = {}
    for method in table.methods:
        for name, member in method.parameters.items():
            mark = " (required)" if name in method.required else ""
            ways, _ = found.setdefault(name, ([], unwrapped(member.documentation)))
            ways.append(method_name(table, method) + mark)
    return found


def examples_section(table: Table) -> str:
    """Statements that parse and bind as they stand."""
    blocks = [f"\n### `{title}`\n```sql\n{sql}\n```\n" for title, sql in examples(table)]
    return "\n## Examples\n" + "".join(blocks) if blocks else ""


def permissions_section(table: Table) -> str:
    """The operation and the IAM actions behind each method."""
    rows = [
        (
            code(method_name(table, m)),
            code(m.operation.id),
            ", ".join(code(a) for a in actions_of(m.operation)),
        )
        for m in table.methods
    ]
    return "\n## Permissions\n" + markdown_table(["Method", "Operation", "IAM actions"], rows)


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table as the reference draws it: left-aligned, dashes as wide as the heading."""
    lines = ["| " + " | ".join(headings) + " |"]
    lines.append("|" + "|".join(":" + "-" * (len(h) + 1) for h in headings) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Inline code."""
    return f"`{text}`"


def field_description(column: Column) -> str:
    """A field's words: one paragraph loses its tags, as on the reference page."""
    return unwrapped(column.description)


def unwrapped(html: str) -> str:
    """Escaped HTML, without the paragraph tags where there is one paragraph only."""
    text = _one_line(html)
    match = re.fullmatch(r"<p>((?:(?!</?p>).)*)</p>", text)
    return escaped(match[1] if match else text)


def escaped(html: str) -> str:
    """HTML as text of a table cell: shown, never interpreted."""
    text = _one_line(html)
    text = text.replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("|", "&#124;").replace("{", "&#123;").replace("}", "&#125;")


def _one_line(html: str) -> str:
    return re.sub(r"\s+", " ", html).strip()
