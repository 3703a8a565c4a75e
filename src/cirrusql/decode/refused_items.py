"""Reads from a write's response which entries failed: how many, why, and their keys.

``catalog.write_rules.failures`` knows which members report failures. Messages contain keys and
reasons, never an entry's values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cirrusql.api.model import Operation
from cirrusql.catalog.write_rules.failures import Failures, failures_of
from cirrusql.decode.unanswered_keys import listed, told

_SUCCESS = re.compile(r"success|succeeded|ok$", re.IGNORECASE)


@dataclass(frozen=True)
class NotDone:
    """The part of a write that failed."""

    count: int
    reasons: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Code, message and the keys that they apply to."""

    @property
    def code(self) -> str:
        """The first error code."""
        return next((code for code, _, _ in self.reasons if code), "")

    def text(self) -> str:
        """``AccessDenied: no (a, b); InternalError (c)``"""
        return "; ".join(
            ": ".join(filter(None, (code, message))) + (f" ({listed(list(keys))})" if keys else "")
            for code, message, keys in self.reasons
        )


def not_done(operation: Operation, values: Mapping[str, Any]) -> NotDone | None:
    """What failed according to the response; None if everything succeeded."""
    failures = failures_of(operation)
    if not failures:
        return None
    reasons: dict[tuple[str, str], list[str]] = {}
    count = 0
    for key, code, message, things in _failed(failures, values):
        reasons.setdefault((code, message), []).extend([key] if key else [])
        count += things
    count = max([count, *(int(values.get(name) or 0) for name in failures.counts)])
    if not count:
        return None
    return NotDone(count, tuple((c, m, tuple(dict.fromkeys(k))) for (c, m), k in reasons.items()))


def _failed(failures: Failures, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str, int]]:
    """Key, code, message and index of each entry that failed."""
    for name in failures.lists:
        value = values.get(name)
        if isinstance(value, Mapping):
            for key, item in value.items():
                if isinstance(item, Mapping):
                    _, code, message = told(item)
                    yield str(key), code or name, message, 1
                elif item:
                    # Complete requests that failed are counted but not shown.
                    yield str(key), name, "", len(item) if isinstance(item, list) else 1
        elif isinstance(value, list):
            for item in value:
                key, code, message = told(item)
                yield key, code or name, message, 1
    for name, member in failures.entries:
        value = values.get(name)
        for number, item in enumerate(value if isinstance(value, list) else (), 1):
            if isinstance(item, Mapping) and _says_failed(item.get(member)):
                _, code, message = told(item)
                yield f"entry {number}", code or name, message, 1
    for name in failures.parts:
        value = values.get(name)
        if isinstance(value, Mapping) and any(v is not None for v in value.values()):
            yield ", ".join(f"{k} {v}" for k, v in value.items() if v is not None), name, "", 1


def _says_failed(value: Any) -> bool:
    """Whether the entry's member reports a failure: false, or any word other than success."""
    if isinstance(value, bool):
        return not value
    return bool(value) and not (isinstance(value, str) and _SUCCESS.match(value))
