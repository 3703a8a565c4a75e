"""The preview of a write: each resource by name, what changes, and what is dangerous.

Nothing that matters for the decision is truncated: lists and documents are complete. Secrets are
hidden one by one, so the rest of a structure stays visible.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.inference.verbs import named_verb, takes_away
from cirrusql.catalog.model import Verb
from cirrusql.catalog.secrets.secret_columns import HIDDEN
from cirrusql.catalog.write_rules.dangers import dangers_of
from cirrusql.catalog.write_rules.write_counts import things_of
from cirrusql.execution.audit.redaction import target_text, without_secrets
from cirrusql.execution.writes.confirmation import Extent, calls_told
from cirrusql.execution.writes.preview_fields import NOT_READ
from cirrusql.plan.model import Write
from cirrusql.transport.model import Call

if TYPE_CHECKING:
    from cirrusql.execution.writes.write_calls import Executor
    from cirrusql.settings import Settings

HEADINGS = (
    "operation",
    "target",
    "name",
    "region",
    "connection",
    "changes",
    "dangers",
    "parameters",
)
"""Columns of a dry run. ``name``: the resource's display name, if the rows read have it;
``changes``: values before and after, if the old ones were read; ``parameters``: a JSON object."""

WHOLE = sys.maxsize


@dataclass(frozen=True)
class Preview:
    """A write as shown before confirmation."""

    calls: Sequence[Call]
    extent: Extent
    places: tuple[str, ...] = ()
    """``account 123456789012 (acme-prod), profile prod``: where it would happen, one line each."""

    def rows(self) -> list[tuple[str, ...]]:
        """A row of HEADINGS per call."""
        return [row_of(call) for call in self.calls]

    def summary(self) -> str:
        """``5 things by 1 call: 1 service:TerminateInstances (deletes, data loss)``"""
        counts: dict[tuple[str, tuple[str, ...]], int] = {}
        for call in self.calls:
            key = (call.operation.id, dangers_of(call.operation, call.parameters))
            counts[key] = counts.get(key, 0) + 1
        told = [
            f"{count} {operation}" + (f" ({', '.join(dangers)})" if dangers else "")
            for (operation, dangers), count in counts.items()
        ]
        return f"{self.extent.told} by {calls_told(self.calls)}: {'; '.join(told)}"


def row_of(call: Call) -> tuple[str, ...]:
    """A row of HEADINGS."""
    return (
        call.operation.id,
        target_text(call),
        call.about.name if call.about is not None else "",
        call.target.region,
        call.target.connection or "",
        "; ".join(changes_of(call)),
        ", ".join(dangers_of(call.operation, call.parameters)),
        json.dumps(without_secrets(call, WHOLE), ensure_ascii=False, default=str),
    )


def changes_of(call: Call) -> Iterator[str]:
    """``Status: Active → Inactive`` per changed value; ``not read`` if the old value
    was not read."""
    about = call.about
    if about is None:
        return
    before = without_secrets(replace(call, parameters=about.before), WHOLE)
    sent = {
        **without_secrets(replace(call, parameters=about.after), WHOLE),
        **without_secrets(call, WHOLE),
    }
    raw = {**about.after, **call.parameters}
    for name, value in before.items():
        if about.before[name] is NOT_READ:
            value = NOT_READ
        if name not in sent:
            yield f"{name}: {text_of(value)} → as the parameters say"
            continue
        after = _after(call, name, value, sent[name])
        if (found := _compared(about.before[name], raw[name], value, after)) is not _SAME:
            yield f"{name}: {text_of(value)} → {text_of(found)}"


_SAME: Any = object()
"""In the place of a secret that stays as it is."""


def _compared(was: Any, will: Any, before: Any, after: Any) -> Any:
    """A value as shown after the write, with a mark for each secret that changes: ``before`` and
    ``after`` are the values as shown."""
    if HIDDEN in (before, after) and isinstance(after, str):
        is_known = before == HIDDEN
        if before == after and was == will:
            return _SAME
        return f"{after} (changed)" if is_known else after
    if isinstance(before, Mapping) and isinstance(after, Mapping) and isinstance(will, Mapping):
        return {n: _member_after(n, was, will, before, v) for n, v in after.items()}
    if isinstance(before, list) and isinstance(after, list) and isinstance(will, list | tuple):
        of = [_list_items(v, len(after)) for v in (was, will, before)]
        items = zip(*of, after, strict=True)
        return [v if (f := _compared(a, b, c, v)) is _SAME else f for a, b, c, v in items]
    return after


def _member_after(name: str, was: Any, will: Any, before: Mapping[str, Any], after: Any) -> Any:
    old = was.get(name) if isinstance(was, Mapping) else None
    found = _compared(old, will.get(name), before.get(name), after)
    return after if found is _SAME else found


def _list_items(value: Any, count: int) -> list[Any]:
    """Exactly as many items as that, None for those that there are not."""
    items = list(value) if isinstance(value, list | tuple) else []
    return [*items, *[None] * count][:count]


def _after(call: Call, name: str, before: Any, sent: Any) -> Any:
    """The value a column will have: without the request's wrapper, and without what is removed."""
    member = call.operation.parameters.get(name)
    if member is not None and member.shape.member_names == ("Value",) and isinstance(sent, Mapping):
        return sent if isinstance(before, Mapping) else sent.get("Value")
    is_list = isinstance(before, list) and isinstance(sent, list)
    is_removal = takes_away(call.operation) or named_verb(call.operation.name) is Verb.DELETE
    # What is not sent under that name is the value there will be, and not what is removed.
    if is_list and is_removal and name in call.parameters:
        return [item for item in before if not any(_is_meant(item, which) for which in sent)]
    return sent


