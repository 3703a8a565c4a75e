"""A column that two operations turn on and off is set like any other."""

from __future__ import annotations

import pytest

from cirrusql.errors import Error, ProgrammingError
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

KEYS = "aws.kms.keys"


@pytest.fixture
def key(ask: Ask) -> str:
    (row,) = ask(f"INSERT INTO {KEYS} (Description) VALUES ('k') RETURNING KeyId")
    return str(row["KeyId"])


def test_a_key_is_disabled_and_enabled(ask: Ask, proxy: FaultProxy, key: str) -> None:
    done = ask(f"UPDATE {KEYS} SET Enabled = false WHERE KeyId = $key", key=key)
    assert [(r["operation"], r["status"]) for r in done] == [("kms:DisableKey", "done")]
    assert ask(f"SELECT Enabled, KeyState FROM {KEYS}") == [
        {"Enabled": False, "KeyState": "Disabled"}
    ]
    ask(f"UPDATE {KEYS} SET Enabled = NOT Enabled WHERE KeyId = $key", key=key)
    assert ask(f"SELECT Enabled FROM {KEYS}") == [{"Enabled": True}]
    assert (proxy.calls["kms:DisableKey"], proxy.calls["kms:EnableKey"]) == (1, 1)


def test_what_is_so_already_is_left_alone(ask: Ask, proxy: FaultProxy, key: str) -> None:
    assert ask(f"UPDATE {KEYS} SET Enabled = true WHERE KeyId = $key", key=key) == []
    assert (proxy.calls["kms:DisableKey"], proxy.calls["kms:EnableKey"]) == (0, 0)


def test_each_row_is_turned_as_its_own_values_say(ask: Ask, proxy: FaultProxy) -> None:
    ask(f"INSERT INTO {KEYS} (Description) VALUES ('a'), ('b'), ('c')")
    ask(f"UPDATE {KEYS} SET Enabled = Description = 'b' WHERE true")
    rows = ask(f"SELECT Description, Enabled FROM {KEYS} ORDER BY Description")
    assert [r["Enabled"] for r in rows] == [False, True, False]
    assert (proxy.calls["kms:DisableKey"], proxy.calls["kms:EnableKey"]) == (2, 0)


def test_it_is_set_with_other_columns_and_inserted(ask: Ask, proxy: FaultProxy) -> None:
    ask(f"INSERT INTO {KEYS} (Description, KeyRotationEnabled) VALUES ('a', true), ('b', false)")
    rows = ask(f"SELECT Description, KeyRotationEnabled FROM {KEYS} ORDER BY Description")
    assert [r["KeyRotationEnabled"] for r in rows] == [True, False]
    done = ask(
        f"UPDATE {KEYS} SET KeyRotationEnabled = false, Description = 'c', Enabled = false "
        "WHERE Description = 'a'"
    )
    assert {r["operation"]: r["status"] for r in done} == {
        "kms:DisableKeyRotation": "done",
        "kms:UpdateKeyDescription": "done",
        "kms:DisableKey": "done",
    }
    (row,) = ask(f"SELECT Enabled, KeyRotationEnabled FROM {KEYS} WHERE Description = 'c'")
    assert row == {"Enabled": False, "KeyRotationEnabled": False}


def test_a_trail_logs_or_does_not(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('logs')")
    ask("INSERT INTO aws.cloudtrail.trails (Name, S3BucketName) VALUES ('trail', 'logs')")
    ask("UPDATE aws.cloudtrail.trails SET IsLogging = true WHERE Name = 'trail'")
    assert ask("SELECT IsLogging FROM aws.cloudtrail.trails") == [{"IsLogging": True}]
    ask("UPDATE aws.cloudtrail.trails SET IsLogging = false WHERE Name = 'trail'")
    assert ask("SELECT IsLogging FROM aws.cloudtrail.trails") == [{"IsLogging": False}]
    assert (proxy.calls["cloudtrail:StartLogging"], proxy.calls["cloudtrail:StopLogging"]) == (1, 1)


def test_what_is_neither_on_nor_off_is_an_error(ask: Ask, proxy: FaultProxy, key: str) -> None:
    with pytest.raises(Error, match=r"Enabled of aws\.kms\.keys can only be set to true or false"):
        ask(f"UPDATE {KEYS} SET Enabled = nullif(true, true) WHERE KeyId = $key", key=key)
    with pytest.raises(
        ProgrammingError, match=r"Enabled of aws\.kms\.keys can only be set to true or false"
    ):
        ask(f"UPDATE {KEYS} SET Enabled = NULL WHERE KeyId = $key", key=key)
    assert (proxy.calls["kms:DisableKey"], proxy.calls["kms:EnableKey"]) == (0, 0)


def test_an_operation_that_sets_it_is_taken_instead(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.events.rules (Name, ScheduleExpression) VALUES ('r', 'rate(1 day)')")
    ask(
        "UPDATE aws.events.rules SET State = 'DISABLED' WHERE Name = 'r' AND EventBusName = "
        "'default'"
    )
    assert (proxy.calls["events:PutRule"], proxy.calls["events:DisableRule"]) == (2, 0)


def test_it_is_undone_with_its_transaction(ask: Ask, key: str) -> None:
    done = ask(
        f"BEGIN; UPDATE {KEYS} SET Enabled = false WHERE KeyId = $key; "
        "INSERT INTO aws.iam.access_keys (UserName) VALUES ('nobody'); COMMIT",
        key=key,
    )
    assert "undone" in {r["status"] for r in done}
    assert ask(f"SELECT Enabled FROM {KEYS}") == [{"Enabled": True}]
