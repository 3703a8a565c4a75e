"""Columns that describe the structure around a row in the response: an instance's reservation.

Each row includes them, but they belong to another resource: an instance's Groups are those of its
reservation, whatever the operation that modifies the instance takes under that name. Values beside
the whole list (the settings next to it) belong to the table itself.
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
            # A nested resource may be inside the response itself.
            is_around = path.level < len(rows.lists) and (path.level > 0 or is_nested)
            (around if is_around else own).add(name)
    return frozenset(around - own)
