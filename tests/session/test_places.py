"""Regions and accounts as services were reported to answer: one region, denied,
disabled, unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cirrusql.errors import UnknownName
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings
from tests.session.conftest import Rows, rows_of
from tests.support.scripted_api import JSON, REST_JSON, XML, Asked, Reply, ScriptedApi

Open = Callable[..., Session]

_DENIED = (
    "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>with an explicit deny in "
    "a "
    "service control policy</Message></Error></Errors><RequestID>r</RequestID></Response>"
)
_REFUSED = "<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors></Response>"  # noqa: E501
_DOWN = "<ErrorResponse><Error><Code>ServiceUnavailable</Code><Message>x</Message></Error></ErrorResponse>"  # noqa: E501
_CALLER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
    "<Arn>arn:aws:iam::123456789012:user/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def enabled(names: Iterable[tuple[str, str]]) -> Reply:
    items = "".join(
        f"<item><regionName>{n}</regionName><optInStatus>{s}</optInStatus></item>" for n, s in names
    )
    return (
        200,
        XML,
        f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>",
    )


def regions(*names: str) -> Reply:
    return enabled((name, "opt-in-not-required") for name in names)


def world(asked: Asked, *, denied: bool = False, scp: bool = False, nosts: bool = False) -> Reply:
    """Four regions, one of them not enabled; each has a VPC and a function."""
    match asked.operation:
        case "DescribeRegions":
            if denied:
                return 403, XML, _DENIED
            return enabled(
                (
                    ("us-east-1", "opt-in-not-required"),
                    ("eu-west-1", "opt-in-not-required"),
                    ("ap-east-1", "not-opted-in"),
                    ("me-south-1", "opted-in"),
                )
            )
        case "DescribeVpcs":
            if asked.region not in ("us-east-1", "eu-west-1", "me-south-1"):
                return 401, XML, _REFUSED
            if scp and asked.region == "eu-west-1":
                return 403, XML, _DENIED
            vpc = f"<item><vpcId>vpc-{asked.region}</vpcId></item>"
            return 200, XML, f"<DescribeVpcsResponse><vpcSet>{vpc}</vpcSet></DescribeVpcsResponse>"
        case "GetCallerIdentity":
            return (503, XML, _DOWN) if nosts else (200, XML, _CALLER)
    return 400, JSON, {"__type": "Unknown"}


def told(session: Session, sql: str) -> tuple[Rows, list[str], list[str]]:
    """The rows, the regions that failed, and the notices."""
    (result,) = session.run(sql)
    rows: Rows = result.table().to_pylist()
    return rows, [f.call.target.region for f in result.failures], result.notices


_VPCS = "SELECT VpcId, region FROM aws.ec2.vpcs WHERE region = '*' ORDER BY ALL"


def test_a_region_that_is_not_enabled_is_not_called(open_session: Open) -> None:
    with ScriptedApi(world) as api:
        rows, failed, notices = told(open_session(endpoint_url=api.url), _VPCS)
    assert [r["region"] for r in rows] == ["eu-west-1", "me-south-1", "us-east-1"]
    assert (failed, notices, api.calls["DescribeVpcs"]) == ([], [], 3)


def test_where_nobody_may_ask_for_regions_all_are_tried_and_it_is_said(open_session: Open) -> None:
    with ScriptedApi(lambda asked: world(asked, denied=True)) as api:
        rows, failed, notices = told(open_session(endpoint_url=api.url), _VPCS)
    assert [r["region"] for r in rows] == ["eu-west-1", "me-south-1", "us-east-1"]
    assert failed == []
    assert "ec2:DescribeRegions is denied" in notices[0]
    assert any(n.startswith("skipped ap-east-1") for n in notices)


def test_a_region_that_a_policy_denies_makes_the_answer_partial(open_session: Open) -> None:
    with ScriptedApi(lambda asked: world(asked, scp=True)) as api:
        rows, failed, _ = told(open_session(endpoint_url=api.url), _VPCS)
    assert [r["region"] for r in rows] == ["me-south-1", "us-east-1"]
    assert failed == ["eu-west-1"]


def test_where_sts_is_down_the_account_alone_is_null(open_session: Open) -> None:
    with ScriptedApi(lambda asked: world(asked, nosts=True)) as api:
        session = open_session(endpoint_url=api.url, max_attempts=1)
        rows, failed, notices = told(session, "SELECT VpcId, region, account_id FROM aws.ec2.vpcs")
    assert rows == [{"VpcId": "vpc-us-east-1", "region": "us-east-1", "account_id": None}]
    assert failed == []
    assert "account_id is NULL" in notices[0]


@pytest.mark.parametrize(
    "where",
    [
        "region IN (SELECT 'eu-west-1')",
        "region = 'eu-' || 'west-1'",
        "region ~ 'eu-.*'",
        "region ILIKE 'EU-%'",
        "region BETWEEN 'eu' AND 'f'",
        "EXISTS (SELECT 1 FROM (VALUES ('eu-west-1')) q(x) WHERE q.x = vpcs.region)",
        "account_id = '123456789012' AND region NOT IN ('us-east-1', 'me-south-1')",
    ],
)
def test_a_condition_calls_in_its_own_regions_only(where: str, open_session: Open) -> None:
    with ScriptedApi(world) as api:
        rows = rows_of(
            open_session(endpoint_url=api.url), f"SELECT VpcId FROM aws.ec2.vpcs WHERE {where}"
        )
    assert rows == [{"VpcId": "vpc-eu-west-1"}]
    assert [a.region for a in api.asked if a.operation == "DescribeVpcs"] == ["eu-west-1"]


def test_a_join_with_the_list_of_regions_reads_each(open_session: Open) -> None:
    sql = (
        "SELECT VpcId FROM aws.ec2.vpcs v JOIN aws.ec2.regions r ON v.region = r.RegionName "
        "WHERE r.RegionName LIKE 'eu-%'"
    )
    with ScriptedApi(world) as api:
        assert rows_of(open_session(endpoint_url=api.url), sql) == [{"VpcId": "vpc-eu-west-1"}]
    assert api.calls["DescribeVpcs"] == 1


_FOUR = ("us-east-1", "us-west-2", "eu-west-1", "eu-west-3")


def one_region(asked: Asked) -> Reply:
    """Four regions, and services that answer in one of them."""
    match asked.operation:
        case "DescribeRegions":
            return regions(*_FOUR)
        case "ListWebACLs":
            scope = asked.json["Scope"]
            if scope == "CLOUDFRONT" and asked.region != "us-east-1":
                return (
                    400,
                    JSON,
                    {"__type": "WAFInvalidParameterException", "Message": "wrong scope"},
                )
            return (
                200,
                JSON,
                {"WebACLs": [{"Name": f"{scope}-{asked.region}", "Id": "1", "ARN": "a"}]},
            )
        case "DescribeGlobalClusters":
            name = "<GlobalClusterIdentifier>g1</GlobalClusterIdentifier>"
            one = f"<GlobalClusters><GlobalClusterMember>{name}</GlobalClusterMember></GlobalClusters>"  # noqa: E501
            result = f"<DescribeGlobalClustersResult>{one}</DescribeGlobalClustersResult>"
            return (
                200,
                XML,
                f"<DescribeGlobalClustersResponse>{result}</DescribeGlobalClustersResponse>",
            )
    return 200, JSON, {"Accelerators": [{"AcceleratorArn": f"a-{asked.region}"}], "Domains": []}


@pytest.mark.parametrize("where", ["", "WHERE region = '*'", "WHERE region LIKE 'us-%'"])
@pytest.mark.parametrize(
    ("sql", "operation", "region"),
    [
        (
            "SELECT AcceleratorArn FROM aws.globalaccelerator.accelerators",
            "ListAccelerators",
            "us-west-2",
        ),
        ("SELECT DomainName FROM aws.route53domains.domains", "ListDomains", "us-east-1"),
        (
            "SELECT GlobalClusterIdentifier FROM aws.rds.global_clusters",
            "DescribeGlobalClusters",
            "us-east-1",
        ),
    ],
)
def test_what_one_region_answers_is_asked_for_there_once(
    sql: str, operation: str, region: str, where: str, open_session: Open
) -> None:
    with ScriptedApi(one_region) as api:
        rows_of(open_session(endpoint_url=api.url, region="eu-west-1"), f"{sql} {where}")
    assert [a.region for a in api.asked if a.operation == operation] == [region]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("", ["CLOUDFRONT-us-east-1", "REGIONAL-eu-west-1"]),
        ("WHERE region LIKE 'eu-%'", ["REGIONAL-eu-west-1", "REGIONAL-eu-west-3"]),
        ("WHERE region = '*'", ["CLOUDFRONT-us-east-1", *sorted(f"REGIONAL-{r}" for r in _FOUR)]),
        ("WHERE Scope = 'CLOUDFRONT'", ["CLOUDFRONT-us-east-1"]),
        ("WHERE Scope = 'CLOUDFRONT' AND region = 'eu-west-1'", []),
    ],
)
def test_cloudfront_s_web_acls_are_in_one_region(
    where: str, names: list[str], open_session: Open
) -> None:
    with ScriptedApi(one_region) as api:
        session = open_session(endpoint_url=api.url, region="eu-west-1")
        rows, failed, _ = told(session, f"SELECT Name FROM aws.wafv2.web_acls {where}")
    assert sorted(r["Name"] for r in rows) == names
    assert failed == []


_CONNECTIONS = {name: ConnectionSettings(name) for name in ("prod", "dev", "test")}


def connected(open_session: Open, api: ScriptedApi, **given: Any) -> Session:
    return open_session(endpoint_url=api.url, connections=_CONNECTIONS, **given)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("connection = 'prod'", ["prod"]),
        ("connection = 'pr' || 'od'", ["prod"]),
        ("connection IN ('prod', 'dev')", ["dev", "prod"]),
        ("connection <> 'prod'", ["dev", "test"]),
        ("connection ~ '(dev|test)'", ["dev", "test"]),
        ("connection IN (SELECT 'dev')", ["dev"]),
        ("connection IN ('*')", ["dev", "prod", "test"]),
        ("account_id = '123456789012'", ["dev", "prod", "test"]),
        ("account_id ~ '999'", []),
        ("connection IS NULL", []),
    ],
)
def test_a_condition_on_connections_is_of_all_of_them(
    where: str, names: list[str], open_session: Open
) -> None:
    with ScriptedApi(world) as api:
        session = connected(open_session, api)
        rows = rows_of(session, f"SELECT connection FROM aws.ec2.vpcs WHERE {where} ORDER BY ALL")
    assert [r["connection"] for r in rows] == names
    assert api.calls["DescribeVpcs"] == len(names)


_ROLE = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAOTHER</AccessKeyId>"
    "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z"
    "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


def two_accounts(asked: Asked) -> Reply:
    """The world, in the caller's account and, through a role, in another."""
    if asked.operation == "AssumeRole":
        return 200, XML, _ROLE
    if asked.operation != "GetCallerIdentity":
        return world(asked)
    signed = {name.lower(): value for name, value in asked.headers.items()}["authorization"]
    account = "222222222222" if "ASIAOTHER" in signed else "111111111111"
    return 200, XML, _CALLER.replace("123456789012", account)


