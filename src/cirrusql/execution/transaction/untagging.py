"""The calls that restore tags: previous keys get their values, new keys are removed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.inverses.tag_inverses import Tags, key_name, pair_names


def keys_of(tags: Tags, sent: Mapping[str, Any]) -> list[str]:
    """The keys that a call sets or removes."""
    if tags.added in sent:
        return list(_pairs(sent[tags.added]))
    items = sent.get(tags.removed) or []
    return [str(i) if not isinstance(i, Mapping) else str(_pick(i, "key")) for i in items]


def before(tags: Tags, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The previous tags by key."""
    if tags.field is not None:
        return _pairs(rows[0].get(tags.field)) if rows else {}
    return {str(r[tags.key]): r[tags.value] for r in rows if r.get(tags.key) is not None}


def back(
    tags: Tags, sent: Mapping[str, Any], there: Mapping[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """``add`` or ``remove`` with its parameters, one entry per call."""
    which = {n: sent[n] for n in tags.which}
    keys = keys_of(tags, sent)
    was_set = _pairs(sent[tags.added]) if tags.added in sent else {}
    restored = {k: there[k] for k in keys if k in there and there[k] != was_set.get(k)}
    gone = [k for k in keys if k not in there] if was_set else []
    found = []
    if restored:
        found.append(
            ("add", {**which, tags.added: _written(tags.add.parameters[tags.added], restored)})
        )
    if gone:
        found.append(
            ("remove", {**which, tags.removed: _named(tags.remove.parameters[tags.removed], gone)})
        )
    return found


def _pairs(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(k): v for k, v in value.items()}
    pairs = value if isinstance(value, list | tuple) else []
    return {str(_pick(p, "key")): _pick(p, "value") for p in pairs if isinstance(p, Mapping)}


def _pick(pair: Mapping[str, Any], role: str) -> Any:
    return next((v for n, v in pair.items() if snake_case(n).removeprefix("tag_") == role), None)


def _written(member: Member, tags: Mapping[str, Any]) -> Any:
    if member.shape.kind is Kind.MAP:
        return dict(tags)
    names = pair_names(member)
    assert names is not None
    return [{names[0]: k, names[1]: v} for k, v in tags.items()]


def _named(member: Member, keys: Sequence[str]) -> Any:
    if member.shape.element.shape.kind is Kind.STRING:
        return list(keys)
    name = key_name(member)
    return [{name: k} for k in keys]
