"""Wraps sqlglot: parses text in DuckDB's dialect, and converts its errors to ours."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from cirrusql.errors import SqlSyntaxError, nearest
from cirrusql.sql.arrows import refuse_misread_arrows
from cirrusql.sql.bounds import nesting
from cirrusql.sql.split import Piece, parameter_marks, syntax_error

# sqlglot logs a warning when it passes a statement through; it must not reach stderr.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

_FIRST_WORDS = """
    SELECT FROM WITH VALUES INSERT UPDATE DELETE REPLACE EXEC SHOW DESCRIBE EXPLAIN SET RESET BEGIN COMMIT
    ROLLBACK CREATE DROP ALTER COPY REFRESH PIVOT UNPIVOT SUMMARIZE TABLE MERGE ATTACH DETACH USE PRAGMA CALL
    TRUNCATE INSTALL LOAD EXPORT IMPORT CHECKPOINT VACUUM ANALYZE PREPARE EXECUTE DEALLOCATE COMMENT ABORT END
    START DESC
""".split()  # noqa: E501

_CLAUSES = ("FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "JOIN", "UNION", "VALUES")
_CLOUD_NAME = re.compile(r'[\w"]+\s*\.\s*[\w"]+\s*\.\s*[\w"]+')


def parse_sql(piece: Piece, *, is_strict: bool = False) -> Any:
    """Parse with sqlglot. Raises SqlSyntaxError with line, column and caret.

    Statements that only the engine understands, and that name no cloud table, become a Command for
    the engine, unless ``is_strict``.
    """
    from sqlglot import exp
    from sqlglot.errors import ParseError, TokenError

    try:
        with nesting():
            found = parsed(piece.text)
    except ParseError as error:
        place = error.errors[0] if error.errors else {}
        fault = _located(piece, place, str(place.get("description") or error))
        if not is_strict and _is_known(piece.text) and not _CLOUD_NAME.search(piece.text):
            return exp.Command(this=piece.text)
        raise fault from None
    except TokenError:
        raise syntax_error("invalid SQL", piece.script, piece.offset, 1) from None
    if len(found) != 1 or found[0] is None:
        raise syntax_error("expected a single statement", piece.script, piece.offset, 1)
    refuse_misread_arrows(piece, found[0])
    return found[0]


def parsed(text: str, dialect_name: str = "duckdb") -> list[Any]:
    """sqlglot's trees of a text. Raises sqlglot's own errors.

    What follows a dot is a name, even if it is a keyword (``metrics.values``).
    """
    from sqlglot.errors import ParseError

    tokens = tokens_of(text, dialect_name)
    try:
        found = _parser(dialect_name).parse(tokens, text)
    except ParseError:
        named = _with_names_after_dots(tokens)
        if named == tokens:
            raise
        found = _parser(dialect_name).parse(named, text)
    return [tree if tree is None else balanced(tree) for tree in found]


_AS_WRITTEN = frozenset({"CHAR", "DATE", "DATETIME", "JSON_EXTRACT", "SECRET", "STRFTIME", "TIME"})
"""Functions whose calls sqlglot would print differently or without some arguments: they are kept as
calls by name."""


@cache
def _parser_class(dialect_name: str) -> Any:
    from sqlglot.dialects.dialect import Dialect

    base: Any = Dialect.get_or_raise(dialect_name).parser_class
    kept = {
        table: {k: v for k, v in getattr(base, table).items() if k not in _AS_WRITTEN}
        for table in ("FUNCTIONS", "FUNCTION_PARSERS")
    }
    return type(base)("Parser", (base,), kept)


def _parser(dialect_name: str) -> Any:
    """A parser of the dialect that leaves those functions as they are."""
    from sqlglot.dialects.dialect import Dialect

    return _parser_class(dialect_name)(dialect=Dialect.get_or_raise(dialect_name))


_FEW = 16
"""Chains of at most this many conditions stay as the parser nests them."""


def balanced(tree: Any) -> Any:
    """Rebalance long chains of AND and OR to logarithmic depth.

    The parser nests a chain to the left, one level per condition; walking such a tree takes
    quadratic time or overflows the stack. Both operators are associative, also with NULL.
    """
    from sqlglot import exp

    tops = [n for n in tree.find_all(exp.And, exp.Or) if type(n.parent) is not type(n)]
    for top in tops:
        kind, conditions = type(top), list(_chain(top))
        if len(conditions) <= _FEW:
            continue
        while len(conditions) > 2:
            pairs = [conditions[i : i + 2] for i in range(0, len(conditions), 2)]
            conditions = [kind(this=p[0], expression=p[1]) if len(p) == 2 else p[0] for p in pairs]
        top.set("this", conditions[0])
        top.set("expression", conditions[1])
    return tree


def _chain(top: Any) -> Iterator[Any]:
    """The conditions of a chain, from left to right."""
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if type(node) is type(top):
            waiting += [node.expression, node.this]
        else:
            yield node


def tokens_of(text: str, dialect_name: str = "duckdb") -> list[Any]:
    """The tokens of a text in which ``$1,$2`` are two parameters.

    sqlglot's tokenizer takes ``$1,$`` as the start of a dollar-quoted string, and fails on ``$1 …
    ''`` at the end of the text (30.30, tokenizer_core). So each ``$`` that starts a parameter is
    replaced by ``@``, which changes no position, and restored in the tokens.
    """
    from sqlglot.dialects.dialect import Dialect

    dialect = Dialect.get_or_raise(dialect_name)
    marks = set(parameter_marks(text))
    if not marks:
        return list(dialect.tokenize(text))
    letters = list(text)
    for i in marks:
        letters[i] = "@"
    tokens = list(dialect.tokenize("".join(letters)))
    for token in tokens:
        if token.start in marks:
            token.text = "$"
    return tokens


def _with_names_after_dots(tokens: list[Any]) -> list[Any]:
    from sqlglot.tokenizer_core import Token, TokenType

    named = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        is_after_dot = before is not None and before.token_type is TokenType.DOT
        if is_after_dot and token.token_type is not TokenType.VAR and token.text.isidentifier():
            place = {"line": token.line, "col": token.col, "start": token.start, "end": token.end}
            token = Token(TokenType.VAR, token.text, comments=token.comments, **place)
        named.append(token)
    return named


def _is_known(text: str) -> bool:
    word = re.match(r"\s*(\w+)", text)
    return word is not None and word[1].upper() in _FIRST_WORDS


def _keyword(word: str) -> str:
    """The query keyword that a word is a misspelling of; empty if none."""
    if word.upper() in _CLAUSES or len(word) < 4:
        return ""
    return next(iter(nearest(word, _CLAUSES, most=1, cutoff=0.74)), "")


def _located(piece: Piece, place: Any, message: str) -> SqlSyntaxError:
    first = re.match(r"\w+", piece.text)
    if first is not None and first[0].upper() not in _FIRST_WORDS:
        near = nearest(first[0], _FIRST_WORDS)
        hint = f"did you mean {', '.join(near)}?" if near else None
        text = f"syntax error at or near {first[0]!r}: unknown statement"
        return syntax_error(text, piece.script, piece.offset, len(first[0]), hint)
    line, column = place.get("line"), place.get("col")
    highlight = str(place.get("highlight") or " ")
    if line is None or column is None:
        return SqlSyntaxError("the statement is not valid SQL")
    lines = piece.text.split("\n")
    end = sum(len(text) + 1 for text in lines[: line - 1]) + column
    start = max(0, end - len(highlight))
    hint = None
    # sqlglot's messages name its own classes, which mean nothing to the user.
    expected = re.match(r"Expecting (\S+)", message)
    if not piece.text[end:].strip():
        text = f"unexpected end of the statement after {highlight!r}"
    else:
        text = f"syntax error at or near {highlight!r}"
    before = re.search(r"(\w+)\s*$", piece.text[:start])
    if before is not None and (meant := _keyword(before[1])):
        start, highlight, hint = before.start(1), before[1], f"did you mean {meant}?"
        text = f"syntax error at or near {before[1]!r}"
    elif meant := _keyword(highlight):
        hint = f"did you mean {meant}?"
    elif expected:
        text += f": {expected[1].rstrip('.')} is missing"
    return syntax_error(text, piece.script, piece.offset + start, len(highlight), hint)
