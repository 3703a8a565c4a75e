"""The functions of ours that SQL has: tags, arn_parse, policy_std, policy_equal, json_equal.

SQL macros where SQL can say it (the engine inlines them); Python where it cannot. A policy
through Python costs some ten microseconds.

An engine has them once a text may use one: defining them takes 40 ms, and numpy for the parts
in Python, which most statements never need.
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
}
"""By name its module, how many arguments it takes and what it gives."""

_NAMED = re.compile(
    r"\b(?:_\w+|tags|arn_parse|policy_std|policy_equal|json_equal)\"?\s*\(|duckdb_functions|\battach\b",
    re.I,
)
"""A function of ours; or what lists functions, or opens a file whose views may use one."""


def may_use_functions(sql: str) -> bool:
    """Whether a text may use one of the functions, or ask which there are."""
    return _NAMED.search(sql) is not None


def define_functions(connection: Any, defined: set[str]) -> None:
    """What a whole engine needs once: the parts in Python, under names of their own.

    ``defined`` are those that it has, to which the others are added one by one: it may be
    interrupted.
    """
    for name, (module, count, kind) in _IN_PYTHON.items():
        if name not in defined:
            function = getattr(import_module(f"cirrusql.engine.{module}"), name)
            types = ["VARCHAR"] * count
            connection.create_function(f"_{name}", function, types, kind, null_handling="special")
            defined.add(name)


def define_macros(connection: Any) -> None:
    """What every connection needs: macros live with it, so that no file of the user's has them."""
    connection.execute(_macros())


@cache
def _macros() -> str:
    return files("cirrusql.engine").joinpath("macros.sql").read_text("utf-8")
