"""Columns that describe the structure around a row in the response: an instance's reservation.

They come along with each row, and are of another resource: an instance's Groups are those that its
reservation was made with, whatever the operation that modifies the instance takes under that name.
What one response says of all its rows (the settings beside a list) belongs to the table itself.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from cirrusql.catalog.model import Table

_found: WeakKeyDictionary[Table, frozenset[str]] = WeakKeyDictionary()


def enclosing_fields(table: Table) -> frozenset[str]:
    """The fields that are never those of the row itself."""
    if table not in _found:
        _found[table] = _of(table)
    return _found[table]


def _of(table: Table) -> frozenset[str]:
    around: set[str] = set()
    own: set[str] = set()
    for rows, is_nested in ((m.rows, m.is_nested) for m in table.methods if m.rows is not None):
        for name, path in rows.fields.items():
            # Of a nested resource the answer itself may be the one thing that it is within.
            is_around = path.level < len(rows.lists) and (path.level > 0 or is_nested)
            (around if is_around else own).add(name)
    return frozenset(around - own)
