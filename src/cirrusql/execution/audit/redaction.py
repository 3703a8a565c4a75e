"""What the audit log records of a call: its parameters and its statement, without secrets.

``catalog.secrets.secret_columns`` decides which shapes and names are secret; this module removes
the values. In doubt it hides: in a statement that sets a secret, only literals known to be
something else are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.secrets.secret_columns import (
    HIDDEN,
    is_secret_member,
    is_secret_name,
    value_of_pair,
)
from cirrusql.sql.split import skip
from cirrusql.sql.statement_secrets import hidden, holds_secret
from cirrusql.transport.model import Call

_LONGEST = 4000
"""Characters of a text, and items of a list, that are recorded; a digest stands for the rest."""
_LONGEST_SHOWN = 200
_SQL = frozenset({"Statement", "Sql", "SqlQuery", "QueryString", "sql", "statement"})
"""Members that accept an SQL statement, whose literals may be secrets."""
_VALUES_OF_NAMES = ("ExpressionAttributeValues", "ExpressionAttributeNames")
"""Members with values of expressions, and the members that name the attributes they belong to."""


def without_secrets(call: Call, longest: int = _LONGEST) -> dict[str, Any]:
    """The parameters as JSON values, each secret as ``****`` and each body as its size.

    ``longest``: characters of a text that are kept.
    """
    return {
        str(part.name): _shown(part.value, part, longest)
        for part in _parts(call.parameters, call.operation.parameters, is_structure=True)
    }


def summary(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Recorded in place of parameters that are too long: their names and a digest."""
    text = json.dumps(parameters, ensure_ascii=False, default=str)
    return {"…": f"{len(text)} characters, {_digest(text)}", "names": list(parameters)[:50]}


def target_text(call: Call) -> str:
    """The target of a call: its required scalar parameters, secrets hidden."""
    required = [n for n in call.operation.required if n in call.parameters]
    names = required or list(call.parameters)
    return ", ".join(f"{n}={shown(call, n)}" for n in names)


def shown(call: Call, name: str) -> str:
    """A parameter's value for a report or a preview: lists completely, long text truncated."""
    value = without_secrets(call)[name]
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return ", ".join(value)
    if isinstance(value, list | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    text = str(value)
    return (
        text
        if len(text) <= _LONGEST_SHOWN
        else f"{text[:_LONGEST_SHOWN]}… ({len(text)} characters)"
    )


def secret_values(call: Call) -> Iterator[str]:
    """The texts that must not be visible."""
    for hides, value in _leaves_of(call):
        if hides and isinstance(value, str | bytes):
            yield value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def secret_parameters(
    members: Mapping[str, Member], values: Mapping[str, object]
) -> frozenset[str]:
    """The parameters that are secrets or contain one."""
    parts = _parts(values, members, is_structure=True)
    return frozenset(p.name for p in parts if any(is_hidden for is_hidden, _ in _leaves(p)))


def hide_in(text: str, call: Call) -> str:
    """Hide secrets in a service's message about a call, which may quote what was sent."""
    for value in sorted(secret_values(call), key=len, reverse=True):
        if len(value) > 2:
            text = text.replace(value, HIDDEN)
    return text


def statement_text(text: str, calls: Iterable[Call]) -> str:
    """The statement in the form that may be recorded, truncated to 4,000 characters."""
    open_values: set[str] = set()
    hides = False
    for call in calls:
        for is_hidden, value in _leaves_of(call, has_bodies=False):
            hides = hides or is_hidden
            if not is_hidden:
                open_values.add(str(value))
    # An undo call sends no secret, but the statement that it undoes may contain one.
    if hides or holds_secret(text):
        text = "".join(_literals_hidden(text, open_values))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _literals_hidden(text: str, known: set[str]) -> Iterator[str]:
    i = start = 0
    while i < len(text):
        end = skip(text, i)
        if end is None:
            i += 1
            continue
        literal = text[i:end]
        quote = literal[:1]
        inner = literal[1:-1].replace("''", "'") if quote == "'" else literal
        if quote in "'$" and not (quote == "'" and inner in known):
            yield text[start:i]
            yield f"'{HIDDEN}'"
            start = end
        elif quote in "-/":
            # A comment may contain anything.
            yield text[start:i]
            start = end
        i = end
    yield text[start:]


class _Part(NamedTuple):
    """A value with its name, its member in the model, and whether its surroundings or a neighbour
    make it a secret."""

    name: str
    value: Any
    member: Member | None
    is_secret: bool

    @property
    def shape(self) -> Shape | None:
        return self.member.shape if self.member is not None else None


def _leaves_of(call: Call, *, has_bodies: bool = True) -> Iterator[tuple[bool, Any]]:
    """Every scalar of a call with whether it is secret; without ``has_bodies``, bodies count as
    secret too."""
    for part in _parts(call.parameters, call.operation.parameters, is_structure=True):
        yield from _leaves(part, has_bodies=has_bodies)


def _leaves(part: _Part, *, has_bodies: bool = True) -> Iterator[tuple[bool, Any]]:
    inner = _inner(part)
    if inner is not None:
        for each in inner:
            yield from _leaves(each, has_bodies=has_bodies)
    elif part.value is not None:
        yield _is_hidden(part) or (not has_bodies and _is_body(part)), part.value


def _shown(value: Any, part: _Part, longest: int) -> Any:
    if value is None:
        return None
    inner = _inner(part)
    if isinstance(value, Mapping) and inner is not None:
        return {each.name: _shown(each.value, each, longest) for each in inner}
    if inner is not None:
        kept = [_shown(each.value, each, longest) for each in islice(inner, longest)]
        return (
            kept
            if len(value) <= longest
            else [*kept, f"… ({len(value)} items, {_digest(repr(value))})"]
        )
    if _is_hidden(part):
        return HIDDEN
    if _is_body(part):
        size = len(value.encode("utf-8", "replace") if isinstance(value, str) else value)
        return f"<{size} bytes>"
    if isinstance(value, str):
        text = hidden(value) if part.name in _SQL and holds_secret(value) else value
        if len(text) <= longest:
            return text
        return f"{text[:longest]}… ({len(text)} characters, {_digest(text)})"
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, bool | int | float) else str(value)


