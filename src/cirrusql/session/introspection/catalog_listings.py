"""SHOW and DESCRIBE: what the catalog and the settings contain, as rows.

Each function returns headings and rows; ``session.session`` turns them into a Result. The headings
are exactly those of the language reference.
"""

from __future__ import annotations

from collections.abc import Iterable

from cirrusql.api.model import Shape
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.documentation import first_sentence, plain_text
from cirrusql.catalog.model import Column, Method, Role, Table, Verb
from cirrusql.catalog.relations.parent_paths import told
from cirrusql.catalog.rows.column_types import method_columns, sql_type
from cirrusql.catalog.rows.readable_columns import is_readable_column, printed_role
from cirrusql.session.introspection.listing import Listing, Row, listing, matches


def show_providers(catalog: Catalog, like: str | None, is_extended: bool) -> Listing:
    """``name, version``"""
    rows = [(n, v) for n, v in catalog.providers() if matches(n, like)]
    if not is_extended:
        return listing("name version", rows)
    return listing(
        "name version description",
        [(n, v, f"{len(catalog.services(n))} services") for n, v in rows],
    )


def show_services(catalog: Catalog, provider: str, like: str | None, is_extended: bool) -> Listing:
    """``id, name, title``"""
    services = [
        s for s in catalog.services(provider) if matches(s.id, like) or matches(s.title, like)
    ]
    rows = [(f"{provider}.{s.id}", s.id, s.title) for s in services]
    if not is_extended:
        return listing("id name title", rows)
    described = [
        (*row, plain_text(catalog.service(provider, s.id).documentation))
        for row, s in zip(rows, services, strict=True)
    ]
    return listing("id name title description", described)


def show_resources(
    catalog: Catalog, provider: str, schema: str, like: str | None, is_extended: bool
) -> Listing:
    """``name, id``"""
    names = [n for n in catalog.resources(provider, schema) if matches(n, like)]
    rows = [(n, f"{provider}.{schema}.{n}") for n in names]
    if not is_extended:
        return listing("name id", rows)
    tables = [catalog.table(provider, schema, n) for n in names]
    return listing(
        "name id description",
        [(*row, table_description(t)) for row, t in zip(rows, tables, strict=True)],
    )


def table_description(table: Table) -> str:
    """The first sentence of the first method's documentation: what it lists or creates."""
    return first_sentence(table.methods[0].description) if table.methods else ""


def show_methods(table: Table, like: str | None, is_extended: bool) -> Listing:
    """``MethodName, RequiredParams, SQLVerb``; spelled as the table was named in the statement."""
    methods = [m for m in table.methods if matches(table.spelled(m), like)]
    rows = [(table.spelled(m), required_params(table, m), method_verb(table, m)) for m in methods]
    if not is_extended:
        return listing("MethodName RequiredParams SQLVerb", rows)
    described = [(*r, plain_text(m.description)) for r, m in zip(rows, methods, strict=True)]
    return listing("MethodName RequiredParams SQLVerb description", described)


def method_verb(table: Table, method: Method) -> str:
    """The SQL verb of the method, in the table's spelling."""
    return str(method.api_verb if table.is_api_spelling else method.verb)


def required_params(table: Table, method: Method) -> str:
    """Comma separated; under ``_api`` the reference pages list ``region`` as well."""
    names = [*method.required, *(["region"] if table.is_api_spelling else [])]
    return ", ".join(names)


def describe_table(catalog: Catalog, table: Table, is_extended: bool) -> Listing:
    """``name, type``, fields only; EXTENDED: everything a statement can name."""
    if not is_extended:
        fields = [c for c in table.columns if c.role is Role.FIELD]
        return listing("name type", [(c.name, c.type.reference_name) for c in fields])
    from cirrusql.catalog.row_model.made_columns import named_columns
    from cirrusql.plan.writes.writable import writable

    service, _ = catalog.service_catalog(table.provider, table.schema)
    named = named_columns(service, table)
    writes = writable(catalog, table, named)
    rows = [
        (
            c.name,
            c.type.reference_name,
            c.type.sql,
            printed_role(table, c),
            "true" if table.is_starred(c) and is_readable_column(table, c) else "false",
            writes[c.name],
            "true" if c.is_required else "false",
            _description(table, c),
        )
        for c in named
    ]
    return listing("name type sql_type role in_star write required description", rows)


def _description(table: Table, column: Column) -> str:
    """The API's description of a column, preceded by the column that it is another name of."""
    from cirrusql.catalog.row_model.request_names import read_as

    field = read_as(table, column)
    told = plain_text(column.description)
    return told if field is column else f"Another name of {field.name}. {told}".rstrip()


def describe_view(columns: Iterable[tuple[str, str]]) -> Listing:
    """A view described like a table, with the engine's types."""
    rows = [
        (n, _reference_name(type_), type_, "field", "true", "read_only", "false", "")
        for n, type_ in columns
    ]
    return listing("name type sql_type role in_star write required description", rows)


def _reference_name(type_: str) -> str:
    """The reference page's name of an engine type."""
    if type_.endswith("]"):
        return "array"
    word = type_.split("(")[0]
    by_word = {"STRUCT": "object", "MAP": "object", "JSON": "object", "BOOLEAN": "boolean"}
    by_word |= dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer")
    by_word |= dict.fromkeys(("DOUBLE", "FLOAT", "DECIMAL"), "number")
    return by_word.get(word, "string")


def describe_method(table: Table, method: Method) -> Listing:
    """``name, type, role, description``: the request and the response."""
    rows: list[Row] = []
    for name, member in method.parameters.items():
        role = "input_required" if name in method.required else "input_optional"
        rows.append((name, type_name(member.shape), role, plain_text(member.documentation)))
    rows += [
        (c.name, c.type.reference_name, "output", plain_text(c.description))
        for c in method_columns(method)
    ]
    return listing("name type role description", rows)


def type_name(shape: Shape) -> str:
    """The reference page's name of a shape's type."""
    return sql_type(shape).reference_name


def show_create(table: Table) -> Listing:
    """``name, statement``: a CREATE TABLE as if the table were the engine's own."""
    body = ",\n".join(f'  "{c.name}" {c.type.sql}' for c in table.columns)
    text = f"CREATE TABLE {table.id} (\n{body}\n);"
    return listing("name statement", [(table.id, text)])


def show_parents(catalog: Catalog, provider: str, schema: str, like: str | None) -> Listing:
    """``resource, method, parameter, parent, field, reason``: which table lists the values of which
    parameter."""
    rows: list[Row] = []
    for name in catalog.resources(provider, schema):
        if not matches(name, like):
            continue
        table = catalog.table(provider, schema, name)
        for method in table.reached_by(Verb.SELECT):
            if method.rows is not None:
                rows += (
                    (name, table.spelled(method), *row) for row in told(catalog, table, method)
                )
    return listing("resource method parameter parent field reason", rows)
