"""Tags, set by the service's own tag and untag operations, whatever their shape.

``SET Tags['team'] = 'x'`` adds, ``SET Tags['team'] = NULL`` removes, ``SET Tags = MAP {…}`` leaves
exactly these, for which the current tags are read first. Found by rule: an operation whose name
says that it tags, with one parameter for tags and others that identify the resource. One named
after the table (TagRole) takes precedence over one for every resource of the service (TagResource).
If tags can only be set together, they are read and sent with the change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference import full_names
from cirrusql.catalog.inference.identifiers import spelled
from cirrusql.catalog.inference.words import singular, snake_case, thing_noun
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.request_field import is_tag_query
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.tag_changes import Change, change_of, given_tags, is_gone
from cirrusql.plan.writes.write_methods import parameter_name, sources
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.quoting import literal
from cirrusql.sql.statements import Assignment

_ADDS = re.compile(r"^(Tag[A-Z]|AddTags|CreateTags|CreateOrUpdateTags|ChangeTags)")
_REMOVES = re.compile(r"^(Untag[A-Z]|RemoveTags|DeleteTags|ChangeTags)")
_PUTS = re.compile(r"^Put\w*Tagging$")
_DROPS = re.compile(r"^Delete\w*Tagging$")
_LISTS = re.compile(r"^(List\w*Tags\w*|Get\w*(Tags|Tagging)|DescribeTags)$")
_COLUMNS = frozenset({"tags", "tag_list", "tag_set"})
_TAGS = re.compile(r"tag", re.IGNORECASE)
_ANY_RESOURCE = re.compile(rf"resource|^{full_names.ENDING}$", re.IGNORECASE)


@dataclass(frozen=True)
class Owner:
    """What is tagged: the identifying columns, and values that are the same for every row of the
    table."""

    which: Mapping[str, tuple[str, bool]]
    constants: Mapping[str, str]


def is_tags(column: str) -> bool:
    """Whether a column of that name holds tags."""
    return snake_case(column) in _COLUMNS


def sets_tags(table: Table, assignment: Assignment) -> bool:
    """Whether an assignment sets tags separately, rather than through a parameter of the main
    update."""
    if not is_tags(assignment.column):
        return False
    if assignment.key is not None:
        return True
    for method in table.reached_by(Verb.UPDATE):
        name = parameter_name(method, assignment.column)
        is_tagger = _ADDS.match(method.operation.name) or _REMOVES.match(method.operation.name)
        if name is not None and not is_tagger and sources(table, method, [name]) is not None:
            return False
    return True


def taken_tags(method: Method, column: str, value: str) -> str:
    """SQL of a value given to a creating request, checked if it is tags; empty if it is not."""
    name = parameter_name(method, column)
    if (
        name is not None
        and name in method.parameters
        and is_tag_query(name, method.parameters[name])
    ):
        return f"_tag_query({value}, {literal(column)})"
    if not is_tags(column):
        return ""
    has_tags = name is None or _map_as(method.parameters[name].shape, "") is not None
    return given_tags(value, column) if has_tags else ""


def tagging(
    catalog: Catalog, table: Table, assignments: Sequence[Assignment], alias: str
) -> list[list[Part]]:
    """The calls that set and remove tags of the rows of ``alias``.

    Raises ProgrammingError if the service has no such operation for the table.
    """
    change = change_of(table, assignments)
    found = _by_single(catalog, table, change, alias) or _by_whole(catalog, table, change, alias)
    if found is None:
        why = "are set"
        if change.whole is not None and _present(catalog, table, alias) is None:
            why = "are read, which is required to replace them all"
        raise ProgrammingError(
            f"{table.provider}.{table.schema} has no operation by which tags of {table.name} {why}",
            hint=f"SHOW METHODS IN {table.id}",
        )
    return [[replace(part, sets=_set_by(table, part, change, assignments))] for part in found]


def _set_by(
    table: Table, part: Part, change: Change, assignments: Sequence[Assignment]
) -> tuple[str, ...]:
    """The columns and single tags that a part changes: one that only removes keys, those set to
    NULL."""
    given = list(assignments)
    if change.whole is None and change.added is not None and change.removed is not None:
        values = " ".join(part.assigned.values())
        has = {True: change.removed in values, False: change.added in values}
        given = [a for a in given if has[is_gone(a)]]
    columns = {a: table.by_alias.get(a.column.lower()) for a in given}
    names = {a: c.name if c is not None else a.column for a, c in columns.items()}
    return tuple(n if a.key is None else f"{n}[{a.key}]" for a, n in names.items())


def adding(catalog: Catalog, table: Table, tags: str) -> list[Part]:
    """The ways to tag a new resource. ``tags``: SQL of a MAP."""
    ways = (
        _part(catalog, table, p, tags, f"cardinality({tags}) > 0", are_keys=False)
        for p in (_ADDS, _PUTS)
    )
    return [way for way in ways if way is not None]


def _by_single(catalog: Catalog, table: Table, change: Change, alias: str) -> list[Part] | None:
    """Through operations that add and remove single tags."""
    removed, added = change.removed, change.added
    only_if_removed = only_if_added = ""
    if change.whole is not None:
        present = _present(catalog, table, alias)
        if present is None:
            return None
        added = change.whole
        removed = f"_tags_gone({present}, {added}, {literal(_reserved(catalog, table))})"
        only_if_removed, only_if_added = f"len({removed}) > 0", f"cardinality({added}) > 0"
    parts = []
    if removed is not None:
        parts.append(_part(catalog, table, _REMOVES, removed, only_if_removed, are_keys=True))
    if added is not None:
        parts.append(_part(catalog, table, _ADDS, added, only_if_added, are_keys=False))
    return [p for p in parts if p is not None] if None not in parts else None


def _part(
    catalog: Catalog,
    table: Table,
    pattern: re.Pattern[str],
    value: str,
    only_if: str,
    *,
    are_keys: bool,
) -> Part | None:
    for method in _methods(catalog, table, pattern):
        for name in _tag_parameters(method, are_keys):
            cell = _keys_as(method.parameters[name].shape, value) if are_keys else None
            cell = _map_as(method.parameters[name].shape, value) if not are_keys else cell
            owner = _owner(table, method, name)
            if cell is not None and owner is not None:
                return Part(method, {**owner.constants, name: cell}, owner.which, only_if)
    return None


def _reserved(catalog: Catalog, table: Table) -> str:
    """How the keys of the provider's own tags begin, which cannot be removed."""
    overlay = catalog.service(table.provider, table.schema).overlay
    return str(overlay.section("writers.toml", "tags").get("reserved") or "")


