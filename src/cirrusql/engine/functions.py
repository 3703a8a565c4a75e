"""SQL functions that CirruSQL adds: tags, arn_parse, policy_std, policy_equal, json_equal.

SQL macros where possible (the engine inlines them), otherwise Python. A call into Python takes
about ten microseconds per policy.

They are defined only once a statement may use them: defining them takes 40 ms and, for the Python
parts, imports numpy, which most statements do not need.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

_IN_PYTHON = {
    "policy_std": ("documents", 1, "VARCHAR"),
    "policy_equal": ("documents", 2, "BOOLEAN"),
    "json_equal": ("documents", 2, "BOOLEAN"),
    "set_less": ("differences", 2, "VARCHAR"),
    "keys_less": ("differences", 2, "VARCHAR"),
    "names_less": ("differences", 2, "VARCHAR"),
    "rules_less": ("differences", 2, "VARCHAR"),
    "ids_of": ("differences", 2, "VARCHAR"),
    "lacks_ids_of": ("differences", 2, "BOOLEAN"),
    "tags_fault": ("tag_values", 2, "VARCHAR"),
}
"""By name: module, number of arguments, and result type."""

_NAMED = re.compile(
    r"\b(?:(_(?!sqlite_)\w+)|tags|arn_parse|policy_std|(?:aws_)?policy_equal|json_equal)\"?\s*\(|duckdb_functions|\battach\b",
    re.I,
)
"""Matches one of our functions, and statements that list functions or open a file whose views may
use one. The group is an internal name, unless it is an alias with columns (``AS _0(v)``)."""


_SQLITES = re.compile(
    r"\b(?:json_(?:extract|set|insert|replace|remove)|date|datetime|time|strftime|char)\s*\(", re.I
)
"""Functions that SQLite has in other forms than the engine."""
_OF_SQLITE = re.compile(
    r"\b(?:_sqlite_\w+|iif|total|regexp_like|regexp_substr|julianday|unixepoch|"
    r"json_patch)\"?\s*\(",
    re.I,
)


def spelled(sql: str) -> str:
    """The text as the engine parses it, if it has SQLite syntax."""
    if _SQLITES.search(sql) is None:
        return sql
    from cirrusql.engine import sqlite_forms

    return sqlite_forms.spelled(sql)


def may_use_sqlite(sql: str) -> bool:
    """Whether a text, spelled for the engine, may use a macro of ``sqlite.sql``."""
    return _OF_SQLITE.search(sql) is not None


def may_use_functions(sql: str) -> bool:
    """Whether a text may use one of the functions, or list them."""
    return any(
        found[1] is None or found[1].lower() in _internal_names() for found in _NAMED.finditer(sql)
    )


def define_functions(connection: Any, defined: set[str]) -> None:
    """Define the Python parts, once per engine, under internal names.

    ``defined`` contains those that exist; the others are added one by one, because this may be
    interrupted.
    """
    for name, (module, count, kind) in _IN_PYTHON.items():
        if name not in defined:
            function = getattr(import_module(f"cirrusql.engine.{module}"), name)
            types = ["VARCHAR"] * count
            connection.create_function(f"_{name}", function, types, kind, null_handling="special")
            defined.add(name)


def define_macros(connection: Any, file: str = "macros.sql") -> None:
    """Define the macros, once per connection: they are temporary, so that the user's file does not
    contain them."""
    connection.execute(_macros(file))


@cache
def _internal_names() -> frozenset[str]:
    """Names of functions and macros that begin with an underscore, in lower case."""
    macros = re.findall(r"\bMACRO (_\w+)\(", _macros("macros.sql"), re.I)
    return frozenset({*(name.lower() for name in macros), *(f"_{name}" for name in _IN_PYTHON)})


@cache
def _macros(file: str) -> str:
    return files("cirrusql.engine").joinpath(file).read_text("utf-8")
