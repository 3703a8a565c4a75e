"""CPU of decoding one page into Arrow, against botocore's parser on the same bytes.

Run: ``python -m benchmarks.decode``. Both alternate in one process; prints the least CPU time of
each, their ratio, and the rivals' versions. Takes about twenty seconds.

Our decoders have read some pages before, so the figures include what they learned from these.
"""

from __future__ import annotations

import gc
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from random import Random
from typing import Any

import boto3
import pyarrow as pa
from botocore.awsrequest import AWSResponse
from botocore.parsers import create_parser
from tests.support.responses import response_of
from tests.support.values import value_of

from benchmarks.canned import page
from cirrusql.api.http_messages import Credentials, Response
from cirrusql.api.model import Kind, Shape
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Column, Method
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.decode.decoder import decoder
from cirrusql.providers.aws.protocol import request
from cirrusql.providers.aws.protocol.s3 import check_body
from cirrusql.providers.aws.signing.sigv4 import sign
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

CATALOG = Catalog([BotocoreSource()])
TURNS = 10
IN_A_TURN = 3
"""Runs per turn, so that neither side only reads data that the other has evicted from the CPU
caches."""

READ_BEFORE = 5
"""Pages read before measuring; the layout of a listing is learned from the first."""

Figures = tuple[str, float, float]
"""What was read, and the least CPU seconds of both sides."""


