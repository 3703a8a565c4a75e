"""Which columns are switched on and off by a pair of operations."""

from __future__ import annotations

import pytest

from cirrusql.catalog.row_model.switches import switches
from cirrusql.plan.updates.switching import switch_of
from tests.plan.planned import catalog


@pytest.mark.parametrize(
    ("table", "column", "on", "off", "states"),
    [
        ("kms.keys", "Enabled", "EnableKey", "DisableKey", None),
        ("kms.keys", "KeyRotationEnabled", "EnableKeyRotation", "DisableKeyRotation", None),
        ("cloudtrail.trails", "IsLogging", "StartLogging", "StopLogging", None),
        ("rolesanywhere.profiles", "enabled", "EnableProfile", "DisableProfile", None),
        ("mgn.waves", "isArchived", "ArchiveWave", "UnarchiveWave", None),
        (
            "clouddirectory.directories",
            "State",
            "EnableDirectory",
            "DisableDirectory",
            ("ENABLED", "DISABLED"),
        ),
    ],
)
def test_the_words_of_operations_and_column_say_it(
    table: str, column: str, on: str, off: str, states: tuple[str, str] | None
) -> None:
    found = switches(catalog(), catalog().table("aws", *table.split(".")))[column]
    assert (found.on.operation.name, found.off.operation.name, found.states) == (on, off, states)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        # It starts and stops over minutes, and has other states.
        ("rds.db_instances", "DBInstanceStatus"),
        # A row is of one zone, in which the snapshot is fast.
        ("ec2.fast_snapshot_restores", "State"),
        # PutRule takes it.
        ("events.rules", "State"),
        ("cloudwatch.alarms", "ActionsEnabled"),
    ],
)
def test_what_takes_minutes_or_is_set_otherwise_is_no_switch(table: str, column: str) -> None:
    assert switch_of(catalog(), catalog().table("aws", *table.split(".")), column) is None
