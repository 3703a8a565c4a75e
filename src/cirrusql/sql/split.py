"""Splits a script into statements, respecting strings and comments.

``parse`` interprets the statements. Positions are offsets into the script; lines and columns count
from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cirrusql.errors import SqlSyntaxError
from cirrusql.sql.statement_secrets import hidden, literals, names_secret, without

_DOLLAR = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$")


_PARAMETER = re.compile(r"(?<![\w$])\$\w")
_STARTS = re.compile(r"['\"$]|--|/\*")
_ESCAPED = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """One statement of a script, without its semicolon and surrounding comments."""

    text: str
    offset: int
    script: str

    @property
    def line(self) -> int:
        """The line of the script on which the statement starts."""
        return self.script.count("\n", 0, self.offset) + 1


def split(script: str) -> tuple[Piece, ...]:
    """The statements of a script, without empty ones.

    Raises SqlSyntaxError for an unterminated string, quoted name or comment.
    """
    pieces = []
    start = 0
    for position in _ends(script):
        piece = _piece(script, start, position)
        if piece is not None:
            pieces.append(piece)
        start = position + 1
    return tuple(pieces)


def is_terminated(script: str) -> bool:
    """Whether the script's last statement ends with a semicolon, so that a shell runs it."""
    try:
        ends = _ends(script)
    except SqlSyntaxError:
        return False
    if len(ends) < 2:
        return False
    return _piece(script, ends[-2] + 1, len(script)) is None


def _ends(script: str) -> list[int]:
    """The offsets of the semicolons between statements, and of the script's end."""
    found = []
    i = 0
    while i < len(script):
        end = skip(script, i)
        if end is None:
            if script[i] == ";":
                found.append(i)
            i += 1
        else:
            i = end
    return [*found, len(script)]


def skip(script: str, i: int) -> int | None:
    """The end of the string, quoted name or comment that starts at ``i``; None if none does."""
    two = script[i : i + 2]
    if two == "--":
        end = script.find("\n", i)
        return len(script) if end < 0 else end
    if two == "/*":
        return _comment(script, i)
    char = script[i]
    if char in "'\"":
        return (
            _escaped(script, i)
            if char == "'" and _is_escape(script, i)
            else _quoted(script, i, char)
        )
    if char == "$" and not _is_in_name(script, i) and (match := _DOLLAR.match(script, i)):
        end = script.find(match[0], match.end())
        if end < 0:
            raise unfinished(script, i, "dollar-quoted string")
        return end + len(match[0])
    return None


def _is_in_name(script: str, i: int) -> bool:
    """Whether a ``$`` is part of the name before it (``a$b``)."""
    before = script[i - 1] if i else ""
    return before.isalnum() or before in ("_", "$")


def parameter_marks(text: str) -> list[int]:
    """The offsets of each ``$`` that starts a parameter (``$1``, ``$name``), outside strings and
    comments."""
    found = []
    i = text.find("$")
    if i < 0:
        return []
    if text.find("$", i + 1) < 0 and not any(s in text[:i] for s in ("'", '"', "--", "/*")):
        return [i] if _PARAMETER.match(text, i) else []
    i = 0
    for match in _STARTS.finditer(text):
        if match.start() < i:
            continue
        end = skip(text, match.start())
        if end is not None:
            i = end
        elif text[match.start()] == "$" and _PARAMETER.match(text, match.start()):
            found.append(match.start())
    return found


def _quoted(script: str, i: int, quote: str) -> int:
    end = i
    while True:
        end = script.find(quote, end + 1)
        if end < 0:
            kind = "string" if quote == "'" else "quoted name"
            raise unfinished(script, i, kind)
        if script[end + 1 : end + 2] != quote:
            return end + 1
        end += 1


def _is_escape(script: str, i: int) -> bool:
    """Whether a string starts with E, so that backslashes are escapes."""
    before = script[max(0, i - 2) : i]
    return before[-1:] in ("e", "E") and not (
        len(before) == 2 and (before[0].isalnum() or before[0] in "_$")
    )


def _escaped(script: str, i: int) -> int:
    match = _ESCAPED.match(script, i)
    if match is None:
        raise unfinished(script, i, "string")
    return match.end()


def _comment(script: str, i: int) -> int:
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(script, i):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    raise unfinished(script, i, "comment")


def _piece(script: str, start: int, end: int) -> Piece | None:
    """The text between two semicolons without leading comments; None if nothing is left.

    A hint (``/*+ … */``) is part of the statement.
    """
    i = start
    while i < end:
        if script[i].isspace():
            i += 1
        elif script.startswith("--", i) or (
            script.startswith("/*", i) and script[i + 2 : i + 3] != "+"
        ):
            i = min(skip(script, i) or end, end)
        else:
            break
    text = script[i:end].rstrip()
    return Piece(text, i, script) if text else None


def unfinished(script: str, i: int, what: str) -> SqlSyntaxError:
    """The error for an unterminated token that starts at ``i``."""
    return syntax_error(f"unterminated {what}", script, i, 1)


def syntax_error(
    message: str, script: str, start: int, length: int, hint: str | None = None
) -> SqlSyntaxError:
    """A SqlSyntaxError with line, column and a caret."""
    if names_secret(script):
        message = without(message, literals(script))
        script = hidden(script)
    line, column, place = place_of(script, start, length)
    return SqlSyntaxError(message, line=line, column=column, place=place, hint=hint)


def place_of(script: str, start: int, length: int) -> tuple[int, int, str]:
    """Line and column of an offset, and the line as it is shown with a caret under the place."""
    line = script.count("\n", 0, start) + 1
    begin = script.rfind("\n", 0, start) + 1
    end = script.find("\n", start)
    text = script[begin:] if end < 0 else script[begin:end]
    column = start - begin + 1
    shown = text if len(text) <= 160 else text[max(0, column - 80) : column + 80]
    at = column - 1 if shown is text else min(column - 1, 80)
    label = f"LINE {line}: "
    caret = " " * (len(label) + at) + "^" * max(1, min(length, len(shown) - at))
    return line, column, f"{label}{shown}\n{caret}"
