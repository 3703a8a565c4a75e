"""Fields that a listing never fills: its documentation says so, and we know each one.

A sample of services; ``TESTS_ALL_TABLES=1`` reads the documentation of every one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from cirrusql.api.model import Operation, Shape
from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference.corrections import correction
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.operations_to_tables import plain_noun
from cirrusql.catalog.model import Verb
from cirrusql.catalog.relations.detail_overrides import listing_note, listing_notes
from cirrusql.catalog.rows.row_paths import row_path
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.catalog import CATALOG

SERVICES = "iam lambda lightsail cognito_idp ec2 rds s3 ecs sqs sns kms dynamodb glue".split()

_NOT = re.compile(
    r"\bnot (?:return|include)|n't (?:return|include)|\bsubset of|\bonly returned when", re.I
)
_LISTED = re.compile(
    r"operation does not return (?:the following attributes|tags), even though|"
    r"ListFunctions operation returns a subset of the FunctionConfiguration fields",
    re.I,
)


def operation_of(key: str) -> Operation:
    service, _, name = key.partition(":")
    return CATALOG.service("aws", schema_name(service)).operation(name)


def members_of(operation: Operation) -> dict[str, str]:
    """The documentation of each member of an item, by name, whatever the notes leave out."""
    rows = row_path(
        operation, plain_noun(operation.name), correction(operation.service, operation.name).lists
    )
    assert rows is not None
    assert operation.output is not None
    shape: Shape = operation.output
    for path in rows.lists:
        for step in path:
            shape = shape.members[step].shape
        shape = shape.element.shape
    return {name: plain_text(m.documentation) for name, m in shape.members.items()}


@pytest.mark.parametrize(
    "key", sorted(k for k, note in listing_notes(OVERLAY).items() if note.absent)
)
def test_the_documentation_says_what_is_absent(key: str) -> None:
    operation = operation_of(key)
    told = plain_text(operation.documentation)
    for name, documentation in members_of(operation).items():
        if name in listing_note(operation).absent:
            of_operation = _NOT.search(told) and re.search(
                rf"\b{name}\b|secret access key", told, re.I
            )
            assert of_operation or _NOT.search(documentation), (
                f"details.toml: {key} may well give {name}"
            )


def listings(service: str) -> Iterator[Operation]:
    found, _ = CATALOG.service_catalog("aws", service)
    for name in found.service.operation_names:
        method = found.method(name)
        if method.verb is Verb.SELECT and method.rows is not None and method.rows.lists:
            yield method.operation


@pytest.mark.parametrize(
    "service",
    [i.id for i in CATALOG.services("aws")] if "TESTS_ALL_TABLES" in os.environ else SERVICES,
)
def test_what_the_documentation_says_is_absent_is_known(service: str) -> None:
    for operation in listings(service):
        known = listing_note(operation).absent
        members = members_of(operation)
        told = plain_text(operation.documentation)
        if _LISTED.search(told) and "Tags" in members:
            assert "Tags" in known, operation.id
        not_in = re.compile(
            rf"not (?:returned|included) in the response to the [\w, ]*\b{operation.name}\b|"
            r"included in the response when you list all", re.I
        )  # fmt: skip
        for name, documentation in members.items():
            if not_in.search(documentation):
                assert name in known, (operation.id, name)
