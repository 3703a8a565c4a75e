"""A canary in every member that takes or gives a secret, over the whole catalog.

It is looked for in all that is written down or shown of a call.

What is secret is said here anew, by other words than the product's: the models' trait, names, and
the names that people give beside their values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cirrusql.api.model import Kind, Member, Operation, Shape
from cirrusql.catalog.rows.column_types import field_column
from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.execution.audit.redaction import hide_in, statement_text, target_text, without_secrets
from cirrusql.execution.transaction.journal import parameters_of
from cirrusql.execution.writes.preview import row_of
from cirrusql.transport.model import Call, Target
from tests.support.catalog import CATALOG

SERVICES = sorted(CATALOG.source("aws").ids())
PARTS = 16

CANARY = "canary-1b6453892473"
_NAMED = re.compile(
    r"passw(or)?d$|passphrase$|secretstring$|secretaccesskey$|clientsecret$|privatekey$", re.I
)
_KEY = re.compile(r"(^|[a-z_])(Key|Name)$|^(key|name)$")
_VALUE = re.compile(r"(^|[a-z_])Values?$|^values?$")


def planted(
    name: str, shape: Shape, within: tuple[Shape, ...] = (), is_secret: bool = False
) -> Any:
    """A value with the canary wherever a secret stands in it."""
    is_secret = is_secret or shape.is_sensitive
    match shape.kind:
        case Kind.STRING:
            is_named = bool(_NAMED.search(name)) and not shape.enum
            return CANARY if is_secret or is_named else (shape.enum or ("plain",))[0]
        case Kind.BLOB:
            return CANARY.encode() if is_secret or _NAMED.search(name) else b"plain"
        case Kind.LIST:
            inner = (*within, shape)
            return (
                [planted(name, shape.element.shape, inner, is_secret)]
                if shape not in within
                else []
            )
        case Kind.MAP:
            inner = (*within, shape)
            key = (shape.key.shape.enum or ("DB_PASSWORD",))[0]
            is_secret = is_secret or key == "DB_PASSWORD"
            return (
                {key: planted(key, shape.value.shape, inner, is_secret)}
                if shape not in within
                else {}
            )
        case Kind.STRUCTURE if shape not in within:
            return _structure(shape, (*within, shape), is_secret)
    return {} if shape.kind is Kind.STRUCTURE else None


def _structure(shape: Shape, within: tuple[Shape, ...], is_secret: bool) -> dict[str, Any]:
    found = {n: planted(n, m.shape, within, is_secret) for n, m in shape.members.items()}
    texts = {
        n: m for n, m in shape.members.items() if m.shape.kind is Kind.STRING and not m.shape.enum
    }
    key = next((n for n in texts if _KEY.search(n)), None)
    value = next((n for n in shape.members if _VALUE.search(n)), None)
    if key is not None and value is not None:
        found[key] = "DB_PASSWORD"
        found[value] = planted(value, shape.members[value].shape, within, True)
    return found


def operations(part: int) -> Iterator[Operation]:
    for service_id in SERVICES[part::PARTS]:
        service = CATALOG.service("aws", service_id.replace("-", "_"))
        yield from map(service.operation, service.operation_names)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_secret_that_is_sent_is_in_anything_that_is_kept_or_shown(part: int) -> None:
    leaking = []
    for operation in operations(part):
        if operation.input is None:
            continue
        values = _structure(operation.input, (operation.input,), False)
        call = Call(
            operation, {n: v for n, v in values.items() if v is not None}, Target(None, "us-east-1")
        )
        if CANARY not in str(call.parameters):
            continue  # it takes no secret
        kept = {
            "audit": json.dumps(without_secrets(call)),
            "target": target_text(call),
            "statement": statement_text(f"EXEC x @a = '{CANARY}'", [call]),
            "journal": json.dumps(parameters_of(call)),
            "error": hide_in(f"the value {CANARY} is refused", call),
            "preview": str(row_of(call)),
        }
        leaking += [f"{operation.id}: {where}" for where, text in kept.items() if CANARY in text]
    assert leaking == []


@pytest.mark.parametrize("part", range(PARTS))
def test_no_star_shows_a_member_of_an_answer_that_holds_a_secret(part: int) -> None:
    shown = []
    for operation in operations(part):
        for name, member in _members(operation.output, 3) if operation.output is not None else ():
            if _holds(name, member.shape, ()) and not is_secret_column(field_column(name, member)):
                shown.append(f"{operation.id}: {name}")
    assert shown == []


def _members(shape: Shape, deepest: int) -> Iterator[tuple[str, Member]]:
    while shape.kind is Kind.LIST:
        shape = shape.element.shape
    if shape.kind is Kind.STRUCTURE and deepest:
        for name, member in shape.members.items():
            yield name, member
            yield from _members(member.shape, deepest - 1)


def _holds(name: str, shape: Shape, within: tuple[Shape, ...]) -> bool:
    if shape.is_sensitive:
        return True
    if shape in within:
        return False
    inner = (*within, shape)
    if shape.kind is Kind.STRUCTURE:
        return any(_holds(n, m.shape, inner) for n, m in shape.members.items())
    if shape.kind is Kind.LIST:
        return _holds(name, shape.element.shape, inner)
    if shape.kind is Kind.MAP:
        return _holds(name, shape.value.shape, inner)
    return shape.kind is Kind.STRING and not shape.enum and _NAMED.search(name) is not None
