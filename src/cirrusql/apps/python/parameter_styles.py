"""Translates the parameter styles of callers to the ``$name`` style of sessions.

Strings, quoted names and comments are unchanged, by the rules of ``sql.split``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from cirrusql.errors import ProgrammingError
from cirrusql.sql.split import skip

Parameters = Mapping[str, object] | Sequence[object]

_NAME = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_WORD = re.compile(r"[A-Za-z_0-9$]+")


def named(sql: str, parameters: Parameters | None) -> tuple[str, Mapping[str, object]]:
    """The statement and its parameters by name.

    A mapping goes with ``$name``, a sequence with ``?``. Raises ProgrammingError if their number or
    kind does not match the statement.
    """
    if parameters is None:
        parameters = {}
    if isinstance(parameters, Mapping):
        missing = [name for name in names(sql) if name not in parameters]
        if missing:
            raise ProgrammingError(
                f"no value for ${missing[0]}", hint=f'give it: {{"{missing[0]}": …}} as parameters'
            )
        if not parameters and (count := len(_marks(sql))):
            raise ProgrammingError(f"the statement has {count} ? but no values were given")
        return sql, parameters
    if isinstance(parameters, str | bytes | bytearray) or not isinstance(parameters, Sequence):
        raise ProgrammingError(
            "parameters must be a sequence for ? or a mapping for $name, not "
            f"{type(parameters).__name__}",
            hint="pass a single value as a tuple: (value,)",
        )
    return _numbered(sql, parameters)


def names(sql: str) -> list[str]:
    """The names of the ``$name`` parameters of a statement, each once, in order."""
    found = (m[1] for i in _places(sql) if (m := _NAME.match(sql, i)))
    return list(dict.fromkeys(found))


def _numbered(sql: str, values: Sequence[object]) -> tuple[str, Mapping[str, object]]:
    if own := names(sql):
        raise ProgrammingError(
            f"the statement has the parameter ${own[0]}, which a sequence of values cannot bind",
            hint='use ? for each value, or give a mapping: {"' + own[0] + '": …}',
        )
    marks = _marks(sql)
    if len(marks) != len(values):
        raise ProgrammingError(
            f"the statement has {len(marks)} ? and {len(values)} values were given"
        )
    pieces, start = [], 0
    for number, mark in enumerate(marks, 1):
        # Spaces separate it from an adjacent word, as in ``?AND``.
        after = " " if _WORD.match(sql, mark + 1) else ""
        pieces.append(f"{sql[start:mark]}$p{number}{after}")
        start = mark + 1
    return "".join([*pieces, sql[start:]]), {f"p{n}": v for n, v in enumerate(values, 1)}


def _marks(sql: str) -> list[int]:
    return [i for i in _places(sql) if sql[i] == "?"]


def _places(sql: str) -> Iterator[int]:
    """Every offset at which a token may start, outside strings, names and comments."""
    i = 0
    while i < len(sql):
        end = skip(sql, i)
        if end is not None:
            i = end
        elif sql[i] != "$" and (word := _WORD.match(sql, i)):
            i = word.end()
        else:
            yield i
            i += 1
