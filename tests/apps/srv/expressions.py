"""What PostgreSQL answers to each of many expressions, and how ours compare.

``expressions.tsv`` has a line for each: how ours compares, the expression, PostgreSQL's answer, and
for those that differ the words of ``docs/postgresql.md`` that say so. Recorded from a server:
``python -m tests.apps.srv.expressions "host=127.0.0.1 user=postgres"`` prints its answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

FILE = Path(__file__).with_name("expressions.tsv")
ERROR = "ERROR"


class Expression(NamedTuple):
    """One line of the file. ``compared``: equal, digits (the same number in other digits), json
    (the same JSON in other words), refused or differs."""

    compared: str
    sql: str
    answer: str
    documented: str


def expressions() -> Iterator[Expression]:
    """The lines of the file."""
    for line in FILE.read_text("utf-8").splitlines():
        yield Expression(*[*line.split("\t"), ""][:4])


def answered(connection: psycopg.Connection[Any], sql: str) -> str:
    """The rows of an expression as one line, or ERROR with the SQLSTATE."""
    result = connection.pgconn.exec_(f"SELECT {sql}".encode())
    if result.status != ExecStatus.TUPLES_OK:
        return f"{ERROR} {(result.error_field(DiagnosticField.SQLSTATE) or b'').decode()}"
    cells = [result.get_value(row, 0) for row in range(result.ntuples)]
    told = " | ".join("NULL" if cell is None else cell.decode() for cell in cells)
    return told.replace("\\", "\\\\").replace("\n", "\\n")


def compared(theirs: str, ours: str) -> str:
    """How our answer compares with PostgreSQL's."""
    if ours == theirs or (ours.startswith(ERROR) and theirs.startswith(ERROR)):
        return "equal"
    if ours.startswith(ERROR):
        return "refused"
    if _is_same_number(theirs, ours):
        return "digits"
    return "json" if _is_same_json(theirs, ours) else "differs"


def _is_same_number(theirs: str, ours: str) -> bool:
    try:
        one, other = Decimal(theirs), Decimal(ours)
    except InvalidOperation:
        return False
    # A double has sixteen digits.
    return abs(one - other) <= abs(one) * Decimal("1e-15")


def _is_same_json(theirs: str, ours: str) -> bool:
    try:
        return bool(json.loads(theirs) == json.loads(ours))
    except ValueError:
        return False


if __name__ == "__main__":
    with psycopg.connect(sys.argv[1], autocommit=True, options="-c TimeZone=UTC") as server:
        for each in expressions():
            print(each.compared, each.sql, answered(server, each.sql), each.documented, sep="\t")
