"""Whether a desired and a live value mean the same.

Values are plain: as JSON knows them. The API may return another spelling than it was given: numbers
as text, tags as a list, a policy with its members in another order, a name with a final dot.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cirrusql.engine.documents import policy_equal
from cirrusql.stacks.evaluation.literals import canonical

OWNER_TAGS = ("cirrusql:stack", "cirrusql:address")
"""Tags by which a lost state is rebuilt."""


def is_same(
    desired: Any,
    live: Any,
    *,
    is_tags: bool = False,
    is_exact: bool = False,
    is_ordered: bool = False,
) -> bool:
    """Whether a live value is what is desired.

    Of a structure only the members that are given count, unless ``is_exact``. The order of lists
    counts only if ``is_ordered``: APIs return many in an order of their own.
    """
    if is_tags:
        return tags_of(desired) == tags_of(live)
    if desired is None or live is None:
        return _is_empty(desired) and _is_empty(live)
    if isinstance(desired, Mapping) or isinstance(live, Mapping):
        return _same_mapping(desired, live, is_exact=is_exact, is_ordered=is_ordered)
    if isinstance(desired, list) or isinstance(live, list):
        return _same_list(desired, live, is_exact=is_exact, is_ordered=is_ordered)
    return _same_scalar(desired, live)


def tags_of(value: Any) -> Mapping[str, str]:
    """Tags by key, whatever form they have, without those of the provider and of stacks."""
    found = all_tags_of(value)
    return {k: v for k, v in found.items() if not k.startswith("aws:") and k not in OWNER_TAGS}


def all_tags_of(value: Any) -> Mapping[str, str]:
    """Tags by key, whatever form they have."""
    found: dict[str, str] = {}
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, Mapping):
        found = {str(k): "" if v is None else str(v) for k, v in value.items()}
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping):
                folded = {str(k).lower(): v for k, v in item.items()}
                key = folded.get("key", folded.get("tagkey"))
                tag = folded.get("value", folded.get("tagvalue"))
                found[str(key)] = "" if tag is None else str(tag)
    return found


def echo_equal(before: Any, now: Any) -> bool:
    """Whether a live value is as it was read before; the order of lists may differ."""
    return canonical(before) == canonical(now) or _sorted(before) == _sorted(now)


def _is_empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(v) for v in value.values())
    return value is None or value == [] or value == ""


def _same_mapping(desired: Any, live: Any, *, is_exact: bool, is_ordered: bool) -> bool:
    desired, live = _parsed(desired), _parsed(live)
    if not isinstance(desired, Mapping) or not isinstance(live, Mapping):
        return canonical(desired) == canonical(live)
    if {"Statement"} & {*desired} and {"Statement"} & {*live}:
        return _policies(desired, live)
    names = {*desired, *live} if is_exact else {k for k, v in desired.items() if v is not None}
    return all(
        is_same(desired.get(k), live.get(k), is_exact=is_exact, is_ordered=is_ordered)
        for k in names
    )


def _policies(one: Any, other: Any) -> bool:
    return bool(policy_equal(json.dumps(one), json.dumps(other)))


def _same_list(desired: Any, live: Any, *, is_exact: bool, is_ordered: bool) -> bool:
    ours, theirs = _parsed(desired), _parsed(live)
    ours = ours if isinstance(ours, list) else [ours]
    theirs = theirs if isinstance(theirs, list) else [theirs]
    if len(ours) != len(theirs):
        return False
    if is_ordered:
        pairs = zip(ours, theirs, strict=True)
        return all(is_same(o, t, is_exact=is_exact, is_ordered=True) for o, t in pairs)
    left = list(theirs)
    for item in ours:
        found = next((i for i, t in enumerate(left) if is_same(item, t, is_exact=is_exact)), None)
        if found is None:
            return False
        del left[found]
    return True


def _same_scalar(desired: Any, live: Any) -> bool:
    if desired == live and isinstance(desired, bool) == isinstance(live, bool):
        return True
    one, other = _text(desired), _text(live)
    if one == other or one.rstrip(".") == other.rstrip(".") != "":
        return True
    # Of two texts, '1.1' and '1.10' are two versions.
    is_number = not (isinstance(desired, str) and isinstance(live, str))
    if is_number and _number(one) is not None and _number(one) == _number(other):
        return True
    if one[:1] in "{[" and other[:1] in "{[":
        ours, theirs = _parsed(one), _parsed(other)
        if not isinstance(ours, str) and not isinstance(theirs, str):
            return is_same(ours, theirs, is_exact=True)
    return _network(one) is not None and _network(one) == _network(other)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _network(text: str) -> Any:
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _sorted(value: Any) -> str:
    """A value as text, whatever the order of its lists."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}:{_sorted(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(sorted(map(_sorted, value))) + "]"
    return canonical(value)
