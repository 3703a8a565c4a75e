"""SHOW INSERT INTO: a ready statement with every parameter named and commented.

It runs as it stands, with the required parameters only; each optional one is a line in
either list to be uncommented.
"""

from __future__ import annotations

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.documentation import first_sentence
from cirrusql.catalog.inference.verbs import rank
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.plan.writes.write_methods import inserters, no_method
from cirrusql.sql.quoting import literal

_EXAMPLES = {
    Kind.STRING: "''",
    Kind.INTEGER: "0",
    Kind.LONG: "0",
    Kind.FLOAT: "0.0",
    Kind.DOUBLE: "0.0",
    Kind.BOOLEAN: "true",
    Kind.TIMESTAMP: "now()",
    Kind.BLOB: "''",
    Kind.DOCUMENT: "'{}'",
}

_DEEPEST = 2
"""Levels of a nested value that are spelled out; below that an empty one stands."""


def insert_template(table: Table) -> str:
    """The INSERT of the table's creating method. ProgrammingError where there is none."""
    methods = inserters(table)
    if not methods:
        raise no_method(table, "INSERT")
    method = min(methods, key=lambda m: (rank(m.operation.name), len(m.name)))
    names = sorted(method.parameters, key=lambda n: n not in method.required)
    shown = set(method.required) or set(names[:1])
    width = max((len(_quoted(n)) for n in names), default=0)
    columns, values = [], []
    for i, name in enumerate(names):
        member = method.parameters[name]
        lead = "    " if i == 0 else "  , " if name in shown else "--, "
        columns.append(f"{lead}{_quoted(name).ljust(width)}  -- {_words(method, name, member)}")
        values.append(f"{lead}{example(member.shape)}  -- {name}")
    return "\n".join([f"INSERT INTO {table.id} (", *columns, ") VALUES (", *values, ");"])


def _quoted(name: str) -> str:
    return name if name.replace("_", "").isalnum() and not name[0].isdigit() else f'"{name}"'


def _words(method: Method, name: str, member: Member) -> str:
    """The type, whether it is required, and the first sentence of what the model says."""
    required = ", required" if name in method.required else ""
    words = " ".join(first_sentence(member.documentation).split())
    more = ", …" if len(member.shape.enum) > 8 else ""
    choices = f" One of {', '.join(member.shape.enum[:8])}{more}." if member.shape.enum else ""
    return f"{sql_type(member.shape).name}{required}. {words}{choices}".rstrip()


def example(shape: Shape, depth: int = 0) -> str:
    """A literal of the shape: the first of an enum, required members of a structure, or all."""
    if shape.enum:
        return literal(shape.enum[0])
    if shape.kind in _EXAMPLES:
        return _EXAMPLES[shape.kind]
    if depth >= _DEEPEST:
        return "NULL"
    if shape.kind is Kind.LIST:
        return f"[{example(shape.element.shape, depth + 1)}]"
    if shape.kind is Kind.MAP:
        return f"MAP{{'': {example(shape.value.shape, depth + 1)}}}"
    names = [n for n in shape.member_names if n in shape.required] or list(shape.member_names)
    if shape.is_union:
        names = names[:1]
    inner = ", ".join(f"'{n}': {example(shape.members[n].shape, depth + 1)}" for n in names)
    return f"{{{inner}}}" if inner else "'{}'"