def by_turns(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """The least CPU seconds of each, alternating, so that other load affects both."""
    for _ in range(READ_BEFORE):
        ours()
    theirs()
    gc.collect()
    both = [(_cpu(ours), _cpu(theirs)) for _ in range(TURNS)]
    return min(own for own, _ in both), min(other for _, other in both)


def _cpu(work: Callable[[], object]) -> float:
    found = []
    for _ in range(IN_A_TURN):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def parse(method: Method, response: Response) -> Mapping[str, Any]:
    """What botocore makes of the answer, parser and all, as its client does for each call."""
    native: Any = method.operation.native
    data = {"status_code": 200, "headers": dict(response.headers), "body": response.body}
    parsed: Mapping[str, Any] = create_parser(method.operation.service.protocol).parse(
        data, native.output_shape
    )
    return parsed


def columns_of(
    service: str, resource: str, method: str, names: str
) -> tuple[Method, tuple[Column, ...]]:
    """A method with some of its table's columns."""
    table, found = CATALOG.method("aws", service, resource, method)
    wanted = names.split()
    return found, tuple(c for c in table.columns if c.name in wanted)


def instances() -> Figures:
    """500 instances, 6 columns of DescribeInstances."""
    names = "InstanceId InstanceType State LaunchTime VpcId Tags"
    method, columns = columns_of("ec2", "instances", "describe_instances", names)
    assert method.operation.output is not None
    rng = Random(1)
    one = value_of(method.operation.output, rng)["Reservations"][0]
    page = {"Reservations": [{**one, "Instances": [one["Instances"][0]]} for _ in range(500)]}
    response = response_of(method.operation, page)
    assert method.rows is not None
    ours = decoder(method.operation, method.rows, columns)
    assert ours(response).rows.num_rows == 500
    return (
        f"DescribeInstances, 500 rows, {len(response.body):,} bytes",
        *by_turns(lambda: ours(response), lambda: parse(method, response)),
    )


def json_page() -> Figures:
    """1,000 rows, 5 columns of a JSON listing, into Arrow on both sides."""
    names = "logGroupName creationTime retentionInDays arn storedBytes"
    method, columns = columns_of(
        "logs",
        "log_groups",
        "describe_log_groups",
        names,
    )
    rows = [
        {
            "logGroupName": f"/aws/lambda/f{i}",
            "creationTime": 1_700_000_000_000 + i,
            "retentionInDays": 30,
            "metricFilterCount": 0,
            "arn": f"arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f{i}:*",
            "storedBytes": i * 1000,
            "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1",
            "logGroupClass": "STANDARD",
        }
        for i in range(1000)
    ]
    response = Response(200, {}, json.dumps({"logGroups": rows}).encode())
    assert method.rows is not None
    ours = decoder(method.operation, method.rows, columns)
    wanted = [c.name for c in columns]

    def theirs() -> pa.Table:
        found = parse(method, response)["logGroups"]
        return pa.Table.from_pylist([{n: row.get(n) for n in wanted} for row in found])

    assert ours(response).rows.num_rows == theirs().num_rows
    return (
        f"DescribeLogGroups, 1,000 rows, {len(response.body):,} bytes",
        *by_turns(lambda: ours(response), theirs),
    )


def all_columns(service: str, name: str, count: int) -> Figures:
    """All columns of a JSON listing that has some two fifths of the members of its model."""
    method = CATALOG.loaded("aws", service)[0].method(name)
    assert method.rows is not None
    assert method.operation.output is not None
    (items,) = method.rows.lists[0]
    item = method.operation.output.members[items].shape.element.shape
    rng = Random(1)
    page = {items: [_in_use(item, value_of(item, rng)) for _ in range(count)]}
    response = response_of(method.operation, page)
    columns = method_columns(method)
    ours = decoder(method.operation, method.rows, columns)
    assert ours(response).rows.num_rows == count
    return (
        f"{name}, {count} rows, all {len(columns)} columns, {len(response.body):,} bytes",
        *by_turns(lambda: ours(response), lambda: parse(method, response)),
    )


def _in_use(shape: Shape, value: Any) -> Any:
    """A value without the members that nobody uses."""
    if shape.kind is Kind.STRUCTURE:
        used = (name for name in value if Random(f"{shape.name}.{name}").random() < 0.4)
        return {name: _in_use(shape.members[name].shape, value[name]) for name in used}
    if shape.kind is Kind.LIST:
        return [_in_use(shape.element.shape, inner) for inner in value]
    if shape.kind is Kind.MAP:
        return {key: _in_use(shape.value.shape, inner) for key, inner in value.items()}
    return value


def access_keys() -> Figures:
    """A page of ListAccessKeys, 100 rows, laid out like one read before."""
    names = "UserName AccessKeyId Status CreateDate"
    method, columns = columns_of("iam", "access_keys", "list_access_keys", names)
    response = Response(200, {}, page(100, 1))
    assert method.rows is not None
    ours = decoder(method.operation, method.rows, columns)
    assert ours(response).rows.num_rows == len(parse(method, response)["AccessKeyMetadata"]) == 100
    return (
        f"ListAccessKeys, 100 rows, {len(response.body):,} bytes",
        *by_turns(lambda: ours(response), lambda: parse(method, response)),
    )


def items() -> Figures:
    """1,000 items of 5 attributes of DynamoDB's Scan, from call to Arrow, without the network."""
    method, columns = columns_of("dynamodb", "items", "scan", "Item")
    rows = [
        {
            "id": {"S": f"order-{i:06}"},
            "customer": {"S": f"customer-{i % 97}"},
            "total": {"N": f"{i * 7}.25"},
            "paid": {"BOOL": i % 3 == 0},
            "tags": {"SS": ["new", f"t{i % 5}"]},
        }
        for i in range(1000)
    ]
    body = json.dumps({"Count": 1000, "ScannedCount": 1000, "Items": rows}).encode()
    response = Response(200, {"x-amz-crc32": str(zlib.crc32(body))}, body)
    assert method.rows is not None
    read, keys = decoder(method.operation, method.rows, columns), Credentials("a", "b")

    def ours() -> pa.RecordBatch:
        sent, endpoint = request.build(method.operation, {"TableName": "t"}, region="us-east-1")
        sign(sent, endpoint, keys, datetime.now(UTC))
        check_body(method.operation, response)
        return read(response).rows

    theirs = scan(response)
    assert ours().num_rows == theirs().num_rows == 1000
    return f"DynamoDB Scan, 1,000 items, {len(body):,} bytes, against boto3", *by_turns(
        ours, theirs
    )


def scan(response: Response) -> Callable[[], pa.Table]:
    """The same with boto3's Table, without the network."""
    table = boto3.resource(
        "dynamodb", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).Table("t")

    def answer(**_: object) -> AWSResponse:
        return AWSResponse("https://localhost/", 200, dict(response.headers), Raw(response.body))

    table.meta.client.meta.events.register("before-send.dynamodb.Scan", answer)

    def theirs() -> pa.Table:
        plain = table.scan()["Items"]
        for row in plain:
            row["tags"] = sorted(row["tags"])  # Arrow takes no sets
        return pa.Table.from_pylist(plain)

    return theirs


class Raw(BytesIO):
    """A body as urllib3 gives it."""

    def stream(self) -> Iterator[bytes]:
        """The whole body."""
        yield self.getvalue()


def main() -> None:
    """Print a line per case."""
    names = ("botocore", "boto3", "pyarrow", "lxml")
    print(", ".join(f"{name} {version(name)}" for name in names))
    cases = (
        *(access_keys, instances, json_page, items),
        lambda: all_columns("lambda", "ListFunctions", 500),
        lambda: all_columns("securityhub", "GetFindings", 100),
    )
    for case in cases:
        name, own, other = case()
        print(
            f"{name}: {own * 1000:.2f} ms, botocore {other * 1000:.2f} ms: {other / own:.1f}x "
            "less CPU"
        )


if __name__ == "__main__":
    main()
