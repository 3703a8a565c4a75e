"""``UPDATE … SET Tags['team'] = 'x'``: the service's own tag and untag calls, whatever their shape.

Found by rule: an operation whose name says that it tags, with one parameter that takes tags
and one that says what is tagged. One named after the table (TagRole) goes before one for every
resource of the service (TagResource).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Role, Table
from cirrusql.catalog.naming import singular, snake_case
from cirrusql.errors import ProgrammingError
from cirrusql.plan.write_methods import sources
from cirrusql.sql.statements import Assignment

_ADDS = re.compile(r"^(Tag[A-Z]|AddTags|CreateTags|CreateOrUpdateTags)")
_REMOVES = re.compile(r"^(Untag[A-Z]|RemoveTags|DeleteTags)")
_COLUMNS = frozenset({"tags", "tag_list", "tag_set"})
_TAGS = re.compile(r"tag", re.IGNORECASE)
_ANY_RESOURCE = re.compile(r"resource|^arn$", re.IGNORECASE)


@dataclass(frozen=True)
class Tagging:
    """How a table's rows are tagged: the method, what SET becomes, and which column says whose."""

    method: Method
    assigned: Mapping[str, str]
    which: Mapping[str, tuple[str, bool]]


def is_tags(column: str) -> bool:
    """Whether a column of that name holds tags."""
    return snake_case(column) in _COLUMNS


def tagging(catalog: Catalog, table: Table, assignments: Sequence[Assignment]) -> Tagging:
    """The call that sets single tags, or with NULL takes them away.

    Raises ProgrammingError where the statement sets something else too, or where the service
    has no such operation for the table.
    """
    if not all(a.key is not None and is_tags(a.column) for a in assignments):
        raise ProgrammingError(
            f"UPDATE {table.id}: only an element of tags can be set, and tags by themselves",
            hint="give the whole value of any other column; set tags in a statement of their own",
        )
    are_gone = {a.expression.strip("() \n").upper() == "NULL" for a in assignments}
    if len(are_gone) > 1:
        raise ProgrammingError("tags are set and taken away in statements of their own")
    removes = are_gone == {True}
    for method in _methods(catalog, table, _REMOVES if removes else _ADDS):
        found = _fitted(table, method, assignments, removes)
        if found is not None:
            return found
    raise ProgrammingError(
        f"{table.provider}.{table.schema} has no operation by which single tags of {table.name} are set",
        hint=f"SHOW METHODS IN {table.id}",
    )


def _methods(catalog: Catalog, table: Table, pattern: re.Pattern[str]) -> list[Method]:
    """The operations of that name, those named after the table first, deprecated ones last."""
    service, _ = catalog.service_catalog(table.provider, table.schema)
    names = [n for operations in service.plain.values() for n in operations if pattern.match(n)]
    found = [service.method(name) for name in names]
    noun = _noun(table)
    found.sort(key=lambda m: (m.operation.is_deprecated, not m.name.endswith(f"_{noun}"), m.name))
    return [m for m in found if m.name.endswith((f"_{noun}", "_resource", "_tags", "_resources"))]


def _noun(table: Table) -> str:
    words = table.name.split("_")
    return "_".join((*words[:-1], singular(words[-1])))


def _fitted(table: Table, method: Method, assignments: Sequence[Assignment], removes: bool) -> Tagging | None:
    tags = [n for n in method.parameters if _TAGS.search(n)]
    rest = [n for n in method.required if n not in tags]
    if len(tags) != 1 or len(rest) != 1:
        return None
    value = _value(method.parameters[tags[0]], assignments, removes)
    column = _owner(table, method, rest[0])
    if value is None or column is None:
        return None
    return Tagging(method, {tags[0]: value}, {rest[0]: column})


def _value(member: Member, assignments: Sequence[Assignment], removes: bool) -> str | None:
    """The literal of the parameter's own shape that has those tags."""
    keys = [str(a.key) for a in assignments]
    values = [a.expression for a in assignments]
    shape = member.shape
    if shape.kind is Kind.MAP:
        pairs = ", ".join(f"{k}: {v}" for k, v in zip(keys, values, strict=True))
        return None if removes else f"(MAP{{{pairs}}})"
    if shape.kind is not Kind.LIST:
        return None
    inner = shape.element.shape
    if inner.kind is Kind.STRING:
        return f"([{', '.join(keys)}])" if removes else None
    names = {re.sub("^tag_", "", snake_case(n)): n for n in inner.member_names}
    if "key" not in names:
        return None
    if removes:
        gone = [f"{{{names['key']!r}: {k}}}" for k in keys]
        return f"([{', '.join(gone)}])"
    if "value" not in names:
        return None
    items = [f"{{{names['key']!r}: {k}, {names['value']!r}: {v}}}" for k, v in zip(keys, values, strict=True)]
    return f"([{', '.join(items)}])"


def _owner(table: Table, method: Method, name: str) -> tuple[str, bool] | None:
    """The column that says what is tagged, and whether the parameter is a list of such."""
    member = method.parameters[name]
    is_list = member.shape.kind is Kind.LIST
    if not _ANY_RESOURCE.search(name):
        found = sources(table, method, [n for n in method.required if n != name]) or {}
        return found.get(name)
    shape = member.shape.element.shape if is_list else member.shape
    said = f"{name} {shape.name} {shape.pattern or ''} {member.documentation}"
    ending = "arn" if re.search(r"arn\b|Arn|ARN", said) else "id"
    for spelling in _spellings(table, ending):
        return spelling, is_list
    return None


def _spellings(table: Table, ending: str) -> Iterator[str]:
    fields = {snake_case(c.name): c.name for c in table.columns if c.role is Role.FIELD}
    noun = _noun(table)
    for name in (f"{noun}_{ending}", f"{noun.rpartition('_')[2]}_{ending}", ending):
        if name in fields:
            yield fields[name]