@pytest.mark.parametrize(
    ("where", "accounts"),
    [
        ("account_id = '111111111111'", ["111111111111"]),
        ("account_id IN ('111111111111', '222222222222')", ["111111111111", "222222222222"]),
        ("account_id <> '222222222222'", ["111111111111"]),
        ("NOT (account_id = '111111111111')", ["222222222222"]),
        ("account_id ~ '^[12]+$'", ["111111111111", "222222222222"]),
        ("account_id LIKE '1%'", ["111111111111"]),
        ("account_id IS NULL", []),
        ("account_id IN (SELECT Account FROM aws.sts.caller_identities)", ["111111111111"]),
        ("account_id <> '333333333333' AND connection = '*'", ["222222222222"]),
    ],
)
def test_the_session_s_own_account_is_among_those_a_condition_on_accounts_is_of(
    where: str, accounts: list[str], open_session: Open
) -> None:
    other = ConnectionSettings("prod", role_arn="arn:aws:iam::222222222222:role/reader")
    with ScriptedApi(two_accounts) as api:
        session = open_session(endpoint_url=api.url, connections={"prod": other})
        rows = rows_of(session, f"SELECT account_id FROM aws.ec2.vpcs WHERE {where} ORDER BY ALL")
    assert [r["account_id"] for r in rows] == accounts


