"""CPU of one request, built and signed: ours against botocore's client, up to the socket.

    python -m benchmarks.request

botocore's side is its own client, whose ``before-send`` returns without sending. Both build the
same bytes (``tests/providers/aws/test_request_differential.py``).
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import botocore.session
from botocore.config import Config

from cirrusql.api.http_messages import Credentials
from cirrusql.providers.aws.protocol.request import build
from cirrusql.providers.aws.signing.sigv4 import sign
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

CALLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("iam", "ListAccessKeys", {"UserName": "ann"}),
    ("ec2", "DescribeInstances", {"MaxResults": 1000}),
    ("lambda", "ListFunctions", {"MaxItems": 50}),
    ("dynamodb", "Scan", {"TableName": "orders", "Limit": 1000}),
    ("s3", "ListObjectsV2", {"Bucket": "shop", "Prefix": "2026/11/"}),
)
REGION = "us-east-1"
SECONDS = 1.0
"""Minimum CPU time of one measurement."""
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


class _NotSentError(Exception):
    """Raised before anything is sent."""


def _stop(**_: object) -> None:
    raise _NotSentError


def microseconds(work: Callable[[], object]) -> float:
    """CPU time of one call of ``work``, warm."""
    work()
    count, started = 0, time.process_time()
    while (spent := time.process_time() - started) < SECONDS:
        for _ in range(50):
            work()
        count += 50
    return spent / count * 1e6


def ours(service: str, operation: str, parameters: dict[str, Any]) -> Callable[[], object]:
    found = BotocoreSource().load(service).operation(operation)
    credentials = Credentials(KEY, SECRET)

    def call() -> object:
        request, endpoint = build(found, parameters, region=REGION)
        return sign(request, endpoint, credentials, datetime.now(UTC))

    return call


def theirs(service: str, operation: str, parameters: dict[str, Any]) -> Callable[[], object]:
    session = botocore.session.Session()
    session.set_credentials(KEY, SECRET)
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    client = session.create_client(service, region_name=REGION, config=config)
    client.meta.events.register("before-send", _stop)

    def call() -> object:
        try:
            return client._make_api_call(operation, dict(parameters))
        except _NotSentError:
            return None

    return call


def main() -> None:
    print(f"botocore {version('botocore')}, Python {platform.python_version()}; CPU µs a request")
    print(f"{'operation':<26}{'botocore':>10}{'ours':>8}{'ratio':>8}")
    for service, operation, parameters in CALLS:
        other = microseconds(theirs(service, operation, parameters))
        own = microseconds(ours(service, operation, parameters))
        print(f"{service + ':' + operation:<26}{other:>10.0f}{own:>8.0f}{other / own:>7.1f}×")


if __name__ == "__main__":
    main()
