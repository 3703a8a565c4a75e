"""Finds where a request takes the value of a column: under its own name, or another.

A column that SELECT shows is often written under another name, or inside something:
VersioningStatus in VersioningConfiguration, VisibilityTimeout in a map of attributes,
AssumeRolePolicyDocument as the PolicyDocument of UpdateAssumeRolePolicy. Rules over names and
shapes, each for one such form; if a guess would assign a place to two columns, neither gets it.
``plan.updates.row_values`` builds the values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.identifiers import BARE, SUREST, fields_for
from cirrusql.catalog.inference.verbs import MAKES, parts
from cirrusql.catalog.inference.words import singular, snake_case
from cirrusql.catalog.model import Column, Detail, Method, Role, Table, Verb
from cirrusql.catalog.row_model.enclosing import enclosing_fields
from cirrusql.catalog.row_model.listed_ids import (
    ID_ENDINGS,
    is_list_of_texts,
    is_of_structures,
    item_key,
    listed_columns,
    members_of,
)
from cirrusql.catalog.row_model.patches import PARAMETER, patch_notes
from cirrusql.catalog.row_model.request_field import NESTED, fits, is_tag_query
from cirrusql.catalog.row_model.request_field import RequestField as RequestField
from cirrusql.catalog.row_model.request_field import ValueForm as ValueForm
from cirrusql.catalog.row_model.row_places import directed, row_places
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.types import SqlType, StructType

TAG_COLUMNS = frozenset({"tags", "tag_list", "tag_set"})
"""Names of the column with a resource's tags."""

_DEEPEST = 3
_WRAPS = frozenset(
    "input request config configuration data details spec update info properties".split()
)
_SETTINGS = frozenset(
    "config configuration settings options properties attributes details info".split()
)
"""Last words of columns whose members are settings."""
_COMMON = frozenset(f"{FULL} id name type status state description version domain_name".split())
"""Columns that resources of every kind have: a structure inside a request has its own."""


_places: WeakKeyDictionary[Table, dict[str, Mapping[str, RequestField]]] = WeakKeyDictionary()


def places_of(table: Table, method: Method) -> Mapping[str, RequestField]:
    """By column name, the place in a method's request of each field that it takes."""
    known = _places.setdefault(table, {})
    if method.operation.name not in known:
        known[method.operation.name] = _found(table, method)
    return known[method.operation.name]


def place_of(table: Table, method: Method, written: str) -> RequestField | None:
    """The place of a column in any accepted spelling; ``Tags`` stands for the tags, whatever their
    name in the API."""
    column = column_of(table, written)
    return None if column is None else places_of(table, method).get(column.name)


def column_of(table: Table, written: str) -> Column | None:
    """The field with that spelling; ``Tags`` is the one with the tags."""
    column = table.by_alias.get(written.lower())
    if (column is None or column.role is not Role.FIELD) and is_tags(written):
        column = next(
            (c for c in table.columns if c.role is Role.FIELD and is_tags(c.name)), column
        )
    return column if column is not None and column.role is Role.FIELD else None


def is_tags(column: str) -> bool:
    """Whether a column of that name holds tags."""
    return snake_case(column) in TAG_COLUMNS


def sets_what_tells(method: Method, detail: Detail) -> bool:
    """Whether a method sets what a detail returns: PutBucketVersioning for GetBucketVersioning."""
    return _noun(method.operation.name) == _noun(detail.method.operation.name)


def _noun(name: str) -> tuple[str, ...]:
    return tuple(map(singular, parts(name).noun))


def _found(table: Table, method: Method) -> Mapping[str, RequestField]:
    fields = {c.name: c for c in table.columns if c.role is Role.FIELD}
    found: dict[str, RequestField] = {}
    taken: set[RequestField] = set()
    for column, place in directed(method).items():
        if column in fields:
            found[column] = place
            taken.add(place)
    if method.verb in (Verb.UPDATE, Verb.REPLACE):
        # An update may have to name the parent, which it does not change.
        others = enclosing_fields(table) - set(method.required)
        fields = {n: c for n, c in fields.items() if n not in others}
    not_shown = method.operation.overlay.section("writers.toml", "not_shown").get(
        method.operation.id, {}
    )
    rules = (
        _patched,
        _directed,
        _by_name,
        row_places,
        _of_details,
        _tags,
        _renamed,
        _within,
        _items,
        _texts,
        _spread,
    )
    for rule in rules:
        claimed: dict[RequestField, list[str]] = {}
        for column, place in rule(table, method, fields):
            if column not in found and place not in taken and place.parameter not in not_shown:
                claimed.setdefault(place, []).append(column)
        for place, columns in claimed.items():
            if len(columns) == 1 and columns[0] not in found:
                found[columns[0]] = place
                taken.add(place)
    return found