def test_a_join_on_connections_reads_those_of_the_other_table(open_session: Open) -> None:
    sql = (
        "SELECT v.connection FROM aws.ec2.vpcs v JOIN (VALUES ('dev'), ('gone')) q(x) ON "
        "v.connection = q.x"
    )
    with ScriptedApi(world) as api:
        assert rows_of(connected(open_session, api), sql) == [{"connection": "dev"}]
    assert api.calls["DescribeVpcs"] == 1


def test_an_unknown_connection_names_the_nearest(open_session: Open) -> None:
    with ScriptedApi(world) as api, pytest.raises(UnknownName, match="nosuch") as caught:
        rows_of(
            connected(open_session, api), "SELECT 1 FROM aws.ec2.vpcs WHERE connection = 'nosuch'"
        )
    assert caught.value.near or not api.calls
    with ScriptedApi(world) as api, pytest.raises(UnknownName) as caught:
        rows_of(connected(open_session, api), "SELECT 1 FROM aws.ec2.vpcs WHERE connection = 'prd'")
    assert caught.value.near[0] == "prod"


@pytest.mark.parametrize(
    "where", ["connection = '*'", "connection IS NULL", "account_id = '123456789012'"]
)
def test_without_connections_in_the_config_there_is_the_session_s_own(
    where: str, open_session: Open
) -> None:
    with ScriptedApi(world) as api:
        session = open_session(endpoint_url=api.url)
        rows = rows_of(session, f"SELECT VpcId FROM aws.ec2.vpcs WHERE {where}")
    assert rows == [{"VpcId": "vpc-us-east-1"}]


