"""One predicate in many spellings:
statements with ``{t}`` for the table and ``{show}`` for the columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ '{value.isoformat()}'"
    return repr(value)


def like_pattern(value: str) -> str:
    """A LIKE pattern that matches only the value."""
    for char in ("!", "%", "_"):
        value = value.replace(char, f"!{char}")
    return literal(value) + " ESCAPE '!'"


def where(column: str, value: Any, other: Any) -> dict[str, str]:
    """Conditions on a column, by name; ``other`` is a value that may be in no row."""
    v, w = literal(value), literal(other)
    c = f"t.{column}"
    found = {
        "=": f"{c} = {v}",
        "reversed": f"{v} = {c}",
        "IN": f"{c} IN ({v}, {w})",
        "IN subquery": f"{c} IN (SELECT x FROM (VALUES ({v})) AS s(x))",
        "= ANY": f"{c} = ANY([{v}, {w}])",
        "BETWEEN": f"{c} BETWEEN {v} AND {v}",
        "<= >=": f"{c} >= {v} AND {c} <= {v}",
        ">": f"{c} > {v}",
        "IS TRUE": f"({c} = {v}) IS TRUE",
        "IS NOT DISTINCT FROM": f"{c} IS NOT DISTINCT FROM {v}",
        "not <>": f"NOT ({c} <> {v})",
        "<>": f"{c} <> {v}",
        "NOT IN": f"{c} NOT IN ({v})",
        "OR": f"{c} = {v} OR {c} = {w}",
        "EXISTS": f"EXISTS (SELECT 1 FROM (VALUES ({v})) AS s(x) WHERE s.x = {c})",
        "IS NULL": f"{c} IS NULL",
        "CASE": f"CASE WHEN {c} = {v} THEN true ELSE false END",
        "coalesce": f"coalesce({c}, {w}) = {v}",
    }
    if isinstance(value, bool):
        found = {k: s for k, s in found.items() if k not in ("BETWEEN", "<= >=", ">")}
        found |= {"bare": c, "NOT": f"NOT {c}"}
    if isinstance(value, str):
        found |= {
            "LIKE": f"{c} LIKE {like_pattern(value)}",
            "LIKE prefix": f"{c} LIKE {literal(value[:-1].replace('%', '_') + '%')}",
            "ILIKE": f"{c} ILIKE {literal(value.swapcase().replace('%', '_'))}",
            "expression": f"{c} || '' = {v}",
            "lower": f"lower({c}) = {literal(value.lower())}",
            "~": f"regexp_matches({c}, '^' || regexp_escape({v}) || '$')",
        }
    return found


def statements(column: str, value: Any, other: Any) -> dict[str, str]:
    """Whole statements, by the name of the spelling."""
    found = {
        name: f"SELECT {{show}} FROM {{t}} AS t WHERE {p}"
        for name, p in where(column, value, other).items()
    }
    v = literal(value)
    found["join"] = (
        f"SELECT {{show}} FROM {{t}} AS t JOIN (VALUES ({v})) AS s(x) ON s.x = t.{column}"
    )
    found["join reversed"] = (
        f"SELECT {{show}} FROM (VALUES ({v})) AS s(x) JOIN {{t}} AS t ON t.{column} = s.x"
    )
    return found
