"""Names inside a URL or an ARN: the data file is checked against the catalog."""

from __future__ import annotations

import re

import pytest

from cirrusql.catalog.model import Role, Verb
from cirrusql.catalog.row_model.names_within import FILE, SECTION
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.catalog import CATALOG

_ENTRIES = OVERLAY.section(FILE, SECTION)


@pytest.mark.parametrize("key", _ENTRIES)
def test_an_entry_is_about_a_parameter_that_names_a_new_thing_and_a_field(key: str) -> None:
    schema, resource, parameter = key.split(".")
    table = CATALOG.table("aws", schema, resource)
    makers = table.reached_by(Verb.INSERT)
    assert any(parameter in m.required for m in makers), key
    assert table.by_alias[parameter.lower()].role is Role.PARAMETER, key
    of = table.by_alias[_ENTRIES[key]["of"].lower()]
    assert (of.role, of.type.name) == (Role.FIELD, "VARCHAR"), key


@pytest.mark.parametrize(
    ("key", "text", "name"),
    [
        ("sqs.queues.QueueName", "https://sqs.eu-west-1.amazonaws.com/123/jobs.fifo", "jobs.fifo"),
        ("sns.topics.Name", "arn:aws:sns:us-east-1:123:alarms", "alarms"),
        ("rekognition.projects.ProjectName", "arn:aws:rekognition:r:1:project/p-1/1690", "p-1"),
        ("iam.virtual_mfa_devices.VirtualMFADeviceName", "arn:aws:iam::1:mfa/a/b/phone", "phone"),
        ("iam.virtual_mfa_devices.VirtualMFADeviceName", "arn:aws:iam::1:mfa/phone", "phone"),
        ("iam.virtual_mfa_devices.VirtualMFADeviceName", "GAHT12345678", None),
        (
            "comprehend.document_classifiers.DocumentClassifierName",
            "arn:aws:comprehend:r:1:document-classifier/spam/version/2",
            "spam",
        ),
    ],
)
def test_a_name_is_where_the_pattern_says(key: str, text: str, name: str | None) -> None:
    found = re.search(_ENTRIES[key]["pattern"], text)
    assert (found and found[1]) == name
