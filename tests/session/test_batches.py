"""Keys from a parent's listing are batched into one call,
where the call answers for each of them by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def secrets(client: Callable[..., Any], proxy: FaultProxy) -> FaultProxy:
    """25 secrets: a call of BatchGetSecretValue takes 20."""
    for i in range(25):
        client("secretsmanager").create_secret(Name=f"s{i:02}", SecretString=f"value-{i}")
    proxy.reset()
    return proxy


def test_values_of_secrets_come_twenty_in_a_call(ask: Ask, secrets: FaultProxy) -> None:
    found = ask("SELECT Name, SecretString FROM aws.secretsmanager.secret_values ORDER BY Name")
    assert [(r["Name"], r["SecretString"]) for r in found] == [
        (f"s{i:02}", f"value-{i}") for i in range(25)
    ]
    assert secrets.calls == {
        "secretsmanager:ListSecrets": 1,
        "secretsmanager:BatchGetSecretValue": 2,
    }


def test_a_row_that_shows_what_was_sent_for_it_has_a_call_of_its_own(
    ask: Ask, secrets: FaultProxy
) -> None:
    found = ask("SELECT ARN, SecretIdList FROM aws.secretsmanager.secret_values")
    assert all(r["SecretIdList"] == [r["ARN"]] for r in found)
    assert secrets.calls["secretsmanager:BatchGetSecretValue"] == 25