Claims = Iterator[tuple[str, RequestField]]
Fields = Mapping[str, Column]


def _patched(table: Table, method: Method, fields: Fields) -> Claims:
    """The columns that patch operations replace, according to ``patches.toml``."""
    note = patch_notes(method.operation.overlay).get(method.operation.id)
    if note is not None:
        for column, how, members in note.columns():
            if column in fields:
                path = note.paths.get(column, f"/{column}")
                yield column, RequestField(PARAMETER, ValueForm.PATCH, (how, *members), path)


def _directed(table: Table, method: Method, fields: Fields) -> Claims:
    """Columns that the operation's last word distinguishes:
    AuthorizeSecurityGroupEgress(IpPermissions)."""
    last = parts(method.operation.name).noun[-1]
    for name, member in method.parameters.items():
        column = _spelled(fields, f"{snake_case(name)}_{last}")
        if column is not None and fits(column.type, member.shape):
            yield column.name, RequestField(name)


def _by_name(table: Table, method: Method, fields: Fields) -> Claims:
    """A parameter of exactly that name."""
    for name, member in method.parameters.items():
        spelled = {
            name.lower(),
            snake_case(name),
            str(member.traits.get("locationName", name)).lower(),
        }
        for column in fields.values():
            if not spelled & column.aliases:
                continue
            key = item_key(column, name) if is_list_of_texts(member) and not is_tags(name) else None
            if key is not None:
                yield column.name, RequestField(name, ValueForm.ITEMS, key=key)
            elif is_of_structures(column, member) and not is_tags(name):
                continue
            elif fits(column.type, member.shape) or is_tags(name):
                yield column.name, RequestField(name)
            elif (key := _part(column, name)) is not None and not _is_nested(member.shape):
                yield column.name, RequestField(name, ValueForm.PART, key=key)


def _texts(table: Table, method: Method, fields: Fields) -> Claims:
    """A list of texts of the same name, if nothing says which member of the structures it lists:
    accepts only texts."""
    for name, member in method.parameters.items():
        column = _spelled(fields, name)
        if column is not None and is_of_structures(column, member) and not is_tags(name):
            yield column.name, RequestField(name)


def _of_details(table: Table, method: Method, fields: Fields) -> Claims:
    """A detail's columns in the request that sets exactly those; and entries of a map of
    attributes."""
    for detail in table.details:
        is_setter = sets_what_tells(method, detail)
        for column, pick in detail.picks.items():
            if column not in fields:
                continue
            if pick.key is not None:
                yield from _entries(method, column, pick.column, pick.key)
            elif is_setter and detail.method.rows is not None:
                path = detail.method.rows.fields[pick.column].path
                yield from ((column, p) for p in _at_end(method, path, fields[column].type))


def _entries(method: Method, column: str, attributes: str, key: str) -> Claims:
    wanted = snake_case(attributes)
    untold = method.operation.overlay.section("writers.toml", "untold_attributes").get(
        method.operation.id, ()
    )
    for name, member in method.parameters.items():
        is_map = snake_case(name) == wanted and member.shape.kind is Kind.MAP
        if is_map and (key in untold or _is_told(key, member)):
            yield column, RequestField(name, ValueForm.ENTRY, key=key)
    names = {snake_case(n): n for n in method.parameters}
    named, value = names.get("attribute_name"), names.get("attribute_value")
    if wanted != "attributes" or named is None or value is None:
        return
    if _is_told(key, method.parameters[named]):
        yield column, RequestField(value, ValueForm.PAIR, (named,), key)


def _is_told(key: str, member: Member) -> bool:
    """Whether the enum or documentation lists an attribute for writing: others are read-only."""
    shape = member.shape.key.shape if member.shape.kind is Kind.MAP else member.shape
    told = re.search(rf"\b{re.escape(key)}\b", member.documentation) is not None
    return told or (not member.documentation and key in shape.enum)