def _tag_parameters(method: Method, are_keys: bool) -> list[str]:
    """The parameters that take tags, or keys of tags; one operation may take both."""
    names = [n for n in method.parameters if _TAGS.search(n)]
    said = "Remove" if are_keys else "Add"
    return [n for n in names if n.startswith(said)] or names


def _by_whole(catalog: Catalog, table: Table, change: Change, alias: str) -> list[Part] | None:
    """Through an operation that replaces all tags: the current ones with the change."""
    present = _present(catalog, table, alias)
    if present is None:
        return None
    whole = change.whole
    if whole is None:
        whole = f"coalesce({present}, tags('{{}}'))"
        if change.removed is not None:
            whole = (
                f"map_from_entries(list_filter(map_entries({whole}), "
                f"lambda e: NOT list_contains({change.removed}, e.key)))"
            )
        if change.added is not None:
            whole = f"map_concat({whole}, {change.added})"
    put = _part(catalog, table, _PUTS, whole, f"cardinality({whole}) > 0", are_keys=False)
    if put is None:
        return None
    drops = [m for m in _methods(catalog, table, _DROPS) if set(m.required) == set(put.which or ())]
    return [put, *(Part(m, {}, put.which, f"cardinality({whole}) = 0") for m in drops[:1])]


def _methods(catalog: Catalog, table: Table, pattern: re.Pattern[str]) -> list[Method]:
    """The operations of that name: those named after the table first, deprecated ones last."""
    service, _ = catalog.service_catalog(table.provider, table.schema)
    found = [service.method(n) for n in service.service.operation_names if pattern.match(n)]
    noun = _noun(table)
    found = [m for m in found if _speaks_of(m, noun)]
    found.sort(key=lambda m: (m.operation.is_deprecated, not _is_named(m, noun), m.name))
    return found


def _noun(table: Table) -> str:
    words = table.name.split("_")
    return "_".join((*words[:-1], singular(words[-1])))


def _is_named(method: Method, noun: str) -> bool:
    return re.search(rf"(^|_){noun}(_|$)", method.name) is not None


def _speaks_of(method: Method, noun: str) -> bool:
    """Whether it tags the table's resources, or resources of any kind."""
    ending = r"_(resources?|tags|tags_(for|of|to|from|on)_resources?)$"
    return _is_named(method, noun) or re.search(ending, method.name) is not None


def _map_as(shape: Shape, value: str) -> str | None:
    """A MAP in the parameter's shape."""
    if shape.kind is Kind.MAP:
        return f"({value})"
    if shape.kind is Kind.STRUCTURE and len(shape.member_names) == 1:
        inner = _map_as(shape.members[shape.member_names[0]].shape, value)
        return None if inner is None else f"({{{shape.member_names[0]!r}: {inner}}})"
    if shape.kind is not Kind.LIST:
        return None
    names = _key_and_value(shape.element.shape)
    if "key" not in names or "value" not in names:
        return None
    item = f"{{{names['key']!r}: _e.key, {names['value']!r}: _e.value}}"
    return f"(list_transform(map_entries({value}), lambda _e: {item}))"


