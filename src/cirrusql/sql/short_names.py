"""Names without their provider, as PostgreSQL clients and agents write them: ``service.resource``.

A service is a schema and the provider the database, so the provider may be omitted; with
``search_path``, so may the schema.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Protocol

from sqlglot import exp

from cirrusql.sql.parse import parse
from cirrusql.sql.statements import (
    CreateView,
    Delete,
    Describe,
    Exec,
    Explain,
    Insert,
    QueryStatement,
    Show,
    Statement,
    Update,
)

_API = "_api"
_IN_SERVICE = frozenset({"resources", "tables", "parents"})
"""What SHOW lists of a whole service."""


class Schemas(Protocol):
    """The schemas of the provider whose name may be omitted."""

    @property
    def provider(self) -> str:
        """Its name."""

    @property
    def schemas(self) -> Collection[str]:
        """The services in lower case, without ``_api``."""

    def has(self, schema: str, table: str) -> bool:
        """Whether a service has a table of that name."""


def qualified(
    statement: Statement, tables: Schemas, search_path: Collection[str], local: Collection[str]
) -> Statement:
    """The statement with full names where the client omitted provider or schema.

    ``local``: the names of the session's own tables, which take precedence.
    """
    path = [s for s in search_path if is_service(s, tables)]
    if isinstance(statement, Insert | Update | Delete):
        return replace(statement, path=_whole(statement.path, tables, path, local))
    if isinstance(statement, CreateView):
        body = qualified(parse(statement.body), tables, search_path, local)
        return replace(statement, body=body.text)
    if isinstance(statement, Describe):
        if not statement.is_method:
            return replace(statement, path=_whole(statement.path, tables, path, local))
        return replace(statement, path=_with_provider(statement.path, tables, 3))
    if isinstance(statement, Show):
        length = 1 if statement.kind in _IN_SERVICE else 2
        return replace(statement, path=_with_provider(statement.path, tables, length))
    if isinstance(statement, Exec):
        return replace(statement, path=_with_provider(statement.path, tables, 3))
    if isinstance(statement, Explain):
        return replace(statement, inner=qualified(statement.inner, tables, search_path, local))
    if isinstance(statement, QueryStatement):
        return _query(statement, tables, path, local)
    return statement


def _with_provider(path: tuple[str, ...], tables: Schemas, length: int) -> tuple[str, ...]:
    """A path that begins with a service, with the provider before it; ``length``: the parts that
    such a path has."""
    is_short = len(path) == length and is_service(path[0], tables)
    return (tables.provider, *path) if is_short else path


def is_service(schema: str, tables: Schemas) -> bool:
    """Whether a schema is a service, in either spelling."""
    folded = schema.lower()
    return folded in tables.schemas or folded.removesuffix(_API) in tables.schemas


def _whole(
    path: tuple[str, ...], tables: Schemas, search_path: list[str], local: Collection[str]
) -> tuple[str, ...]:
    if len(path) == 2 and is_service(path[0], tables):
        return (tables.provider, *path)
    if len(path) == 1 and path[0].lower() not in local:
        for schema in search_path:
            if tables.has(schema, path[0]):
                return (tables.provider, schema, *path)
    return path


def _query(
    statement: QueryStatement, tables: Schemas, search_path: list[str], local: Collection[str]
) -> Statement:
    own = {*local, *(c.alias.lower() for c in statement.tree.find_all(exp.CTE))}
    # Position, length to remove, and replacement.
    edits: list[tuple[int, int, str]] = []
    for node in statement.tree.find_all(exp.Table):
        parts: list[Any] = node.parts
        if not all(isinstance(p, exp.Identifier) and "start" in p.meta for p in parts):
            continue
        names = tuple(p.name for p in parts)
        whole = _whole(names, tables, search_path, own)
        if whole != names:
            edits.append((parts[0].meta["start"], 0, ".".join(whole[: -len(names)]) + "."))
    for column in statement.tree.find_all(exp.Column):
        # ``service.resource.Column``: written by ORMs, but the engine knows no such schema.
        if column.args.get("db") is not None and is_service(column.db, tables):
            first, table = column.parts[0], column.args["table"]
            if "start" in first.meta and "start" in table.meta:
                start = first.meta["start"]
                edits.append((start, table.meta["start"] - start, ""))
    if not edits:
        return statement
    text = statement.text
    for start, length, coming in sorted(edits, reverse=True):
        text = text[:start] + coming + text[start + length :]
    # With its full name, an INSERT is recognized as one into a cloud table.
    return replace(parse(text), hints=statement.hints)
