"""The filters that an operation supports, and the field of its rows that each applies to.

Derived from the model: the names in the documentation of ``Filters``, or the enum of their names;
parameters that end in ``Prefix``; parameters whose enum is a field's. A filter that could apply to
no field, or to several, is not used. Data (``pushable_filters.toml``) lists what names do not tell,
and the services in which the meaning of ``Filters`` is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.api_names import name_parts
from cirrusql.catalog.inference.words import singular, snake_case
from cirrusql.catalog.model import Method
from cirrusql.catalog.rows.column_types import member_at


class FilterForm(StrEnum):
    """How a filter is sent."""

    NAMED = "named"
    """As an item ``{Name, Values}`` of a list parameter."""
    TAG = "tag"
    """The same with the name ``tag:<key>``; its path is that of the tags."""
    PREFIX = "prefix"
    """As a prefix of the field, in a parameter."""
    VALUE = "value"
    """As the field's value, in a parameter."""
    VALUES = "values"
    """As a list of the field's values, in a parameter."""


@dataclass(frozen=True)
class ServerFilter:
    """One filter of an operation. ``path`` is the column and the fields inside it that are
    compared."""

    form: FilterForm
    parameter: str
    path: tuple[str, ...]
    kind: Kind
    """The field's kind: string, boolean, integer or long."""
    name: str = ""
    """``instance-state-name``; empty for tags and for separate parameters."""
    members: tuple[str, str] = ("Name", "Values")
    """The members of the list's item for the name and the values."""
    values: frozenset[str] = frozenset()
    """The only values that the documentation lists; empty: any."""
    has_wildcards: bool = False


_SCALARS = frozenset({Kind.STRING, Kind.BOOLEAN, Kind.INTEGER, Kind.LONG})
_NAMED = re.compile(
    r"<code>\s*([A-Za-z][\w.:<>&;-]*)\s*</code>(.*?)(?=<li>\s*<p>\s*<code>|<li>\s*<code>|$)", re.S
)
_CHOICES = re.compile(r"<code>[^<]+</code>(?:\s*\|\s*<code>[^<]+</code>)+")
_CODE = re.compile(r"<code>([^<]+)</code>")
_DEEPEST = 4

_found: WeakKeyDictionary[Method, tuple[ServerFilter, ...]] = WeakKeyDictionary()


def _is_outside(method: Method, found: ServerFilter) -> bool:
    """Whether a filter applies to the parent of a nested row, which may have other rows too."""
    assert method.rows is not None
    path = method.rows.fields.get(found.path[0])
    return path is not None and path.level < len(method.rows.lists)


def server_filters(method: Method) -> tuple[ServerFilter, ...]:
    """Every filter of the method's operation that applies to a known field of its rows."""
    if method not in _found:
        filters = _filters(method) if method.rows is not None else ()
        _found[method] = tuple(f for f in filters if not method.is_nested or _is_outside(method, f))
    return _found[method]


def _filters(method: Method) -> Iterator[ServerFilter]:
    fields = dict(_fields(method))
    for name, member in method.parameters.items():
        parts = _name_and_values(member.shape)
        if parts is not None:
            yield from _listed(method, name, member, parts, fields)
        elif member.shape.kind is Kind.STRING and name.lower().endswith("prefix"):
            yield from _prefix(method, name, fields)
        elif name not in method.required:
            yield from _by_enum(method, name, member.shape, fields)


def _fields(method: Method) -> Iterator[tuple[tuple[str, ...], Member]]:
    """The scalar fields of a row, through structures, by path; its tags too."""
    output = method.operation.output
    assert method.rows is not None
    if output is None:
        return
    for column, path in method.rows.fields.items():
        yield from _leaves((column,), member_at(output, method.rows, path))


def _leaves(path: tuple[str, ...], member: Member) -> Iterator[tuple[tuple[str, ...], Member]]:
    shape = member.shape
    if shape.kind in _SCALARS or (len(path) == 1 and _is_tags(shape)):
        yield path, member
    elif shape.kind is Kind.STRUCTURE and len(path) < _DEEPEST:
        for name, part in shape.members.items():
            yield from _leaves((*path, name), part)


def _is_tags(shape: Shape) -> bool:
    if shape.kind is not Kind.LIST or shape.element.shape.kind is not Kind.STRUCTURE:
        return False
    return {"key", "value"} <= {m.lower() for m in shape.element.shape.members}


def _name_and_values(shape: Shape) -> tuple[str, str] | None:
    """The members of ``[{Name, Values}]``, if a parameter has exactly that shape."""
    if shape.kind is not Kind.LIST or shape.element.shape.kind is not Kind.STRUCTURE:
        return None
    members = shape.element.shape.members
    by_name = {name.lower(): name for name in members}
    if set(by_name) != {"name", "values"}:
        return None
    name, values = by_name["name"], by_name["values"]
    is_texts = (
        members[values].shape.kind is Kind.LIST
        and members[values].shape.element.shape.kind is Kind.STRING
    )
    return (name, values) if is_texts and members[name].shape.kind is Kind.STRING else None


