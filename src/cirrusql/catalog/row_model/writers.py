"""Finds operations that set a column of an existing resource, in order of preference.

Operations of the table itself, those that set what a detail returns (PutBucketVersioning), and
those of resources named after the table (UpdateFunctionConfiguration). ``plan`` checks whether a
row provides their other required parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.identifiers import is_of_a_version, says_which, stem_of
from cirrusql.catalog.inference.verbs import MAKES, RELATES, SETS, parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Detail, Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.row_model.request_fields import (
    RequestField,
    ValueForm,
    places_of,
    sets_what_tells,
)
from cirrusql.catalog.row_model.row_places import record_verbs

_FILE = "writers.toml"


@dataclass(frozen=True)
class Writer:
    """One way to set a column."""

    method: Method
    place: RequestField


_setters: WeakKeyDictionary[Table, Mapping[str, tuple[Writer, ...]]] = WeakKeyDictionary()


def setters(catalog: Catalog, table: Table) -> Mapping[str, tuple[Writer, ...]]:
    """By column name, the operations that set it in an existing resource."""
    if table not in _setters:
        found: dict[str, list[Writer]] = {}
        for method in _methods(catalog, table):
            for column, place in places_of(table, method).items():
                # Items of another table's operation are its rows: a rule's Description is not the
                # group's.
                is_of_others = ITEM in place.path and method not in table.methods
                if is_of_others or place.is_which:
                    continue
                if not _says_which(table, method, place.parameter):
                    found.setdefault(column, []).append(Writer(method, place))
        _setters[table] = {column: tuple(writers) for column, writers in found.items()}
    return _setters[table]


def set_together(catalog: Catalog, table: Table, parameter: str) -> tuple[str, ...]:
    """The columns that an UPDATE sets as members of one parameter; none if it is no structure."""
    return tuple(
        column
        for column, writers in setters(catalog, table).items()
        if any(
            w.place.form is ValueForm.MEMBER and w.place.parameter.lower() == parameter.lower()
            for w in writers
        )
    )


def is_no_setter(method: Method) -> bool:
    """Whether a method takes values only to identify what it acts on."""
    return method.operation.id in method.operation.overlay.section(_FILE, "no_setter")


def sent_along(method: Method) -> Mapping[str, str]:
    """Constants that a method must be sent in order to change an existing resource, as SQL by
    parameter."""
    found: Mapping[str, str] = method.operation.overlay.section(_FILE, "sent_along").get(
        method.operation.id, {}
    )
    return {**found, **dict.fromkeys(_default_flags(method), "true")}


def makes_default_version(method: Method) -> bool:
    """Whether a method creates a new default version of a resource."""
    return bool(_default_flags(method))


def _default_flags(method: Method) -> list[str]:
    found = parts(method.operation.name)
    if found.verb != "create" or found.noun[-1:] != ("version",):
        return []
    flags = (n for n, m in method.parameters.items() if m.shape.kind is Kind.BOOLEAN)
    return [n for n in flags if snake_case(n) == "set_as_default"]


def _methods(catalog: Catalog, table: Table) -> Iterator[Method]:
    service, _ = catalog.service_catalog(table.provider, table.schema)
    own = [m for m in table.reached_by(Verb.UPDATE, Verb.REPLACE) if _sets(table, m)]
    own_names = {m.operation.name for m in table.methods}
    near, of_details = [], []
    details = [d for d in table.details if _is_of_the_thing(table, d)]
    for resource, names in service.plain.items():
        if resource == f"{table.noun}_versions":
            near += [m for n in names if makes_default_version(m := service.method(n))]
        if any(parts(n).verb in MAKES for n in names):
            # It is a resource of its own: a project's profile is not part of the project.
            continue
        for name in names:
            if parts(name).verb not in SETS or name in own_names:
                continue
            method = service.method(name)
            if any(sets_what_tells(method, d) for d in details):
                of_details.append(method)
            elif resource.startswith(f"{table.noun}_"):
                near.append(method)
    yield from (m for m in (*own, *of_details, *near) if not is_no_setter(m))


def _sets(table: Table, method: Method) -> bool:
    """Whether a method only sets values, by its verb or by the Action of a record."""
    return parts(method.operation.name).verb in SETS or Verb.UPDATE in record_verbs(table, method)


def _is_of_the_thing(table: Table, detail: Detail) -> bool:
    """Whether a detail describes the row itself, not another resource that the row names."""
    noun = table.noun.split("_")
    stems = [stem_of(column) for _, column in detail.keys]
    return all(not stem or list(stem) == noun[-len(stem) :] for stem in stems)


def _is_in_path(method: Method, parameter: str) -> bool:
    """Whether it stands in the path of a request that gives values: no relation, no version."""
    is_of_url = method.parameters[parameter].traits.get("location") == "uri"
    is_value = parts(method.operation.name).verb in RELATES or is_of_a_version(parameter)
    return is_of_url and not is_value


def _says_which(table: Table, method: Method, parameter: str) -> bool:
    """Whether a parameter identifies the resource, rather than setting a value."""
    if parameter not in method.required:
        return False
    if _is_in_path(method, parameter):
        return True
    return says_which(parameter) or any(
        parameter in m.required for m in table.reached_by(Verb.DELETE)
    )
