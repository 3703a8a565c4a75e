"""Values of a plan as a person reads them: SQL texts, structures in braces, secrets hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cirrusql.render.terminal import safe
from cirrusql.stacks.evaluation.nodes import SECRET_MARK
from cirrusql.stacks.planning.plan import CellChange

NOTHING = "(none)"
_ROWS = " row set"
"""After a resource whose rows, not only one of their values, are not known."""


def value_text(value: Any) -> str:
    """A value on one line."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if value.startswith(SECRET_MARK):
            return secret_text(value)
        return "'" + safe(value.replace("'", "''")) + "'"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{safe(str(k))}: {value_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return safe(str(value))


def secret_text(value: Any) -> str:
    """What a plan says instead of a secret: where it is taken from, if it is a reference."""
    if isinstance(value, str) and value.startswith(SECRET_MARK):
        reference, _, version = value.removeprefix(SECRET_MARK).partition("#")
        kind = reference.partition(":")[0]
        is_told = version and kind != "param"
        return f"(secret, {safe(f'{kind} version {version}' if is_told else reference)})"
    return "(secret)"


def unknown_text(names: tuple[str, ...]) -> str:
    """``known after topic``: the resources whose writes tell the value."""
    resources = dict.fromkeys(
        n.removesuffix(_ROWS) if n.endswith(_ROWS) else n.rpartition(".")[0] or n for n in names
    )
    return f"known after {', '.join(resources)}"


def leaves(change: CellChange, *, is_tags: bool = False) -> Iterator[tuple[str, Any, Any]]:
    """The members of a value that change, by path; a value that is no structure is one member.

    A member that is not given is not managed, so it is left out; of tags, all are managed.
    """
    yield from _leaves(change.column, change.before, change.after, is_tags=is_tags)


def _leaves(path: str, before: Any, after: Any, *, is_tags: bool) -> Iterator[tuple[str, Any, Any]]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or not after:
        yield path, before, after
        return
    names = list(dict.fromkeys([*after, *before])) if is_tags else list(after)
    found = []
    for name in names:
        old, new = before.get(name), after.get(name)
        if old != new:
            below = f"{path}['{safe(str(name))}']" if is_tags else f"{path}.{safe(str(name))}"
            found += list(_leaves(below, old, new, is_tags=False))
    # Equal to the eye, different to the API: shown whole.
    yield from found or [(path, before, after)]
