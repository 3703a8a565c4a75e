"""Refuses values of a write in which text stands beside numbers or booleans: ``['007', 5]``.

The engine gives the members of a list, the values of a map and the branches of a CASE one type, and
reads text as a number for that: ``007`` would be sent as 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from cirrusql.errors import InvalidParameter
from cirrusql.plan.parameter_values.value_checks import value_of
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Exec, Insert, Statement, Update

_MAY_MIX = re.compile(r"\[|\b(?:map|case|if|coalesce|ifnull|list_value|array)\b", re.IGNORECASE)
"""What gives its parts one type: VALUES of a thousand rows without it are not parsed again."""


def check_types(statement: Statement, parameters: Mapping[str, object]) -> None:
    """Raise InvalidParameter if a value that a write is given mixes text and something else."""
    for sql in filter(_MAY_MIX.search, _given(statement)):
        for node in parse_sql(Piece(sql, 0, sql)).walk():
            for what, members in _alike(node):
                _check(what, members, parameters)


def _given(statement: Statement) -> Iterator[str]:
    """The statement's values, each as a query."""
    match statement:
        case Insert():
            yield statement.source
        case Update():
            yield from (f"SELECT ({a.expression}\n)" for a in statement.assignments)
        case Exec():
            yield from (f"SELECT ({e}\n)" for e in statement.arguments.values())


def _alike(node: exp.Expr) -> Iterator[tuple[str, Sequence[exp.Expr]]]:
    """The parts of an expression that the engine makes of one type, and what they are part of."""
    match node:
        case exp.Array():
            yield "a list", node.expressions
        case exp.ToMap() if isinstance(node.this, exp.Struct):
            pairs = [p for p in node.this.expressions if isinstance(p, exp.PropertyEQ)]
            yield "the keys of a MAP", [p.this for p in pairs]
            yield "a MAP", [p.expression for p in pairs]
        case exp.Case():
            default = node.args.get("default")
            yield "a CASE", [*(i.args["true"] for i in node.args["ifs"]), *_present(default)]
        case exp.If() if not isinstance(node.parent, exp.Case):
            yield "if()", [node.args["true"], *_present(node.args.get("false"))]
        case exp.Coalesce():
            yield "coalesce()", [node.this, *node.expressions]


def _present(node: exp.Expr | None) -> list[exp.Expr]:
    return [node] if node is not None else []


def _check(what: str, members: Sequence[exp.Expr], parameters: Mapping[str, object]) -> None:
    values = [(m, value_of(m, parameters)) for m in members]
    text = next((m for m, v in values if isinstance(v, str)), None)
    other = next(
        (m for m, v in values if v is not None and not isinstance(v, str | list | dict)), None
    )
    if text is None or other is None:
        return
    one, two = (m.sql(dialect="duckdb") for m in (text, other))
    raise InvalidParameter(
        f"{what} has text beside other values: {one} and {two}",
        hint=f"quote all of them, as in '{two}', or none: text would be read as a number",
    )
