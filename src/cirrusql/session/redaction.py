"""What is written down of a call: its parameters and its statement, without their secrets.

Which shapes and names are secret is ``secrets``' to say; here values and texts lose them.
Errs on the side of hiding: of a statement that gives a secret only those literals stay that
are known to be something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.sensitive import SECRET_NAMES
from cirrusql.fetch.model import Call
from cirrusql.session.secrets import HIDDEN
from cirrusql.sql.secrets import holds_secret
from cirrusql.sql.split import skip

_LONGEST = 4000
"""Characters of one text that are kept."""
_LONGEST_SHOWN = 200
_NAMES = ("name", "key", "parameterkey", "parametername")
_VALUES = ("value", "parametervalue", "values")


def without_secrets(call: Call, longest: int = _LONGEST) -> dict[str, Any]:
    """The parameters as JSON takes them, each secret as ``****``; bodies as their size.

    ``longest``: characters of one text that are kept.
    """
    shapes = call.operation.parameters
    return {
        n: _shown(v, shapes[n].shape if n in shapes else None, n, longest) for n, v in call.parameters.items()
    }


def target_text(call: Call) -> str:
    """What a call acts on: its required scalar parameters, secrets hidden."""
    required = [n for n in call.operation.required if n in call.parameters]
    names = required or list(call.parameters)
    return ", ".join(f"{n}={shown(call, n)}" for n in names)


def shown(call: Call, name: str) -> str:
    """A parameter's value for a report or a preview: a list whole, of a long text its beginning."""
    member = call.operation.parameters.get(name)
    value = _shown(call.parameters[name], member.shape if member is not None else None, name, _LONGEST)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return ", ".join(value)
    if isinstance(value, list | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}… ({len(text)} characters)"


def secret_values(call: Call) -> Iterator[str]:
    """The texts that must not be seen."""
    for hides, value in _leaves_of(call):
        if hides and isinstance(value, str | bytes):
            yield value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def hidden_in(value: Any, shape: Shape, name: str) -> bool:
    """Whether a value is a secret, or holds one."""
    return any(is_hidden for is_hidden, _ in _leaves(value, shape, name, False))


def hide_in(text: str, call: Call) -> str:
    """A text of the service about a call: it may quote what was sent."""
    for value in sorted(secret_values(call), key=len, reverse=True):
        if len(value) > 2:
            text = text.replace(value, HIDDEN)
    return text


def statement_text(text: str, calls: Iterable[Call]) -> str:
    """The statement as it may be written down, at most 4,000 characters of it."""
    open_values: set[str] = set()
    hides = False
    for call in calls:
        for is_hidden, value in _leaves_of(call):
            hides = hides or is_hidden
            if not is_hidden:
                open_values.add(str(value))
    # A call that undoes a write is sent no secret; the statement that it undoes was.
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
            # A comment may say anything.
            yield text[start:i]
            start = end
        i = end
    yield text[start:]


def _leaves_of(call: Call) -> Iterator[tuple[bool, Any]]:
    shapes = call.operation.parameters
    for name, value in call.parameters.items():
        yield from _leaves(value, shapes[name].shape if name in shapes else None, name, False)


def _leaves(value: Any, shape: Shape | None, name: str, is_secret: bool) -> Iterator[tuple[bool, Any]]:
    """Every single value with whether it is a secret."""
    is_secret = is_secret or _is_secret(shape, name, value)
    if isinstance(value, Mapping):
        for key, inner, inner_name in _entries(value, shape):
            yield from _leaves(value[key], inner, inner_name, is_secret)
    elif isinstance(value, list | tuple):
        element = shape.element.shape if shape is not None and shape.kind is Kind.LIST else None
        for item in value:
            yield from _leaves(item, element, name, is_secret)
    elif value is not None:
        yield is_secret, value


def _shown(value: Any, shape: Shape | None, name: str, longest: int) -> Any:
    if value is None:
        return None
    if _is_secret(shape, name, value):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(k): _shown(value[k], inner, n, longest) for k, inner, n in _entries(value, shape)}
    if isinstance(value, list | tuple):
        element = shape.element.shape if shape is not None and shape.kind is Kind.LIST else None
        return [_shown(item, element, name, longest) for item in value]
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}… ({len(value)} characters)"
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, bool | int | float) else str(value)


def _entries(value: Mapping[Any, Any], shape: Shape | None) -> Iterator[tuple[Any, Shape | None, str]]:
    """Each key of a structure or map with the shape of its value and the name to judge it by.

    ``{Name: DB_PASSWORD, Value: …}`` names its value beside it.
    """
    named = next((str(v) for k, v in value.items() if str(k).lower() in _NAMES), "")
    for key in value:
        inner = None
        if shape is not None and shape.kind is Kind.STRUCTURE and key in shape.members:
            inner = shape.members[key].shape
        elif shape is not None and shape.kind is Kind.MAP:
            inner = shape.value.shape
        yield key, inner, named if str(key).lower() in _VALUES and named else str(key)


def _is_secret(shape: Shape | None, name: str, value: Any) -> bool:
    if shape is not None and shape.is_sensitive:
        return True
    folded = name.replace("_", "").replace("-", "")
    return isinstance(value, str | bytes) and SECRET_NAMES.search(folded) is not None
