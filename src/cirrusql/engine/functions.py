"""The functions of ours that SQL has: tags, arn_parse, policy_std, policy_equal, json_equal.

SQL macros where SQL can say it (the engine inlines them); Python where it cannot. A policy
through Python costs some ten microseconds.

An engine has them once a text may use one: defining them takes 40 ms, and numpy for the parts
in Python, which most statements never need.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

_IN_PYTHON = {"policy_std": (1, "VARCHAR"), "policy_equal": (2, "BOOLEAN"), "json_equal": (2, "BOOLEAN")}

_NAMED = re.compile(
    r"\b(?:_\w+|tags|arn_parse|policy_std|policy_equal|json_equal)\"?\s*\(|duckdb_functions|\battach\b", re.I
)
"""A function of ours; or what lists functions, or opens a file whose views may use one."""


def may_use_functions(sql: str) -> bool:
    """Whether a text may use one of the functions, or ask which there are."""
    return _NAMED.search(sql) is not None


def define_functions(connection: Any, defined: set[str]) -> None:
    """What a whole engine needs once: the parts in Python, under names of their own.

    ``defined`` are those that it has, to which the others are added one by one: it may be interrupted.
    """
    from cirrusql.engine import documents

    for name, (count, kind) in _IN_PYTHON.items():
        if name not in defined:
            function, types = getattr(documents, name), ["VARCHAR"] * count
            connection.create_function(f"_{name}", function, types, kind, null_handling="special")
            defined.add(name)


def define_macros(connection: Any) -> None:
    """What every connection needs: macros live with it, so that no file of the user's has them."""
    connection.execute(_macros())


@cache
def _macros() -> str:
    return files("cirrusql.engine").joinpath("macros.sql").read_text("utf-8")
