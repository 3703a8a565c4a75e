"""One statement's text as a Statement.

What SQL has is sqlglot's to parse, in DuckDB's dialect; what is ours alone (EXEC, SHOW,
DESCRIBE METHOD, REPLACE INTO, hints) is read here. sqlglot is imported on first use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cirrusql.errors import SqlSyntaxError
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import Piece, syntax_error
from cirrusql.sql.statements import (
    Assignment,
    CreateView,
    Delete,
    Describe,
    DropView,
    Exec,
    Explain,
    Hints,
    Insert,
    Query,
    Refresh,
    SetVariable,
    Show,
    Statement,
    Transaction,
    Update,
)

_HINT = re.compile(r"/\*\+(.*?)\*/", re.DOTALL)
_AWAIT = re.compile(r"AWAIT\s*(?:\(\s*'(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?'\s*\))?", re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_DEFAULT_AWAIT = 600.0
"""Seconds that a bare AWAIT waits."""


def parse(piece: Piece | str) -> Statement:
    """The statement; SqlSyntaxError with line, column and caret where it is none."""
    if isinstance(piece, str):
        piece = Piece(piece, 0, piece)
    hints, body = _hints(piece)
    scanner = Scanner(body)
    word = scanner.peek_word()
    read = _READERS.get(word)
    if read is not None:
        found = read(scanner, hints)
        if found is not None:
            return found
    return Query(body.text, parse_sql(body), verb=word or "SELECT", hints=hints)


def _hints(piece: Piece) -> tuple[Hints, Piece]:
    """The hints of a statement, wherever they stand, and the statement with blanks for them.

    Blanks keep every position in the text what it was.
    """
    is_fresh, awaits = False, None
    text = piece.text
    for match in _HINT.finditer(piece.text):
        if re.search(r"\bFRESH\b", match[1], re.IGNORECASE):
            is_fresh = True
        if found := _AWAIT.search(match[1]):
            awaits = float(found[1]) * _UNITS[found[2] or "s"] if found[1] else _DEFAULT_AWAIT
        text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    stripped = text.lstrip()
    offset = piece.offset + len(text) - len(stripped)
    return Hints(is_fresh, awaits), Piece(stripped, offset, piece.script)


def parse_sql(piece: Piece) -> Any:
    """sqlglot's tree; its errors as ours."""
    import sqlglot
    from sqlglot.errors import ParseError, TokenError

    try:
        return sqlglot.parse_one(piece.text, dialect="duckdb")
    except ParseError as error:
        place = error.errors[0] if error.errors else {}
        raise _located(piece, place, str(place.get("description") or error)) from None
    except TokenError as error:
        raise SqlSyntaxError(f"this cannot be read as SQL: {error}") from None
    except RecursionError:
        raise SqlSyntaxError("the statement is nested too deeply") from None


def _located(piece: Piece, place: Any, message: str) -> SqlSyntaxError:
    line, column = place.get("line"), place.get("col")
    highlight = str(place.get("highlight") or " ")
    if line is None or column is None:
        return SqlSyntaxError("the statement cannot be read as SQL")
    lines = piece.text.split("\n")
    end = sum(len(text) + 1 for text in lines[: line - 1]) + column
    start = max(0, end - len(highlight))
    # sqlglot speaks of its own classes, which say nothing to the user.
    expected = re.match(r"Expecting (\S+)", message)
    message = f"syntax error at or near {highlight!r}"
    if expected:
        message += f": {expected[1].rstrip('.')} is missing"
    return syntax_error(message, piece.script, piece.offset + start, len(highlight))


def _insert(scanner: Scanner, hints: Hints) -> Statement | None:
    is_replace = scanner.word() == "REPLACE"
    if not scanner.take("INTO"):
        if is_replace:
            return None
        raise scanner.error("INSERT wants INTO")
    path = scanner.path()
    if len(path) < 2 or (len(path) < 3 and not is_replace):
        return None
    columns = scanner.names_in_parentheses() if scanner.at("(") else ()
    start = scanner.position
    end, returning = _tail(scanner)
    source = scanner.text[start:end].strip()
    if not re.match(r"(VALUES|SELECT|WITH|FROM|\()\b|\(", source, re.IGNORECASE):
        raise scanner.error("INSERT wants VALUES (…) or a SELECT", at=start)
    return Insert(
        scanner.text, path, columns, source, returning=returning, is_replace=is_replace, hints=hints
    )


