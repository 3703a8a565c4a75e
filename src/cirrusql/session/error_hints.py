"""Errors as they leave a session: with their place, and with what only the whole catalog knows.

The engine knows local tables alone. Of a name that it has none of, the catalog may know which cloud
table is meant; of a value that was not given, the app knows how it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cirrusql.errors import DataError, Error, MissingParameter, SqlSyntaxError, UnknownTable
from cirrusql.session.error_places import put_place
from cirrusql.sql.split import Piece

_SUBSTRING = re.compile(r"\bsubstring\s*\([^()]*\bfrom\s+'", re.IGNORECASE)
_REGEXP = re.compile(r"\bREGEXP\s+'", re.IGNORECASE)
_SHOWN = re.compile(r"LINE \d+: (.*)")

if TYPE_CHECKING:
    from cirrusql.session.running_session import RunningSession


def told(error: Error, piece: Piece, session: RunningSession) -> Error:
    """The error with all that is known of it; as it is where that is nothing."""
    if isinstance(error, UnknownTable) and error.is_local:
        error = _with_cloud_tables(error, session)
    if isinstance(error, DataError) and _SUBSTRING.search(piece.text):
        error.hint = error.hint or (
            "substring() takes positions: regexp_extract(x, 'pattern', 1) is what matches a pattern"
        )
    if isinstance(error, SqlSyntaxError) and _REGEXP.search(piece.text):
        error.hint = "a pattern is matched by regexp_matches(text, 'pattern')"
    if isinstance(error, MissingParameter) and error.values:
        error.hint = "; ".join(map(session.options.hints.value.format, error.values))
    _drop_foreign_place(error, piece)
    put_place(error, piece)
    return error


def _drop_foreign_place(error: Error, piece: Piece) -> None:
    """A line that the user has not written is the planner's: nobody else can read it."""
    shown = _SHOWN.match(error.place or "")
    if shown is not None and shown[1].strip(". ") not in piece.script:
        error.place = None


def _with_cloud_tables(error: UnknownTable, session: RunningSession) -> UnknownTable:
    from cirrusql.catalog.meant_names import meant_tables

    path = tuple(error.name.strip('"').split("."))
    meant = meant_tables(session.catalog, path) if len(path) <= 3 else ()
    near = tuple(n for n in error.near if n in session.database.tables())
    if not meant and near:
        return error
    hint = None if meant else "a cloud table is named provider.service.resource"
    found = UnknownTable(error.name.strip('"'), near, meant=(*meant, *near), hint=hint)
    found.place, found.about = error.place, error.about
    return found
