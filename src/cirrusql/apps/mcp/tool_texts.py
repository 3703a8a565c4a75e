"""The results of the tools as texts for a model to read, in as few bytes as they take.

The same results are sent as structured content, for programs. A description of a table is text
only: most of it is names, which JSON would double.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Any

from cirrusql.apps.mcp.tool_outputs import (
    Explanation,
    PlannedCall,
    RowPage,
    Search,
    TableColumn,
    TableDescription,
    TableMethod,
    WritePreview,
    Written,
)

_FIRST_SENTENCE = 160
"""Characters of a description in a list of many."""
_FOUND = 300
"""Characters of a description that was found by a word."""
_MOST_FOUND = 6_000
"""Characters of all that is found by words."""
_MOST_MEMBERS = 16
"""Characters of the names of a structure's members in a short type."""
_MOST_OTHERS = 24
"""Parameters and columns on request that a summary names; more are counted."""


class DescriptionLevel(StrEnum):
    """How much of a table's description is wanted."""

    SUMMARY = "summary"
    COLUMNS = "columns"
    ALL = "all"


def search_text(found: Search) -> str:
    """A line for each hit; a question with its SQL below."""
    lines = [
        f"{hit.kind} {hit.name}: {_brief(hit.description)}"
        + (f"\n{_indented(hit.sql)}" if hit.sql else "")
        for hit in found.found
    ]
    return "\n".join([*lines, *([f"nothing found; {found.hint}"] if found.hint else [])])


def table_text(table: TableDescription, detail: DescriptionLevel, find: str | None) -> str:
    """A table's columns and methods.

    A summary has the columns that a star shows with short types, names of some others, what UPDATE
    sets, and the other methods. ``columns`` has every column with its whole type, ``all``
    descriptions too. With ``find``, the columns and methods whose names have one of its words, or
    else whose descriptions have.
    """
    if find:
        return _found(table, find)
    if detail is DescriptionLevel.SUMMARY:
        return _summary(table)
    lines = [table.name]
    characters = None if detail is DescriptionLevel.ALL else 0
    lines += [_column_line(c, characters) for c in table.columns]
    lines += [_method_line(m, characters) for m in table.methods]
    return "\n".join(lines)


