"""The fewest calls that can answer, counted by us and by the server.

272 buckets in three regions are in ``test_hydration``, the questions of the cookbook in
``tests/apps/cookbook``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest

from cirrusql.apps.cli.running import PARTIAL
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy, Faults, asked_for
from tests.support.http_server import Handler, served

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-west-1"),
    *("eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1", "ap-south-1", "ap-northeast-1"),
    *("ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2"),
)


class Instances(Handler):
    """An account of 10,000 instances, listed by pages of what is asked for, at most 1,000."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        self.asked.append(sent)
        first, size = int(sent.get("NextToken", 0)), int(sent.get("MaxResults", 1000))
        ids = range(first, min(first + size, 10_000))
        items = "".join(f"<item><instanceId>i-{i:05}</instanceId></item>" for i in ids)
        token = f"<nextToken>{ids.stop}</nextToken>" if ids.stop < 10_000 else ""
        answer = (
            f"<DescribeInstancesResponse><reservationSet><item><instancesSet>{items}</instancesSet></item>"
            f"</reservationSet>{token}</DescribeInstancesResponse>"
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())


@pytest.fixture
def at_instances(
    open_session: Callable[..., Session],
) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """Runs SQL at the 10,000 instances."""
    Instances.asked.clear()
    with served(Instances) as url:
        session = open_session(endpoint_url=url)
        yield lambda sql: rows_of(session, sql)
        session.close()


def test_five_of_ten_thousand_are_one_page_of_five(at_instances: Callable[[str], Any]) -> None:
    found = at_instances("SELECT InstanceId FROM aws.ec2.instances LIMIT 5")
    assert [row["InstanceId"] for row in found] == [f"i-{i:05}" for i in range(5)]
    assert [sent["MaxResults"] for sent in Instances.asked] == ["5"]


def test_all_of_ten_thousand_are_ten_pages(at_instances: Callable[[str], Any]) -> None:
    assert at_instances("SELECT count(*) AS n FROM aws.ec2.instances") == [{"n": 10_000}]
    assert len(Instances.asked) == 10


@pytest.fixture
def detailed(client: Callable[..., Any], proxy: FaultProxy) -> FaultProxy:
    """Two of each thing whose details are calls of their own."""
    for name in ("one", "two"):
        client("sqs").create_queue(QueueName=name)
        client("kms").create_key()
        client("s3").create_bucket(Bucket=f"bucket-{name}")
        client("ecs").create_cluster(clusterName=name)
        client("sns").create_topic(Name=name)
        client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    proxy.reset()
    return proxy


@pytest.mark.parametrize(
    ("table", "listing"),
    [
        ("sqs.queues", "sqs:ListQueues"),
        ("kms.keys", "kms:ListKeys"),
        ("s3.buckets", "s3:ListBuckets"),
        ("ecs.clusters", "ecs:ListClusters"),
        ("sns.topics", "sns:ListTopics"),
        ("dynamodb.tables", "dynamodb:ListTables"),
    ],
)
def test_counting_a_table_needs_no_details(
    table: str, listing: str, session: Session, detailed: FaultProxy
) -> None:
    assert rows_of(session, f"SELECT count(*) AS n FROM aws.{table}") == [{"n": 2}]
    assert [f"{r.service}:{r.operation}" for r in asked_for(session.records)] == [listing]
    assert detailed.calls.total() == 1


def test_a_region_filter_calls_nowhere_else(session: Session, proxy: FaultProxy) -> None:
    sql = "SELECT VpcId FROM aws.ec2.vpcs WHERE region IN ('eu-west-1', 'eu-north-1')"
    assert len(rows_of(session, sql)) == 2
    assert sorted(r.region for r in asked_for(session.records)) == ["eu-north-1", "eu-west-1"]
    assert proxy.calls == {"ec2:DescribeVpcs": 2}


def test_the_same_subquery_three_times_is_fetched_once(ask: Ask, proxy: FaultProxy) -> None:
    part = "(SELECT count(*) FROM aws.ec2.vpcs WHERE IsDefault)"
    assert ask(f"SELECT {part} AS a, {part} AS b, {part} AS c") == [{"a": 1, "b": 1, "c": 1}]
    assert proxy.calls == {"ec2:DescribeVpcs": 1}


def test_one_user_s_keys_need_no_listing_of_users(
    ask: Ask, proxy: FaultProxy, client: Callable[..., Any]
) -> None:
    for name in ("ann", "bob"):
        client("iam").create_user(UserName=name)
        client("iam").create_access_key(UserName=name)
    proxy.reset()
    found = ask(
        "SELECT k.Status FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = "
        "u.UserName "
        "WHERE u.UserName = 'ann'"
    )
    assert found == [{"Status": "Active"}]
    assert proxy.calls == {"iam:GetUser": 1, "iam:ListAccessKeys": 1}


@pytest.fixture
def three_accounts(
    open_session: Callable[..., Session], proxy: FaultProxy, aws: str
) -> Iterator[tuple[Session, FaultProxy]]:
    """A session with three accounts; the proxy before the last one refuses it eu-west-1."""
    last = FaultProxy(aws).start()
    last.faults = Faults(deny=frozenset({"ec2:DescribeVpcs@eu-west-1"}))
    urls = {"one": proxy.url, "two": proxy.url, "three": last.url}
    connections = {
        name: ConnectionSettings(
            name, role_arn=f"arn:aws:iam::{number * 12}:role/reader", endpoint_url=url
        )
        for number, (name, url) in zip("123", urls.items(), strict=True)
    }
    yield open_session(connections=connections), last
    last.stop()


def test_one_account_denied_in_one_region_leaves_the_other_fifty(
    three_accounts: tuple[Session, FaultProxy], proxy: FaultProxy
) -> None:
    session, last = three_accounts
    named = ", ".join(f"'{region}'" for region in REGIONS)
    (result,) = session.run(
        "SELECT account_id, region FROM aws.ec2.vpcs WHERE connection = '*' AND region IN "
        f"({named})"
    )
    pairs = Counter((r["account_id"], r["region"]) for r in result.table().to_pylist())
    assert len(REGIONS) == 17
    assert set(pairs.values()) == {1}
    assert set(pairs) == {(n * 12, r) for n in "123" for r in REGIONS} - {("3" * 12, "eu-west-1")}
    assert len(result.failures) == 1
    assert (result.exit_status or (PARTIAL if result.failures else 0)) == 3
    assert (proxy.calls["ec2:DescribeVpcs"], last.calls["ec2:DescribeVpcs"]) == (34, 17)
    (row,) = rows_of(session, "SELECT operation, region, connection, code FROM cirrusql.errors")
    assert (row["operation"], row["region"], row["connection"]) == (
        "DescribeVpcs",
        "eu-west-1",
        "three",
    )
