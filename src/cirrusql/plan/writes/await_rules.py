"""What AWAIT polls, and for which state: the service's own waiter, or a status field.

A waiter is found by the resource that its name starts with (InstanceRunning) and by the kind of
write. If the service has no waiter, the operation that reads the resource is polled for a status
with some transient values (CREATING, PENDING) and some final ones (``catalog.behaviour.statuses``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from cirrusql.api.model import Acceptor, Kind
from cirrusql.catalog.behaviour.statuses import kind_of
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference.fitness import is_list_of_scalars
from cirrusql.catalog.inference.full_names import ENDING
from cirrusql.catalog.inference.identifiers import is_told_of, says_which, spellings
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inference.words import plural_noun, singular_name, snake_case
from cirrusql.catalog.model import FieldPath, Method, RowPath, Table, Verb
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.errors import NotSupportedError
from cirrusql.plan.model import Wait, Write

_GONE = (r"delete_complete", r"deleted", r"terminated", r"not_exists", r"inactive", r"stopped")
_MADE = (
    r"create_complete", r"created", r"running", r"available", r"active(_v2)?", r"in_service", r"ready",  # noqa: E501
    r"stable", r"deployed", r"completed?", r"issued", r"validated", r"in_use", r"exists",
)  # fmt: skip
_CHANGED = (
    r"update_complete", r"updated(_v2)?", r"modified", r"stable", r"deployed", r"changed", r"completed?",  # noqa: E501
)  # fmt: skip
_WELL = (r"available", r"active(_v2)?", r"in_service")
"""States that follow a change if the status does not tell: a volume in use never
becomes available."""
_ENDINGS = {
    "start": (r"running", r"started", r"in_service", r"active", r"available", r"completed?"),
    "stop": (r"stopped", r"inactive", r"deleted"),
    "attach": (r"attached", r"in_use", r"available"),
    "detach": (r"detached", r"available"),
    "reboot": (r"running", r"available", r"status_ok"),
}
"""Suffixes of waiters' names by kind of write, the most reliable first."""

_STATUSES = (
    "status",
    "state",
    "lifecycle_state",
    "life_cycle_state",
    "provisioning_status",
    "current_state",
)
_INFERRED_DELAY = 5.0
"""Seconds between two polls without a waiter's own interval: a medium value of the waiters."""


def with_waits(catalog: Catalog, writes: Sequence[Write]) -> tuple[Write, ...]:
    """The writes with what each waits for, if the statement says AWAIT.

    Raises NotSupportedError, before any call, if none of them can be waited for. Tags set beside
    other changes need no waiting.
    """
    found = tuple(
        w if w.follows else replace(w, wait=next(_waits(catalog, w), None)) for w in writes
    )
    if any(write.wait is not None for write in found):
        return found
    write = writes[0]
    raise NotSupportedError(
        f"AWAIT: the end of {write.method.operation.id} cannot be observed: the service has no "
        f"waiter for {write.table.name}, and no operation that reads them returns a status; "
        "nothing was called",
        hint="remove AWAIT: the response of the call is the only thing to wait for",
    )


def _waits(catalog: Catalog, write: Write) -> Iterator[Wait]:
    endings = _endings(write.method)
    yield from _by_waiter(catalog, write, endings)
    yield from _by_status(catalog, write)
    if endings is _CHANGED:
        yield from _by_waiter(catalog, write, _WELL)


def _endings(method: Method) -> tuple[str, ...]:
    word = parts(method.operation.name).verb
    if word in _ENDINGS:
        return _ENDINGS[word]
    if _is_ending(method):
        return _GONE
    return _MADE if method.verb in (Verb.INSERT, Verb.REPLACE) else _CHANGED


def _is_ending(method: Method) -> bool:
    return method.verb is Verb.DELETE


def _by_waiter(catalog: Catalog, write: Write, endings: Sequence[str]) -> Iterator[Wait]:
    service, _ = catalog.service_catalog(
        write.table.provider, schema_name(write.method.operation.service.id)
    )
    noun = write.table.noun
    nouns = (noun, "_".join(plural_noun(tuple(noun.split("_")))))
    for ending in endings:
        for name, waiter in service.service.waiters.items():
            if not any(re.fullmatch(f"{n}_{ending}", snake_case(name)) for n in nouns):
                continue
            asked = service.method(waiter.operation)
            sources = _sources(asked, write, noun)
            if sources is not None:
                yield Wait(
                    method=asked,
                    acceptors=waiter.acceptors,
                    sources=sources,
                    delay=waiter.delay,
                    seconds=write.awaits or 0.0,
                    name=name,
                    is_gone=_is_ending(write.method),
                )