def _digest(text: str) -> str:
    return f"sha256 {sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _inner(part: _Part) -> Iterator[_Part] | None:
    """The parts of a structure, map or list; None for a scalar."""
    if isinstance(part.value, Mapping):
        shape = part.shape
        is_structure = shape is None or shape.kind is Kind.STRUCTURE
        members = shape.members if shape is not None and shape.kind is Kind.STRUCTURE else {}
        of_map = shape.value if shape is not None and shape.kind is Kind.MAP else None
        return _parts(
            part.value, members, is_structure=is_structure, of_map=of_map, is_secret=_carries(part)
        )
    if isinstance(part.value, list | tuple):
        shape = part.shape
        element = shape.element if shape is not None and shape.kind is Kind.LIST else None
        return (_Part(part.name, item, element, _carries(part)) for item in part.value)
    return None


def _carries(part: _Part) -> bool:
    """Whether everything inside is secret: marked by the model, or named like a secret."""
    return part.is_secret or (part.shape is not None and part.shape.is_sensitive)


def _parts(
    values: Mapping[Any, Any],
    members: Mapping[str, Member],
    *,
    is_structure: bool,
    of_map: Member | None = None,
    is_secret: bool = False,
) -> Iterator[_Part]:
    """Each entry of a structure or map. ``{Name: DB_PASSWORD, Value: …}`` names its value in a
    neighbouring member, a map by its key."""
    named = value_of_pair(values) if is_structure else None
    is_named = _names_secret_attribute(values) if is_structure else False
    for key, value in values.items():
        name = str(key)
        is_told = name == named or (is_named and name == _VALUES_OF_NAMES[0])
        if not is_structure:
            is_told = is_secret_name(name)
        yield _Part(name, value, members.get(name, of_map), is_secret or is_told)


def _names_secret_attribute(values: Mapping[Any, Any]) -> bool:
    """Whether an expression refers to an attribute that is named like a secret."""
    if _VALUES_OF_NAMES[0] not in values:
        return False
    names = values.get(_VALUES_OF_NAMES[1])
    texts = [*(names.values() if isinstance(names, Mapping) else ()), *values.values()]
    return any(isinstance(text, str) and is_secret_name(text) for text in texts)


def _is_hidden(part: _Part) -> bool:
    if _carries(part):
        return True
    return isinstance(part.value, str | bytes | bytearray) and is_secret_member(
        part.name, part.member
    )


def _is_body(part: _Part) -> bool:
    """Whether the member is a resource's content rather than a property of it."""
    is_blob = part.shape is not None and part.shape.kind is Kind.BLOB
    return is_blob or isinstance(part.value, bytes | bytearray)
