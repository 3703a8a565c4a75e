"""Parses statements that show or set things: SHOW, DESCRIBE, EXPLAIN, SET, transactions, views.

A parser returns None for forms that belong to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cirrusql.sql.quoting import quoted
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import (
    CreateView,
    Describe,
    DropView,
    Explain,
    Hints,
    Refresh,
    SetVariable,
    Show,
    Statement,
    TransactionStatement,
)

_ENGINE_SHOWS = frozenset({"DATABASES", "SCHEMAS"})
_NO_NAMES = ("LIKE", "WHERE")
_LISTED = frozenset({"services", "resources", "methods"})
"""What the tables of ``cirrusql`` list too."""
_FORMATS = {"json": "json", "tree": "tree", "table": "table", "text": "table"}


def show(scanner: Scanner, hints: Hints) -> Statement | None:
    """``SHOW [EXTENDED] kind [IN path] [LIKE 'pattern']``; SHOW ALL alone shows the variables."""
    scanner.word()
    if scanner.peek_word() in _ENGINE_SHOWS and "." not in scanner.text:
        return None
    is_extended = scanner.take("EXTENDED")
    kind = scanner.word().lower()
    if kind == "all":
        if scanner.peek_word() == "TABLES":
            return None
        kind = "variables"
    if kind == "transaction" and scanner.take("ISOLATION") and scanner.take("LEVEL"):
        kind = "transaction_isolation"
    elif kind == "insert":
        scanner.take("INTO")
    elif kind == "create":
        scanner.take("TABLE") or scanner.take("VIEW")
    else:
        scanner.take("IN") or scanner.take("FROM")
    path = scanner.path() if scanner.has_name() and scanner.peek_word() not in _NO_NAMES else ()
    like = scanner.string() if scanner.take("LIKE") else None
    if scanner.peek_word() == "WHERE":
        raise scanner.error("SHOW takes no WHERE", hint=_instead_of_where(kind))
    scanner.end()
    return Show(scanner.text, kind, path, like, is_extended, hints=hints)


def _instead_of_where(kind: str) -> str:
    like = "LIKE '%pattern%' filters by name"
    return f"{like}; SELECT * FROM cirrusql.{kind} WHERE … by anything" if kind in _LISTED else like


def describe(scanner: Scanner, hints: Hints) -> Statement | None:
    """``DESCRIBE [EXTENDED] a.b.c``, ``DESCRIBE METHOD [EXTENDED] a.b.c.d``."""
    scanner.word()
    if scanner.peek_word() in ("SELECT", "WITH", "FROM", "VALUES", "TABLE", "") or scanner.at("("):
        return None
    is_extended = scanner.take("EXTENDED")
    is_method = scanner.take("METHOD")
    is_extended = scanner.take("EXTENDED") or is_extended
    path = scanner.path()
    scanner.end()
    if len(path) < 3 and not is_method and not is_extended:
        return None
    return Describe(scanner.text, path, is_extended, is_method, hints=hints)


def explain(scanner: Scanner, hints: Hints, parse: Callable[[Piece], Statement]) -> Statement:
    """``EXPLAIN [ANALYZE] [(FORMAT x, POLICY, ANALYZE)] statement``"""
    scanner.word()
    format_, is_analyze = "table", False
    if scanner.at("(") and scanner.at_position(scanner.position + 1).peek_word() not in (
        "SELECT",
        "FROM",
    ):
        for option in scanner.options_in_parentheses():
            words = option.lower().split()
            if len(words) == 2 and words[0] == "format" and words[1] in _FORMATS:
                format_ = _FORMATS[words[1]]
            elif words == ["policy"]:
                format_ = "policy"
            elif words == ["analyze"]:
                is_analyze = True
            else:
                raise scanner.error(
                    f"unknown EXPLAIN option {option!r}",
                    hint="FORMAT json, FORMAT tree, POLICY, ANALYZE",
                )
    is_analyze = scanner.take("ANALYZE") or is_analyze
    scanner.skip_blanks()
    if scanner.position >= len(scanner.text):
        raise scanner.error("EXPLAIN requires a statement", at=0)
    inner = parse(scanner.rest())
    return Explain(scanner.text, inner, format_, is_analyze, hints=hints)


def set_variable(scanner: Scanner, hints: Hints) -> Statement | None:
    """``SET name = value``, ``SET name TO value``, ``RESET name``; SET VARIABLE belongs to the
    engine."""
    is_reset = scanner.word() == "RESET"
    if scanner.peek_word() == "VARIABLE":
        return None
    for scope in ("SESSION", "LOCAL", "GLOBAL"):
        scanner.take(scope)
    name = " ".join(scanner.words()) if scanner.peek_word() == "TIME" else ".".join(scanner.path())
    if is_reset:
        scanner.end()
        return SetVariable(scanner.text, name, None, hints=hints)
    if scanner.at("="):
        scanner.position += 1
    elif not scanner.take("TO") and not name.lower().startswith("time zone"):
        raise scanner.error("SET expects name = value")
    value = scanner.text[scanner.position :].strip()
    if not value:
        raise scanner.error("expected a value")
    if re.fullmatch(r"'(?:[^']|'')*'", value, re.DOTALL):
        value = value[1:-1].replace("''", "'")
    return SetVariable(scanner.text, name, value, hints=hints)


def transaction(scanner: Scanner, hints: Hints) -> Statement:
    """``BEGIN``, ``COMMIT``, ``ROLLBACK`` and their synonyms."""
    word = scanner.word()
    scanner.take("TRANSACTION") or scanner.take("WORK")
    scanner.end()
    action = {"BEGIN": "begin", "START": "begin", "COMMIT": "commit", "END": "commit"}.get(
        word, "rollback"
    )
    return TransactionStatement(scanner.text, action, hints=hints)


def create(scanner: Scanner, hints: Hints) -> Statement | None:
    """``CREATE [OR REPLACE] [MATERIALIZED] VIEW [IF NOT EXISTS] name [(columns)] AS query``"""
    scanner.word()
    may_replace = scanner.take("OR") and scanner.take("REPLACE")
    scanner.take("TEMP") or scanner.take("TEMPORARY")
    is_materialized = scanner.take("MATERIALIZED")
    if not scanner.take("VIEW"):
        return None
    if_not_exists = scanner.take("IF") and scanner.take("NOT") and scanner.take("EXISTS")
    name = scanner.name()
    columns = scanner.names_in_parentheses() if scanner.at("(") else ()
    if not scanner.take("AS"):
        return None
    scanner.skip_blanks()
    scanner.check("", scanner.position, len(scanner.text))
    body = scanner.text[scanner.position :].strip()
    if columns:
        listed = ", ".join(map(quoted, columns))
        body = f"SELECT * FROM ({body}) AS _view({listed})"
    return CreateView(
        scanner.text,
        name,
        body,
        is_materialized,
        bool(may_replace),
        bool(if_not_exists),
        hints=hints,
    )


def refresh(scanner: Scanner, hints: Hints) -> Statement:
    """``REFRESH MATERIALIZED VIEW name``"""
    scanner.word()
    if not (scanner.take("MATERIALIZED") and scanner.take("VIEW")):
        raise scanner.error("REFRESH expects MATERIALIZED VIEW name")
    name = scanner.name()
    scanner.end()
    return Refresh(scanner.text, name, hints=hints)


def drop(scanner: Scanner, hints: Hints) -> Statement | None:
    """``DROP [MATERIALIZED] VIEW [IF EXISTS] name``"""
    scanner.word()
    scanner.take("MATERIALIZED")
    if not scanner.take("VIEW"):
        return None
    if_exists = scanner.take("IF") and scanner.take("EXISTS")
    name = scanner.name()
    if scanner.at("."):
        return None
    scanner.take("CASCADE") or scanner.take("RESTRICT")
    scanner.end()
    return DropView(scanner.text, name, bool(if_exists), hints=hints)