def _is_meant(item: Any, which: Any) -> bool:
    """Whether an item matches everything that was specified about it."""
    if isinstance(item, Mapping) and isinstance(which, Mapping):
        return all(item.get(name) == value for name, value in which.items())
    return bool(item == which)


def is_told(call: Call) -> bool:
    """Whether the target and the changes together show everything that is sent."""
    about = call.about
    if about is None or not about.before:
        return False
    told = {*about.before, *call.operation.required}
    sent = {n for n, value in call.parameters.items() if value != about.name}
    return sent <= told and {*about.before} <= {*call.parameters, *about.after}


def text_of(value: Any) -> str:
    """A complete value on one line: text unchanged, nested values as JSON."""
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(str(value).split("\n"))


def shown_calls(prepared: Iterable[tuple[Write, Sequence[Call]]]) -> list[Call]:
    """The calls of a statement that write something it does not name literally: a row that was
    found, or whatever the service matches."""
    found: list[Call] = []
    for write, calls in prepared:
        keys = write.keys if write.verb == "UPDATE" else None
        found += [
            with_answers_named(write, call)
            for call in calls
            if not write.is_literal or things_of(call.operation, call.parameters, keys) is None
        ]
    return found


def with_answers_named(write: Write, call: Call) -> Call:
    """For a call whose predecessor was not made yet: names of the response fields that
    it will use."""
    named = {n: f"<{f} of the answer>" for n, f in write.answered.items()}
    return replace(call, parameters={**call.parameters, **named}) if named else call


def places_told(
    calls: Sequence[Call], executor: Executor, settings: Settings, *, asks: bool = True
) -> tuple[str, ...]:
    """Where the calls would be made, one line per connection: account and alias, profile, regions.

    ``asks``: whether calls may be made to find out; otherwise only facts that the audit log already
    has.
    """
    found: dict[tuple[str, str | None], set[str]] = {}
    for call in calls:
        key = (call.operation.service.provider, call.target.connection)
        found.setdefault(key, set()).update({call.target.region} - {""})
    told = []
    for (provider, connection), regions in found.items():
        given = settings.connections.get(connection) if connection is not None else None
        profile = given.profile if given is not None else settings.profile
        may_ask = asks or executor.audit is not None
        who = executor.who(connection, provider) if may_ask else {}
        account = who.get("account", "unknown")
        alias = executor.fetcher.account_alias(connection, provider) if asks else None
        # Not every provider has accounts and regions: one without them is named itself.
        parts = [
            f"account {account}{f' ({alias})' if alias else ''}" if who else f"provider {provider}"
        ]
        parts += [f"connection {connection}"] if connection is not None else []
        parts += [f"profile {profile}"] if profile else []
        parts += [f"region {', '.join(sorted(regions))}"] if regions else []
        told.append(", ".join(parts))
    return tuple(told)
