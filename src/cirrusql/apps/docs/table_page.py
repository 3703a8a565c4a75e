"""The page of a table on the site: examples first, then columns, then methods, collapsed.

Pure: a Table in, Markdown with HTML out. Columns and methods have anchors (``#UserName``,
``#list_users``). A page under the ``_api`` spelling is built by ``page``, in the format of
StackQL's reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from cirrusql.apps.docs.answers import Asked, Rows, Run, answer_text, rows_text
from cirrusql.apps.docs.examples import examples
from cirrusql.apps.docs.page import calls_section, related_section
from cirrusql.apps.docs.prose import prose, quoted
from cirrusql.apps.docs.related import ALONE, FieldReference, Related
from cirrusql.catalog.inference.documentation import first_sentence, plain_text
from cirrusql.catalog.model import Column, Method, Role, Table, Verb
from cirrusql.session.introspection.catalog_listings import (
    method_verb,
    table_description,
    type_name,
)

_MOST_QUESTIONS = 3
_LONGEST_TYPE = 60
_MOST_OF_TYPE = 2_000
"""Characters: some definitions of dashboards have hundreds of thousands."""
_DONE_BY = ("INSERT", "UPDATE", "REPLACE", "DELETE")
_FILTER_FROM = 8
"""Number of columns from which a page has a filter box."""


def table_page(
    table: Table,
    others: Related = ALONE,
    asked: Sequence[Asked] = (),
    run: Run | None = None,
) -> str:
    """The whole page. ``asked``: questions about the table; ``run`` returns their rows."""
    made = dict(examples(table))
    sections = [
        f"---\ntitle: {table.id}\n---\n",
        f"# {table.name}\n",
        f"`{table.id}` · {quoted(table_description(table))}\n",
        _examples(table, made, asked, run),
        _columns(table),
        _writing(made),
        _methods(table, others.sources),
        calls_section(table),
        related_section(table, others),
    ]
    return "\n".join(section for section in sections if section)


def _examples(
    table: Table, made: Mapping[str, str], asked: Sequence[Asked], run: Run | None
) -> str:
    """Questions with their rows; if there are none, the statement that reads the table."""
    texts = [answer_text(each, run) for each in asked[:_MOST_QUESTIONS]]
    if "SELECT" in made:
        select = made["SELECT"]
        rows = _rows(table, select, run) if not texts else None
        shown = f"\n{rows_text(rows)}" if rows is not None and rows.count else ""
        texts.append(f"Read the table:\n\n```sql\n{select}\n```\n{shown}")
    return "## Examples\n\n" + "\n".join(texts) if texts else ""


def _rows(table: Table, select: str, run: Run | None) -> Rows | None:
    """The rows of the statement that reads a table, if it needs no key."""
    return None if run is None or "WHERE" in select else run(select)


def _columns(table: Table) -> str:
    shown = [c for c in table.columns if c.role is Role.FIELD]
    if not shown:
        return "## Columns\n\nThis table has no columns. Use `EXEC`, or statements that write.\n"
    starred = sum(map(table.is_starred, shown))
    lines = [f"## Columns\n\n`SELECT *` shows {starred} of {len(shown)} columns.\n"]
    if len(shown) >= _FILTER_FROM:
        lines.append(_filter("Filter columns by name, type or description"))
    lines.append(_rows_begin("Column"))
    lines += (_column(table, column) for column in shown)
    lines.append("</tbody></table>\n")
    return "\n".join(lines)


def _rows_begin(first: str) -> str:
    headings = "".join(f"<th>{heading}</th>" for heading in (first, "Type", "Description"))
    return f'<table class="rows"><thead><tr>{headings}</tr></thead><tbody>'


def _column(table: Table, column: Column) -> str:
    name = escape(column.name)
    marks = "" if table.is_starred(column) else ' <span class="mark">on request</span>'
    marks += ' <span class="mark">secret</span>' if column.is_sensitive else ""
    return (
        f'<tr id="{name}"><td><a href="#{name}"><code>{name}</code></a>{marks}</td>'
        f"<td>{_type(column.type.sql)}</td><td>{_folded(column.description)}</td></tr>"
    )


def _type(sql: str) -> str:
    """A short type unchanged; a long one collapsed."""
    if len(sql) <= _LONGEST_TYPE:
        return f"<code>{escape(sql)}</code>"
    word = sql.partition("(")[0] + ("[]" if sql.endswith("]") else "")
    summary = f"<summary><code>{escape(word)}</code></summary>"
    if len(sql) > _MOST_OF_TYPE:
        sql = f"{sql[:_MOST_OF_TYPE]}…"
    return f"<details>{summary}<code>{escape(sql)}</code></details>"


def _folded(html: str) -> str:
    """A description: its first sentence, and the rest collapsed."""
    first = first_sentence(html)
    if len(plain_text(html)) <= len(first) + 40:
        return prose(html)
    return f"<details><summary>{quoted(first)}</summary>{prose(html)}</details>"


def _writing(made: Mapping[str, str]) -> str:
    """A statement for each verb that writes."""
    blocks = [f"```sql\n{made[verb]}\n```\n" for verb in _DONE_BY if verb in made]
    return "## Writing\n\n" + "\n".join(blocks) if blocks else ""


def _methods(table: Table, sources: Mapping[str, FieldReference]) -> str:
    count = len(table.methods)
    many = "" if count == 1 else "s"
    lines = [f"## Methods\n\n{count} operation{many}. Open one for its parameters.\n"]
    if count > 1:
        lines.append(_index(table))
    if count >= _FILTER_FROM:
        lines.append(_filter("Filter methods"))
    lines.append('<div class="methods">')
    lines += (line for method in table.methods for line in _method(table, method, sources))
    lines.append("</div>\n")
    return "\n".join(lines)


def _filter(label: str) -> str:
    """The site's script makes it filter what follows."""
    return f'<input class="filter" type="search" placeholder="{label}" aria-label="{label}">\n'


