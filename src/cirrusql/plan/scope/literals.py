"""Decides whether a statement names literally what it writes.

``WHERE InstanceId IN ('i-1', 'i-2')`` names two resources. A subquery, a local table, ``range(9)``
or a pattern of regions names none: the number is known only after evaluation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sqlglot import exp

from cirrusql.errors import SqlSyntaxError
from cirrusql.plan.model import CallScope
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece

_PLAIN_CALLS = frozenset({"json_extract", "_ids_given"})
_PATTERN = re.compile(r"(?<!\\)[%_]")


def is_literal(text: str, parameters: Mapping[str, object]) -> bool:
    """Whether an expression or a VALUES list consists of literals only.

    ``$name`` counts as a literal if it holds a single value: the statement does not show a list's
    length.
    """
    query = f"SELECT ({text}\n)"
    try:
        return is_literal_tree(parse_sql(Piece(query, 0, query)), parameters)
    except SqlSyntaxError:
        return False


def is_literal_tree(tree: exp.Expr, parameters: Mapping[str, object]) -> bool:
    """The same for a parsed query: it may read only VALUES, and call no function that generates
    rows."""
    written = (
        *(
            exp.Select,
            exp.Subquery,
            exp.Values,
            exp.From,
            exp.Star,
            exp.TableAlias,
            exp.Tuple,
            exp.Paren,
        ),
        *(
            exp.Literal,
            exp.Boolean,
            exp.Null,
            exp.Placeholder,
            exp.Parameter,
            exp.Neg,
            exp.Identifier,
        ),
        *(exp.Array, exp.Struct, exp.PropertyEQ, exp.Map, exp.ToMap, exp.VarMap, exp.Slice),
        *(
            exp.Alias,
            exp.Cast,
            exp.DataType,
            exp.DataTypeParam,
            exp.ColumnDef,
            exp.Concat,
            exp.DPipe,
        ),
        *(exp.Var, exp.Interval, exp.JSONExtract, exp.Lower, exp.Upper, exp.Trim),
    )
    return all(
        (isinstance(node, written) or _is_plain_call(node)) and not _is_bound_list(node, parameters)
        for node in tree.walk()
    )


def _is_plain_call(node: exp.Expr) -> bool:
    """Whether a function makes one value of one, as those written above do."""
    return isinstance(node, exp.Anonymous) and node.name.lower() in _PLAIN_CALLS


def _is_bound_list(node: exp.Expr, parameters: Mapping[str, object]) -> bool:
    """Whether it stands for a bound value that may hold several: a list, a structure, or JSON text
    of one."""
    if not isinstance(node, exp.Placeholder | exp.Parameter):
        return False
    value = parameters.get(node.name)
    if isinstance(value, str):
        return value.lstrip()[:1] in ("[", "{")
    return isinstance(value, Iterable) and not isinstance(value, bytes | bytearray)


def is_one_place(scope: CallScope) -> bool:
    """Whether a write's places are named: a pattern stands for as many as match it."""
    given: Iterable[str] = (
        *(scope.regions or ()),
        *(scope.connections or ()),
        *(scope.accounts or ()),
    )
    excluded = scope.excluded_regions or scope.excluded_connections or scope.region_feed
    return not excluded and not any(map(_PATTERN.search, given))