def _at_end(method: Method, path: tuple[str, ...], wanted: SqlType) -> Iterator[RequestField]:
    """The place in the request whose path has the longest common suffix with that in
    the response."""
    scored: dict[int, list[RequestField]] = {}
    for place, shape in _members(method):
        there = (place.parameter, *place.path)
        agree = 0
        while agree < min(len(there), len(path)) and there[-1 - agree] == path[-1 - agree]:
            agree += 1
        is_guess = (
            agree == 1 and place.form is ValueForm.MEMBER and snake_case(there[-1]) in _COMMON
        )
        if is_guess and not _is_of_call(method, place):
            continue
        if agree and fits(wanted, shape):
            scored.setdefault(agree, []).append(place)
    if scored and len(best := scored[max(scored)]) == 1:
        yield best[0]


def _is_of_call(method: Method, place: RequestField) -> bool:
    """Whether a structure is the operation's subject: VersioningConfiguration of
    PutBucketVersioning."""
    words = (
        set(snake_case(place.parameter).split("_"))
        - _WRAPS
        - {"specification", "status", "updated"}
    )
    return len(place.path) == 1 and words <= set(parts(method.operation.name).noun)


def _members(method: Method) -> Iterator[tuple[RequestField, Shape]]:
    """Every place in a request reachable through structures, up to depth three."""
    for name, member in method.parameters.items():
        yield RequestField(name), member.shape
        yield from _inner(name, member.shape, ())


def _inner(
    parameter: str, shape: Shape, path: tuple[str, ...]
) -> Iterator[tuple[RequestField, Shape]]:
    if shape.kind is not Kind.STRUCTURE or len(path) == _DEEPEST:
        return
    for name, member in shape.members.items():
        yield RequestField(parameter, ValueForm.MEMBER, (*path, name)), member.shape
        yield from _inner(parameter, member.shape, (*path, name))


def _tags(table: Table, method: Method, fields: Fields) -> Claims:
    columns = [n for n in fields if is_tags(n)]
    if method.verb in (Verb.INSERT, Verb.REPLACE) and len(columns) == 1:
        queries = (n for n, m in method.parameters.items() if is_tag_query(n, m))
        yield from ((columns[0], RequestField(n, ValueForm.TAG_QUERY)) for n in queries)
    makes_row = method in table.methods and method.verb is Verb.INSERT
    if parts(method.operation.name).verb not in MAKES and not makes_row:
        # AuthorizeSecurityGroupIngress tags the rule, not a group.
        return
    for name, member in method.parameters.items():
        if snake_case(name) == "tag_specifications" and len(columns) == 1:
            kind = _kind(table, method, _resource_types(member.shape))
            if kind is not None:
                yield columns[0], RequestField(name, ValueForm.TAGS, key=kind)
        elif is_tags(name) and len(columns) == 1 and method.verb is Verb.INSERT:
            yield columns[0], RequestField(name)


def _kind(table: Table, method: Method, kinds: Iterable[str]) -> str | None:
    """The name of the table's resources in a tagging request: natgateway, dhcp-options."""
    told = method.operation.overlay.section("writers.toml", "tag_kinds").get(method.operation.id)
    nouns = {table.noun.replace("_", ""), table.name.replace("_", "")}
    return told or next((k for k in kinds if k.replace("-", "") in nouns), None)


def _resource_types(shape: Shape) -> tuple[str, ...]:
    if shape.kind is not Kind.LIST or shape.element.shape.kind is not Kind.STRUCTURE:
        return ()
    member = shape.element.shape.members.get("ResourceType")
    return member.shape.enum if member is not None else ()


def _renamed(table: Table, method: Method, fields: Fields) -> Claims:
    """A parameter whose name differs from the column's by words of the resource or the
    operation."""
    noun, of = table.noun, "_".join(parts(method.operation.name).noun)
    columns = {snake_case(n): c for n, c in fields.items()}
    makes = parts(method.operation.name).verb in MAKES
    for name, member in method.parameters.items():
        for spelling in _other_names(snake_case(name), noun, of, is_update=not makes):
            column = columns.get(spelling)
            if (
                column is not None
                and fits(column.type, member.shape)
                and not _is_switch(column, member)
            ):
                yield column.name, RequestField(name)
                break
        else:
            if makes and member.shape.kind is Kind.STRING:
                yield from ((f, RequestField(name)) for f in fields_for(table, name, member)[:1])


def _is_switch(column: Column, member: Member) -> bool:
    """Whether a boolean turns on what a text names: EnableIotRoleAlias is not IotRoleAlias."""
    return member.shape.kind is Kind.BOOLEAN and column.type.name == "VARCHAR"