def _listed(
    method: Method,
    parameter: str,
    member: Member,
    parts: tuple[str, str],
    fields: Mapping[tuple[str, ...], Member],
) -> Iterator[ServerFilter]:
    operation = method.operation
    service = operation.overlay.section("pushable_filters.toml", "services").get(
        operation.service.key
    )
    if not isinstance(service, dict):
        return
    wildcards = service.get("wildcards", ())
    for name, values in _documented(member, parts[0]):
        if name == "tag" or name.startswith("tag:"):
            tags = [p for p, m in fields.items() if _is_tags(m.shape)]
            if len(tags) == 1:
                yield ServerFilter(
                    FilterForm.TAG,
                    parameter,
                    tags[0],
                    Kind.STRING,
                    members=parts,
                    has_wildcards="tag" in wildcards,
                )
            continue
        path = _path_of(method, name, fields)
        if path is not None:
            kind = fields[path].shape.kind
            takes_any = f"{operation.name}.{name}" in wildcards
            yield ServerFilter(
                FilterForm.NAMED, parameter, path, kind, name, parts, values, takes_any
            )


def _documented(member: Member, name_member: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The names that the documentation lists, each with its allowed values if documented.

    If the name member has an enum, that is the list.
    """
    enum = member.shape.element.shape.members[name_member].shape.enum
    words = dict(_NAMED.findall(member.documentation))
    listed = enum or tuple(words)
    for name in dict.fromkeys(listed):
        choices = _CHOICES.search(words.get(name, ""))
        yield (
            name.replace("&lt;", "<"),
            frozenset(_CODE.findall(choices[0])) if choices else frozenset(),
        )


def _path_of(
    method: Method, name: str, fields: Mapping[tuple[str, ...], Member]
) -> tuple[str, ...] | None:
    """The field that a filter applies to: the one whose joined path is the filter's name.

    The resource's noun may precede it: ``instance-state-name`` is ``State.Name``.
    """
    scalars = {p: m for p, m in fields.items() if m.shape.kind in _SCALARS}
    given = method.operation.overlay.section("pushable_filters.toml", "fields").get(
        f"{method.operation.id}.{name}"
    )
    if given is not None:
        return next((p for p in scalars if ".".join(p) == given), None)
    wanted = _squashed(name)
    noun = _noun(method)
    whole = [p for p in scalars if _squashed("".join(p)) == wanted]
    after = [p for p in scalars if noun + _squashed("".join(p)) == wanted]
    found = whole or after
    return found[0] if len(found) == 1 else None


def _squashed(name: str) -> str:
    """A name without word separators; "identifier" becomes "id"."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).replace("identifier", "id")


def _noun(method: Method) -> str:
    """The operation's noun, in the singular: ``instance``."""
    words = snake_case(name_parts(method.operation.name)[1]).split("_")
    return "".join([*words[:-1], singular(words[-1])])


def _prefix(
    method: Method, parameter: str, fields: Mapping[tuple[str, ...], Member]
) -> Iterator[ServerFilter]:
    """``logGroupNamePrefix`` applies to logGroupName; ``NamePrefix`` to Name, or to the resource's
    name."""
    texts = [p for p, m in fields.items() if m.shape.kind is Kind.STRING and len(p) == 1]
    given = method.operation.overlay.section("pushable_filters.toml", "fields").get(
        f"{method.operation.id}.{parameter}"
    )
    if given is not None:
        found = [p for p in texts if p[0] == given]
    else:
        stem = _squashed(parameter[: -len("prefix")])
        found = [p for p in texts if stem and _squashed(p[0]) in (stem, _noun(method) + stem)]
    if len(found) == 1:
        yield ServerFilter(FilterForm.PREFIX, parameter, found[0], Kind.STRING)


_ENDINGS = re.compile(r"(equals|filters?|list|values?|in)$")


def _by_enum(
    method: Method, parameter: str, shape: Shape, fields: Mapping[tuple[str, ...], Member]
) -> Iterator[ServerFilter]:
    """``StackStatusFilter`` applies to StackStatus: a similar name, and the same values."""
    one = shape.element.shape if shape.kind is Kind.LIST else shape
    if one.kind is not Kind.STRING or not one.enum or parameter in {p[0] for p in fields}:
        return
    noun = _noun(method)
    stem = _ENDINGS.sub("", "".join(_singular_words(parameter))).removeprefix(noun)
    found = [
        p
        for p, m in fields.items()
        if len(p) == 1
        and m.shape.kind is Kind.STRING
        and set(m.shape.enum) == set(one.enum)
        and _squashed(p[0]).removeprefix(noun) == stem
    ]
    if len(found) == 1:
        form = FilterForm.VALUES if shape.kind is Kind.LIST else FilterForm.VALUE
        yield ServerFilter(form, parameter, found[0], Kind.STRING, values=frozenset(one.enum))


def _singular_words(name: str) -> list[str]:
    words = snake_case(name).split("_")
    return [*words[:-1], singular(words[-1])]
