"""Refuses what would give other rows each time: a plan must be the same until something changes."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from cirrusql.stacks.evaluation.scopes import tree_of
from cirrusql.stacks.language.statements import QueryText, StackError

_VOLATILE = frozenset(
    """uuid gen_random_uuid uuidv4 uuidv7 random rand randn setseed now today current_date
    current_time current_timestamp localtime localtimestamp transaction_timestamp get_current_time
    get_current_timestamp clock_timestamp statement_timestamp nextval currval getenv
    any_value arbitrary first last txid_current current_localtime current_localtimestamp""".split()
)
"""Functions of DuckDB whose value depends on the clock, on chance, on the process or on the order
of rows: those with ``stability = 'VOLATILE'`` in ``duckdb_functions()``, the clock's, and the
aggregates that depend on the order."""

ONCE = "once"
"""``once(expr)``: evaluated when a row is first planned, and kept."""


def refuse_volatile(body: QueryText) -> None:
    """Raise StackError for a query whose rows change by themselves, except inside ``once()``."""
    tree = tree_of(body)
    for node in tree.walk():
        if isinstance(node, exp.Func) and _name(node) in _VOLATILE and not _is_once(node):
            raise _fault(body, node, f"{_name(node)}()", "once(…) keeps the first value")
        if isinstance(node, exp.TableSample):
            raise _fault(body, node, "TABLESAMPLE", None)
        if isinstance(node, exp.RowNumber) and _has_no_order(node):
            raise _fault(body, node, "row_number()", "row_number() OVER (ORDER BY …)")
        if isinstance(node, exp.Query) and node.args.get("limit") and not node.args.get("order"):
            raise _fault(body, node.args["limit"], "LIMIT", "ORDER BY … LIMIT")
        if isinstance(node, exp.Insert | exp.Update | exp.Delete | exp.Create | exp.Drop):
            raise _fault(body, node, type(node).__name__.upper(), None)


def _name(node: Any) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    return str(node.sql_name()).lower()


def _is_once(node: Any) -> bool:
    above = node.parent
    while above is not None:
        if isinstance(above, exp.Anonymous) and above.name.lower() == ONCE:
            return True
        above = above.parent
    return False


def _has_no_order(node: Any) -> bool:
    window = node.parent
    return not (isinstance(window, exp.Window) and window.args.get("order"))


def _fault(body: QueryText, node: Any, what: str, hint: str | None) -> StackError:
    starts = [n.meta["start"] for n in node.walk() if "start" in n.meta]
    word = what.rstrip("()").lower()
    found = body.text.lower().find(word)
    start = found if found >= 0 else (min(starts) if starts else 0)
    return StackError(
        f"{what} gives other rows each time, so that no plan would be empty",
        body.place.at(start),
        hint=hint,
    )
