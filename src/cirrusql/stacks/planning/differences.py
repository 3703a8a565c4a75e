"""Compares one desired row with the one last applied and the live one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from cirrusql.stacks.evaluation.literals import canonical, plain
from cirrusql.stacks.planning.comparing import echo_equal, is_same, tags_of
from cirrusql.stacks.planning.plan import Cell, CellChange
from cirrusql.stacks.state.store import StateRow

_MISSING = object()


def changes_of(
    cells: tuple[Cell, ...],
    state: StateRow | None,
    live: Mapping[str, Any],
    ignored: frozenset[str],
    hash_key: str,
) -> list[CellChange]:
    """The values that have to change for a row that exists.

    A value is left alone while the desired one is as last applied and the live one as read after
    that, whatever the API made of it.
    """
    found = []
    for cell in cells:
        if cell.column.lower() in ignored or cell.name.lower() in ignored:
            continue
        change = _change(cell, state, live, hash_key)
        if change is not None:
            found.append(change)
    return found


def _change(
    cell: Cell, state: StateRow | None, live: Mapping[str, Any], hash_key: str
) -> CellChange | None:
    applied = state.desired.get(cell.name, _MISSING) if state is not None else _MISSING
    echo = state.echo.get(cell.name, _MISSING) if state is not None else _MISSING
    now = live_value(cell, live)
    forces = "replace" if cell.write in ("create_only", "identity") else ""
    if cell.unknown:
        return CellChange(cell.name, now, None, cell.unknown, cell.is_secret, forces=forces)
    if not cell.is_readable or cell.is_secret:
        return _of_hidden(cell, state, forces, hash_key)
    if cell.value is None:
        if applied is _MISSING or applied is None:
            return None
        return CellChange(cell.name, now, None, forces=forces)
    is_unchanged = applied is not _MISSING and canonical(applied) == canonical(cell.value)
    is_equal = is_same(
        cell.value,
        now,
        is_tags=cell.is_tags and not cell.tag,
        is_exact=cell.is_exact,
        # Who changes the order of a list in the files means it.
        is_ordered=applied is not _MISSING and not is_unchanged,
    )
    is_drift = echo is not _MISSING and not echo_equal(echo, now)
    if is_equal or (is_unchanged and echo is not _MISSING and not is_drift):
        return None
    return CellChange(cell.name, now, cell.value, is_drift=is_drift, forces=forces)


def _of_hidden(cell: Cell, state: StateRow | None, forces: str, hash_key: str) -> CellChange | None:
    """The change of a value that the API does not return: it is compared with what was sent."""
    if cell.value is None:
        return None
    known = state.secrets.get(cell.name) if state is not None else None
    if known == digest(hash_key, cell.value):
        return None
    if state is not None and known is None and cell.write in ("identity", "create_only"):
        return None
    return CellChange(cell.name, None, cell.value, is_secret=cell.is_secret, forces=forces)


def live_value(cell: Cell, live: Mapping[str, Any]) -> Any:
    """The live value of a managed column, plain."""
    value = plain(live.get(cell.column))
    if cell.tag:
        return tags_of(value).get(cell.tag)
    return dict(tags_of(value)) if cell.is_tags else value


def digest(hash_key: str, value: Any) -> str:
    """A keyed hash of a value that is not stored."""
    text = canonical(value).encode()
    return hmac.new(bytes.fromhex(hash_key), text, hashlib.sha256).hexdigest()