_BUCKETS = {"eu-bkt": "eu-west-1", "opt-bkt": "me-south-1", "us-bkt": "us-east-1"}


def s3(asked: Asked, *, says_regions: bool = True) -> Reply:
    """Buckets of three regions; asked for elsewhere they send one on, as S3 does."""
    if asked.operation == "DescribeRegions":
        return regions("us-east-1", "eu-west-1", "me-south-1")
    if asked.path == "/":
        buckets = "".join(
            f"<Bucket><Name>{name}</Name>{f'<BucketRegion>{region}</BucketRegion>' * says_regions}</Bucket>"  # noqa: E501
            for name, region in _BUCKETS.items()
        )
        return (
            200,
            XML,
            f"<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>",
        )
    name = asked.path.strip("/").split("/")[0]
    region = _BUCKETS[name]
    if asked.region != region:
        told = {**XML, "x-amz-bucket-region": region}
        if asked.region == "us-east-1":
            return (
                301,
                told,
                "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>",
            )
        code = "<Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message>"
        return 400, told, f"<Error>{code}<Region>{region}</Region></Error>"
    one = f"<Contents><Key>k-{name}</Key><Size>1</Size></Contents>"
    return 200, XML, f"<ListBucketResult><Name>{name}</Name>{one}</ListBucketResult>"


@pytest.mark.parametrize("says_regions", [True, False])
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Bucket = 'eu-bkt'", [("k-eu-bkt", "eu-west-1")]),
        ("Bucket = 'eu-bkt' AND region = 'eu-west-1'", [("k-eu-bkt", "eu-west-1")]),
        ("Bucket = 'eu-bkt' AND region = '*'", [("k-eu-bkt", "eu-west-1")]),
        ("Bucket = 'eu-bkt' AND region ~ 'eu.*'", [("k-eu-bkt", "eu-west-1")]),
        ("Bucket = 'eu-bkt' AND region = 'us-east-1'", []),
        ("Bucket = 'eu-bkt' AND region NOT LIKE 'eu%'", []),
        ("true", [(f"k-{name}", region) for name, region in _BUCKETS.items()]),
        ("region = '*'", [(f"k-{name}", region) for name, region in _BUCKETS.items()]),
        ("region ~ 'me-.*'", [("k-opt-bkt", "me-south-1")]),
        (
            "region IN ('eu-west-1', 'us-east-1')",
            [("k-eu-bkt", "eu-west-1"), ("k-us-bkt", "us-east-1")],
        ),
    ],
)
def test_an_object_is_in_the_region_of_its_bucket(
    where: str, found: list[tuple[str, str]], says_regions: bool, open_session: Open
) -> None:
    with ScriptedApi(lambda asked: s3(asked, says_regions=says_regions)) as api:
        session = open_session(endpoint_url=api.url)
        rows, failed, _ = told(
            session, f"SELECT Key, region FROM aws.s3.objects WHERE {where} ORDER BY ALL"
        )
        again, _, _ = told(
            session, f"SELECT Key, region FROM aws.s3.objects WHERE {where} ORDER BY ALL"
        )
    assert [(r["Key"], r["region"]) for r in rows] == sorted(found)
    assert (again, failed) == (rows, [])


