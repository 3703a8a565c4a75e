"""Example statements for a table: one for each verb, made so that they parse and bind.

Values are placeholders of the right type: an enum's first value, a name after the
parameter, a small number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.plan.write_methods import inserters
from cirrusql.session.listing import method_name

_MOST_FIELDS = 6
_DEEPEST = 3


def examples(table: Table) -> Iterator[tuple[str, str]]:
    """Pairs of verb and statement."""
    reader = _first(table, Verb.SELECT)
    if reader is not None:
        yield "SELECT", _select(table, reader)
    makers = [
        m for m in inserters(table) if m.verb in (Verb.INSERT, Verb.REPLACE) or m.api_verb is Verb.INSERT
    ]
    if makers:
        yield "INSERT", _insert(table, makers[0])
    changer = _changer(table)
    if changer is not None:
        yield "UPDATE", _update(table, changer)
    ender = _first(table, Verb.DELETE)
    if ender is not None and ender.required and set(_keys(ender)) == set(ender.required):
        yield "DELETE", f"DELETE FROM {table.id}\nWHERE {_where(ender, ender.required)};"
    yield "EXEC", _exec(table, table.methods[0])


def _first(table: Table, verb: Verb) -> Method | None:
    found = [m for m in table.methods if m.verb is verb and (verb is not Verb.SELECT or m.rows)]
    return found[0] if found else None


def _changer(table: Table) -> Method | None:
    """An updating method that says which thing and what to set."""
    for method in table.methods:
        if method.verb is Verb.UPDATE and _keys(method) and _set(method) and _is_bound(table, method):
            return method
    return None


def _is_bound(table: Table, method: Method) -> bool:
    """Whether a WHERE on the table can name what the method acts on."""
    fields = {c.name for c in table.columns if c.role is Role.FIELD}
    return set(_keys(method)) <= fields


_IDENTITIES = ("id", "arn", "name", "identifier", "url", "key")


def _keys(method: Method) -> tuple[str, ...]:
    """The required scalars that say which thing: what a WHERE names."""
    nested = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)
    scalars = [n for n in method.required if method.parameters[n].shape.kind not in nested]
    return tuple(n for n in scalars if n.lower().endswith(_IDENTITIES)) or tuple(scalars[:1])


def _set(method: Method) -> list[str]:
    """What SET gives: the other required parameters, or one optional."""
    keys = _keys(method)
    required = [n for n in method.required if n not in keys]
    return required or [n for n in method.parameters if n not in keys][:1]


def _select(table: Table, method: Method) -> str:
    assert method.rows is not None
    fields = [c.name for c in table.columns if c.role is Role.FIELD and c.name in method.rows.fields]
    columns = ", ".join(_quoted(f) for f in fields[:_MOST_FIELDS]) or "*"
    where = f"\nWHERE {_where(method, method.required)}" if method.required else ""
    return f"SELECT {columns}\nFROM {table.id}{where};"


def _where(method: Method, names: tuple[str, ...]) -> str:
    return " AND ".join(f"{_quoted(n)} = {literal(n, method.parameters[n].shape)}" for n in names)


def _insert(table: Table, method: Method) -> str:
    names = list(method.required) or list(method.parameters)[:1]
    columns = ", ".join(_quoted(n) for n in names)
    values = ", ".join(literal(n, method.parameters[n].shape) for n in names)
    return f"INSERT INTO {table.id} ({columns})\nVALUES ({values});"


def _update(table: Table, method: Method) -> str:
    sets = ", ".join(f"{_quoted(n)} = {literal(n, method.parameters[n].shape)}" for n in _set(method))
    return f"UPDATE {table.id}\nSET {sets}\nWHERE {_where(method, _keys(method))};"


def _exec(table: Table, method: Method) -> str:
    given = [f"@{n} = {literal(n, method.parameters[n].shape)}" for n in method.required]
    tail = f"\n  {', '.join(given)}" if given else ""
    return f"EXEC {table.id}.{method_name(table, method)}{tail};"


def literal(name: str, shape: Shape) -> str:
    """A value that the model allows, as SQL; nested ones as JSON text."""
    value = _value(name, shape, 0)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return "'" + text.replace("'", "''") + "'"


def _value(name: str, shape: Shape, depth: int) -> Any:
    if shape.enum:
        return shape.enum[0]
    match shape.kind:
        case Kind.STRING:
            text = f"my-{name.lower()}"
            return text.ljust(int(min(shape.minimum or 0, 128)), "x")
        case Kind.INTEGER | Kind.LONG:
            return int(max(shape.minimum or 1, 1))
        case Kind.FLOAT | Kind.DOUBLE:
            return float(max(shape.minimum or 1, 1))
        case Kind.BOOLEAN:
            return True
        case Kind.TIMESTAMP:
            return "2026-01-01T00:00:00Z"
        case Kind.BLOB:
            return "text"
        case Kind.DOCUMENT:
            return {}
    if depth > _DEEPEST:
        return [] if shape.kind is Kind.LIST else {}
    if shape.kind is Kind.LIST:
        return [_value(name, shape.element.shape, depth + 1)]
    if shape.kind is Kind.MAP:
        return {"key": _value(name, shape.value.shape, depth + 1)}
    required = [n for n in shape.member_names if n in shape.required] or list(shape.member_names)[:1]
    return {n: _value(n, shape.members[n].shape, depth + 1) for n in required}


_WORDS = frozenset(
    """all and any as asc both case check column constraint create default desc distinct do else end
    except false fetch for foreign from grant group having in initially intersect into lateral limit
    not null offset on only or order primary references returning select some table then to trailing
    true union unique user using variadic when where window with values set key""".split()
)


def _quoted(name: str) -> str:
    """A column as a statement may have it: words that SQL keeps for itself are quoted."""
    return f'"{name}"' if name.lower() in _WORDS else name
