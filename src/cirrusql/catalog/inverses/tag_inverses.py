"""Undoes tagging: each key gets its previous value, or is removed.

TagUser and UntagUser, AddTagsToResource and RemoveTagsFromResource, CreateTags and DeleteTags. The
previous tags are read from the resource itself, or from the list of its tags; if no rule is certain
of either, there is no inverse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import TELLS, parts
from cirrusql.catalog.inference.words import singular, singular_name, snake_case, words
from cirrusql.catalog.inverses.readback import Reading, reading_of
from cirrusql.catalog.model import Method, Table, Verb

_ADDS = {"tag": "untag", "add": "remove", "create": "delete"}
_REMOVES = {removes: adds for adds, removes in _ADDS.items()}
_BETWEEN = frozenset(["to", "from", "for", "on"])


@dataclass(frozen=True)
class Tags:
    """How tags are set and removed, and where a reading has the previous ones."""

    add: Method
    added: str
    """The parameter that takes tags: a list of pairs, or a map."""
    remove: Method
    removed: str
    """The parameter that takes keys: a list of them, or of structures with a key."""
    which: tuple[str, ...]
    """The parameters of both that identify the tagged resource."""
    field: str | None
    """The field with all tags; None: each row is a tag with ``key`` and ``value``."""
    key: str = ""
    value: str = ""


def tags_of(
    catalog: Catalog, table: Table, write: Method, sent: Mapping[str, object]
) -> tuple[Tags, Reading] | None:
    """How a write that sets or removes tags is undone; None if no rule is certain."""
    verb = parts(write.operation.name).verb
    other = _counterpart(catalog, table, write, _ADDS.get(verb) or _REMOVES.get(verb, ""))
    if other is None:
        return None
    add, remove = (write, other) if verb in _ADDS else (other, write)
    added = _only(add, _takes_tags)
    removed = _only(remove, _takes_keys)
    if added is None or removed is None:
        return None
    which = tuple(n for n in add.required if n != added)
    if (
        not which
        or set(which) != {n for n in remove.required if n != removed}
        or not set(which) <= set(sent)
    ):
        return None
    for home in _homes(catalog, table, write):
        reading = _reading(home, write, sent, which)
        if reading is not None and (found := _placed(reading)) is not None:
            return Tags(add, added, remove, removed, which, *found), reading
    return None


def _counterpart(catalog: Catalog, table: Table, write: Method, verb: str) -> Method | None:
    service, _ = catalog.service_catalog(table.provider, table.schema)
    noun = _noun(write.operation.name)
    for name in write.operation.service.operation_names:
        if parts(name).verb == verb and _noun(name) == noun:
            return service.method(name)
    return None


def _noun(name: str) -> tuple[str, ...]:
    return tuple("~" if w in _BETWEEN else singular(w) for w in words(name)[1:])


def _homes(catalog: Catalog, table: Table, write: Method) -> Iterator[Table]:
    """The table that is written, the operation's own, and those that list tags."""
    service, _ = catalog.service_catalog(table.provider, table.schema)
    schema = table.schema.removesuffix("_api") if table.is_api_spelling else table.schema
    yield table
    for resource, names in service.plain.items():
        listing = any("tag" in snake_case(n) and parts(n).verb in TELLS for n in names)
        if resource != table.name and (write.operation.name in names or listing):
            yield service.table(schema, resource, False)


def _reading(
    home: Table, write: Method, sent: Mapping[str, object], which: tuple[str, ...]
) -> Reading | None:
    """How to read the tagged resource: by the identifier in the call, wherever rows have it."""
    if home.reached_by(Verb.SELECT) and write in home.methods:
        found = reading_of(home, write, {n: sent[n] for n in which})
        if found is not None and set(which) <= {*found.given.values(), *found.match.values()}:
            return found
    for reader in home.reached_by(Verb.SELECT):
        if reader.rows is None or parts(reader.operation.name).verb not in TELLS:
            continue
        if reader.required and set(reader.required) == set(which):
            named = ", ".join(which)
            return Reading(
                home, reader, {n: n for n in which}, {}, True, f"{reader.operation.id} by {named}"
            )
        wanted = f"{snake_case(singular_name(which[0]))}_id"
        for name in reader.rows.fields:
            if len(which) == 1 and not reader.keys and snake_case(name) == wanted:
                return Reading(
                    home, reader, {}, {name: which[0]}, True, f"{reader.operation.id} of all"
                )
    return None


def _placed(reading: Reading) -> tuple[str | None, str, str] | None:
    """Where a reading has tags: in a field, or one in each row."""
    fields = reading.method.rows.fields if reading.method.rows is not None else {}
    for name in fields:
        if snake_case(name) in ("tags", "tag_list", "tag_set"):
            return name, "", ""
    by_role = {re.sub("^tag_", "", snake_case(n)): n for n in fields}
    return (None, by_role["key"], by_role["value"]) if {"key", "value"} <= set(by_role) else None


def _only(method: Method, takes: Callable[[Member], bool]) -> str | None:
    found = [n for n, member in method.parameters.items() if takes(member)]
    return found[0] if len(found) == 1 else None


def _takes_tags(member: Member) -> bool:
    shape = member.shape
    if "tag" not in snake_case(member.name):
        return False
    if shape.kind is Kind.MAP:
        return True
    return shape.kind is Kind.LIST and pair_names(member) is not None


def _takes_keys(member: Member) -> bool:
    shape = member.shape
    if shape.kind is not Kind.LIST or "tag" not in snake_case(member.name):
        return False
    inner = shape.element.shape
    return inner.kind is Kind.STRING or (
        inner.kind is Kind.STRUCTURE and key_name(member) is not None
    )


def pair_names(member: Member) -> tuple[str, str] | None:
    """The names of key and value in a list of tags."""
    inner = member.shape.element.shape
    names = {re.sub("^tag_", "", snake_case(n)): n for n in inner.member_names}
    return (names["key"], names["value"]) if {"key", "value"} <= set(names) else None


def key_name(member: Member) -> str | None:
    """The name of the key in a list of structures."""
    inner = member.shape.element.shape
    return next(
        (n for n in inner.member_names if re.sub("^tag_", "", snake_case(n)) == "key"), None
    )
