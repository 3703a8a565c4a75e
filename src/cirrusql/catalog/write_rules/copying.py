"""Operations that change a row by putting it again as a copy of itself.

Nothing else sets the ContentType of an object: it is copied onto itself, with other metadata. Which
operation does so, what it must be sent for that, and what no copy has, is in ``writers.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from cirrusql.api.overlay import Overlay
from cirrusql.catalog.model import Method, Table
from cirrusql.data_files import entry
from cirrusql.sql.quoting import quoted

FILE = "writers.toml"
SECTION = "copies_itself"
ALONG = "carried_along"


@dataclass(frozen=True)
class CopyOfItself:
    """How one operation copies a row of a table onto itself."""

    of: str
    sets: tuple[str, ...] = ()
    sends: Mapping[str, str] = field(default_factory=dict)
    """By parameter SQL over the row's columns, each in braces."""
    loses: tuple[str, ...] = ()
    """What the copy does not have unless SET gives it."""

    def parameters(self, alias: str) -> dict[str, str]:
        """SQL by parameter, over the row of that alias."""
        return {
            name: re.sub(r"\{(\w+)\}", lambda m: f"{quoted(alias)}.{quoted(m[1])}", sql)
            for name, sql in self.sends.items()
        }


@cache
def copies(overlay: Overlay, section: str = SECTION) -> Mapping[str, CopyOfItself]:
    """By ``service:Operation``. Raises ValueError naming the key that is wrong."""
    found = overlay.section(FILE, section)
    return {key: entry(CopyOfItself, FILE, key, raw) for key, raw in found.items()}


def copy_of_itself(method: Method) -> CopyOfItself | None:
    """How a method copies a row onto itself; None if it does not."""
    return copies(method.operation.overlay).get(method.operation.id)


def carried_along(table: Table, method: Method) -> CopyOfItself | None:
    """What a method that sets all of a row is sent of it in another form; None if nothing."""
    found = copies(method.operation.overlay, ALONG).get(method.operation.id)
    return found if found is not None and found.of == table.name else None


def copiers(table: Table) -> tuple[Method, ...]:
    """The methods that copy rows of a table onto themselves."""
    if table.is_api_spelling:
        return ()
    return tuple(
        m for m in table.methods if (c := copy_of_itself(m)) is not None and c.of == table.name
    )


def is_copied_onto_itself(method: Method, sent: Mapping[str, object]) -> bool:
    """Whether a call changes what there is: it sends what only a copy onto itself does."""
    found = copy_of_itself(method)
    constants = {n: s[1:-1] for n, s in (found.sends if found else {}).items() if s[0] == "'"}
    return bool(constants) and all(sent.get(n) == value for n, value in constants.items())
