"""PREPARE and EXECUTE of SQL, which the engine handles for its own tables.

Owns distinguishing EXECUTE of a prepared statement from EXECUTE of an operation, and what cannot be
prepared.
"""

from __future__ import annotations

import re

from cirrusql.errors import NotSupportedError, UnknownTable
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import Piece

_PREPARED = re.compile(r'PREPARE\s+[\w"]+\s*(?:\([^)]*\)\s*)?AS\s+\(*\s*(\w+)', re.IGNORECASE)
_PREPARABLE = frozenset({"DELETE", "FROM", "INSERT", "SELECT", "UPDATE", "VALUES", "WITH"})


def names_prepared(word: str, body: Piece) -> bool:
    """Whether a statement is EXECUTE of a prepared statement: a name of one part, and no
    @Parameter."""
    if word == "PREPARE":
        _may_be_prepared(body)
    if word != "EXECUTE":
        return False
    scanner = Scanner(body)
    scanner.word()
    is_one_name = scanner.has_name() and len(scanner.path()) == 1
    rest = body.text[scanner.position :].strip()
    return is_one_name and (not rest or rest.startswith("("))


def _may_be_prepared(body: Piece) -> None:
    """Raise NotSupportedError unless a query or a change of rows is prepared."""
    found = _PREPARED.match(body.text)
    if found is not None and found[1].upper() not in _PREPARABLE:
        raise NotSupportedError(
            f"PREPARE of {found[1].upper()} is not supported",
            hint=f"run it directly; PREPARE supports {', '.join(sorted(_PREPARABLE))}",
        )


def prepares_no_cloud_table(error: UnknownTable) -> NotSupportedError | UnknownTable:
    """The error for a PREPARE that names a cloud table, which the engine does not have."""
    if error.name.count(".") < 2:
        return error
    hint = "run the query directly, and give it its parameters ($1, $name) there"
    return NotSupportedError(
        f"PREPARE over the cloud table {error.name.strip(chr(34))} is not supported", hint=hint
    )
