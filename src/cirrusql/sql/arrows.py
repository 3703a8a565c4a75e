"""Rejects ``->`` after another operator, which the engine parses differently from how it looks.

``->`` binds less tightly than every other operator: ``'x' = p->'a'`` is ``('x' = p)->'a'``, which
is NULL or an error. An expression that starts with the arrow's own operand (``p->'a' = 'x'``) is
always an error in the engine, which ``engine.translate`` words.
"""

from __future__ import annotations

from typing import Any

from cirrusql.sql.split import Piece, syntax_error

PRECEDENCE = "-> binds less tightly than a comparison; add parentheses: (p->'a'->>'b') = 'x'"


def refuse_misread_arrows(piece: Piece, tree: Any) -> None:
    """Raise SqlSyntaxError if an arrow would apply to an operator before it rather than to its
    document."""
    from sqlglot import exp

    if "->" not in piece.text:
        return
    for arrow in tree.find_all(exp.JSONExtract):
        if type(arrow) is not exp.JSONExtract or "only_json_types" not in arrow.args:
            continue  # A function, which has parentheses of its own.
        whole: Any = arrow
        while (
            isinstance(whole.parent, exp.JSONExtract | exp.JSONExtractScalar)
            and whole.arg_key == "this"
        ):
            whole = whole.parent
        if _follows_an_operator(whole):
            start, length = _place(arrow)
            raise syntax_error(
                "-> applies to the whole expression on its left, including the operator",
                piece.script,
                piece.offset + start,
                length,
                PRECEDENCE,
            )


def _follows_an_operator(node: Any) -> bool:
    """Whether it is the right side of an operator, also within others: ``a = p->'b' AND c``."""
    from sqlglot import exp

    operators = (exp.Connector, exp.Predicate)
    while (parent := node.parent) is not None:
        if isinstance(parent, exp.Not) or (
            isinstance(parent, exp.Between) and node.arg_key == "high"
        ):
            return True
        if not isinstance(parent, operators) or isinstance(
            parent.parent, exp.Update | exp.OnConflict
        ):
            return False  # An assignment in SET is not a comparison.
        if node.arg_key == "expression" and isinstance(parent, exp.Binary):
            return True
        node = parent
    return False


def _place(arrow: Any) -> tuple[int, int]:
    """Where its document is named, or the beginning of the statement."""
    from sqlglot import exp

    named = [i for i in arrow.find_all(exp.Identifier) if "start" in i.meta]
    first = min(named, key=lambda i: i.meta["start"], default=None)
    return (
        (first.meta["start"], first.meta["end"] - first.meta["start"] + 1)
        if first is not None
        else (0, 1)
    )
