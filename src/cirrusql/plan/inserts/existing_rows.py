"""An INSERT refuses what exists: by a condition of the request, by a read before it, or, if neither
is known, it says that it may overwrite. ``catalog.write_rules.existing`` knows which."""

from __future__ import annotations

from dataclasses import replace

from cirrusql.catalog.model import Verb
from cirrusql.catalog.write_rules.existing import Guard, existing_reading, guard_of, overwrites
from cirrusql.plan.model import Write


def guarded(write: Write) -> tuple[Write, tuple[str, ...]]:
    """The write of an INSERT with what keeps it from overwriting, and notices."""
    table, method = write.table, write.method
    if not overwrites(table, method):
        return write, ()
    write = replace(write, keeps_existing=True)
    guard = guard_of(table, method, write.given)
    if guard is Guard.READ:
        found = existing_reading(table, method, dict.fromkeys(write.given, "x"))
        return replace(write, existing=found), ()
    if guard is Guard.CONDITION:
        return write, ()
    noun = table.noun.replace("_", " ")
    told = f"{method.operation.id} overwrites a {noun} that exists: nothing can tell beforehand"
    if method.verb is Verb.REPLACE:
        told += f"; REPLACE INTO {table.id} says that it may"
    return write, (told,)