def _by_status(catalog: Catalog, write: Write) -> Iterator[Wait]:
    table = write.table
    noun = table.noun
    for reader in sorted(
        table.reached_by(Verb.SELECT), key=lambda m: bool(m.rows and m.rows.lists)
    ):
        field = _status(table, reader, noun)
        sources = _sources(reader, write, noun) if field is not None else None
        if reader.rows is None or field is None or not sources:
            continue
        yield Wait(
            method=reader,
            acceptors=_acceptors(reader.rows, field, is_gone=_is_ending(write.method)),
            sources=sources,
            delay=_INFERRED_DELAY,
            seconds=write.awaits or 0.0,
            name=f"{field} of {reader.operation.id}",
            is_gone=_is_ending(write.method),
        )


def _status(table: Table, reader: Method, noun: str) -> str | None:
    """The field with a resource's state, which has both transient and final values."""
    if reader.rows is None:
        return None
    wanted = [*_STATUSES, f"{noun}_status", f"{noun}_state", f"{noun.rpartition('_')[2]}_status"]
    fields = {snake_case(c.name): c for c in table.columns if c.name in reader.rows.fields}
    for name in wanted:
        column = fields.get(name)
        if column is None or column.type.name != "VARCHAR":
            continue
        kinds = {kind_of(v) for v in column.enum}
        # If the model does not list the values, nothing speaks against it.
        if not column.enum or {"passing", "settled"} <= kinds:
            return column.name
    return None


def _acceptors(rows: RowPath, field: str, *, is_gone: bool) -> tuple[Acceptor, ...]:
    """Rules by the kind of status; a resource that does not exist yet, or no longer, is not a
    failure."""
    path = _path(rows, rows.fields[field])
    listing = _path(rows, None) if rows.lists else None
    over = "ended" if is_gone else "settled"
    return (
        Acceptor("success" if is_gone else "retry", "missing", True, listing),
        Acceptor("failure", "kindAny", "failed", path),
        Acceptor(
            "retry" if is_gone else "failure", "kindAll", "settled" if is_gone else "ended", path
        ),
        Acceptor("success", "kindAll", over, path),
    )


def _path(rows: RowPath, field: FieldPath | None) -> str:
    """JMESPath of the rows, or of a field of all of them."""
    level = len(rows.lists) if field is None else field.level
    lists = [".".join(f'"{p}"' for p in names) + "[]" for names in rows.lists[:level]]
    own = [".".join(f'"{p}"' for p in field.path)] if field is not None and field.path else []
    return ".".join([*lists, *own]) or "@"


def _sources(asked: Method, write: Write, noun: str) -> Mapping[str, tuple[str, bool]] | None:
    """For each parameter of the polled operation: the response field or sent parameter that
    provides it.

    None if a required parameter has none, or if nothing identifies the resource.
    """
    own = _available(write)
    found: dict[str, tuple[str, bool]] = {}
    for name in asked.parameters:
        is_needed = name in asked.required or name in asked.keys
        source = _source(asked, name, own, noun)
        if source is not None and (
            is_needed or (not found and not asked.required and says_which(singular_name(name)))
        ):
            found[name] = source
        elif name in asked.required:
            return None
    return found or None


def _available(write: Write) -> Mapping[str, str]:
    """What is known of a resource after the write, by folded name: response fields, then what was
    sent."""
    sent: Collection[str] = write.given or write.method.parameters
    names = [*(c.name for c in method_columns(write.method)), *sent]
    return {snake_case(n): n for n in reversed(names)}


def _source(asked: Method, name: str, own: Mapping[str, str], noun: str) -> tuple[str, bool] | None:
    is_list = is_list_of_scalars(asked, name)
    if asked.parameters[name].shape.kind in (Kind.STRUCTURE, Kind.MAP) or (
        asked.parameters[name].shape.kind is Kind.LIST and not is_list
    ):
        return None
    folded = snake_case(name)
    if is_list and folded in own:
        return own[folded], False
    one = singular_name(name) if is_list else name
    itself, *others = spellings(one, tuple(noun.split("_")), asked.parameters[name])
    if not any(is_told_of(s, asked.parameters[name]) for s in others):
        # Without documentation to decide, prefer a full name.
        others.sort(key=lambda s: not s.endswith(ENDING))
    known = (itself, *others)
    found = next((own[s] for s in known if s in own), None)
    return None if found is None else (found, is_list)