def test_a_bucket_of_which_nobody_says_where_it_is_is_asked_once_and_that_is_told(
    open_session: Open,
) -> None:
    with ScriptedApi(lambda asked: s3(asked, says_regions=False)) as api:
        session = open_session(endpoint_url=api.url)
        found = rows_of(
            session, "SELECT Key FROM aws.s3.objects WHERE region = 'eu-west-1' LIMIT 5"
        )
        asked = [
            (a.path, a.region)
            for a in api.asked
            if a.path != "/" and a.operation != "DescribeRegions"
        ]
        _, _, notices = told(session, "SELECT Name, region FROM aws.s3.buckets")
    assert found == [{"Key": "k-eu-bkt"}]
    assert len([path for path, region in asked if region == "us-east-1"]) == 3
    assert "does not return a region for every row" in notices[0]


def trails(asked: Asked) -> Reply:
    """A trail of all regions, kept in one and seen from each,
    and a trail of its own in each region."""
    if asked.operation == "DescribeRegions":
        return regions("us-east-1", "us-west-2", "eu-west-1")
    if asked.operation == "GetCallerIdentity":
        return 200, XML, _CALLER
    if asked.operation == "DescribeTrails":
        homes = {"t1": "us-east-1", f"own-{asked.region}": asked.region}
        shown = [
            {"Name": n, "HomeRegion": r, "TrailARN": f"arn:aws:cloudtrail:{r}:1:trail/{n}"}
            for n, r in homes.items()
        ]
        return 200, JSON, {"trailList": shown}
    if asked.operation == "GetTrailStatus":
        # A trail that is kept elsewhere has no name here, and its ARN says where it is.
        name = asked.json["Name"]
        of_here = {f"own-{asked.region}", "t1" if asked.region == "us-east-1" else ""}
        if name in of_here or f":{asked.region}:" in name:
            return 200, JSON, {"IsLogging": True}
    return 400, JSON, {"__type": "TrailNotFoundException", "message": asked.region}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", [("own-eu-west-1", "eu-west-1"), ("t1", "us-east-1")]),
        ("WHERE region = 'eu-west-1'", [("own-eu-west-1", "eu-west-1")]),
        ("WHERE region = 'us-east-1'", [("own-us-east-1", "us-east-1"), ("t1", "us-east-1")]),
        (
            "WHERE region = '*'",
            [(f"own-{r}", r) for r in ("eu-west-1", "us-east-1", "us-west-2")]
            + [("t1", "us-east-1")],
        ),
    ],
)
def test_what_is_seen_from_every_region_is_one_row_in_its_home(
    where: str, found: list[tuple[str, str]], open_session: Open
) -> None:
    with ScriptedApi(trails) as api:
        session = open_session(endpoint_url=api.url, region="eu-west-1")
        sql = f"SELECT Name, region, IsLogging FROM aws.cloudtrail.trails {where} ORDER BY ALL"
        rows, failed, _ = told(session, sql)
        count = rows_of(session, f"SELECT count(*) AS n FROM aws.cloudtrail.trails {where}")
    assert [(r["Name"], r["region"]) for r in rows] == found
    assert all(r["IsLogging"] for r in rows)
    assert failed == []
    assert count == [{"n": len(found)}]


