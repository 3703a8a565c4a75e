"""Parses one statement's text into a Statement.

sqlglot parses standard SQL in DuckDB's dialect (``sql.tree``); ``sql.write_statements`` and
``sql.utility_statements`` parse CirruSQL's own syntax. sqlglot is imported on first use.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cirrusql.errors import NotSupportedError
from cirrusql.sql.bounds import nesting
from cirrusql.sql.kinds import foreign_statements, utility_statements, write_statements
from cirrusql.sql.kinds.prepared import names_prepared
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import Piece, skip
from cirrusql.sql.statements import Exec, Hints, QueryStatement, Statement
from cirrusql.sql.tree import parse_sql
from cirrusql.sql.with_clause import refuse_writes_within

__all__ = ["parse", "parse_sql"]

_AROUND = re.compile(
    r"[\s(]*(SELECT|FROM|WITH|VALUES|PIVOT|UNPIVOT|SUMMARIZE|COPY|INSERT|"
    r"CREATE\s+(OR\s+REPLACE\s+)?(TEMP(ORARY)?\s+)?TABLE)\b",
    re.IGNORECASE,
)
"""First words of statements that may contain an EXEC."""
_AWAIT = re.compile(
    r"\bAWAIT\b\s*(?:\(\s*'(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?'\s*\))?", re.IGNORECASE
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_DEFAULT_AWAIT = 600.0
"""Seconds that AWAIT without an argument waits."""


def parse(piece: Piece | str) -> Statement:
    """Parse a statement. Raises SqlSyntaxError with line, column and caret.

    Comments in its text are replaced by spaces.
    """
    with nesting():
        return _parsed(Piece(piece, 0, piece) if isinstance(piece, str) else piece)


def _parsed(piece: Piece) -> Statement:
    hints, body = _without_comments(piece)
    foreign_statements.refuse_templates(body)
    word = Scanner(body).peek_word()
    read = None if names_prepared(word, body) else _READERS.get(word)
    found = (
        read(Scanner(body), hints)
        if read is not None
        else write_statements.execute_in_from(Scanner(body), hints)
    )
    if found is None and word in ("CREATE", "INSERT"):
        # The rows of an EXEC are stored in a local table.
        found = write_statements.execute_in_from(Scanner(body), hints)
    if isinstance(found, Exec) and found.over is not None and not _AROUND.match(found.over[0]):
        # It would run now, although the statement means later: PREPARE, CREATE MACRO.
        raise NotSupportedError(
            f"{word} over an EXEC is not supported",
            hint="SELECT … FROM (EXEC …), CREATE TABLE t AS SELECT … FROM (EXEC …), COPY (…) TO a "
            "file",
        )
    if found is not None:
        return found
    tree = parse_sql(body)
    if word == "WITH":
        refuse_writes_within(tree)
    return QueryStatement(body.text, tree, verb=word or "SELECT", hints=hints)


def _without_comments(piece: Piece) -> tuple[Hints, Piece]:
    """The hints anywhere in a statement, and the statement with spaces in place of comments.

    Spaces keep every position in the text.
    """
    is_fresh, is_required, awaits = False, False, None
    out = []
    text = piece.text
    i = 0
    while i < len(text):
        end = skip(text, i)
        if end is None:
            out.append(text[i])
            i += 1
            continue
        part = text[i:end]
        if part.startswith("/*+"):
            is_fresh |= re.search(r"\bFRESH\b", part, re.IGNORECASE) is not None
            is_required |= re.search(r"\bREQUIRED\b", part, re.IGNORECASE) is not None
            found = _AWAIT.search(part)
            if found is not None:
                awaits = (
                    float(found[1]) * _UNITS[(found[2] or "s").lower()]
                    if found[1]
                    else _DEFAULT_AWAIT
                )
        if part.startswith(("--", "/*")):
            part = re.sub(r"[^\n]", " ", part)
        out.append(part)
        i = end
    blank = "".join(out)
    stripped = blank.strip()
    offset = piece.offset + len(blank) - len(blank.lstrip())
    return Hints(is_fresh, awaits, is_required), Piece(stripped, offset, piece.script)


_READERS: dict[str, Callable[[Scanner, Hints], Statement | None]] = {
    "INSERT": write_statements.insert,
    "REPLACE": write_statements.insert,
    "UPDATE": write_statements.update,
    "DELETE": write_statements.delete,
    "WITH": write_statements.after_with,
    "EXEC": write_statements.execute,
    "EXECUTE": write_statements.execute,
    "SHOW": utility_statements.show,
    "DESCRIBE": utility_statements.describe,
    "DESC": utility_statements.describe,
    "EXPLAIN": lambda scanner, hints: utility_statements.explain(scanner, hints, parse),
    "SET": utility_statements.set_variable,
    "RESET": utility_statements.set_variable,
    "BEGIN": utility_statements.transaction,
    "START": utility_statements.transaction,
    "COMMIT": utility_statements.transaction,
    "END": utility_statements.transaction,
    "ROLLBACK": utility_statements.transaction,
    "ABORT": utility_statements.transaction,
    "CREATE": utility_statements.create,
    "REFRESH": utility_statements.refresh,
    "DROP": utility_statements.drop,
    "AUTH": foreign_statements.auth,
    "NATIVEQUERY": lambda scanner, hints: foreign_statements.native_query(scanner, hints, parse),
    "PURGE": foreign_statements.purge,
    "REGISTRY": foreign_statements.registry,
    "SLEEP": foreign_statements.sleep,
    "USE": foreign_statements.use,
}
