"""JSON documents compared for what they mean: functions that SQL alone cannot be.

A policy's lists are sets, a single string is a list of one, and IAM hands its text out
percent-encoded. Each takes JSON text and gives NULL for what is none.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

# The elements of a policy statement in which one string and a list of one mean the same.
_LISTS = frozenset(
    {"Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated", "CanonicalUser"}
)


def _parsed(text: str) -> Any:
    document = text if text.lstrip()[:1] in ("{", "[", '"') else unquote(text)
    parsed = json.loads(document)
    return _parsed(parsed) if isinstance(parsed, str) and parsed.lstrip()[:1] in ("{", "[", "%") else parsed


def _canonical_policy(value: Any, key: str = "") -> Any:
    if key in _LISTS and isinstance(value, str):
        value = [value]
    if isinstance(value, dict):
        if key == "Condition":
            return {op: {k: _sorted(v) for k, v in tests.items()} for op, tests in value.items()}
        return {k: _canonical_policy(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return sorted((_canonical_policy(v) for v in value), key=_text)
    return value


def _sorted(value: Any) -> Any:
    return sorted((str(v) for v in value), key=_text) if isinstance(value, list) else [str(value)]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def policy_std(policy: str | None) -> str | None:
    """Canonical JSON of a policy document: keys and lists sorted, single strings as lists."""
    try:
        if policy is None:
            return None
        parsed = _parsed(policy)
        if isinstance(parsed, dict) and isinstance(parsed.get("Statement"), dict):
            parsed = {**parsed, "Statement": [parsed["Statement"]]}
        return _text(_canonical_policy(parsed))
    except ValueError:
        return None


def policy_equal(first: str | None, second: str | None) -> bool | None:
    """Whether two policies say the same, whatever the order."""
    if first is None or second is None:
        return None
    one, other = policy_std(first), policy_std(second)
    return first == second if one is None or other is None else one == other


def json_equal(first: str | None, second: str | None) -> bool | None:
    """Whether two JSON documents hold the same, whatever the order of keys."""
    if first is None or second is None:
        return None
    try:
        return _text(_parsed(first)) == _text(_parsed(second))
    except ValueError:
        return first == second
