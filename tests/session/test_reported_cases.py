"""Answers as reported from real services,
each with the rows or the words that are right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cirrusql.errors import AccessDenied, OperationalError
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.scripted_api import JSON, REST_JSON, XML, Asked, Reply, ScriptedApi

Open = Callable[..., Session]


def volumes(asked: Asked) -> Reply:
    """One volume is there; a call that names the other is refused whole."""
    if any(key.startswith("VolumeId") for key in asked.form) and "vol-0gone" in asked.form.values():
        fault = "<Error><Code>InvalidVolume.NotFound</Code><Message>gone</Message></Error>"
        return 400, XML, f"<Response><Errors>{fault}</Errors></Response>"
    item = "<item><volumeId>vol-0live</volumeId><size>1</size></item>"
    return (
        200,
        XML,
        f"<DescribeVolumesResponse><volumeSet>{item}</volumeSet></DescribeVolumesResponse>",
    )


@pytest.mark.parametrize(
    ("condition", "rows"),
    [("IN ('vol-0live', 'vol-0gone')", [{"VolumeId": "vol-0live"}]), ("= 'vol-0gone'", [])],
)
def test_a_volume_that_is_gone_is_no_row_and_no_failure(
    condition: str, rows: list[dict[str, str]], open_session: Open
) -> None:
    with ScriptedApi(volumes) as api:
        session = open_session(endpoint_url=api.url)
        (result,) = session.run(f"SELECT VolumeId FROM aws.ec2.volumes WHERE VolumeId {condition}")
        assert result.table().to_pylist() == rows
        assert result.failures == []


def test_exec_gives_a_listing_as_the_api_does(open_session: Open) -> None:
    trail = {
        "Name": "t1",
        "HomeRegion": "us-east-1",
        "TrailARN": "arn:aws:cloudtrail:us-east-1:1:trail/t1",
    }
    with ScriptedApi(lambda asked: (200, JSON, {"Trails": [trail]})) as api:
        session = open_session(endpoint_url=api.url, region="eu-west-1")
        assert rows_of(session, "EXEC aws.cloudtrail.trails.list_trails") == [trail]
        assert [(a.operation, a.region) for a in api.asked] == [("ListTrails", "eu-west-1")]


REFUSED = [
    (
        "aws.kms.keys",
        {"__type": "InvalidSignatureException", "message": "Signature not yet current"},
        {},
    ),
    (
        "aws.secretsmanager.secrets",
        {"__type": "SubscriptionRequiredException", "message": "subscribe"},
        {},
    ),
    (
        "aws.logs.log_groups",
        {"__type": "com.amazonaws.logs#AccessDeniedException", "Message": "no"},
        {},
    ),
    (
        "aws.eks.clusters",
        {"message": "no"},
        {"x-amzn-errortype": "AccessDeniedException:http://internal/"},
    ),
    (
        "aws.backup.backup_vaults",
        {"Code": "ERROR_2106", "Message": "read"},
        {"x-amzn-errortype": "ERROR_2106"},
    ),
]


@pytest.mark.parametrize(("table", "body", "headers"), REFUSED, ids=[t for t, *_ in REFUSED])
def test_the_code_of_a_json_services_error_is_found_wherever_it_stands(
    table: str, body: dict[str, str], headers: dict[str, str], open_session: Open
) -> None:
    said = headers.get("x-amzn-errortype") or body["__type"]
    code = said.partition(":")[0].rpartition("#")[2]
    refusing = ScriptedApi(lambda asked: (400, {**REST_JSON, **headers}, body))
    with refusing as api, pytest.raises(OperationalError) as refused:
        rows_of(open_session(endpoint_url=api.url), f"SELECT * FROM {table}")
    assert f": {code}: {body.get('message') or body.get('Message')}" in str(refused.value)
    assert isinstance(refused.value, AccessDenied) == (code[:6] in ("Access", "Subscr"))


def test_a_moment_of_s3_may_be_written_in_other_forms(open_session: Open) -> None:
    moments = {
        "iso": "2024-01-01T00:00:00.000Z",
        "milliseconds": "1683046800000",
        "none": "",
        "rfc": "Wed, 21 Oct 2015 07:28:00 GMT",
    }
    items = "".join(
        f"<Contents><Key>{key}</Key><LastModified>{text}</LastModified></Contents>"
        for key, text in moments.items()
    )
    answer = f"<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"  # noqa: E501
    with ScriptedApi(lambda asked: (200, XML, answer)) as api:
        sql = "SELECT Key, LastModified FROM aws.s3.objects WHERE Bucket = 'b'"
        found = rows_of(open_session(endpoint_url=api.url), sql)
    assert {row["Key"]: row["LastModified"] for row in found} == {
        "iso": datetime(2024, 1, 1, tzinfo=UTC),
        "milliseconds": datetime(2023, 5, 2, 17, tzinfo=UTC),
        "none": None,
        "rfc": datetime(2015, 10, 21, 7, 28, tzinfo=UTC),
    }


def test_lists_that_belong_together_are_rows_by_unnesting_them_side_by_side(
    ask: Ask, client: Callable[..., Any]
) -> None:
    for minute, value in ((0, 1.0), (5, 3.0)):
        moment = datetime(2026, 11, 30, 12, minute, tzinfo=UTC)
        data = [{"MetricName": "Load", "Value": value, "Timestamp": moment}]
        client("cloudwatch").put_metric_data(Namespace="Ours", MetricData=data)
    metric = "{'Metric': {'Namespace': 'Ours', 'MetricName': 'Load'}, 'Period': 60, 'Stat': 'Sum'}"
    rows = ask(
        "SELECT Id, unnest(Timestamps) AS moment, unnest(Values) AS value FROM "
        "aws.cloudwatch.metric_data "
        f"WHERE MetricDataQueries = [{{'Id': 'load', 'MetricStat': {metric}}}] "
        "AND StartTime = '2026-11-30 11:00:00+00' AND EndTime = '2026-11-30 13:00:00+00' ORDER BY "
        "moment"
    )
    assert [(r["Id"], r["moment"].minute, r["value"]) for r in rows] == [
        ("load", 0, 1.0),
        ("load", 5, 3.0),
    ]


def projects(asked: Asked) -> Reply:
    """Three projects, listed by their names and told of in batches."""
    if asked.operation == "ListProjects":
        return 200, JSON, {"projects": ["web-a", "web-b", "job-c"]}
    return (
        200,
        JSON,
        {"projects": [{"name": n, "description": f"of {n}"} for n in asked.json["names"]]},
    )


def test_a_pattern_of_names_narrows_what_is_read_in_batches(open_session: Open) -> None:
    with ScriptedApi(projects) as api:
        session = open_session(endpoint_url=api.url)
        sql = (
            "SELECT name, description FROM aws.codebuild.projects WHERE name LIKE 'web-%' "
            "ORDER BY 1"
        )
        found = rows_of(session, sql)
        (batch,) = (a.json["names"] for a in api.asked if a.operation == "BatchGetProjects")
    assert [r["description"] for r in found] == ["of web-a", "of web-b"]
    assert sorted(batch) == ["web-a", "web-b"]