def _tail(scanner: Scanner) -> tuple[int, str | None]:
    """Where the statement's body ends, and the text behind RETURNING, if any."""
    at = scanner.find_word("RETURNING")
    if at is None:
        return len(scanner.text), None
    return at, scanner.text[at + len("RETURNING") :].strip()


def _update(scanner: Scanner, hints: Hints) -> Statement | None:
    scanner.word()
    path = scanner.path()
    if len(path) < 3:
        return None
    alias = scanner.alias("SET")
    if not scanner.take("SET"):
        raise scanner.error("UPDATE wants SET")
    end, returning = _tail(scanner)
    where_at = scanner.find_word("WHERE")
    stop = where_at if where_at is not None else end
    assignments = tuple(_assignment(scanner, a, b) for a, b in scanner.parts(scanner.position, stop))
    where = scanner.text[where_at + 5 : end].strip() if where_at is not None else None
    return Update(scanner.text, path, alias, assignments, where, returning=returning, hints=hints)


def _assignment(scanner: Scanner, start: int, end: int) -> Assignment:
    inner = scanner.at_position(start)
    column = inner.name()
    key = None
    if inner.at("["):
        key_start = inner.position + 1
        close = inner.closing("[", "]")
        key = inner.text[key_start:close].strip()
        inner.position = close + 1
    if not inner.at("="):
        raise inner.error("SET wants column = value")
    inner.at("=")
    inner.skip_blanks()
    return Assignment(column, inner.text[inner.position + 1 : end].strip(), key)


def _delete(scanner: Scanner, hints: Hints) -> Statement | None:
    scanner.word()
    if not scanner.take("FROM"):
        raise scanner.error("DELETE wants FROM")
    path = scanner.path()
    if len(path) < 3:
        return None
    alias = scanner.alias("WHERE", "RETURNING", "USING")
    end, returning = _tail(scanner)
    where_at = scanner.find_word("WHERE")
    scanner.skip_blanks()
    if scanner.position < (end if where_at is None else where_at):
        # Passed over, it would leave a DELETE of more than was meant.
        raise scanner.error("DELETE wants WHERE", hint="other tables: WHERE x IN (SELECT …)")
    where = scanner.text[where_at + 5 : end].strip() if where_at is not None else None
    return Delete(scanner.text, path, alias, where, returning=returning, hints=hints)


def _exec(scanner: Scanner, hints: Hints) -> Statement:
    scanner.word()
    path = scanner.path()
    arguments: dict[str, str] = {}
    document = None
    for start, end in scanner.parts(scanner.position, len(scanner.text)):
        inner = scanner.at_position(start)
        inner.skip_blanks()
        if inner.text[inner.position : inner.position + 1] != "@":
            raise inner.error("EXEC wants @Parameter = value, …")
        is_document = inner.text.startswith("@@", inner.position)
        inner.position += 2 if is_document else 1
        name = inner.name()
        if not inner.at("="):
            raise inner.error(f"@{name} wants = and a value")
        value = inner.text[inner.position + 1 : end].strip()
        if is_document and name.lower() == "json":
            document = value
        elif is_document:
            raise inner.error("only @@json takes a whole request", at=start)
        else:
            arguments[name] = value
    return Exec(scanner.text, path, arguments, document, hints=hints)


def _show(scanner: Scanner, hints: Hints) -> Statement:
    scanner.word()
    is_extended = scanner.take("EXTENDED")
    kind = scanner.word().lower()
    if kind == "all":
        kind = "variables"
    if kind == "insert":
        scanner.take("INTO")
    elif kind == "create":
        scanner.take("TABLE")
    elif kind == "methods":
        scanner.take("IN") or scanner.take("FROM")
    else:
        scanner.take("IN") or scanner.take("FROM")
    path = scanner.path() if scanner.has_name() and scanner.peek_word() != "LIKE" else ()
    like = None
    if scanner.take("LIKE"):
        like = scanner.string()
    scanner.end()
    return Show(scanner.text, kind, path, like, is_extended, hints=hints)


def _describe(scanner: Scanner, hints: Hints) -> Statement | None:
    scanner.word()
    if scanner.peek_word() in ("SELECT", "WITH", "FROM", "") or scanner.at("("):
        return None
    is_extended = scanner.take("EXTENDED")
    is_method = scanner.take("METHOD")
    path = scanner.path()
    scanner.end()
    if len(path) < 3 and not is_method:
        return None
    return Describe(scanner.text, path, is_extended, is_method, hints=hints)


