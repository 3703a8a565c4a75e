"""Example statements for a table: one per verb, which parse and bind.

Values are placeholders of the right type: an enum's first value, a name derived from the
parameter's, a small number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.inference.fitness import is_scalar
from cirrusql.catalog.inference.identifiers import says_which
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.row_places import when_of
from cirrusql.catalog.write_rules.updates import acts_on_row, updaters, writes_another
from cirrusql.catalog.write_rules.write_identity import is_single
from cirrusql.plan.updates.tagging import is_tags
from cirrusql.plan.writes.write_methods import inserters, needed, sources
from cirrusql.sql.quoting import literal as in_quotes

_MOST_FIELDS = 6
_DEEPEST = 3


def examples(table: Table) -> Iterator[tuple[str, str]]:
    """Pairs of verb and statement: without verbs for which no suitable condition or
    value exists."""
    makers = [m for m in inserters(table) if m.verb is not Verb.REPLACE and m.parameters]
    made: dict[str, Iterable[str | None]] = {
        "SELECT": map(partial(_select, table), table.reached_by(Verb.SELECT)),
        "INSERT": map(partial(_insert, table, "INSERT"), makers),
        "REPLACE": map(partial(_insert, table, "REPLACE"), table.reached_by(Verb.REPLACE)),
        "UPDATE": map(partial(_update, table), updaters(table)),
        "DELETE": map(partial(_delete, table), table.reached_by(Verb.DELETE)),
        "EXEC": map(partial(_exec, table), table.methods),
    }
    for verb, statements in made.items():
        statement = next((s for s in statements if s is not None), None)
        if statement is not None:
            yield verb, statement


def _keys(method: Method) -> tuple[str, ...]:
    """The required scalars that identify the resource: the WHERE names them."""
    scalars = [n for n in method.required if is_scalar(method, n)]
    return tuple(n for n in scalars if says_which(n)) or tuple(scalars[:1])


def _set(method: Method) -> list[str]:
    """The assignments of SET: the other required parameters, or one optional one."""
    keys = _keys(method)
    required = [n for n in method.required if n not in keys]
    return required or [n for n in method.parameters if n not in keys][:1]


def _demanded(method: Method) -> tuple[str, ...]:
    """What the documentation requires in addition to one of several parameters."""
    alternatives = {name for others in method.instead.values() for name in others}
    return tuple(k for k in method.keys if method.instead and k not in alternatives)


def _select(table: Table, method: Method) -> str | None:
    has_listing = any(m.rows is not None and m.rows.lists for m in table.reached_by(Verb.SELECT))
    # A Get without its key describes the caller, not the table, and is not used if there is a
    # listing.
    if method.rows is None or (has_listing and not method.rows.lists and not method.required):
        return None
    fields = [
        c.name for c in table.columns if c.role is Role.FIELD and c.name in method.rows.fields
    ]
    columns = ", ".join(_quoted(f) for f in fields[:_MOST_FIELDS]) or "*"
    # If one of several parameters is required, the first.
    names = dict.fromkeys((*method.required, *method.instead, *_demanded(method)))
    given = [f"{_quoted(n)} = {literal(n, method.parameters[n].shape)}" for n in names]
    where = f"\nWHERE {' AND '.join(given)}" if given else ""
    return f"SELECT {columns}\nFROM {_path(table)}{where};"


def _insert(table: Table, verb: str, method: Method) -> str | None:
    names = list(method.required) or list(method.parameters)[:1]
    if not names:
        return None
    given = {n: literal(n, method.parameters[n].shape) for n in names}
    if not table.is_api_spelling:
        # The columns that select which of several operations creates the row.
        given |= {column: _constant(value) for column, value in when_of(method).items()}
    columns = ", ".join(map(_quoted, given))
    values = ", ".join(given.values())
    return f"{verb} INTO {_path(table)} ({columns})\nVALUES ({values});"


def _constant(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else in_quotes(str(value))


def _update(table: Table, method: Method) -> str | None:
    names = _set(method)
    where = _where(table, method, names)
    # Tags are set by key, and a table of nothing but tags has no row to set them on.
    if where is None or not names or any(map(is_tags, names)):
        return None
    found = sources(table, method, names) or {}
    is_known = {column for column, _ in found.values()} <= _readable(table)
    acts = acts_on_row(table, method, found, names)
    if not is_known or not acts or writes_another(table, method, [*found], names):
        # Its parameters identify the row, or no row has them: for EXEC, or for an UPDATE of fewer
        # columns.
        return None
    sets = ", ".join(f"{_quoted(n)} = {literal(n, method.parameters[n].shape)}" for n in names)
    return f"UPDATE {_path(table)}\nSET {sets}\nWHERE {where};"


def _delete(table: Table, method: Method) -> str | None:
    where = _where(table, method, ())
    return None if where is None else f"DELETE FROM {_path(table)}\nWHERE {where};"


def _where(table: Table, method: Method, assigned: Iterable[str]) -> str | None:
    """A condition that identifies one row; None if no column does."""
    found = sources(table, method, assigned)
    if found == {} and not is_single(table):
        return None
    if found is None or len({column for column, _ in found.values()} - set(assigned)) < len(found):
        found = {n: (n, False) for n in needed(table, method) if n not in assigned}
        # A DELETE's own parameters may be in its WHERE; an UPDATE may have to read the row first.
        known = set(method.parameters) if method.verb is Verb.DELETE else _readable(table)
        if (
            not found
            or not set(found) <= known
            or any(n.lower() not in table.by_alias for n in found)
        ):
            return None
    conditions = []
    for name, (column, is_item) in found.items():
        shape = method.parameters[name].shape
        conditions.append(
            f"{_quoted(column)} = {literal(column, shape.element.shape if is_item else shape)}"
        )
    return " AND ".join(conditions) or "true"


def _readable(table: Table) -> set[str]:
    """The columns that are known when the table is read: fields, and parameters of its methods."""
    fields = {c.name for c in table.columns if c.role is Role.FIELD}
    return fields.union(*(m.parameters for m in table.reached_by(Verb.SELECT)))


def _exec(table: Table, method: Method) -> str:
    given = [f"@{n} = {literal(n, method.parameters[n].shape)}" for n in method.required]
    tail = f"\n  {', '.join(given)}" if given else ""
    return f"EXEC {_path(table)}.{table.spelled(method)}{tail};"


def literal(name: str, shape: Shape) -> str:
    """A value that the model allows, as SQL; nested values as JSON text."""
    value = _value(name, shape, 0)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return in_quotes(text)


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
    required = [n for n in shape.member_names if n in shape.required] or list(shape.member_names)[
        :1
    ]
    return {n: _value(n, shape.members[n].shape, depth + 1) for n in required}


_WORDS = frozenset(
    """all and any as asc both case check column constraint create default desc distinct do else end
    except false fetch for foreign from grant group having in initially intersect into lateral limit
    not null offset on only or order primary references returning select some table then to trailing
    true union unique user using variadic when where window with values set key
    join left right inner outer full cross natural semi anti asof positional pivot unpivot qualify""".split()  # noqa: E501
)


def _path(table: Table) -> str:
    """The table's id; reserved words are quoted."""
    return f"{table.provider}.{table.schema}.{_quoted(table.name)}"


def _quoted(name: str) -> str:
    """A column for use in a statement; reserved words are quoted."""
    return f'"{name}"' if name.lower() in _WORDS else name
