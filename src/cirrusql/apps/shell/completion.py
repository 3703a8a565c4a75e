"""Completion: a pure function of the text before the cursor and the catalog.

Finds the cursor's place in the statement by words rather than by parsing, because the text is
unfinished. ``prompt`` shows the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cirrusql.catalog.inference.identifiers import says_which
from cirrusql.catalog.model import Column, Role, Table
from cirrusql.types import ListType, SqlType, StructType


class Names(Protocol):
    """The part of a catalog that completion needs. Unknown names return nothing."""

    def providers(self) -> Sequence[str]:
        """All providers."""

    def services(self, provider: str) -> Sequence[str]:
        """All services of a provider."""

    def resources(self, provider: str, service: str) -> Sequence[str]:
        """All resources of a service."""

    def table(self, provider: str, service: str, resource: str) -> Table | None:
        """A resource with its columns and methods."""

    def relations(self) -> Sequence[str]:
        """The user's own tables and views."""

    def insertable(self, table: Table) -> Sequence[str]:
        """The columns that an INSERT into a table takes, those it requires first."""

    def recent(self, column: str) -> Sequence[str]:
        """Values that the column of that name had in recent answers, the latest first."""


@dataclass(frozen=True)
class Candidate:
    """A text that can replace the last ``replaces`` characters before the cursor."""

    text: str
    replaces: int
    kind: str
    """keyword, provider, service, resource, method, column, member, value, table, function, join,
    command."""


KEYWORDS = tuple(
    """
    SELECT FROM WHERE AND OR NOT IN IS NULL LIKE ILIKE BETWEEN EXISTS AS ON USING JOIN LEFT RIGHT
    FULL CROSS LATERAL INNER OUTER GROUP BY HAVING QUALIFY ORDER ASC DESC NULLS FIRST LAST LIMIT
    OFFSET UNION ALL EXCEPT INTERSECT DISTINCT WITH RECURSIVE CASE WHEN THEN ELSE END INSERT INTO
    VALUES UPDATE SET REPLACE DELETE RETURNING EXEC SHOW PROVIDERS SERVICES RESOURCES METHODS
    EXTENDED DESCRIBE METHOD EXPLAIN ANALYZE CREATE VIEW TABLE MATERIALIZED REFRESH DROP COPY TO
    BEGIN COMMIT ROLLBACK TRUE FALSE
    """.split()
)

FUNCTIONS = tuple(
    """
    tags arn_parse policy_equal policy_std json_equal count sum avg min max coalesce date_diff
    now lower upper unnest list_filter json_extract string_agg
    """.split()
)

_TABLE_WORDS = frozenset({"from", "join", "into", "update", "describe", "in", "exec", "method"})
_WORD = re.compile(r"(?:[\w$.\"]|\[\d*\])*$")
_INDEX = re.compile(r"\[\d*\]")
_TABLES = re.compile(
    r"\b(?:from|join|into|update|,)\s+((?:\w+\.){2}\w+)(?:\s+(?:as\s+)?(\w+))?", re.I
)
_INSERT_COLUMNS = re.compile(r"\binto\s+((?:\w+\.){2}\w+)\s*\(([^()]*)$", re.I)
_OPEN_VALUE = re.compile(r"([\w.]+)\s*(?:=|<>|!=|\bin\s*\((?:\s*'[^']*'\s*,)*)\s*'([^']*)$", re.I)
_EXEC_PARAMETER = re.compile(r"\bexec\s+((?:\w+\.){3}\w+)\b.*@(\w*)$", re.I | re.S)
# A comma after these continues the list of tables.
_IN_FROM_LIST = re.compile(r"\bfrom\b(?:(?!\bwhere\b|\bselect\b).)*,$", re.I | re.S)
_NOT_ALIASES = frozenset(k.lower() for k in KEYWORDS)


def complete(
    before: str, after: str, names: Names, regions: Callable[[], Sequence[str]] = tuple
) -> list[Candidate]:
    """The candidates at a cursor between two parts of a statement, best first."""
    parameter = _EXEC_PARAMETER.search(before)
    if parameter:
        return list(_parameters(parameter[1], parameter[2], names))
    columns_of = _INSERT_COLUMNS.search(before)
    if columns_of:
        return list(_insert_columns(columns_of[1], columns_of[2], names))
    value = _OPEN_VALUE.search(before)
    if value:
        return list(_values(value[1], value[2], before + after, names, regions))
    if _is_in_string(before):
        return []
    word_match = _WORD.search(before)
    word = word_match[0] if word_match else ""
    if "." in word:
        return list(_dotted(word, before + after, _last_keyword(before, word), names))
    if _last_keyword(before, word) in _TABLE_WORDS:
        sources = [("table", names.relations()), ("provider", names.providers())]
        return [c for kind, found in sources for c in _starting(word, found, kind)]
    columns = [c.name for t in tables_of(before + after, names).values() for c in t.columns]
    found = [
        *(_joins(word, before, names) if _last_keyword(before, word) == "on" else ()),
        *_starting(word, dict.fromkeys(columns), "column"),
        *(_starting(word, tables_of(before + after, names), "table") if word else ()),
        *(_starting(word, FUNCTIONS, "function") if word else ()),
        *_starting(word, KEYWORDS, "keyword"),
    ]
    # Within each kind, names that contain the word come after those that start with it.
    return sorted(found, key=lambda c: not c.text.lower().startswith(word.lower()))