def _explain(scanner: Scanner, hints: Hints) -> Statement:
    scanner.word()
    format_, is_analyze = "table", False
    if scanner.at("("):
        for option in scanner.options_in_parentheses():
            words = option.lower().split()
            if words[:1] == ["format"] and len(words) == 2 and words[1] in ("json", "tree", "table", "text"):
                format_ = "table" if words[1] == "text" else words[1]
            elif words == ["policy"]:
                format_ = "policy"
            elif words == ["analyze"]:
                is_analyze = True
            else:
                raise scanner.error(
                    f"EXPLAIN has no option {option!r}", hint="FORMAT json, FORMAT tree, POLICY, ANALYZE"
                )
    is_analyze = scanner.take("ANALYZE") or is_analyze
    inner = parse(scanner.rest())
    return Explain(scanner.text, inner, format_, is_analyze, hints=hints)


def _set(scanner: Scanner, hints: Hints) -> Statement:
    is_reset = scanner.word() == "RESET"
    for scope in ("SESSION", "LOCAL", "GLOBAL"):
        scanner.take(scope)
    name = ".".join(scanner.path())
    if is_reset:
        scanner.end()
        return SetVariable(scanner.text, name, None, hints=hints)
    if not scanner.at("=") and scanner.peek_word() != "TO":
        raise scanner.error("SET wants name = value")
    if scanner.at("="):
        scanner.position += 1
    else:
        scanner.take("TO")
    value = scanner.text[scanner.position :].strip()
    if value[:1] == "'" and value[-1:] == "'":
        value = value[1:-1].replace("''", "'")
    return SetVariable(scanner.text, name, value, hints=hints)


def _transaction(scanner: Scanner, hints: Hints) -> Statement:
    word = scanner.word()
    scanner.take("TRANSACTION") or scanner.take("WORK")
    scanner.end()
    action = {"BEGIN": "begin", "START": "begin", "COMMIT": "commit", "END": "commit"}.get(word, "rollback")
    return Transaction(scanner.text, action, hints=hints)


def _create(scanner: Scanner, hints: Hints) -> Statement | None:
    scanner.word()
    may_replace = scanner.take("OR") and scanner.take("REPLACE")
    is_materialized = scanner.take("MATERIALIZED")
    if not scanner.take("VIEW"):
        return None
    if_not_exists = scanner.take("IF") and scanner.take("NOT") and scanner.take("EXISTS")
    name = scanner.name()
    if not scanner.take("AS"):
        return None
    body = scanner.text[scanner.position :].strip()
    return CreateView(
        scanner.text, name, body, is_materialized, bool(may_replace), bool(if_not_exists), hints=hints
    )


def _refresh(scanner: Scanner, hints: Hints) -> Statement:
    scanner.word()
    if not (scanner.take("MATERIALIZED") and scanner.take("VIEW")):
        raise scanner.error("REFRESH wants MATERIALIZED VIEW name")
    name = scanner.name()
    scanner.end()
    return Refresh(scanner.text, name, hints=hints)


def _drop(scanner: Scanner, hints: Hints) -> Statement | None:
    scanner.word()
    scanner.take("MATERIALIZED")
    if not scanner.take("VIEW"):
        return None
    if_exists = scanner.take("IF") and scanner.take("EXISTS")
    name = scanner.name()
    return DropView(scanner.text, name, bool(if_exists), hints=hints)


_READERS: dict[str, Callable[[Scanner, Hints], Statement | None]] = {
    "INSERT": _insert,
    "REPLACE": _insert,
    "UPDATE": _update,
    "DELETE": _delete,
    "EXEC": _exec,
    "EXECUTE": _exec,
    "SHOW": _show,
    "DESCRIBE": _describe,
    "DESC": _describe,
    "EXPLAIN": _explain,
    "SET": _set,
    "RESET": _set,
    "BEGIN": _transaction,
    "START": _transaction,
    "COMMIT": _transaction,
    "END": _transaction,
    "ROLLBACK": _transaction,
    "ABORT": _transaction,
    "CREATE": _create,
    "REFRESH": _refresh,
    "DROP": _drop,
}
