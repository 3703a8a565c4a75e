"""Example statements parse and bind, for every table of a spread of services."""

from __future__ import annotations

import pytest

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.apps.docs.examples import examples
from cirrusql.catalog.catalog import Catalog
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from cirrusql.sql.parse import parse
from cirrusql.sql.split import split

SERVICES = "iam s3 ec2 sqs dynamodb ecs kms route53 lambda_ logs".replace("lambda_", "lambda").split()


@pytest.mark.parametrize("service", SERVICES)
def test_examples_parse_and_bind(service: str) -> None:
    catalog = Catalog([BotocoreSource()])
    found, _ = catalog.service_catalog("aws", service)
    with Session(Settings(sandbox=True), {}, catalog=catalog) as session:
        for name in found.resources(False):
            for verb, text in examples(found.table(service, name, False)):
                (piece,) = split(text)
                plan = session.plan(parse(piece), {})
                assert plan.scans or plan.writes, f"{verb} of {service}.{name}: {text}"