def tables_of(text: str, names: Names) -> dict[str, Table]:
    """The cloud tables that a text names, by alias or by their own name."""
    found = {}
    for match in _TABLES.finditer(text):
        provider, service, resource = match[1].split(".")
        table = names.table(provider, service, resource)
        if table is not None:
            alias = match[2] if match[2] and match[2].lower() not in _NOT_ALIASES else resource
            found[alias] = table
    return found


def _insert_columns(path: str, listed: str, names: Names) -> Iterator[Candidate]:
    provider, service, resource = path.split(".")
    *before, last = listed.split(",")
    taken = {name.strip().strip('"').lower() for name in before}
    table = names.table(provider, service, resource)
    free = [n for n in names.insertable(table) if n.lower() not in taken] if table else []
    yield from _starting(last.strip(), free, "column")


def _joins(word: str, before: str, names: Names) -> Iterator[Candidate]:
    """Conditions that join the last table to those before it: on columns that both have and that
    identify a resource."""
    tables = list(tables_of(before, names).items())
    if not tables:
        return
    *others, (own, joined) = tables
    found = []
    for other, table in others:
        theirs = {c.name.lower(): c.name for c in table.columns if c.role is not Role.CONTEXT}
        both = [c for c in joined.columns if c.name.lower() in theirs and says_which(c.name)]
        # A join on the joined table's key is the cheapest.
        required = {key for method in joined.methods for key in method.required}
        both.sort(key=lambda c: c.name not in required)
        found += [f"{own}.{c.name} = {other}.{theirs[c.name.lower()]}" for c in both]
    yield from _starting(word, found, "join")


def _members(path: Sequence[str], tables: Iterable[Table]) -> list[str]:
    """The members of a structure: of a column of the tables, then of a member of it."""
    for table in tables:
        column = table.by_alias.get(_INDEX.sub("", path[0]).lower())
        type_: SqlType | None = column.type if column is not None else None
        for i, part in enumerate(path):
            if i and isinstance(type_, StructType):
                inner = {name.lower(): t for name, t in type_.fields}
                type_ = inner.get(_INDEX.sub("", part).lower())
            for _ in _INDEX.findall(part):
                type_ = type_.element if isinstance(type_, ListType) else None
        if isinstance(type_, StructType):
            return [name for name, _ in type_.fields]
    return []


def _dotted(word: str, text: str, keyword: str, names: Names) -> Iterator[Candidate]:
    *path, last = word.replace('"', "").split(".")
    folded = [p.lower() for p in path]
    by_alias = {alias.lower(): t for alias, t in tables_of(text, names).items()}
    if len(path) == 1 and folded[0] in by_alias:
        yield from _starting(last, (c.name for c in by_alias[folded[0]].columns), "column")
    elif folded[0] in by_alias:
        yield from _starting(last, _members(path[1:], [by_alias[folded[0]]]), "member")
    elif members := _members(path, by_alias.values()):
        yield from _starting(last, members, "member")
    elif len(path) == 1:
        yield from _starting(last, names.services(folded[0]), "service")
    elif len(path) == 2:
        yield from _starting(last, names.resources(*folded), "resource")
    elif len(path) == 3 and keyword in ("exec", "method"):
        table = names.table(folded[0], folded[1], folded[2])
        spelled = [table.spelled(m) for m in table.methods] if table else []
        yield from _starting(last, spelled, "method")


def _parameters(method: str, prefix: str, names: Names) -> Iterator[Candidate]:
    provider, service, resource, name = method.split(".")
    table = names.table(provider, service, resource)
    for found in table.methods if table else ():
        if name.lower() in (found.name.lower(), found.api_name.lower()):
            required = [p for p in found.parameters if p in found.required]
            optional = [p for p in found.parameters if p not in found.required]
            yield from _starting(prefix, [*required, *optional, "region"], "parameter")


def _values(
    column: str, prefix: str, text: str, names: Names, regions: Callable[[], Sequence[str]]
) -> Iterator[Candidate]:
    *alias, name = column.split(".")
    if name.lower() == "region":
        yield from _starting(prefix, regions(), "value")
        return
    for known_as, table in tables_of(text, names).items():
        if not alias or alias[-1].lower() == known_as.lower():
            found: Column | None = table.by_alias.get(name.lower())
            is_plain = found is not None and not (found.is_sensitive or found.is_credential)
            recent = names.recent(name) if is_plain else ()
            known = (*(found.enum if found else ()), *recent)
            yield from _starting(prefix, dict.fromkeys(known), "value")


_RANKED = frozenset({"service", "resource", "method", "function"})
"""Kinds that have no order of their own: of those that begin so, the shortest is meant most."""


def _starting(prefix: str, texts: Iterable[str], kind: str) -> list[Candidate]:
    """Those that start with the prefix, then those that contain it; ignores case."""
    folded = prefix.lower()
    some = list(texts)
    first = [t for t in some if t.lower().startswith(folded)]
    inside = [t for t in some if len(folded) > 1 and folded in t.lower()[1:] and t not in first]
    if folded and kind in _RANKED:
        first.sort(key=len)
    if kind in ("keyword", "join"):
        inside = []
    return [Candidate(t, len(prefix), kind) for t in (*first, *inside)]


def _last_keyword(before: str, word: str) -> str:
    """The word before the one at the cursor, lower-case; a comma in a FROM list counts as FROM."""
    head = before[: len(before) - len(word)].rstrip()
    if _IN_FROM_LIST.search(head):
        return "from"
    found = re.search(r"(\w+)$", head)
    return found[1].lower() if found else ""


def _is_in_string(before: str) -> bool:
    return before.count("'") % 2 == 1