def _keys_as(shape: Shape, keys: str) -> str | None:
    """A list of keys in the parameter's shape."""
    if shape.kind is Kind.STRUCTURE and len(shape.member_names) == 1:
        inner = _keys_as(shape.members[shape.member_names[0]].shape, keys)
        return None if inner is None else f"({{{shape.member_names[0]!r}: {inner}}})"
    if shape.kind is not Kind.LIST:
        return None
    element = shape.element.shape
    if element.kind is Kind.STRING:
        return f"({keys})"
    names = _key_and_value(element)
    if "key" not in names or "value" in element.required or names.get("value") in element.required:
        return None
    return f"(list_transform({keys}, lambda _k: {{{names['key']!r}: _k}}))"


def _key_and_value(shape: Shape) -> Mapping[str, str]:
    """A tag's members for ``key`` and ``value``: TagKey, tagKey, Key …"""
    return {re.sub("^tag_", "", snake_case(n)): n for n in shape.member_names}


def _owner(table: Table, method: Method, tags: str) -> Owner | None:
    """The values of the operation's other required parameters, which identify the resource."""
    rest = [n for n in method.required if not (n == tags or _TAGS.search(n))]
    if not rest:
        named = sources(table, method, [tags])
        return Owner(named, {}) if named else None
    constants = {n: c for n in rest if (c := _constant(table, method.parameters[n])) is not None}
    which = {}
    for name in rest:
        if name in constants:
            continue
        column = _column(table, method, name, tags, has_kind=bool(constants))
        if column is None:
            return None
        which[name] = column
    return Owner(which, constants) if which else None


def _constant(table: Table, member: Member) -> str | None:
    """The kind of resource, if the API requires it: the enum value named like the table."""
    noun = _noun(table).replace("_", "")
    return next(
        (f"'{v}'" for v in member.shape.enum if re.sub(r"\W|_", "", v).lower() == noun), None
    )


def _column(
    table: Table, method: Method, name: str, tags: str, *, has_kind: bool
) -> tuple[str, bool] | None:
    """The column that provides a parameter's value, and whether the parameter is a list of such
    values."""
    member = method.parameters[name]
    is_list = member.shape.kind is Kind.LIST
    if not _ANY_RESOURCE.search(name):
        others = [n for n in method.required if n != name]
        return (sources(table, method, [*others, tags]) or {}).get(name)
    shape = member.shape.element.shape if is_list else member.shape
    said = f"{name} {shape.name} {shape.pattern or ''} {member.documentation}"
    ending = full_names.ENDING if full_names.is_written_in(said) and not has_kind else "id"
    endings = ("id", "name") if has_kind else (ending,)
    found = next((spelling for e in endings for spelling in _spellings(table, e)), None)
    if found is None and ending == "id" and not has_kind:
        found = _ended_by(table)
    return (found, is_list) if found is not None else None


def _ended_by(table: Table) -> str | None:
    """The id that alone identifies a resource for removal: an address has an AllocationId."""
    ways = [sources(table, m, ()) or {} for m in table.reached_by(Verb.DELETE)]
    columns = {column for way in ways for column, _ in way.values()}
    only = next(iter(columns)) if len(columns) == 1 else ""
    return only if snake_case(only).endswith("_id") else None


def _spellings(table: Table, ending: str) -> Iterator[str]:
    fields = {snake_case(c.name): c.name for c in table.columns if c.role is Role.FIELD}
    yield from (fields[name] for name in spelled(thing_noun(table.name), ending) if name in fields)


def _present(catalog: Catalog, table: Table, alias: str) -> str | None:
    """SQL of the MAP of a row's current tags; None if nothing returns them.

    An operation that lists tags takes precedence over a field of the table: some listings leave
    that field empty.
    """
    for method in _methods(catalog, table, _LISTS):
        if (
            method.verb is Verb.SELECT
            and (told := _listed(catalog, table, method, alias)) is not None
        ):
            return told
    field = next((c for c in table.columns if c.role is Role.FIELD and is_tags(c.name)), None)
    return None if field is None else f'tags("{alias}"."{field.name}")'


def _listed(catalog: Catalog, table: Table, method: Method, alias: str) -> str | None:
    rows = method.rows
    owner = _owner(table, method, "")
    if rows is None or owner is None or any(is_list for _, is_list in owner.which.values()):
        return None
    service, _ = catalog.service_catalog(table.provider, table.schema)
    home = next((r for r, names in service.plain.items() if method.operation.name in names), None)
    if home is None:
        return None
    given = {n: f'"{alias}"."{c}"' for n, (c, _) in owner.which.items()} | dict(owner.constants)
    where = " AND ".join(f'_t."{n}" = {v}' for n, v in given.items())
    source = f'{table.provider}.{schema_name(service.service.id)}."{home}" AS _t WHERE {where}'
    names = {re.sub("^tag_", "", snake_case(n)): n for n in rows.fields}
    if "key" in names and "value" in names:
        entry = f"{{'Key': _t.\"{names['key']}\", 'Value': _t.\"{names['value']}\"}}"
        return f"(SELECT tags(list({entry})) FROM {source})"
    whole = next((n for n in rows.fields if is_tags(n)), None)
    return None if whole is None else f'(SELECT any_value(tags(_t."{whole}")) FROM {source})'
