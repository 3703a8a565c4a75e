"""Listings and their details as one table: the rows, and the calls they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy, asked_for
from tests.support.http_server import Handler, served

Client = Callable[..., Any]


def calls_of(session: Session) -> dict[str, int]:
    """How often each operation was called by the statements so far, GetCallerIdentity left out."""
    found: dict[str, int] = {}
    for record in asked_for(session.records):
        if record.operation != "GetCallerIdentity":
            found[record.operation] = found.get(record.operation, 0) + 1
    return found


@pytest.fixture
def tables(client: Client, proxy: FaultProxy) -> FaultProxy:
    """Three DynamoDB tables."""
    for name in ("carts", "orders", "returns"):
        client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    return proxy


@pytest.mark.parametrize(
    ("sql", "count", "calls"),
    [
        ("SELECT TableName FROM aws.dynamodb.tables", 3, {"ListTables": 1}),
        ("SELECT count(*) FROM aws.dynamodb.tables", 1, {"ListTables": 1}),
        ("SELECT TableStatus FROM aws.dynamodb.tables", 3, {"ListTables": 1, "DescribeTable": 3}),
        ("SELECT * FROM aws.dynamodb.tables", 3, {"ListTables": 1, "DescribeTable": 3}),
        ("SELECT * FROM aws.dynamodb.tables LIMIT 1", 1, {"ListTables": 1, "DescribeTable": 1}),
        (
            "SELECT TableArn FROM aws.dynamodb.tables WHERE TableName > 'd' AND ItemCount = 0",
            2,
            {"ListTables": 1, "DescribeTable": 2},
        ),
        (
            "SELECT ItemCount FROM aws.dynamodb.tables WHERE TableName = 'carts'",
            1,
            {"DescribeTable": 1},
        ),
        (
            "SELECT TimeToLiveStatus, ContinuousBackupsStatus FROM aws.dynamodb.tables",
            3,
            {"ListTables": 1, "DescribeTimeToLive": 3, "DescribeContinuousBackups": 3},
        ),
        # Tags are listed by the ARN, which another detail returns.
        (
            "SELECT TableName, Tags FROM aws.dynamodb.tables",
            3,
            {"ListTables": 1, "DescribeTable": 3, "ListTagsOfResource": 3},
        ),
        (
            "SELECT TableName FROM aws.dynamodb.tables "
            "WHERE TableName < 'd' AND Tags IS NOT NULL AND ItemCount = 0",
            1,
            {"ListTables": 1, "DescribeTable": 1, "ListTagsOfResource": 1},
        ),
        (
            "SELECT Tags FROM aws.dynamodb.tables WHERE ItemCount > 0",
            0,
            {"ListTables": 1, "DescribeTable": 3},
        ),
        (
            "SELECT Tags FROM aws.dynamodb.tables WHERE TableName = 'carts'",
            1,
            {"DescribeTable": 1, "ListTagsOfResource": 1},
        ),
    ],
)
def test_details_are_asked_for_where_they_are_used(
    session: Session, tables: FaultProxy, sql: str, count: int, calls: dict[str, int]
) -> None:
    assert len(rows_of(session, sql)) == count
    assert calls_of(session) == calls


def test_details_come_in_batches_of_their_maximum(session: Session, client: Client) -> None:
    ecs = client("ecs")
    for i in range(103):
        ecs.create_cluster(clusterName=f"c{i:03}")
    found = rows_of(session, "SELECT clusterArn, clusterName, status FROM aws.ecs.clusters")
    assert {r["clusterName"] for r in found} == {f"c{i:03}" for i in range(103)}
    assert all(
        r["clusterArn"].endswith(r["clusterName"]) and r["status"] == "ACTIVE" for r in found
    )
    assert calls_of(session)["DescribeClusters"] == 2


def test_batches_keep_to_the_parent_they_are_of(session: Session, client: Client) -> None:
    ecs = client("ecs")
    definition = {
        "family": "f",
        "containerDefinitions": [{"name": "c", "image": "i", "memory": 10}],
    }
    ecs.register_task_definition(**definition)
    for cluster in ("blue", "green"):
        ecs.create_cluster(clusterName=cluster)
        for i in range(6):
            ecs.create_service(
                cluster=cluster, serviceName=f"s{i}", taskDefinition="f", desiredCount=i
            )
    found = rows_of(session, "SELECT cluster, serviceName, desiredCount FROM aws.ecs.services")
    assert len({(r["cluster"], r["serviceName"]) for r in found}) == 12
    assert all(r["serviceName"] == f"s{r['desiredCount']}" for r in found)
    assert calls_of(session) == {"ListClusters": 1, "ListServices": 2, "DescribeServices": 2}


def test_a_queues_attributes_are_columns(session: Session, client: Client) -> None:
    client("sqs").create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "77"})
    (row,) = rows_of(session, "SELECT VisibilityTimeout, QueueArn FROM aws.sqs.queues")
    assert row["VisibilityTimeout"] == 77
    assert row["QueueArn"].endswith(":orders")


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("VisibilityTimeout > 60", ["long"]),
        ("VisibilityTimeout BETWEEN 5 AND 60", ["brief"]),
        ("VisibilityTimeout = '100'", ["long"]),
        ("VisibilityTimeout IN (9, 10)", ["brief"]),
        ("NOT FifoQueue OR FifoQueue IS NULL", ["brief", "long"]),
        ("FifoQueue", ["first.fifo"]),
        ("CreatedTimestamp > now() - INTERVAL 1 HOUR", ["brief", "first.fifo", "long"]),
        ("VisibilityTimeout = (SELECT max(VisibilityTimeout) FROM aws.sqs.queues)", ["long"]),
    ],
)
def test_attributes_are_numbers_truths_and_moments(
    where: str, names: list[str], session: Session, client: Client
) -> None:
    for name, seconds in (("brief", "9"), ("long", "100"), ("first.fifo", "0")):
        given = {"VisibilityTimeout": seconds}
        if name.endswith(".fifo"):
            given["FifoQueue"] = "true"
        client("sqs").create_queue(QueueName=name, Attributes=given)
    found = rows_of(session, f"SELECT QueueArn FROM aws.sqs.queues WHERE {where} ORDER BY 1")
    assert [r["QueueArn"].rpartition(":")[2] for r in found] == names


def test_a_queue_whose_name_is_given_is_not_listed_first(session: Session, client: Client) -> None:
    url = client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    sql = "SELECT QueueUrl, region, VisibilityTimeout FROM aws.sqs.queues WHERE QueueUrl = $url"
    found = rows_of(session, sql, url=url)
    assert found == [{"QueueUrl": url, "region": "us-east-1", "VisibilityTimeout": 30}]
    assert calls_of(session) == {"GetQueueAttributes": 1}
    assert rows_of(session, sql, url=url + "-gone") == []


def test_a_detail_that_is_not_there_is_null_and_no_failure(
    session: Session, client: Client
) -> None:
    s3 = client("s3")
    for name in ("plain", "tagged"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    (result,) = session.run(
        "SELECT Name, tags(TagSet) AS t, Policy FROM aws.s3.buckets ORDER BY Name"
    )
    assert result.table().to_pylist() == [
        {"Name": "plain", "t": None, "Policy": None},
        {"Name": "tagged", "t": [("a", "b")], "Policy": None},
    ]
    assert not result.failures
    assert calls_of(session) == {"ListBuckets": 1, "GetBucketTagging": 2, "GetBucketPolicy": 2}


def test_a_list_that_is_empty_is_no_null(session: Session, client: Client) -> None:
    iam = client("iam")
    for name in ("ann", "bob"):
        iam.create_user(UserName=name)
    iam.create_access_key(UserName="ann")
    found = rows_of(session, "SELECT UserName FROM aws.iam.users WHERE len(AccessKeys) = 0")
    assert found == [{"UserName": "bob"}]


def test_a_detail_that_is_denied_leaves_its_row(session: Session, tables: FaultProxy) -> None:
    tables.denied = frozenset({"dynamodb:DescribeTable"})
    (result,) = session.run("SELECT TableName, TableStatus FROM aws.dynamodb.tables ORDER BY 1")
    names = ["carts", "orders", "returns"]
    assert result.table().to_pylist() == [{"TableName": n, "TableStatus": None} for n in names]
    assert {type(f.error).__name__ for f in result.failures} == {"AccessDenied"}
    assert (
        len(rows_of(session, "SELECT * FROM cirrusql.errors WHERE operation = 'DescribeTable'"))
        == 3
    )


def test_explain_says_what_a_detail_costs(ask: Ask) -> None:
    (listing, detail) = ask("EXPLAIN SELECT TableName, ItemCount FROM aws.dynamodb.tables")
    assert (listing["operation"], detail["operation"]) == (
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
    )
    assert (detail["calls"], detail["parameters"]) == (
        "per row of step 1",
        "TableName from TableName",
    )
    (_, batch) = ask("EXPLAIN SELECT status FROM aws.ecs.clusters")
    assert batch["calls"] == "per 100 rows of step 1"


class Buckets(Handler):
    """272 buckets in three regions, each of which is versioned; counts what it is asked."""

    protocol_version = "HTTP/1.1"
    regions = ("us-east-1", "eu-west-1", "ap-southeast-2")
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        region = self.headers["Authorization"].split("/")[2]
        asked = f"{path}?{query.partition('=')[0]}" if query and path != "/" else path
        self.asked.append((asked, region))
        if path == "/":
            # S3 says where a bucket is only to a request with a parameter.
            where = "<BucketRegion>{}</BucketRegion>" if query else ""
            rows = "".join(
                f"<Bucket><Name>b{i:03}</Name>{where.format(self.regions[i % 3])}</Bucket>"
                for i in range(272)
            )
            body = f"<ListAllMyBucketsResult><Buckets>{rows}</Buckets></ListAllMyBucketsResult>"
        else:
            body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def at_buckets(
    open_session: Callable[..., Session],
) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """Runs SQL at the 272 buckets."""
    Buckets.asked.clear()
    with served(Buckets) as url:
        session = open_session(endpoint_url=url)
        yield lambda sql: rows_of(session, sql)
        session.close()


def test_no_bucket_elsewhere_is_asked_for_its_details(
    at_buckets: Callable[[str], list[dict[str, Any]]],
) -> None:
    found = at_buckets(
        "SELECT Name, region FROM aws.s3.buckets WHERE region = 'eu-west-1' AND VersioningStatus "
        "= 'Enabled'"
    )
    assert len(found) == 91
    assert {r["region"] for r in found} == {"eu-west-1"}
    details = [(path, region) for path, region in Buckets.asked if path != "/"]
    assert len(Buckets.asked) == 92
    assert {region for _, region in details} == {"eu-west-1"}
    assert {path for path, _ in details} == {f"/{r['Name']}?versioning" for r in found}


@pytest.mark.parametrize(
    ("where", "count"),
    [("", 272), ("WHERE region = '*'", 272), ("WHERE region <> 'us-east-1'", 181)],
)
def test_a_listing_of_all_regions_is_made_once(
    at_buckets: Callable[[str], list[dict[str, Any]]], where: str, count: int
) -> None:
    assert at_buckets(f"SELECT count(*) AS n FROM aws.s3.buckets {where}") == [{"n": count}]
    assert [path for path, _ in Buckets.asked] == ["/"]


def test_what_hangs_on_a_bucket_is_asked_for_where_the_bucket_is(
    at_buckets: Callable[[str], list[dict[str, Any]]],
) -> None:
    found = at_buckets("SELECT Name, region, VersioningStatus FROM aws.s3.buckets")
    assert {r["VersioningStatus"] for r in found} == {"Enabled"}
    region_of = {f"/{r['Name']}?versioning": r["region"] for r in found}
    assert all(region_of[path] == region for path, region in Buckets.asked if path != "/")


def test_a_limit_counts_the_rows_of_the_region_that_is_asked_for(
    at_buckets: Callable[[str], list[dict[str, Any]]],
) -> None:
    # The first bucket of the listing is elsewhere.
    found = at_buckets("SELECT Name FROM aws.s3.buckets WHERE region = 'eu-west-1' LIMIT 2")
    assert [r["Name"] for r in found] == ["b001", "b004"]


@pytest.mark.parametrize(
    ("condition", "calls"),
    [
        ("VersioningStatus = 'Enabled'", {"GetBucketVersioning": 4, "GetBucketPolicy": 1}),
        (
            "VersioningStatus = 'Enabled' AND Name < 'c'",
            {"GetBucketVersioning": 2, "GetBucketPolicy": 1},
        ),
        ("VersioningStatus = 'nothing'", {"GetBucketVersioning": 4}),
        ("Policy LIKE '%a%'", {"GetBucketPolicy": 4}),
        (
            "(VersioningStatus = 'Enabled' OR Policy IS NULL)",
            {"GetBucketVersioning": 4, "GetBucketPolicy": 4},
        ),
    ],
)
def test_a_detail_that_decides_is_asked_before_the_others(
    session: Session, client: Client, condition: str, calls: dict[str, int]
) -> None:
    for name in "abcd":
        client("s3").create_bucket(Bucket=name * 3)
    client("s3").put_bucket_versioning(Bucket="bbb", VersioningConfiguration={"Status": "Enabled"})
    shown = "Name" if condition.startswith("Policy") else "Name, Policy"
    rows_of(session, f"SELECT {shown} FROM aws.s3.buckets WHERE {condition}")
    assert calls_of(session) == {"ListBuckets": 1, **calls}
