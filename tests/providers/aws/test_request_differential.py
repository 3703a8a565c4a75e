"""Our requests against those of botocore's client: every operation of a sample of
services; of every one with ``TESTS_ALL_TABLES=1``.

Compared are method, URL, headers, body and signature. Not compared is what is each one's
own (user agent, retry headers) and what the transport sets (framing).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest

from cirrusql.api.http_messages import Credentials
from cirrusql.api.model import Operation, Service
from cirrusql.errors import Error
from cirrusql.providers.aws.protocol.request import build
from cirrusql.providers.aws.signing.sigv4 import sign
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.botocore_client import ACCESS_KEY, SECRET_KEY, TOKEN, Client, Sent, session
from tests.support.parameters import ACCOUNT, parameters_of
from tests.support.services import sampled_ids

SEED = int(os.environ.get("CIRRUSQL_SEED", "20261124"))
SERVICES = sampled_ids(
    110,
    [
        "cloudwatch",
        "dynamodb",
        "ec2",
        "iam",
        "lambda",
        "logs",
        "rds",
        "route53",
        "s3",
        "sqs",
        "sts",
    ],
)
EXCLUDED = tomllib.loads(Path(__file__).with_name("excluded_requests.toml").read_text())
HOME = "us-west-2"
REGIONS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "ap-southeast-4")
# A name: botocore puts the label of an account before an IP address too, where no host has it.
CUSTOM = "http://localhost:5000"
PER_PLACE = 3
"""Operations of a service that are tried at a second and a third place."""
NOT_COMPARED = frozenset(
    """user-agent amz-sdk-invocation-id amz-sdk-request x-amzn-trace-id
    expect content-length transfer-encoding""".split()
)
CREDENTIALS = Credentials(ACCESS_KEY, SECRET_KEY, TOKEN, bearer=TOKEN)


def moment(sent: Sent) -> datetime:
    """When botocore signed, for ours to sign in the same second."""
    if stamp := sent.headers.get("x-amz-date"):
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if found := re.search(rb"Timestamp=([^&]*)&SecurityToken", sent.body):
        return datetime.fromisoformat(unquote(found[1].decode()))
    return datetime(2026, 11, 24, tzinfo=UTC)


def ours(operation: Operation, parameters: dict[str, Any], sent: Sent | None, **place: Any) -> Sent:
    """What we would send; raises one of our errors where we would send nothing."""
    request, endpoint = build(operation, parameters, account_id=ACCOUNT, **place)
    request = sign(request, endpoint, CREDENTIALS, moment(sent) if sent else datetime.now(UTC))
    headers = {k.lower(): v for k, v in request.headers.items()}
    return Sent(request.method, request.url, headers, request.body)


def difference(
    client: Client, operation: Operation, parameters: dict[str, Any], **place: Any
) -> str | None:
    """The first difference between the two requests, or None.
    Refusing the same is no difference."""
    try:
        theirs = client.sent(operation.name, deepcopy(parameters))
    except Exception as refusal:
        try:
            ours(operation, parameters, None, **place)
        except Error:
            return None
        return f"botocore refuses it: {refusal}"
    try:
        own = ours(operation, parameters, theirs, **place)
    except Error as refusal:
        return f"only we refuse it: {refusal}"
    return first_difference(own, theirs)


def first_difference(own: Sent, theirs: Sent) -> str | None:
    """Authorization is looked at last: it differs whenever anything does."""
    pairs: list[tuple[str, object, object]] = [
        ("method", own.method, theirs.method),
        ("url", own.url, theirs.url),
        ("body", own.body, theirs.body),
    ]
    names = sorted((own.headers.keys() | theirs.headers.keys()) - NOT_COMPARED - {"authorization"})
    pairs += [(n, own.headers.get(n), theirs.headers.get(n)) for n in [*names, "authorization"]]
    for what, a, b in pairs:
        if a != b:
            return f"{what}:\n  ours     {a!r}\n  botocore {b!r}"
    return None


@lru_cache(maxsize=1)
def loaded_service(service: str) -> Service:
    """Read again for each service, so that no more than one model is in memory."""
    return BotocoreSource().load(service)


def cases(service: str) -> Iterator[tuple[Operation, bool]]:
    """Every operation with all its parameters, and a third of them with some."""
    loaded = loaded_service(service)
    rng = Random(f"{SEED}:{service}")
    for name in loaded.operation_names:
        yield loaded.operation(name), True
        if rng.random() < 1 / 3:
            yield loaded.operation(name), False


def differences(service: str, kind: str) -> list[str]:
    """What differs for a service at a place of that kind, worded."""
    rng = Random(f"{SEED}:{service}:{kind}")
    region = rng.choice(REGIONS) if kind == "region" else HOME
    url = CUSTOM if kind == "endpoint_url" else None
    chosen = list(cases(service))
    if kind != "home":
        chosen = rng.sample(chosen, min(PER_PLACE, len(chosen)))
    client = Client(session(service), service, region, url)
    found = []
    for operation, is_full in chosen:
        given = parameters_of(
            operation, Random(f"{SEED}:{operation.id}:{is_full}"), is_full=is_full
        )
        wrong = difference(client, operation, given, region=region, endpoint_url=url)
        if wrong is not None:
            found.append(f"{operation.id} in {region} (seed {SEED}, full {is_full}): {wrong}")
    client.close()
    return found


@pytest.fixture(autouse=True)
def _hermetic(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.mark.parametrize("service", SERVICES)
def test_sends_what_botocore_would_send(service: str) -> None:
    wrong = [
        line
        for kind in ("home", "region", "endpoint_url")
        if service not in EXCLUDED.get(kind, {})
        for line in differences(service, kind)
    ]
    assert not wrong, "\n".join(wrong[:5])


@pytest.mark.parametrize(
    ("kind", "service"), [(k, s) for k, names in EXCLUDED.items() for s in names]
)
def test_exclusion_is_still_needed(kind: str, service: str) -> None:
    assert differences(service, kind), (
        f"{service} is equal now: take it out of excluded_requests.toml"
    )
