"""JSON lines with a checksum, so that damage to a file is detected.

Owns sealing and checking. In files with a single writer (the journal), each seal includes the
previous line's, so that a missing line is detected too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

_SEAL = re.compile(rb', "sum": "([0-9a-f]{16})"\}$')


class Damage(NamedTuple):
    """A line that does not match its seal."""

    line: int
    """Counted from 1."""
    reason: str


class Line(NamedTuple):
    """A line that matches its seal."""

    record: Mapping[str, Any]
    seal: str
    """Empty in files written before lines were sealed."""


def sealed(record: Mapping[str, Any], before: str = "") -> tuple[bytes, str]:
    """The record as a sealed line, and its seal. ``before``: the seal of the previous line."""
    kept = {k: v for k, v in record.items() if v is not None}
    text = json.dumps(kept, ensure_ascii=False, default=str).encode("utf-8", "replace")
    seal = _sum(text, before)
    return text[:-1] + f', "sum": "{seal}"}}\n'.encode(), seal


def lines_of(data: bytes, *, is_chained: bool = False) -> Iterator[Line | Damage]:
    """The lines of a file, or the first damage.

    A last line without a newline was cut short while being written, so it is left out.
    """
    before, is_sealed = "", False
    for number, raw in enumerate(data.split(b"\n")[:-1], 1):
        found = _SEAL.search(raw)
        record = _record(raw)
        if record is None:
            yield Damage(number, "not valid JSON")
        elif found is None and is_sealed:
            yield Damage(number, "no checksum")
        elif found is not None and found[1].decode() != _sum(raw[: found.start()] + b"}", before):
            yield Damage(
                number, "the checksum does not match: this line or the one before it was changed"
            )
        else:
            yield Line(record, found[1].decode() if found is not None else "")
        is_sealed = is_sealed or found is not None
        before = found[1].decode() if is_chained and found is not None else ""


def _record(raw: bytes) -> Mapping[str, Any] | None:
    try:
        record = json.loads(raw)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _sum(text: bytes, before: str) -> str:
    return sha256(before.encode() + text).hexdigest()[:16]
