"""PREPARE and EXECUTE in SQL: EXECUTE is the prepared text with its arguments in place of ``$1``.

Prepared statements of the protocol are ``protocol.client_connection``'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cirrusql.errors import ProgrammingError
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import Piece, skip

_PREPARE = re.compile(
    r'\s*PREPARE\s+(?P<name>"[^"]+"|\w+)\s*(?:\((?P<types>[^)]*(?:\([^)]*\)[^)]*)*)\))?\s*AS\s+(?P<query>.+)',
    re.IGNORECASE | re.DOTALL,
)
_EXECUTE = re.compile(
    r'\s*EXECUTE\s+(?P<name>"[^"]+"|\w+)\s*(?P<arguments>\(.*\))?\s*', re.IGNORECASE | re.DOTALL
)
_NUMBERED = re.compile(r"\$(\d+)")


class UnknownPrepared(ProgrammingError, sqlstate="26000"):
    """EXECUTE of what was not prepared."""


class PreparedExists(ProgrammingError, sqlstate="42P05"):
    """PREPARE under a name that is taken."""


@dataclass(frozen=True)
class PreparedText:
    """``types``: those of its first parameters, as written."""

    types: tuple[str, ...]
    query: str


class PreparedTexts:
    """What one client prepared, by name."""

    def __init__(self) -> None:
        self._texts: dict[str, PreparedText] = {}

    def prepare(self, text: str) -> bool:
        """Whether a statement is a PREPARE, which is then kept."""
        found = _PREPARE.fullmatch(text)
        if found is None:
            return False
        name = found["name"].strip('"')
        if name in self._texts:
            raise PreparedExists(f'prepared statement "{name}" already exists')
        types = tuple(_listed(f"({found['types']})")) if found["types"] else ()
        self._texts[name] = PreparedText(types, found["query"])
        return True

    def executed(self, text: str) -> str | None:
        """The statement that an EXECUTE runs; None for any other statement."""
        found = _EXECUTE.fullmatch(text)
        if found is None:
            return None
        name = found["name"].strip('"')
        if name not in self._texts:
            raise UnknownPrepared(f'prepared statement "{name}" does not exist')
        prepared = self._texts[name]
        return _filled(name, prepared, _listed(found["arguments"] or "()"))

    def forget(self, name: str) -> bool:
        """DEALLOCATE; whether there was one. ``ALL`` forgets all."""
        if name.upper() == "ALL":
            self._texts.clear()
        return self._texts.pop(name, None) is not None


def _listed(text: str) -> list[str]:
    """The items of a list in parentheses."""
    parts = Scanner(Piece(text, 0, text)).parts(1, len(text) - 1)
    return [item for a, b in parts if (item := text[a:b].strip())]


def _filled(name: str, prepared: PreparedText, arguments: list[str]) -> str:
    out, i, highest, query = [], 0, 0, prepared.query
    while i < len(query):
        end = skip(query, i)
        if end is None and (found := _NUMBERED.match(query, i)):
            number = int(found[1])
            highest = max(highest, number)
            if number <= len(arguments):
                out.append(_argument(prepared, arguments, number))
            end = found.end()
        else:
            end = end or i + 1
            out.append(query[i:end])
        i = end
    wanted = max(highest, len(prepared.types))
    if len(arguments) != wanted:
        raise ProgrammingError(
            f'wrong number of parameters for prepared statement "{name}"',
            hint=f"expected {wanted}, got {len(arguments)}",
        )
    return "".join(out)


def _argument(prepared: PreparedText, arguments: list[str], number: int) -> str:
    said = arguments[number - 1]
    if number > len(prepared.types):
        return f"({said})"
    return f"CAST({said} AS {prepared.types[number - 1]})"