def _other_names(name: str, noun: str, of: str, *, is_update: bool) -> Iterator[str]:
    """Other names under which a parameter's value may be shown, all in snake_case."""
    if is_update and name.startswith("new_"):
        yield name.removeprefix("new_")
    yield f"{noun}_{name}"
    if name.startswith(f"{noun}_"):
        yield name.removeprefix(f"{noun}_")
    if name.startswith("enable_"):
        yield f"{name.removeprefix('enable_')}_enabled"
        yield name.removeprefix("enable_")
        yield f"enabled_{name.removeprefix('enable_')}"
    yield f"{name}_info"
    if name.endswith("_name") and name not in _COMMON:
        yield name.removesuffix("_name")
    if is_update:
        # UpdateAssumeRolePolicy(PolicyDocument)
        last = of.rpartition("_")[2]
        first = name.partition("_")[0]
        if last == first and of != first:
            yield f"{of}_{name.partition('_')[2]}"


def _within(table: Table, method: Method, fields: Fields) -> Claims:
    """A member of a structure that is the resource itself:
    CreateBucketConfiguration.LocationConstraint."""
    for place, shape in _members(method):
        if (
            place.form is not ValueForm.MEMBER
            or len(place.path) > 1
            or not _is_thing(place.parameter, table, method)
        ):
            continue
        column = fields.get(place.path[-1]) or _spelled(fields, place.path[-1])
        if column is not None and not is_tags(column.name) and fits(column.type, shape):
            yield column.name, place


def _is_thing(parameter: str, table: Table, method: Method) -> bool:
    words = snake_case(parameter).split("_")
    while words and words[-1] in _WRAPS:
        words.pop()
    said = "_".join(words)
    return said in (
        "",
        table.noun,
        "_".join(parts(method.operation.name).noun),
        snake_case(method.operation.name),
    )


def _spelled(fields: Fields, name: str) -> Column | None:
    return next((c for c in fields.values() if snake_case(c.name) == snake_case(name)), None)


def _items(table: Table, method: Method, fields: Fields) -> Claims:
    """A list of ids for a column of structures; one id for a single structure."""
    columns = {snake_case(n): c for n, c in fields.items()}
    for name, member in method.parameters.items():
        if is_list_of_texts(member):
            makes = method.verb is Verb.INSERT
            for column, key in listed_columns(columns.values(), name, is_of_new=makes):
                # A parameter named like the column lists names.
                texts = [
                    RequestField(n, ValueForm.TEXTS, key=key)
                    for n, m in method.parameters.items()
                    if snake_case(n) == snake_case(column.name) and is_list_of_texts(m)
                ]
                form = ValueForm.THINGS if texts else ValueForm.ITEMS
                yield column.name, RequestField(name, form, key=key, also=tuple(texts))
            continue
        for ending in ID_ENDINGS:
            stem = snake_case(name).removesuffix(ending)
            is_text = (
                member.shape.kind is Kind.STRING and stem in columns and stem != snake_case(name)
            )
            if is_text and name in members_of(columns[stem].type):
                yield columns[stem].name, RequestField(name, ValueForm.PART, key=name)


def _spread(table: Table, method: Method, fields: Fields) -> Claims:
    """Parameters that are members of one column's structure: Port of HealthCheckConfig."""
    if parts(method.operation.name).verb in MAKES:
        return
    rest = [
        n
        for n, m in method.parameters.items()
        if n not in method.required and not m.is_idempotency_token and _spelled(fields, n) is None
    ]
    found = {}
    for column in fields.values():
        *of, last = snake_case(column.name).split("_")
        # A registry's replicationConfiguration has rules, but does not set the rules of its
        # scanning.
        if last in _SETTINGS and set(of) <= set(parts(method.operation.name).noun):
            shared = tuple(n for n in rest if n in members_of(column.type))
            if shared and 2 * len(shared) >= len(rest):
                found[column.name] = shared
    if len(found) == 1:
        yield from (
            (c, RequestField(names[0], ValueForm.SPREAD, names)) for c, names in found.items()
        )


def _part(column: Column, name: str) -> str | None:
    """The member of a structure that a scalar of its own name contains: PermissionsBoundaryArn."""
    if not isinstance(column.type, StructType):
        return None
    wanted = [f"{snake_case(name)}_{end}" for end in SUREST if end in BARE]
    return next((m for w in wanted for m, _ in column.type.fields if snake_case(m) == w), None)


def _is_nested(shape: Shape) -> bool:
    return sql_type(shape).name in NESTED
