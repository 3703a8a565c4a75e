"""The 251 names in StackQL's registry, and the page they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cirrusql.catalog.model import Role
from tests.support.catalog import CATALOG

NAMES: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__).with_name("reference_names.jsonl").read_text().splitlines()
]

# AWS has since made these parameters optional or added some: the model is right, not the list.
REQUIRED_HAS_CHANGED = frozenset(
    """login_profiles_Create login_profiles_Delete login_profiles_Get mfa_devices_Deactivate
    open_id_connect_providers_Create saml_providers_Update create_record_set list_record_sets""".split()  # noqa: E501
)


@pytest.mark.parametrize("name", NAMES, ids=lambda n: f"{n['service']}.{n['method']}")
def test_name_gives_its_operation_and_verb(name: dict[str, Any]) -> None:
    table = CATALOG.table("aws", name["service"], name["resource"])
    assert table.name == name["resource"]
    found = [m for m in table.methods if m.api_name == name["method"]]
    assert [m.operation.name for m in found] == [name["operation"]]
    assert found[0].api_verb == name["sql_verb"]
    if "required" in name and name["method"] not in REQUIRED_HAS_CHANGED:
        assert list(found[0].required) == name["required"]


@pytest.mark.parametrize("name", NAMES, ids=lambda n: f"{n['service']}.{n['method']}")
def test_name_works_under_both_spellings_of_the_service(name: dict[str, Any]) -> None:
    plain = name["service"].removesuffix("_api")
    _, method = CATALOG.method("aws", plain, name["resource"], name["method"])
    assert method.operation.name == name["operation"]


def test_required_that_has_changed_has_changed_still() -> None:
    for name in NAMES:
        if name["method"] in REQUIRED_HAS_CHANGED:
            _, method = CATALOG.method("aws", name["service"], name["resource"], name["method"])
            assert list(method.required) != name["required"], name["method"]


def test_access_keys_has_the_fields_of_the_reference_page_in_its_order() -> None:
    table = CATALOG.table("aws", "iam_api", "access_keys")
    fields = [(c.name, c.type.reference_name) for c in table.columns if c.role is Role.FIELD]
    names = ("AccessKeyId", "CreateDate", "Status", "UserName")
    assert fields == [(n, "string") for n in names]


def test_access_keys_has_the_methods_of_the_reference_page_in_its_order() -> None:
    table = CATALOG.table("aws", "iam_api", "access_keys")
    assert [(m.api_name, m.api_verb.value) for m in table.methods] == [
        ("access_keys_List", "SELECT"),
        ("access_keys_Create", "INSERT"),
        ("access_keys_Delete", "DELETE"),
        ("access_keys_Update", "EXEC"),
    ]
