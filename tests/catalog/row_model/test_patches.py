"""``patches.toml`` names columns that there are, of operations that take patch operations."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.model import Role
from cirrusql.catalog.row_model.patches import PARAMETER, Patched, patch_notes
from cirrusql.catalog.row_model.request_fields import ValueForm, places_of
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.types import ListType, StructType
from tests.support.catalog import CATALOG


@pytest.mark.parametrize("operation", sorted(patch_notes(OVERLAY)))
def test_an_entry_names_columns_of_that_form(operation: str) -> None:
    service_id, _, name = operation.partition(":")
    service, _ = CATALOG.service_catalog("aws", schema_name(service_id))
    home = next(r for r, names in service.plain.items() if name in names)
    table = CATALOG.table("aws", schema_name(service_id), home)
    method = next(m for m in table.methods if m.operation.name == name)
    assert PARAMETER in method.parameters
    for column, how, members in patch_notes(OVERLAY)[operation].columns():
        found = table.by_alias[column.lower()]
        assert found.role is Role.FIELD, (
            f"patches.toml: {operation}: {column} is no field of {table.id}"
        )
        if how is Patched.MEMBERS:
            assert isinstance(found.type, StructType), f"patches.toml: {operation}: {column}"
            assert set(members) <= set(dict(found.type.fields)), (
                f"patches.toml: {operation}: {column}"
            )
        if how in (Patched.MAP, Patched.ITEMS):
            assert isinstance(found.type, ListType) is (how is Patched.ITEMS)
            assert found.type.name == ("MAP" if how is Patched.MAP else "LIST")


def test_every_operation_that_takes_patches_and_has_a_row_of_its_own_is_named() -> None:
    service, _ = CATALOG.service_catalog("aws", "apigateway")
    names = [
        n for n in service.service.operation_names if PARAMETER in service.method(n).parameters
    ]
    # The usage of a plan is a report; what else is left sets nothing that a row shows.
    left = {n for n in names if f"apigateway:{n}" not in patch_notes(OVERLAY)}
    assert left <= {"UpdateUsage", "UpdateDomainNameAccessAssociation"}


def test_each_column_has_a_place_of_its_own() -> None:
    table = CATALOG.table("aws", "apigateway", "stages")
    method = next(m for m in table.methods if m.operation.name == "UpdateStage")
    places = {c: p for c, p in places_of(table, method).items() if p.form is ValueForm.PATCH}
    assert places["variables"].path == (Patched.MAP,)
    assert places["accessLogSettings"].path == (Patched.MEMBERS, "destinationArn", "format")
