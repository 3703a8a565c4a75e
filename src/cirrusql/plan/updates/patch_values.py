"""SQL of patch operations that replace a column's value in an existing row.

A list of ``{op, path, value}`` per column, concatenated for the call; NULL if a value is NULL, so
that a computed NULL in SET is an error as elsewhere. ``~`` and ``/`` in parts of a path are escaped
as in JSON Pointer.
"""

from __future__ import annotations

from collections.abc import Sequence

from cirrusql.catalog.row_model.patches import Patched
from cirrusql.sql.quoting import literal


def patch_operations(
    how: Patched, path: str, members: Sequence[str], value: str, present: str | None
) -> str:
    """SQL of the operations that set a column to a value. ``present``: SQL of its current value."""
    match how:
        case Patched.VALUE:
            return (
                f"CASE WHEN {value} IS NOT NULL THEN "
                f"[{_operation('replace', literal(path), value)}] END"
            )
        case Patched.MEMBERS:
            return _of_members(path, members, value)
        case Patched.MAP:
            return _of_map(path, value, present)
        case Patched.ITEMS:
            return _of_items(path, value, present)


def together(lists: Sequence[str]) -> str:
    """SQL of all the operations of a call."""
    return " || ".join(f"({one})" for one in lists)


def _operation(op: str, path: str, value: str) -> str:
    # Text unchanged, numbers and booleans as JSON spells them, documents as JSON.
    return f"{{'op': '{op}', 'path': {path}, 'value': json_extract_string(to_json({value}), '$')}}"


def _of_members(path: str, members: Sequence[str], value: str) -> str:
    each = ", ".join(
        _operation("replace", literal(f"{path}/{name}"), f"_member({value}, {literal(name)})")
        for name in members
    )
    return f'list_filter([{each}], lambda _o: _o."value" IS NOT NULL)'


def _of_map(path: str, value: str, present: str | None) -> str:
    set_all = (
        f"list_transform(map_entries({value}), "
        f"lambda _e: {_operation('replace', _inner(path, '_e.key'), '_e.value')})"
    )
    if present is None:
        return set_all
    gone = f"list_filter(map_keys({present}), lambda _k: NOT list_contains(map_keys({value}), _k))"
    removed = f"list_transform(coalesce({gone}, []), lambda _k: {_removal(_inner(path, '_k'))})"
    return f"CASE WHEN {value} IS NOT NULL THEN {removed} || {set_all} END"


def _of_items(path: str, value: str, present: str | None) -> str:
    now = f"coalesce({present}, [])" if present is not None else "[]"
    new = f"list_filter({value}, lambda _t: NOT list_contains({now}, _t))"
    added = f"list_transform({new}, lambda _t: {_removal(_inner(path, '_t'), 'add')})"
    gone = f"list_filter({now}, lambda _t: NOT list_contains({value}, _t))"
    removed = f"list_transform({gone}, lambda _t: {_removal(_inner(path, '_t'))})"
    return f"CASE WHEN {value} IS NOT NULL THEN {removed} || {added} END"


def _removal(path: str, op: str = "remove") -> str:
    return f"{{'op': '{op}', 'path': {path}, 'value': NULL::VARCHAR}}"


def _inner(path: str, name: str) -> str:
    return f"{literal(path + '/')} || replace(replace({name}, '~', '~0'), '/', '~1')"
