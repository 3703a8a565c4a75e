"""Example statements: for every table of a sample of services they parse and bind, and what
reads without being told anything runs on the sandbox.

``TESTS_ALL_EXAMPLES=1`` takes every service there is, which takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cirrusql.apps.docs.examples import examples
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Table, Verb
from cirrusql.errors import BadAnswer, CallFailed, Error
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from cirrusql.sql.parse import parse
from cirrusql.sql.split import split
from tests.support.fault_proxy import FaultProxy
from tests.support.services import chance

SOURCE = BotocoreSource()
ALWAYS = "iam s3 ec2 sqs dynamodb ecs kms route53 lambda logs".split()
SAMPLE = 12
# What no column or no value says: these are reached by EXEC. More of them would be a regression.
MOST_WITHOUT = 0.06

KNOWN_FAULTS = {
    ("cloudwatch", "alarm_mute_rules", "UPDATE"): "Put keeps a Description that no listing shows",
    ("lex_models", "bots", "UPDATE"): "Put keeps an abortStatement that no listing shows",
}
"""Examples that are errors before any call, to be mended; one that binds again is taken out."""


def services() -> list[str]:
    """The services of this run."""
    known = [s.id for s in Catalog([SOURCE]).services("aws")]
    return (
        known if "TESTS_ALL_EXAMPLES" in os.environ else [*ALWAYS, *chance().sample(known, SAMPLE)]
    )


def tables(catalog: Catalog, service: str) -> Iterator[Table]:
    for name in catalog.resources("aws", service):
        yield catalog.table("aws", service, name)


def test_every_example_parses_and_binds_and_nearly_every_verb_has_one() -> None:
    verbs, shown = 0, 0
    for service in services():
        catalog = Catalog([SOURCE])
        with Session(Settings(sandbox=True), {}, catalog=catalog) as session:
            for table in tables(catalog, service):
                found = dict(examples(table))
                for verb, text in found.items():
                    if (service, table.name, str(verb)) in KNOWN_FAULTS:
                        with pytest.raises(AssertionError):
                            assert_binds(session, text)
                    else:
                        assert_binds(session, text)
                reached = {m.verb for m in table.methods} | {Verb.EXEC}
                verbs += len(reached)
                shown += len(reached & set(found))
    assert shown >= verbs * (1 - MOST_WITHOUT)


def assert_binds(session: Session, text: str) -> None:
    (piece,) = split(text)
    try:
        plan = session.plan(parse(piece), {})
    except Error as error:
        raise AssertionError(f"{text}\n{error}") from error
    assert plan.scans or plan.writes, text


@pytest.mark.parametrize("service", ALWAYS)
def test_a_reading_example_that_needs_nothing_runs_on_the_sandbox(
    service: str, proxy: FaultProxy
) -> None:
    """A read may fail by the emulator's answer (it knows not every operation), by nothing else."""
    catalog = Catalog([SOURCE])
    settings = Settings(sandbox=True, endpoint_url=proxy.url, region="us-east-1", max_attempts=1)
    with Session(settings, {}, catalog=catalog) as session:
        texts = [dict(examples(table)).get("SELECT", "WHERE") for table in tables(catalog, service)]
        answered = [text for text in texts if "WHERE" not in text and is_answered(session, text)]
    assert answered


def is_answered(session: Session, text: str) -> bool:
    try:
        for result in session.run(text, {}):
            result.table()
            return not result.failures
    except (CallFailed, BadAnswer):
        return False
    raise AssertionError(text)