def test_what_hangs_on_a_trail_is_asked_for_in_its_home_alone(open_session: Open) -> None:
    with ScriptedApi(trails) as api:
        session = open_session(endpoint_url=api.url, region="eu-west-1")
        sql = (
            "SELECT Name, region FROM aws.cloudtrail.trail_statuses WHERE region = '*' ORDER BY ALL"
        )
        rows, failed, _ = told(session, sql)
    assert sorted(r["region"] for r in rows) == ["eu-west-1", "us-east-1", "us-east-1", "us-west-2"]
    assert (failed, api.calls["GetTrailStatus"]) == ([], 4)


def one_user(asked: Asked) -> Reply:
    """IAM has one user, and deletes it."""
    if asked.operation == "GetCallerIdentity":
        return 200, XML, _CALLER
    user = "<member><UserName>ann</UserName><Path>/</Path></member>"
    name = asked.operation
    listed = f"<Users>{user}</Users>" if name == "ListUsers" else ""
    return 200, XML, f"<{name}Response><{name}Result>{listed}</{name}Result></{name}Response>"


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ("region = 'us-east-1'", True),
        ("region = '*'", True),
        ("region IN ('eu-west-1', 'us-east-1')", True),
        ("region <> 'eu-west-1'", True),
        ("region LIKE 'us-%'", True),
        ("region = 'eu-west-1'", False),
        ("region <> 'us-east-1'", False),
        ("region LIKE 'eu-%'", False),
        ("region ~ 'eu-.*'", False),
    ],
)
def test_rows_of_a_service_without_regions_bear_one_whatever_is_asked(
    condition: str, is_true: bool, open_session: Open
) -> None:
    with ScriptedApi(one_user) as api:
        session = open_session(endpoint_url=api.url, region="eu-west-1")
        sql = "SELECT UserName, region FROM aws.iam.users"
        whole = rows_of(session, sql)
        assert whole == [{"UserName": "ann", "region": "us-east-1"}]
        assert rows_of(session, f"{sql} WHERE {condition}") == (whole if is_true else [])
        assert rows_of(session, f"{sql} WHERE NOT ({condition})") == ([] if is_true else whole)
    assert {a.region for a in api.asked} == {"us-east-1"}


def test_a_region_that_a_service_without_regions_does_not_bear_is_told(open_session: Open) -> None:
    with ScriptedApi(one_user) as api:
        session = open_session(endpoint_url=api.url, region="eu-west-1")
        (result,) = session.run("SELECT UserName FROM aws.iam.users WHERE region = 'eu-west-1'", {})
        assert result.table().num_rows == 0
        assert any("region is 'us-east-1'" in n for n in result.notices), result.notices
    assert not api.asked


@pytest.mark.parametrize(
    ("schema", "region", "calls"),
    [("iam", "eu-west-1", 0), ("iam", "us-east-1", 1), ("iam_api", "eu-west-1", 1)],
)
def test_a_write_is_of_the_rows_that_a_select_has(
    schema: str, region: str, calls: int, open_session: Open
) -> None:
    with ScriptedApi(one_user) as api:
        session = open_session(
            endpoint_url=api.url, region="eu-west-1", options=WriteOptions(assume_yes=True)
        )
        rows_of(
            session,
            f"DELETE FROM aws.{schema}.users WHERE UserName = 'ann' AND region = '{region}'",
        )
    assert api.calls["DeleteUser"] == calls


def findings(asked: Asked) -> Reply:
    """A finding in each region; the first region shows those of the others too."""
    if asked.operation == "DescribeRegions":
        return regions("us-east-1", "us-west-2", "eu-west-1")
    shown = (
        ("us-east-1", "us-west-2", "eu-west-1") if asked.region == "us-east-1" else (asked.region,)
    )
    return (
        200,
        REST_JSON,
        {"Findings": [{"Id": f"f-{region}", "Region": region} for region in shown]},
    )


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", ["eu-west-1", "us-east-1", "us-west-2"]),
        ("WHERE region = '*'", ["eu-west-1", "us-east-1", "us-west-2"]),
        ("WHERE region IN ('us-east-1', 'us-west-2')", ["us-east-1", "us-west-2"]),
        ("WHERE region <> 'us-east-1'", ["eu-west-1", "us-west-2"]),
    ],
)
def test_what_one_region_gathers_from_others_is_a_row_of_its_own_region(
    where: str, found: list[str], open_session: Open
) -> None:
    with ScriptedApi(findings) as api:
        session = open_session(endpoint_url=api.url)
        sql = f"SELECT Id, region FROM aws.securityhub.findings {where} ORDER BY ALL"
        rows, failed, _ = told(session, sql)
    assert [(r["Id"], r["region"]) for r in rows] == [(f"f-{region}", region) for region in found]
    assert failed == []


