"""SQL functions that compare JSON documents by meaning, where SQL alone is not enough.

In a policy, lists are sets, a single string is a list of one, and IAM returns the text
percent-encoded. Each function takes JSON text (or a JSON string that contains such text) and
returns NULL for anything else.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

# Elements in which one string equals a list of one, and order does not matter: IAM User Guide,
# "Grammar of the IAM JSON policy language".
_LISTS = frozenset(
    {
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "AWS",
        "Service",
        "Federated",
        "CanonicalUser",
    }
)
_ACTIONS = frozenset({"Action", "NotAction"})
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})


def policy_std(policy: str | None) -> str | None:
    """Canonical JSON of a policy document: keys and lists sorted, single strings as lists."""
    return None if policy is None else _standard(policy, folds_actions=False)


def policy_equal(first: str | None, second: str | None) -> bool | None:
    """Whether two policies, or two lists of tags, are equal, regardless of order and of the case of
    actions."""
    if first is None or second is None:
        return None
    one, other = (_standard(p, folds_actions=True) or _listed(p) for p in (first, second))
    return first == second if one is None or other is None else one == other


def json_equal(first: str | None, second: str | None) -> bool | None:
    """Whether two JSON documents are equal, regardless of the order of keys."""
    if first is None or second is None:
        return None
    try:
        return _text(parsed_document(first)) == _text(parsed_document(second))
    except (ValueError, RecursionError):
        return first == second


def _standard(policy: str, *, folds_actions: bool) -> str | None:
    try:
        parsed = parsed_document(policy)
        if not isinstance(parsed, dict):
            return None
        if isinstance(parsed.get("Statement"), dict):
            parsed = {**parsed, "Statement": [parsed["Statement"]]}
        return _text(_canonical(parsed, "", folds_actions))
    except (ValueError, RecursionError):
        return None


def _listed(text: str) -> str | None:
    """Canonical JSON of a list in any order; None for what is no list."""
    try:
        parsed = parsed_document(text)
        if not isinstance(parsed, list):
            return None
        return _text(sorted(_text(_canonical(item, "", True)) for item in parsed))
    except (ValueError, RecursionError):
        return None


def parsed_document(text: str) -> Any:
    """The parsed document; one inside a JSON string, or percent-encoded, is unwrapped."""
    document = text if text.lstrip()[:1] in ("{", "[", '"') else unquote(text)
    parsed = json.loads(document)
    if isinstance(parsed, str) and parsed.lstrip()[:1] in ("{", "[", "%"):
        return parsed_document(parsed)
    return parsed


def _canonical(value: Any, key: str, folds_actions: bool) -> Any:
    if key in _PRINCIPALS and value == "*":
        value = {"AWS": ["*"]}
    if key in _LISTS and isinstance(value, str):
        value = [value]
    if key in _ACTIONS and folds_actions and isinstance(value, list):
        value = [v.lower() if isinstance(v, str) else v for v in value]
    if isinstance(value, dict):
        if key == "Condition":
            return {operator: _conditions(tests) for operator, tests in value.items()}
        return {k: _canonical(v, k, folds_actions) for k, v in value.items()}
    if isinstance(value, list):
        return _sorted([_canonical(v, "", folds_actions) for v in value])
    return value


def _conditions(tests: Any) -> Any:
    """Values of a condition are text, quoted or not."""
    if not isinstance(tests, dict):
        return tests
    return {
        k: _sorted([_worded(v) for v in (vs if isinstance(vs, list) else [vs])])
        for k, vs in tests.items()
    }


def _worded(value: Any) -> str:
    return value if isinstance(value, str) else _text(value)


def _sorted(values: list[Any]) -> list[Any]:
    """A set as a sorted list without duplicates."""
    by_text = {_text(v): v for v in values}
    return [by_text[text] for text in sorted(by_text)]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
