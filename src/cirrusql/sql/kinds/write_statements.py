"""Parses INSERT, REPLACE, UPDATE, DELETE of cloud tables, and EXEC.

Writes to local tables, whose names have fewer parts, belong to the engine: a parser returns None
for them. Every expression is parsed here, so that errors point into the user's text.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cirrusql.sql.quoting import without_body
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import skip
from cirrusql.sql.statements import Assignment, Delete, Exec, Hints, Insert, Statement, Update
from cirrusql.sql.with_clause import with_clause

_CLOUD_PARTS = 3
"""provider.service.resource"""


def insert(scanner: Scanner, hints: Hints) -> Statement | None:
    """``INSERT INTO a.b.c (x, y) VALUES … | SELECT …``, REPLACE INTO likewise."""
    is_replace = scanner.word() == "REPLACE"
    if scanner.peek_word() == "OR":
        return None
    if not scanner.take("INTO"):
        raise scanner.error(
            f"{'REPLACE' if is_replace else 'INSERT'} requires INTO",
            hint="REPLACE INTO table (columns) VALUES (…) replaces a whole resource; "
            "UPDATE table SET … WHERE … changes the columns that it names"
            if is_replace
            else None,
        )
    path = scanner.path()
    if len(path) < _CLOUD_PARTS and not (is_replace and len(path) > 1):
        return None
    columns = scanner.names_in_parentheses() if _has_columns(scanner) else ()
    columns = tuple(map(without_body, columns))
    scanner.skip_blanks()
    start = scanner.position
    end, returning = _tail(scanner)
    source = scanner.text[start:end].strip()
    if not re.match(r"(VALUES|SELECT|WITH|FROM)\b|\(", source, re.IGNORECASE):
        raise scanner.error("INSERT expects VALUES (…) or a SELECT", at=start)
    from sqlglot import exp

    if not isinstance(scanner.check("  ", start, end).unnest(), exp.Query | exp.Values):
        raise scanner.error(
            "INSERT expects VALUES (…) or a SELECT", at=start, hint="add VALUES before the rows"
        )
    return Insert(
        scanner.text, path, columns, source, returning=returning, is_replace=is_replace, hints=hints
    )


def _has_columns(scanner: Scanner) -> bool:
    """Whether a list of columns is next, rather than a parenthesized query."""
    if not scanner.at("("):
        return False
    inner = scanner.at_position(scanner.position + 1)
    return inner.peek_word() not in ("SELECT", "FROM", "WITH", "VALUES") and not inner.at("(")


def _tail(scanner: Scanner) -> tuple[int, str | None]:
    """The end of the statement's body, and the text after RETURNING, if any."""
    at = scanner.find_word("RETURNING")
    if at is None:
        return len(scanner.text), None
    start = at + len("RETURNING")
    _expressions(scanner, "SELECT ", start, len(scanner.text))
    return at, scanner.text[start:].strip()


_CLAUSES = {
    "group": "GROUP BY",
    "order": "ORDER BY",
    "windows": "WINDOW",
    "locks": "FOR",
    "sample": "USING SAMPLE",
    "from_": "FROM",
    "joins": "JOIN",
}
"""Keywords of clauses where sqlglot's name is another word."""


def _expressions(scanner: Scanner, prefix: str, start: int, end: int) -> None:
    """Check that a part consists of expressions alone. Raises SqlSyntaxError for any clause of a
    query behind them: ``DELETE … LIMIT 1`` must not delete more than it says."""
    from sqlglot import exp

    tree = scanner.check(prefix, start, end)
    if isinstance(tree, exp.Select):
        allowed = {"expressions", "where"} if "WHERE" in prefix else {"expressions"}
        clauses = [name for name, found in tree.args.items() if found and name not in allowed]
        written = [_CLAUSES.get(name, name.upper()) for name in clauses]
    else:
        written = ["UNION", "EXCEPT", "INTERSECT"]
    if not written:
        return
    places = {word: scanner.find_word(word.split()[0]) for word in written}
    at, clause = min((end if at is None else at, word) for word, at in places.items())
    raise scanner.error(
        f"{clause} is not supported in a statement that writes",
        at=at,
        hint="choose the rows in the condition: WHERE key IN (SELECT … ORDER BY … LIMIT 1)",
    )


def update(scanner: Scanner, hints: Hints) -> Statement | None:
    """``UPDATE a.b.c [AS x] SET y = …, z[key] = … [WHERE …] [RETURNING …]``"""
    scanner.word()
    path = scanner.path()
    if len(path) < _CLOUD_PARTS:
        return None
    alias = scanner.alias("SET")
    if not scanner.take("SET"):
        raise scanner.error("UPDATE requires SET")
    end, returning = _tail(scanner)
    where_at = scanner.find_word("WHERE")
    stop = where_at if where_at is not None else end
    assignments = tuple(
        _assignment(scanner, a, b) for a, b in scanner.parts(scanner.position, stop)
    )
    if not assignments:
        raise scanner.error("SET expects column = value", at=stop)
    where = _where(scanner, where_at, end)
    return Update(scanner.text, path, alias, assignments, where, returning=returning, hints=hints)


