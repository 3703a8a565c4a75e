"""The functions of ours that SQL has: tags, arn_parse, policy_std, policy_equal, json_equal.

SQL macros where SQL can say it (the engine inlines them); Python where it cannot. A policy
through Python costs some ten microseconds.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from cirrusql.engine import documents

_IN_PYTHON = {
    "policy_std": (documents.policy_std, 1, "VARCHAR"),
    "policy_equal": (documents.policy_equal, 2, "BOOLEAN"),
    "json_equal": (documents.json_equal, 2, "BOOLEAN"),
}


def define_functions(connection: Any) -> None:
    """What a whole engine needs once: the parts in Python, under names of their own."""
    for name, (function, count, kind) in _IN_PYTHON.items():
        connection.create_function(f"_{name}", function, ["VARCHAR"] * count, kind, null_handling="special")


def define_macros(connection: Any) -> None:
    """What every connection needs: macros live with it, so that no file of the user's has them."""
    connection.execute(_macros())


@cache
def _macros() -> str:
    return files("cirrusql.engine").joinpath("macros.sql").read_text("utf-8")