def rows_text(page: RowPage) -> str:
    """The rows as CSV with a heading, then how to read on and what could not be read."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.name for c in page.columns])
    writer.writerows([_cell(v) for v in row] for row in page.rows)
    told = [f"{_counted(len(page.rows), 'row')}, {_counted(page.calls, 'API call')}"]
    if page.cursor is not None:
        told.append(f"more rows: next_rows with cursor {page.cursor}")
    if page.is_shortened:
        told.append("values of a row that was too large were truncated")
    told += [f"notice: {n}" for n in page.notices]
    told += [
        f"not read: {f.operation} {f.account or ''} {f.region or ''}: {f.code or ''} {f.message}"
        for f in page.failures
    ]
    return f"{out.getvalue()}\n" + "\n".join(told)


def explanation_text(found: Explanation) -> str:
    """A line for each step, and the policy."""
    steps = (", ".join(f"{k} {v}" for k, v in step.items() if v) for step in found.steps)
    return "\n".join([*steps, f"policy {json.dumps(found.policy, separators=(',', ':'))}"])


def preview_text(preview: WritePreview) -> str:
    """Each call with what it changes, and how to make them."""
    lines = [*call_lines(preview.calls)]
    if preview.count > len(preview.calls):
        lines.append(f"… {preview.count - len(preview.calls)} more calls")
    lines.append(
        f"nothing was written; run_write with token {preview.token} makes these calls"
        if preview.token
        else "nothing was written; the server is read-only"
    )
    return "\n".join(lines)


def call_lines(calls: Iterable[PlannedCall]) -> Iterator[str]:
    """A call and its parameters."""
    for call in calls:
        where = " ".join(filter(None, (call.connection, call.region)))
        yield " ".join(filter(None, (call.operation, call.target, call.name, f"({where})")))
        if call.dangers:
            yield f"  dangers: {call.dangers}"
        yield from (f"  {line}" for line in call.changes.splitlines())
        yield f"  parameters: {call.parameters}"


def written_text(written: Written) -> str:
    """The counts, and every call that was not done."""
    others = [c for c in written.calls if c.status != "done"]
    return "\n".join(
        [
            written.summary,
            *(
                f"{c.status}: {c.operation} {c.target}: {c.error or ''}".rstrip(": ")
                for c in others
            ),
        ]
    )


def _summary(table: TableDescription) -> str:
    shown = [c for c in table.columns if c.is_in_star]
    others = [c for c in table.columns if not c.is_in_star]
    required = [c.name for c in table.columns if c.is_required]
    lines = [
        f"{table.name}: {_brief(table.methods[0].description)}" if table.methods else table.name,
        f"* shows (VARCHAR where no type stands): {', '.join(map(_with_type, shown))}",
    ]
    if required:
        lines.append(f"needed in WHERE: {', '.join(required)}")
    if others:
        names = ", ".join(c.name for c in others[:_MOST_OTHERS])
        rest = len(others) - _MOST_OTHERS
        lines.append(f"on request or written: {names}{f' and {rest} more' if rest > 0 else ''}")
    if updatable := [c.name for c in table.columns if c.write == "updatable"]:
        lines.append(f"UPDATE sets: {', '.join(updatable)}")
    by_verb = sorted((m for m in table.methods if m.sql_verb != "UPDATE"), key=_by_verb)
    for verb, methods in groupby(by_verb, key=lambda m: m.sql_verb):
        lines.append(f"{verb}: {', '.join(_called(m) for m in methods)}")
    lines.append(
        "find='words' has whole types, members and descriptions; detail='columns' or 'all' has more"
    )
    return "\n".join(lines)


def _found(table: TableDescription, find: str) -> str:
    words = [re.compile(re.escape(w), re.IGNORECASE) for w in find.split()]
    columns = [c for c in table.columns if _has(words, c.name, c.sql_type)]
    methods = [m for m in table.methods if _has(words, m.name)]
    if not columns and not methods:
        columns = [c for c in table.columns if _has(words, c.description)]
        methods = [m for m in table.methods if _has(words, m.description)]
    if not columns and not methods:
        return f"{table.name} has nothing with {find!r}; without find, all names are listed"
    # A name says more than a type that has a member of that name.
    columns.sort(key=lambda c: not _has(words, c.name))
    lines = [
        *(_column_line(c, _FOUND) for c in columns),
        *(_method_line(m, _FOUND) for m in methods),
    ]
    kept, size = [table.name], 0
    for line in lines:
        size += len(line)
        if size > _MOST_FOUND and len(kept) > 1:
            kept.append(f"… {len(lines) - len(kept) + 1} more; narrow find")
            break
        kept.append(line)
    return "\n".join(kept)


def _has(words: Sequence[re.Pattern[str]], *texts: str) -> bool:
    return any(w.search(text) for w in words for text in texts)


def _column_line(column: TableColumn, characters: int | None) -> str:
    marks = [column.role] if column.role != "field" else []
    marks += [column.write] if column.write not in ("", "read_only") else []
    marks += ["required"] if column.is_required else []
    told = f" ({', '.join(marks)})" if marks else ""
    return f"{column.name} {column.sql_type}{told}{_described(column.description, characters)}"


def _method_line(method: TableMethod, characters: int | None) -> str:
    return f"{method.sql_verb} {_called(method)}{_described(method.description, characters)}"


def _described(text: str, characters: int | None) -> str:
    """The description after a colon, up to a number of characters; None: all of it."""
    if not text or characters == 0:
        return ""
    is_whole = characters is None or len(text) <= characters
    return f": {text if is_whole else f'{text[:characters]}…'}"


def _called(method: TableMethod) -> str:
    return f"{method.name}({', '.join(method.required)})" if method.required else method.name


def _by_verb(method: TableMethod) -> tuple[bool, str]:
    return method.sql_verb == "EXEC", method.sql_verb


def _with_type(column: TableColumn) -> str:
    type_ = short_type(column.sql_type)
    return column.name if type_ == "VARCHAR" else f"{column.name} {type_}"


def short_type(sql_type: str) -> str:
    """``STRUCT("Code" INTEGER, "Name" VARCHAR)[]`` → ``STRUCT(Code, Name)[]``; of a structure with
    many members ``STRUCT``."""
    word = sql_type.partition("(")[0].removesuffix("[]")
    lists = "[]" if sql_type.endswith("[]") else ""
    members = ", ".join(_members(sql_type)) if word == "STRUCT" else ""
    return f"{word}({members}){lists}" if 0 < len(members) <= _MOST_MEMBERS else f"{word}{lists}"


def _members(sql_type: str) -> Iterator[str]:
    """The names of a structure's own members, not of those within."""
    depth = 0
    for token in re.finditer(r'[(),]|"([^"]*)"', sql_type):
        depth += (token[0] == "(") - (token[0] == ")")
        if token[1] and depth == 1:
            yield token[1]


def _brief(text: str) -> str:
    sentence = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    return sentence if len(sentence) <= _FIRST_SENTENCE else f"{sentence[:_FIRST_SENTENCE]}…"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
