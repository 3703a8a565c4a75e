"""SQL of the values that columns are set to, in the form that a request takes.

``catalog.row_model`` knows the place of a column in a request; here the parameters are built: a
structure with one changed member and the others unchanged, an entry of a map, the ids of a list of
resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cirrusql.api.model import Kind
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.patches import Patched
from cirrusql.catalog.row_model.request_field import ITEM, RequestField, ValueForm
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.row_model.row_places import constants
from cirrusql.catalog.write_rules.updates import replaces_all
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.patch_values import patch_operations, together
from cirrusql.sql.quoting import literal
from cirrusql.types import StructType

Given = Mapping[str, tuple[RequestField, str]]
"""By column, its place and the SQL of its value."""


def parameters_of(
    table: Table, method: Method, given: Given, alias: str | None, does: Verb | None = None
) -> dict[str, str]:
    """SQL by parameter. ``alias``: the existing row, whose other values are kept; None: it is being
    created.

    ``does``: the action for requests that name one; by default the row is created or changed.
    """
    found: dict[str, str] = {}
    trees: dict[str, dict[str, Any]] = {}
    patches: dict[str, list[str]] = {}
    for column, (place, value) in given.items():
        for one in (place, *place.also):
            is_missing = bool(one.only_with) and one.decided_by not in given and alias is None
            if is_missing or not one.parameter:
                # A column that only decides where another is sent is not sent itself.
                continue
            told = _told(one, value, given, alias)
            if one.form is ValueForm.PATCH:
                present = f'"{alias}"."{column}"' if alias is not None else None
                how, *members = one.path
                operations = patch_operations(Patched(how), one.key, members, told, present)
                patches.setdefault(one.parameter, []).append(operations)
            elif one.form is ValueForm.MEMBER:
                _put(trees.setdefault(one.parameter, {}), one.path, told)
            elif one.form is ValueForm.ENTRY:
                _put(trees.setdefault(one.parameter, {}), (one.key,), told)
            else:
                found |= _single(one, told, column)
                if one.form is ValueForm.SPREAD and alias is not None:
                    found |= _spread(table, column, one, told, alias)
    if alias is not None:
        _keep(table, method, given, alias, trees)
    for name, tree in trees.items():
        _turn_on(method, name, tree)
    _act(table, method, does or (Verb.INSERT if alias is None else Verb.UPDATE), trees)
    found |= {name: together(lists) for name, lists in patches.items()}
    for name, tree in trees.items():
        # An empty structure is not sent, unless the operation resets what it is not sent.
        may_lack = alias is None or (name not in method.required and replaces_all(method))
        found[name] = _structure(tree) if may_lack else _literal(tree)
    return found


def _told(place: RequestField, value: str, given: Given, alias: str | None) -> str:
    """The value, or its member at that place; NULL if the condition for its place is not met."""
    if place.of:
        # Through JSON, because a given structure may lack the member.
        value = f"(CAST({value} AS JSON) ->> {literal(place.of)})"
    if not place.only_with:
        return value
    decided, _, wanted = place.only_with.partition("=")
    other = given[decided][1] if decided in given else f'"{alias}"."{decided}"'
    condition = f"{other} = {literal(wanted)}" if wanted else f"{other} IS NOT NULL"
    return f"CASE WHEN {condition} THEN {value} END"


def _turn_on(method: Method, parameter: str, tree: dict[str, Any]) -> None:
    """Enable what is given a value: a time to live has an attribute, and is on."""
    flag = flag_of(method, parameter)
    if flag is not None and flag not in tree:
        given = " OR ".join(f"{leaf} IS NOT NULL" for leaf in _leaves(tree))
        tree[flag] = f"CASE WHEN {given} THEN true END"


def flag_of(method: Method, parameter: str) -> str | None:
    """The member of a structure that must say whether what the others set is enabled."""
    shape = method.parameters[parameter].shape
    required = shape.required if shape.kind is Kind.STRUCTURE else ()
    return next(
        (
            n
            for n in required
            if snake_case(n) == "enabled" and shape.members[n].shape.kind is Kind.BOOLEAN
        ),
        None,
    )


def _act(table: Table, method: Method, does: Verb, trees: dict[str, dict[str, Any]]) -> None:
    """The action of a record beside its row."""
    said = constants(table, method, does)
    if said is not None and said[0] in trees:
        _put(trees[said[0]], said[1], literal(said[2]))


def ids_of(value: str, key: str) -> str:
    """SQL of the ids of a list of resources, whether it contains ids or structures."""
    return f"_ids({value}, {literal(key)})"


def given_ids(value: str, key: str, column: str, more: str = "") -> str:
    """The same of a list that a statement assigns: an error if an item lacks its id, because the
    request would list the others only."""
    right = f"each is an id, or a structure with its {key}{more}"
    told = literal(f"an item of {column} has no {key}: {right}")
    return f"_ids_given({value}, {literal(key)}, {told})"


def _has_things(value: str) -> str:
    """SQL of whether a list has structures: it has more items than texts."""
    return f"_lacks_ids({value}, '')"


def _single(place: RequestField, value: str, column: str) -> dict[str, str]:
    match place.form:
        case ValueForm.PAIR:
            return {place.path[0]: literal(place.key), place.parameter: value}
        case ValueForm.ITEMS:
            return {place.parameter: given_ids(value, place.key, column)}
        case ValueForm.THINGS:
            ids = given_ids(value, place.key, column, "; a name is written as text")
            return {place.parameter: f"CASE WHEN {_has_things(value)} THEN {ids} END"}
        case ValueForm.TEXTS:
            texts = ids_of(value, "")
            return {place.parameter: f"CASE WHEN NOT {_has_things(value)} THEN {texts} END"}
        case ValueForm.SPREAD:
            return {name: f"_member({value}, {literal(name)})" for name in place.path}
        case ValueForm.PART:
            return {place.parameter: f"{given_ids(value, place.key, column)}[1]"}
        case ValueForm.TAGS:
            tags = f"[{{'ResourceType': {literal(place.key)}, 'Tags': {value}}}]"
            return {place.parameter: f"CASE WHEN {value} IS NOT NULL THEN {tags} END"}
        case ValueForm.TAG_QUERY:
            return {place.parameter: f"_tag_query({value}, {literal(column)})"}
        case _:
            return {place.parameter: value}


def _spread(
    table: Table, column: str, place: RequestField, value: str, alias: str
) -> dict[str, str]:
    """Spread a structure over parameters; an error if a member changes that none of them sets."""
    kind = table.by_alias[column.lower()].type
    members = (
        [n for n, _ in kind.fields if n not in place.path] if isinstance(kind, StructType) else []
    )
    sent = f"_member({value}, {literal(place.parameter)})"
    for name in members:
        new, now = (f"_member({v}, {literal(name)})" for v in (value, f'"{alias}"."{column}"'))
        told = literal(f"{name} of {column} cannot be changed: no operation of {table.id} sets it")
        sent = (
            f"CASE WHEN {new} IS NOT NULL AND {new} IS DISTINCT FROM {now} THEN error({told}) "
            f"ELSE {sent} END"
        )
    return {place.parameter: sent}


def _keep(
    table: Table, method: Method, given: Given, alias: str, trees: dict[str, dict[str, Any]]
) -> None:
    """Keep the members that are not set, because the structure is sent as a whole."""
    for column, place in places_of(table, method).items():
        for one in (place, *place.also):
            is_there = (
                one.form is ValueForm.MEMBER and one.parameter in trees and column not in given
            )
            if is_there and not _is_taken(trees[one.parameter], one.path):
                value = _told(one, f'"{alias}"."{column}"', given, alias)
                _put(trees[one.parameter], one.path, value)


def _put(tree: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    if _is_taken(tree, path):
        raise ProgrammingError(
            f"{'.'.join(path)} is set twice",
            hint="set the whole column or its members, but not both",
        )
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _is_taken(tree: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a value is already assigned at a path, inside it or around it."""
    found: Any = tree
    for name in path:
        if not isinstance(found, Mapping):
            return True
        if name not in found:
            return False
        found = found[name]
    return True


def _structure(tree: Mapping[str, Any]) -> str:
    """NULL if all members are, so that nothing is sent that was not given."""
    leaves = " AND ".join(f"{leaf} IS NULL" for leaf in _leaves(tree))
    return f"CASE WHEN NOT ({leaves}) THEN {_literal(tree)} END"


def _leaves(tree: Mapping[str, Any]) -> list[str]:
    return [leaf for v in tree.values() for leaf in (_leaves(v) if isinstance(v, Mapping) else [v])]


def _literal(tree: Mapping[str, Any]) -> str:
    if ITEM in tree:
        item = tree[ITEM]
        return f"[{_literal(item) if isinstance(item, Mapping) else item}]"
    inner = (
        f"{literal(n)}: {_structure(v) if isinstance(v, Mapping) else v}" for n, v in tree.items()
    )
    return f"{{{', '.join(inner)}}}"
