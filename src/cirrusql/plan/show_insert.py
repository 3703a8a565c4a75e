"""SHOW INSERT INTO: a ready statement with every parameter named and commented."""

from __future__ import annotations

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.columns import sql_type
from cirrusql.catalog.documentation import first_sentence
from cirrusql.catalog.model import Table
from cirrusql.errors import ProgrammingError
from cirrusql.plan.write_methods import inserters

_EXAMPLES = {
    Kind.STRING: "''",
    Kind.INTEGER: "0",
    Kind.LONG: "0",
    Kind.FLOAT: "0.0",
    Kind.DOUBLE: "0.0",
    Kind.BOOLEAN: "true",
    Kind.TIMESTAMP: "now()",
    Kind.BLOB: "''",
    Kind.STRUCTURE: "'{}'",
    Kind.LIST: "'[]'",
    Kind.MAP: "'{}'",
    Kind.DOCUMENT: "'{}'",
}


def insert_template(table: Table) -> str:
    """The INSERT of the table's first creating method; optional parameters are commented out."""
    methods = inserters(table)
    if not methods:
        raise ProgrammingError(
            f"{table.id} has no method that INSERT reaches", hint=f"SHOW METHODS IN {table.id}"
        )
    method = methods[0]
    required = [n for n in method.parameters if n in method.required]
    optional = [n for n in method.parameters if n not in method.required]
    shown = required or optional[:1]
    columns = ", ".join(shown)
    values = ",\n".join(f"  {_value(method.parameters[n])}" for n in shown)
    rest = "\n".join(f"-- {_line(n, method.parameters[n])}" for n in optional if n not in shown)
    notes = "\n".join(f"-- {_line(n, method.parameters[n])}" for n in shown)
    tail = f"\n-- optional:\n{rest}" if rest else ""
    return f"{notes}\nINSERT INTO {table.id} ({columns}) VALUES (\n{values}\n);{tail}"


def _value(member: Member) -> str:
    if member.shape.enum:
        return f"'{member.shape.enum[0]}'"
    return _EXAMPLES[member.shape.kind]


def _line(name: str, member: Member) -> str:
    words = first_sentence(member.documentation)
    choices = f" One of {', '.join(member.shape.enum[:8])}." if member.shape.enum else ""
    return f"{name} {sql_type(member.shape).name}: {words}{choices}".rstrip(": ")
