"""Settings of a row that are something of their own, which has to be created: a function's URL, a
user's password.

The operation that changes one is of another resource (UpdateFunctionUrlConfig), which has one that
creates it too. It is the row's if the row shows it: a detail tells it, or a column is called so.
"""

from __future__ import annotations

from collections.abc import Collection

from cirrusql.catalog.inference.verbs import MAKES, SETS, parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.row_model.request_fields import column_of, sets_what_tells
from cirrusql.catalog.service import ServiceCatalog

_CHANGES = SETS - {"put", "set"}
"""Verbs of operations that only change what is there."""


def maker_of(service: ServiceCatalog, table: Table, method: Method) -> Method | None:
    """The operation that creates what a method of another resource changes."""
    name = method.operation.name
    said = parts(name)
    if said.verb not in _CHANGES or method in table.methods:
        return None
    names = next((names for names in service.plain.values() if name in names), ())
    found = (n for n in names if parts(n).verb in MAKES and parts(n).noun == said.noun)
    return next(map(service.method, found), None)


def shown(table: Table, method: Method, columns: Collection[str]) -> list[str]:
    """The columns that show what a method sets to these; none if the row does not show it."""
    noun = list(parts(method.operation.name).noun)
    for detail in table.details:
        if sets_what_tells(method, detail):
            return [c for c in detail.picks if column_of(table, c) is not None]
    of_row = table.noun.split("_")
    names = [c.name for written in columns if (c := column_of(table, written)) is not None]
    return [n for n in names if noun == [*of_row, *snake_case(n).split("_")]]
