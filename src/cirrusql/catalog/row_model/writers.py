"""Finds operations that set a column of an existing resource, in order of preference.

``setting_methods`` finds the operations; here is which column each of them sets. ``plan`` checks
whether a row provides their other required parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.identifiers import is_of_a_version, says_which
from cirrusql.catalog.inference.verbs import RELATES, parts
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.row_model.request_fields import (
    RequestField,
    ValueForm,
    places_of,
)
from cirrusql.catalog.row_model.setting_methods import setting_methods


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
        service, _ = catalog.service_catalog(table.provider, table.schema)
        for method in setting_methods(service, table):
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