def _where(scanner: Scanner, at: int | None, end: int) -> str | None:
    if at is None:
        return None
    start = at + len("WHERE")
    if not scanner.text[start:end].strip():
        raise scanner.error(
            "WHERE requires a condition", at=at, hint="WHERE true matches every row"
        )
    _expressions(scanner, "SELECT 1 WHERE ", start, end)
    return scanner.text[start:end].strip()


def _assignment(scanner: Scanner, start: int, end: int) -> Assignment:
    inner = scanner.at_position(start)
    column = without_body(inner.name())
    key = None
    if inner.at("["):
        key_start = inner.position + 1
        close = inner.closing("[", "]")
        key = inner.text[key_start:close].strip()
        inner.position = close + 1
    if not inner.at("="):
        raise inner.error("SET expects column = value")
    return Assignment(column, _value(scanner, inner.position + 1, end), key)


def _value(scanner: Scanner, start: int, end: int) -> str:
    """The text of one expression."""
    text = scanner.text[start:end].strip()
    if not text:
        raise scanner.error("expected a value", at=max(0, start - 1))
    start = scanner.text.index(text, start)
    tree = scanner.check("SELECT ", start, end)
    if tree.args.get("from_") is not None:
        raise scanner.error(
            "expected a single value, not a query with FROM",
            at=start,
            hint="use a subquery in parentheses: x = (SELECT …)",
        )
    _expressions(scanner, "SELECT ", start, end)
    if len(tree.expressions) != 1 or tree.expressions[0].key == "alias":
        raise scanner.error("expected a single value", at=start)
    return text


def delete(scanner: Scanner, hints: Hints) -> Statement | None:
    """``DELETE FROM a.b.c [AS x] [WHERE …] [RETURNING …]``"""
    scanner.word()
    if not scanner.take("FROM"):
        raise scanner.error("DELETE requires FROM")
    path = scanner.path()
    if len(path) < _CLOUD_PARTS:
        return None
    alias = scanner.alias("WHERE", "RETURNING", "USING")
    end, returning = _tail(scanner)
    where_at = scanner.find_word("WHERE")
    scanner.skip_blanks()
    if scanner.position < (end if where_at is None else where_at):
        # Ignoring it would make the DELETE match more rows than intended.
        raise scanner.error(
            "DELETE requires WHERE", hint="to use other tables, write WHERE x IN (SELECT …)"
        )
    where = _where(scanner, where_at, end)
    return Delete(scanner.text, path, alias, where, returning=returning, hints=hints)


def after_with(scanner: Scanner, hints: Hints) -> Statement | None:
    """``WITH … INSERT | REPLACE | UPDATE | DELETE``; WITH before a query belongs to the engine, or
    to an EXEC."""
    start = scanner.position
    ctes = with_clause(scanner)
    if ctes is None:
        return execute_in_from(scanner.at_position(start), hints)
    read = {"UPDATE": update, "DELETE": delete}.get(scanner.peek_word(), insert)
    found = read(scanner, hints)
    return replace(found, ctes=ctes) if isinstance(found, Insert | Update | Delete) else found


def execute(scanner: Scanner, hints: Hints) -> Exec:
    """``EXEC a.b.c.method [@Parameter = value, …] [@@json = '{…}']``"""
    scanner.word()
    path = scanner.path()
    arguments: dict[str, str] = {}
    document = None
    for start, end in scanner.arguments(scanner.position, len(scanner.text)):
        inner = scanner.at_position(start)
        inner.skip_blanks()
        if inner.text[inner.position : inner.position + 1] != "@":
            raise inner.error("EXEC expects @Parameter = value, …")
        is_document = inner.text.startswith("@@", inner.position)
        inner.position += 2 if is_document else 1
        name = without_body(inner.name())
        if not inner.at("="):
            raise inner.error(f"@{name} requires = and a value")
        value = _value(scanner, inner.position + 1, end)
        if is_document and name.lower() == "json":
            document = value
        elif is_document:
            raise inner.error("only @@json accepts a whole request", at=start)
        elif name.lower() in {n.lower() for n in arguments}:
            raise inner.error(f"@{name} is specified more than once", at=start)
        else:
            arguments[name] = value
    return Exec(scanner.text, path, arguments, document, hints=hints)


_EXEC_IN_FROM = re.compile(r"\(\s*EXEC(?:UTE)?\s+(?=[\w\"])", re.IGNORECASE)


def execute_in_from(scanner: Scanner, hints: Hints) -> Exec | None:
    """``SELECT … FROM (EXEC …) …``: the EXEC, with the surrounding query as ``over``."""
    i = 0
    while i < len(scanner.text):
        after = skip(scanner.text, i)
        if after is not None:
            i = after
            continue
        if _EXEC_IN_FROM.match(scanner.text, i):
            return _wrapped(scanner, i, hints)
        i += 1
    return None


def _wrapped(scanner: Scanner, opening: int, hints: Hints) -> Exec:
    inner = scanner.at_position(opening)
    close = inner.closing("(", ")")
    found = execute(scanner.within(opening + 1, close), hints)
    rest = scanner.text[close + 1 :]
    if _EXEC_IN_FROM.search(rest):
        raise scanner.error(
            "a query can read only one EXEC",
            at=close,
            hint="to join two, store one with CREATE TABLE … AS",
        )
    return replace(found, text=scanner.text, over=(scanner.text[:opening], rest))