def global_things(asked: Asked) -> Reply:
    """What belongs to an account and to no region, answered alike wherever it is asked for."""
    match asked.operation:
        case "DescribeRegions":
            return regions("us-east-1", "us-west-2", "eu-west-1")
        case "ListDashboards":
            return 200, JSON, {"DashboardEntries": [{"DashboardName": "d"}]}
        case "GetDashboard":
            return 200, JSON, {"DashboardName": "d", "DashboardBody": "{}"}
        case "DescribeDirectConnectGateways":
            return 200, JSON, {"directConnectGateways": [{"directConnectGatewayId": "g"}]}
        case "DescribeDirectConnectGatewayAssociations":
            return (
                200,
                JSON,
                {
                    "directConnectGatewayAssociations": [
                        {"directConnectGatewayId": "g", "associationId": "a"}
                    ]
                },
            )
        case "ListAccelerators":
            return (
                200,
                JSON,
                {
                    "Accelerators": [
                        {"AcceleratorArn": "arn:aws:globalaccelerator::1:accelerator/x"}
                    ]
                },
            )
        case "ListListeners":
            return (
                200,
                JSON,
                {"Listeners": [{"ListenerArn": f"{asked.json['AcceleratorArn']}/listener/y"}]},
            )
        case "ListEndpointGroups":
            return (
                200,
                JSON,
                {"EndpointGroups": [{"EndpointGroupArn": f"{asked.json['ListenerArn']}/z"}]},
            )
        case "ListDomains":
            return 200, JSON, {"Domains": [{"DomainName": "example.com"}]}
        case "GetDomainDetail":
            return 200, JSON, {"DomainName": "example.com", "RegistrarName": "r"}
    return 400, JSON, {"__type": "Unknown", "message": asked.operation}


@pytest.mark.parametrize(
    ("columns", "table", "home", "calls"),
    [
        ("DashboardName, DashboardBody", "cloudwatch.dashboards", "us-east-1", 2),
        ("directConnectGatewayId", "directconnect.direct_connect_gateways", "us-east-1", 1),
        ("associationId", "directconnect.direct_connect_gateway_associations", "us-east-1", 2),
        ("AcceleratorArn", "globalaccelerator.accelerators", "us-west-2", 1),
        ("ListenerArn", "globalaccelerator.listeners", "us-west-2", 2),
        ("EndpointGroupArn", "globalaccelerator.endpoint_groups", "us-west-2", 3),
        ("DomainName, RegistrarName", "route53domains.domains", "us-east-1", 2),
    ],
)
def test_what_is_no_region_s_is_there_once_with_all_that_hangs_on_it(
    columns: str, table: str, home: str, calls: int, open_session: Open
) -> None:
    for where in (
        "",
        "WHERE region = '*'",
        f"WHERE region IN ('eu-west-1', '{home}')",
        f"WHERE region = '{home}'",
    ):
        with ScriptedApi(global_things) as api:
            session = open_session(endpoint_url=api.url, region="eu-west-1")
            rows, failed, _ = told(session, f"SELECT {columns}, region FROM aws.{table} {where}")
        asked = [
            a for a in api.asked if a.operation not in ("DescribeRegions", "GetCallerIdentity")
        ]
        assert [r["region"] for r in rows] == [home], where
        assert all(value is not None for value in rows[0].values()), where
        assert ({a.region for a in asked}, len(asked), failed) == ({home}, calls, []), where
    with ScriptedApi(global_things) as api:
        session = open_session(endpoint_url=api.url, region="eu-west-1")
        assert rows_of(session, f"SELECT * FROM aws.{table} WHERE region = 'eu-west-1'") == []
