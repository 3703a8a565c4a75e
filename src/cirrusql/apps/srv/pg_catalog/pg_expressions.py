"""Rewrites PostgreSQL expressions that mean something else in the engine.

Division of integers, ``substring(x FROM 'pattern')``, ``= ANY(array)``, ``format``, a plain
function in FROM. Trees in, trees out; ``pg_rewrite`` has the order.
"""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

_INTEGERS = frozenset({"INT", "BIGINT", "SMALLINT", "UINT"})
_VECTORS = frozenset({"proargtypes"})
_ROWS = frozenset({"generate_series", "unnest", "generatedatearray", "explode"})


def expressions(tree: exp.Expr) -> Any:
    """The tree with all of them rewritten for the engine."""
    for node in list(tree.find_all(*(getattr(exp, name) for name in _CHANGES))):
        made = _CHANGES[type(node).__name__](node)
        if made is not node:
            node.replace(made)
    for column in list(tree.find_all(exp.Column)):
        _vector(column)
    for table in list(tree.find_all(exp.Table)):
        _function_table(table)
    return tree


def _vector(column: exp.Expr) -> None:
    """An oidvector is sent as text and used as a list by functions."""
    if column.name.lower() in _VECTORS and not isinstance(column.parent, exp.Select | exp.Alias):
        items = exp.Anonymous(
            this="string_split", expressions=[column.copy(), exp.Literal.string(" ")]
        )
        column.replace(exp.cast(items, exp.DataType.build("INT[]", dialect="duckdb")))


def _division(node: exp.Expr) -> Any:
    """``1600 / 100`` of integers is an integer."""
    if _is_whole(node.this) and _is_whole(node.expression):
        return exp.IntDiv(this=node.this.copy(), expression=node.expression.copy())
    return node


def _is_whole(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Neg):
        return _is_whole(node.this)
    if isinstance(node, exp.Cast):
        return node.to.this.name in _INTEGERS
    return isinstance(node, exp.Literal) and node.is_int


def _substring(node: exp.Expr) -> Any:
    """With a pattern after FROM: the match, or its first group; NULL without a match."""
    pattern = node.args.get("start")
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        return node
    return _extracted(node.this, pattern)


def _extracted(text: Any, pattern: exp.Expr) -> Any:
    group = 1 if re.compile(str(pattern.this)).groups else 0
    found = exp.Anonymous(
        this="regexp_extract", expressions=[text.copy(), pattern.copy(), exp.Literal.number(group)]
    )
    return exp.Anonymous(this="nullif", expressions=[found, exp.Literal.string("")])


def _any(node: exp.Expr) -> Any:
    """``a = ANY(array)``, ``a <> ALL(array)``: list membership. The engine would expect a table."""
    if isinstance(node.this, exp.Column) and node.this.name.lower() in _FUNCTIONS:
        return _of_function(node)
    right, wanted = node.expression, exp.Any if isinstance(node, exp.EQ) else exp.All
    if not isinstance(right, wanted):
        return node
    array = right.this.this if isinstance(right.this, exp.Paren) else right.this
    if isinstance(array, exp.Subquery | exp.Select | exp.Union):
        return node
    found = exp.Anonymous(this="list_contains", expressions=[array.copy(), node.this.copy()])
    return found if isinstance(node, exp.EQ) else exp.Not(this=found)


_FUNCTIONS = frozenset({"typinput", "typoutput", "typreceive", "typsend"})
"""Columns with the names of functions here, with their OIDs in PostgreSQL."""


def _of_function(node: exp.Expr) -> Any:
    """``typreceive <> 0``: whether there is one."""
    if not (isinstance(node.expression, exp.Literal) and str(node.expression.this) == "0"):
        return node
    is_none = exp.Is(this=node.this.copy(), expression=exp.Null())
    return is_none if isinstance(node, exp.EQ) else exp.Not(this=is_none)


_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')


def _array(node: Any) -> Any:
    """``'{a,b}'::text[]``: PostgreSQL's text form of an array."""
    text = node.this
    is_array = node.to.this == exp.DataType.Type.ARRAY
    if not is_array or not (
        isinstance(text, exp.Literal) and text.is_string and str(text.this)[:1] == "{"
    ):
        return node
    items = [
        exp.Literal.string(re.sub(r"\\(.)", r"\1", quoted) or bare)
        for quoted, bare in _ITEM.findall(str(text.this))
    ]
    return exp.cast(exp.Array(expressions=items), node.to.copy())


def _format(node: exp.Expr) -> Any:
    """``format('%I.%I', a, b)`` as a chain of ``||``; other directives are unchanged."""
    given = (
        [node.this, *node.expressions] if isinstance(node, exp.Format) else list(node.expressions)
    )
    if not given or not (isinstance(given[0], exp.Literal) and given[0].is_string):
        return node
    values = iter(given[1:])
    parts: list[Any] = []
    for piece in re.split(r"(%[sIL%])", str(given[0].this)):
        if piece in ("%s", "%I", "%L"):
            value = exp.cast(next(values, exp.Null()).copy(), "text")
            quote = {"%I": "quote_ident", "%L": "quote_literal"}.get(piece)
            parts.append(exp.Anonymous(this=quote, expressions=[value]) if quote else value)
        elif piece:
            parts.append(exp.Literal.string(piece.replace("%%", "%")))
    made: Any = parts[0] if parts else exp.Literal.string("")
    for part in parts[1:]:
        made = exp.DPipe(this=made, expression=part, safe=True)
    return exp.Paren(this=made)


def _by_name(node: exp.Expr) -> Any:
    name = str(node.this).lower()
    if name == "format":
        return _format(node)
    given = node.expressions
    is_pattern = name == "substring" and len(given) == 2 and isinstance(given[1], exp.Literal)
    return _extracted(*given) if is_pattern and given[1].is_string else node


def _function_table(table: exp.Expr) -> None:
    """``FROM f(x) AS a``: one row with one column ``a``; a set-returning function names its column
    likewise."""
    function, alias = table.this, table.args.get("alias")
    if not isinstance(function, exp.Func) or alias is None or alias.columns:
        return
    name = (function.this if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
    if name in _ROWS:
        alias.set("columns", [alias.this.copy()])
        return
    if name.startswith(("pg_", "json_", "jsonb_")):
        return
    inner = exp.Subquery(this=exp.select(exp.alias_(function.copy(), alias.this.copy())))
    inner.set("alias", exp.TableAlias(this=alias.this.copy()))
    for key in ("joins", "laterals"):
        if table.args.get(key):
            inner.set(key, table.args[key])
    table.replace(inner)


_CHANGES = {
    "Div": _division,
    "Substring": _substring,
    "EQ": _any,
    "NEQ": _any,
    "Cast": _array,
    "Format": _format,
    "Anonymous": _by_name,
}
