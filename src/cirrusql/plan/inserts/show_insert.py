"""SHOW INSERT INTO: a statement template with every parameter named and described.

It runs as it is, with the required parameters only; each optional parameter is commented out in
both lists.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.documentation import first_sentence
from cirrusql.catalog.inference.verbs import rank
from cirrusql.catalog.model import Method, Role, Table
from cirrusql.catalog.row_model.request_field import ITEM, RequestField, ValueForm
from cirrusql.catalog.row_model.row_places import when_of
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.plan.inserts.insert_values import maker_place
from cirrusql.plan.writes.write_methods import inserters, no_method
from cirrusql.sql.quoting import literal
from cirrusql.types import ListType, SqlType, StructType

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

_OF_TYPE = {
    "VARCHAR": "''",
    "INTEGER": "0",
    "BIGINT": "0",
    "DOUBLE": "0.0",
    "BOOLEAN": "true",
    "TIMESTAMPTZ": "now()",
    "BLOB": "''",
    "JSON": "'{}'",
}

_DEEPEST = 2
"""Levels of a nested value that are written out; deeper values are empty."""


def insert_template(table: Table, *, is_required: bool = False) -> str:
    """The INSERT for the table's creating method; if ``is_required``, without optional columns.

    ProgrammingError if there is none.
    """
    text = _whole_template(table)
    if not is_required:
        return text
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("--"))


def _whole_template(table: Table) -> str:
    methods = inserters(table)
    if not methods:
        raise no_method(table, "INSERT")
    method = min(methods, key=lambda m: (rank(m.operation.name), len(m.name)))
    if (of_row := _of_row(table, method)) is not None:
        return of_row
    names = sorted(method.parameters, key=lambda n: n not in method.required)
    shown = set(method.required) or set(names[:1])
    members = method.parameters.items()
    told = {n: (_words(method, n, m), example(m.shape)) for n, m in members}
    return _template(table, {n: told[n] for n in names}, shown)


def _template(table: Table, told: Mapping[str, tuple[str, str]], shown: Collection[str]) -> str:
    """The statement. ``told``: by name, its description and an example, in order."""
    width = max((len(_quoted(n)) for n in told), default=0)
    columns, values = [], []
    for i, (name, (words, value)) in enumerate(told.items()):
        lead = "    " if i == 0 else "  , " if name in shown else "--, "
        columns.append(f"{lead}{_quoted(name).ljust(width)}  -- {words}")
        values.append(f"{lead}{value}  -- {name}")
    return "\n".join([f"INSERT INTO {table.id} (", *columns, ") VALUES (", *values, ");"])


def _of_row(table: Table, method: Method) -> str | None:
    """The template of a table whose requests contain the row itself: its columns, as SELECT shows
    them."""
    places = {
        c.name: p for c in table.columns if (p := maker_place(table, method, c.name)) is not None
    }
    listing = {p.parameter for p in places.values() if p.is_in_item}
    places = {c: p for c, p in places.items() if p.is_in_item or p.parameter not in listing}
    whole = {p.parameter for p in places.values() if p.form is ValueForm.WHOLE}
    if table.is_api_spelling or not any(p.is_in_item for p in places.values()):
        return None
    deciding = when_of(method)
    by_item = [c for c, p in places.items() if p.is_in_item]
    # Parameters without a column are left out: the row contains everything.
    names = [
        *deciding,
        *(c for c, p in places.items() if p.parameter in method.required and p.parameter in whole),
        *by_item,
    ]
    rest = [
        c
        for c, p in places.items()
        if c not in names and table.by_alias[c.lower()].role is Role.FIELD
    ]
    shown = {n for n in names if n not in by_item} | set(_first_items(method, places, by_item))
    found = sorted((*names, *rest), key=lambda n: n not in shown)
    told = {n: _of_column(table, n, n in shown) for n in dict.fromkeys(found)}
    told |= {
        n: (told[n][0], str(v).lower() if isinstance(v, bool) else literal(str(v)))
        for n, v in deciding.items()
    }
    return _template(table, told, shown)


def _first_items(
    method: Method, places: Mapping[str, RequestField], by_item: Sequence[str]
) -> list[str]:
    """The required members of an item, otherwise its first member."""
    must = []
    for column in by_item:
        shape = method.parameters[places[column].parameter].shape
        for name in places[column].path[:-1]:
            shape = shape.element.shape if name == ITEM else shape.members[name].shape
        if places[column].path[-1] in shape.required or places[column].path[-1] == ITEM:
            must.append(column)
    return must or list(by_item[:1])


def _of_column(table: Table, name: str, is_required: bool) -> tuple[str, str]:
    column = table.by_alias[name.lower()]
    words = " ".join(first_sentence(column.description).split())
    required = ", required" if is_required else ""
    return f"{column.type.name}{required}. {words}".rstrip(), _value_of(column.type)


def _value_of(kind: SqlType) -> str:
    if isinstance(kind, StructType):
        return f"{{{', '.join(f'{literal(n)}: {_value_of(t)}' for n, t in kind.fields)}}}"
    if isinstance(kind, ListType):
        return f"[{_value_of(kind.element)}]"
    return _OF_TYPE.get(kind.name, "NULL")


def _quoted(name: str) -> str:
    return name if name.replace("_", "").isalnum() and not name[0].isdigit() else f'"{name}"'


def _words(method: Method, name: str, member: Member) -> str:
    """The type, whether it is required, and the first sentence of its documentation."""
    required = ", required" if name in method.required else ""
    words = " ".join(first_sentence(member.documentation).split())
    more = ", …" if len(member.shape.enum) > 8 else ""
    choices = f" One of {', '.join(member.shape.enum[:8])}{more}." if member.shape.enum else ""
    return f"{sql_type(member.shape).name}{required}. {words}{choices}".rstrip()


def example(shape: Shape, depth: int = 0) -> str:
    """A literal of the shape: an enum's first value, a structure's required members or
    all of them."""
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
