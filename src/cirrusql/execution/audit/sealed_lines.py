"""JSON lines that carry a checksum, so that damage to a file of them is found and said.

Owns how a line is sealed and checked. Each seal rests on the line before where the file has one
writer (the journal): then a line that is missing is found as well as one that was changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

_SEAL = re.compile(rb', "sum": "([0-9a-f]{16})"\}$')


class Damage(NamedTuple):
    """A line that is not what was written."""

    line: int
    """Counted from 1."""
    reason: str


class Line(NamedTuple):
    """A line as it was written."""

    record: Mapping[str, Any]
    seal: str
    """Empty in files of versions that sealed nothing."""


def sealed(record: Mapping[str, Any], before: str = "") -> tuple[bytes, str]:
    """The record as a line, and its seal. ``before``: the seal of the line before."""
    kept = {k: v for k, v in record.items() if v is not None}
    text = json.dumps(kept, ensure_ascii=False, default=str).encode("utf-8", "replace")
    seal = _sum(text, before)
    return text[:-1] + f', "sum": "{seal}"}}\n'.encode(), seal


def lines_of(data: bytes, *, is_chained: bool = False) -> Iterator[Line | Damage]:
    """The lines of a file, or what is wrong with one.

    A last line without its end was cut short while it was written, so it is left out.
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
