"""What is one row though its operation's name is plural: settings with a list among them."""

from __future__ import annotations

import pytest

from cirrusql.catalog.model import Verb
from cirrusql.plan.updates.splitting import splitting
from tests.support.catalog import CATALOG


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ec2.allowed_images_settings", "ImageCriteria"),
        ("gamelift.fleet_port_settings", "InboundPermissions"),
        ("iot.v2_logging_options", "eventConfigurations"),
        ("keyspaces.table_auto_scaling_settings", "replicaSpecifications"),
        ("license_manager.service_settings", "CrossRegionDiscoverySourceRegions"),
        ("license_manager_linux_subscriptions.service_settings", "HomeRegions"),
        ("partnercentral_account.connection_preferences", "ExcludedParticipantIds"),
        ("partnercentral_account.qualifications_association_details", "AssociatedPartners"),
    ],
)
def test_settings_are_one_row_whose_list_is_a_column(table: str, column: str) -> None:
    found = CATALOG.table("aws", *table.split("."))
    (reader,) = [m for m in found.reached_by(Verb.SELECT) if m.rows and column in m.rows.fields]
    assert reader.rows is not None
    assert reader.rows.lists == ()
    assert found.by_alias[column.lower()].type.name == "LIST"


@pytest.mark.parametrize(
    ("table", "lists"),
    [
        ("cloudwatch.metric_statistics", (("Datapoints",),)),
        ("forecast.accuracy_metrics", (("PredictorEvaluationResults",),)),
        ("support.create_case_options", (("communicationTypes",),)),
        ("ec2.instances", (("Reservations",), ("Instances",))),
    ],
)
def test_a_list_with_little_beside_it_is_the_rows(
    table: str, lists: tuple[tuple[str, ...], ...]
) -> None:
    found = CATALOG.table("aws", *table.split("."))
    (reader, *_) = [m for m in found.reached_by(Verb.SELECT) if m.rows is not None]
    assert reader.rows is not None
    assert reader.rows.lists == lists


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("iot.v2_logging_options", "defaultLogLevel"),
        ("license_manager.service_settings", "S3BucketArn"),
    ],
)
def test_an_update_sets_what_there_is_one_of(table: str, column: str) -> None:
    assert splitting(CATALOG, CATALOG.table("aws", *table.split(".")), {column: "'x'"})