def _index(table: Table) -> str:
    """The methods by verb, each a link to its anchor."""
    rows = []
    for verb in Verb:
        names = [table.spelled(m) for m in table.methods if method_verb(table, m) == verb]
        if names:
            links = ", ".join(f"[{name}](#{name})" for name in names)
            rows.append(f"| {verb} | {links} |")
    return "| Verb | Methods |\n|---|---|\n" + "\n".join(rows) + "\n"


def _method(table: Table, method: Method, sources: Mapping[str, FieldReference]) -> Iterator[str]:
    """A collapsed method: operation, permissions, parameters."""
    name = escape(table.spelled(method))
    verb = method_verb(table, method)
    yield (
        f'<details class="method" id="{name}"><summary><code>{name}</code> '
        f'<span class="verb verb-{verb.lower()}">{verb}</span> '
        f"<span>{quoted(first_sentence(method.description))}</span></summary>"
    )
    yield f"<p>Operation <code>{escape(method.operation.id)}</code>{_permissions(method)}</p>"
    if method.parameters:
        yield _rows_begin("Parameter")
        yield from _parameters(method, sources)
        yield "</tbody></table>"
    yield "</details>"


def _permissions(method: Method) -> str:
    actions = ", ".join(f"<code>{escape(a)}</code>" for a in method.operation.permissions)
    return f" · IAM actions {actions}" if actions else ""


def _parameters(method: Method, sources: Mapping[str, FieldReference]) -> Iterable[str]:
    ordered = sorted(method.parameters, key=lambda name: name not in method.required)
    for name in ordered:
        member = method.parameters[name]
        mark = ' <span class="mark">required</span>' if name in method.required else ""
        source = ""
        if name in sources:
            place = sources[name]
            source = (
                f' Values: <a href="../{escape(place.resource)}/#{escape(place.name)}">'
                f"<code>{escape(place.resource)}.{escape(place.name)}</code></a>."
            )
        yield (
            f"<tr><td><code>{escape(name)}</code>{mark}</td>"
            f"<td>{escape(type_name(member.shape))}</td>"
            f"<td>{_folded(member.documentation)}{source}</td></tr>"
        )
