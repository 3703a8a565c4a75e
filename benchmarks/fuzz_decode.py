"""Fuzzes decoding, errors and paging with mutated responses of every protocol: only typed errors
are allowed.

``python -m benchmarks.fuzz_decode --minutes 60`` takes operations of all services that use XML or
CBOR and of some that use JSON, generates a response, mutates it (``tests.support.mutations``) and
reads it. Failures are: an exception outside ``cirrusql.errors``, a crash, more than ten seconds of
CPU for one response, or hundreds of megabytes. A case is identified by its number: ``--seed S
--case N`` runs it alone.

The cases run in a child process, so that a crash or a hang ends only that and is reported.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.support.expected_rows import in_no_order
from tests.support.mutations import mutated
from tests.support.responses import response_of
from tests.support.values import value_of

from cirrusql.api.http_messages import Response
from cirrusql.api.paging import pages
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.model import Column, Method, RowPath
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.decode import decoder
from cirrusql.decode.fast import observed_schema
from cirrusql.decode.service_error import to_error
from cirrusql.errors import Error, InternalError
from cirrusql.providers.aws.error_answers import fault
from cirrusql.providers.aws.full_response import whole
from cirrusql.providers.aws.protocol import request
from cirrusql.providers.aws.protocol.s3 import check_body
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.types import SqlType

# All that use CBOR or XML, without the twins of rds; of those that use JSON, unusual and popular
# ones.
_SERVICES = """cloudwatchomni eventbridgev2 partnercentral-revenue-measurement ec2 s3 s3control cloudfront
route53 iam sts sns ses autoscaling cloudformation elb elbv2 elasticache rds redshift elasticbeanstalk
dynamodb logs sqs kms ecs ssm cloudwatch events kinesis organizations athena glue
lambda apigateway backup batch eks iot bedrock-agent sesv2 securityhub glacier"""  # noqa: E501

_STATUSES = (200, 200, 200, 204, 301, 400, 403, 404, 500, 503)
_MOST_CPU = 10.0
_MOST_GROWTH = 300 * 1024
"""Kilobytes that one answer may add to the peak."""
_HANGS = 120
_FEW = 40
"""Maximum operations per service: loading more is not the point."""


def methods(seed: int) -> list[list[Method]]:
    """Operations by protocol."""
    catalog = Catalog([BotocoreSource()])
    by_protocol: dict[str, list[Method]] = {}
    rng = Random(seed)
    for service in _SERVICES.split():
        found, _ = catalog.loaded("aws", schema_name(service))
        names = [
            n
            for n in found.service.operation_names
            if not found.service.operation(n).has_event_stream
        ]
        for name in rng.sample(names, min(_FEW, len(names))):
            by_protocol.setdefault(found.service.protocol, []).append(found.method(name))
    return list(by_protocol.values())


@dataclass(frozen=True)
class Case:
    """A response of an operation, and its result; ``columns`` are those read."""

    method: Method
    whole: Response
    spoiled: Response
    columns: tuple[Column, ...]


def spoiled(method: Method, rng: Random, others: list[bytes]) -> Case:
    """A mutated response of an operation."""
    output = method.operation.output
    values = value_of(output, rng, is_full=rng.random() < 0.5) if output is not None else {}
    whole = response_of(method.operation, values, rng if rng.random() < 0.7 else None)
    headers = {k: v if rng.random() < 0.8 else _junk(rng) for k, v in whole.headers.items()}
    body = mutated(whole.body, rng, others)
    others[:] = [*others[-20:], whole.body]
    columns = method_columns(method)
    if rng.random() < 0.5:
        columns = tuple(c for c in columns if type(c.type) is SqlType)
    return Case(method, whole, Response(rng.choice(_STATUSES), headers, body), columns)


def _junk(rng: Random) -> str:
    return rng.choice(
        ("", "x", "9" * 400, "NaN", "-1", "e30=", "true", "\x00", "2024-99-01", "é" * 20)
    )


def run(case: Case) -> None:
    """Do everything that is done with a response. Raises exceptions that are not ours, and
    InternalError."""
    operation, response = case.method.operation, case.spoiled
    try:
        complaint = fault(operation, response)
        if complaint is not None:
            str(to_error(complaint, operation, None, None))
    except Error as error:
        _check(error)
    for read in (lambda: whole(operation, response), lambda: check_body(operation, response)):
        try:
            read()
        except Error as error:
            _check(error)
    if case.method.rows is not None and operation.output is not None:
        _run_rows(case, case.method.rows)


def _run_rows(case: Case, rows: RowPath) -> None:
    operation = case.method.operation
    read = decoder._Decoder(operation, rows, case.columns)
    first = _page(read, case.spoiled)
    # A decoder that has learned a layout reads differently: the result must be the same, or
    # nothing.
    read = decoder._Decoder(operation, rows, case.columns)
    _page(read, case.whole)
    again = _page(read, case.spoiled)
    assert repr(again) == repr(first), f"after another {again}, at first {first}"


def _page(read: Any, response: Response) -> object:
    """The rows and tokens, or a bad response; requests the next page too."""
    try:
        page = read(response)
    except Error as error:
        _check(error)
        return type(error)
    page.rows.validate(full=True)
    found = in_no_order(page.rows.to_pylist())
    try:
        asking = pages(read._operation, {}, 100)
        next(asking)
        parameters = asking.send(page.tokens)
        request.build(
            read._operation, parameters, region="us-east-1", endpoint_url="http://localhost"
        )
    except StopIteration:
        pass
    except Error as error:
        _check(error)
    return found, page.tokens


def _check(error: Error) -> None:
    str(error)
    if isinstance(error, InternalError):
        raise AssertionError from error


def cases(seed: int, first: int) -> Iterator[tuple[int, Case]]:
    """Numbered cases without end, reproducible by number."""
    by_protocol = methods(seed)
    number = first
    while True:
        rng = Random(f"{seed}:{number}")
        others: list[bytes] = []
        for _ in range(2):  # something to splice with
            other = rng.choice(rng.choice(by_protocol))
            spoiled(other, rng, others)
        method = rng.choice(rng.choice(by_protocol))
        yield number, spoiled(method, rng, others)
        number += 1


def work(seed: int, first: int, until: float, state: Path, *, is_single: bool) -> None:
    """The child process: cases until the time is up; writes the number of each before it starts."""
    faulthandler.enable()
    observed_schema.PAYS = 0  # what an answer had is usual at once
    slowest: tuple[float, int, str] = (0.0, -1, "")
    found = Counter[str]()
    with state.open("r+b") as file:
        for number, case in cases(seed, first):
            os.pwrite(file.fileno(), b"%-20d" % number, 0)
            faulthandler.dump_traceback_later(_HANGS, exit=True)
            peak, started = _peak(), time.process_time()
            try:
                run(case)
            except Exception as error:
                _tell(found, seed, number, case, error)
            taken, grown = time.process_time() - started, _peak() - peak
            slowest = max(slowest, (taken, number, case.method.operation.id))
            if taken > _MOST_CPU or (grown > _MOST_GROWTH and number > first):
                print(
                    f"case {number} ({case.method.operation.id}): {taken:.1f} s, {grown // 1024} "
                    "MB",
                    flush=True,
                )
            if is_single or time.time() > until:
                break
    faulthandler.cancel_dump_traceback_later()
    print(
        f"slowest: {slowest[0]:.2f} s of CPU, case {slowest[1]} ({slowest[2]}); peak "
        f"{_peak() // 1024} MB"
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _tell(found: Counter[str], seed: int, number: int, case: Case, error: Exception) -> None:
    """Report an unexpected exception, at most three times per place."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    found[place] += 1
    if found[place] <= 3:
        print(
            f"WRONG --seed {seed} --case {number} {case.method.operation.id}: {place}: "
            f"{str(error)[:200]}"
        )
        print(
            "".join(traceback.format_tb(error.__traceback__)[-4:]),
            case.spoiled.body[:300],
            flush=True,
        )


def main() -> None:
    """Start a child process, and another if it dies, until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--case", type=int)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child is not None:
        first, until, state = given.child
        work(given.seed, int(first), float(until), Path(state), is_single=given.case is not None)
        return
    until, first = time.time() + given.minutes * 60, given.case or 0
    with tempfile.NamedTemporaryFile() as state:
        while True:
            again = [
                "--seed",
                str(given.seed),
                *(["--case", str(given.case)] if given.case is not None else []),
            ]
            command = [
                sys.executable,
                "-m",
                "benchmarks.fuzz_decode",
                *again,
                "--child",
                str(first),
                str(until),
            ]
            ended = subprocess.run([*command, state.name], check=False)
            at = int(Path(state.name).read_bytes().strip() or first)
            if ended.returncode == 0:
                break
            print(
                f"WRONG --seed {given.seed} --case {at}: the child ended with {ended.returncode}",
                flush=True,
            )
            first = at + 1
    print(f"{at + 1} cases with seed {given.seed} in {given.minutes} minutes")


if __name__ == "__main__":
    main()
