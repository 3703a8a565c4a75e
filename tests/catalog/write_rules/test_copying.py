"""Copying a row onto itself: the data is complete, and undoing a copy deletes nothing."""

from __future__ import annotations

import re

import pytest

from cirrusql.catalog.inverses.inverse import Inverse
from cirrusql.catalog.inverses.inverses import inverse_of
from cirrusql.catalog.write_rules.copying import ALONG, copiers, copies
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG

OVERLAY = BotocoreSource().load("s3").overlay


@pytest.mark.parametrize("key", sorted(copies(OVERLAY)))
def test_what_the_data_names_is_there(key: str) -> None:
    service, _, operation = key.partition(":")
    said = copies(OVERLAY)[key]
    table = CATALOG.table("aws", service, said.of)
    (method,) = (m for m in copiers(table) if m.operation.name == operation)
    assert {*said.sets, *said.sends, *said.loses} <= set(method.parameters)
    named = {n for sql in said.sends.values() for n in re.findall(r"\{(\w+)\}", sql)}
    assert {*named, *said.sets} <= {c.name for c in table.columns}


@pytest.mark.parametrize("key", sorted(copies(OVERLAY, ALONG)))
def test_what_is_carried_along_is_there(key: str) -> None:
    service, _, operation = key.partition(":")
    said = copies(OVERLAY, ALONG)[key]
    table = CATALOG.table("aws", service, said.of)
    (method,) = (m for m in table.methods if m.operation.name == operation)
    assert set(said.sends) <= set(method.parameters)
    named = {n for sql in said.sends.values() for n in re.findall(r"\{(\w+)\}", sql)}
    assert named <= {c.name for c in table.columns}


def test_a_copy_onto_itself_is_undone_by_a_copy_back_and_not_by_what_ends_the_row() -> None:
    table = CATALOG.table("aws", "s3", "objects")
    (copy,) = copiers(table)
    sent = {"Bucket": "b", "Key": "k", "CopySource": "b/k", "MetadataDirective": "REPLACE"}
    inverse = inverse_of(CATALOG, table, copy, sent)
    assert isinstance(inverse, Inverse)
    assert inverse.method.operation.name == "CopyObject"
