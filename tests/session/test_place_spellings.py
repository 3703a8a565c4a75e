"""Conditions on place however they are written, on a real server:
the rows are those of a local copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy

REGIONS = ("ap-south-1", "eu-west-1", "us-east-1")
OTHER = "arn:aws:iam::222222222222:role/reader"
CONNECTIONS = {
    "prod": ConnectionSettings("prod"),
    "other": ConnectionSettings("other", role_arn=OTHER),
}

OF_REGIONS = [
    "v.region = 'eu-west-1'",
    "'eu-west-1' = v.region",
    "v.region IN ('eu-west-1', 'us-east-1')",
    "v.region IN ('eu-west-1', NULL)",
    "v.region NOT IN ('eu-west-1', NULL)",
    "v.region NOT IN ('eu-west-1')",
    "v.region <> 'eu-west-1'",
    "NOT (v.region = 'eu-west-1')",
    "v.region IS DISTINCT FROM 'eu-west-1'",
    "v.region = ANY(['eu-west-1', 'ap-south-1'])",
    "v.region = ANY(SELECT unnest(['eu-west-1']))",
    "v.region <> ALL(SELECT unnest(['eu-west-1', 'us-east-1']))",
    "v.region IN (SELECT r FROM (VALUES ('eu-west-1'), ('us-east-1')) q(r))",
    "v.region NOT IN (SELECT r FROM (VALUES ('eu-west-1')) q(r))",
    "v.region = (SELECT max(r) FROM (VALUES ('ap-south-1'), ('eu-west-1')) q(r))",
    "v.region = 'eu-' || 'west-1'",
    "v.region = concat('eu', '-west-', 1)",
    "v.region || '!' = 'eu-west-1!'",
    "v.region ~ 'eu-.*'",
    "v.region !~ 'eu-.*'",
    "regexp_matches(v.region, '^(eu|us)')",
    "v.region LIKE 'eu-%'",
    "v.region NOT LIKE 'eu-%'",
    "v.region ILIKE 'EU-%'",
    "v.region SIMILAR TO '(eu|ap).*'",
    "v.region BETWEEN 'b' AND 'f'",
    "v.region NOT BETWEEN 'b' AND 'f'",
    "v.region > 'eu-west-1'",
    "v.region >= 'eu-west-1' AND v.region < 'v'",
    "CASE WHEN v.region = 'eu-west-1' THEN true ELSE false END",
    "CASE v.region WHEN 'eu-west-1' THEN 1 WHEN 'us-east-1' THEN 2 END = 2",
    "COALESCE(v.region, 'none') = 'eu-west-1'",
    "nullif(v.region, 'eu-west-1') IS NULL",
    "v.region IS NULL",
    "v.region IS NOT NULL",
    "starts_with(v.region, 'eu')",
    "left(v.region, 2) IN ('eu', 'ap')",
    "upper(v.region) = 'EU-WEST-1'",
    "length(v.region) = 9",
    "list_contains(['eu-west-1'], v.region)",
    "EXISTS (SELECT 1 FROM (VALUES ('eu-west-1')) q(r) WHERE q.r = v.region)",
    "NOT EXISTS (SELECT 1 FROM (VALUES ('eu-west-1')) q(r) WHERE q.r = v.region)",
    "(v.region = 'eu-west-1' OR v.CidrBlock = '10.2.1.0/24')",
    "NOT (v.region = 'eu-west-1' AND v.IsDefault)",
    "(v.region = 'eu-west-1') IS NOT TRUE",
    "(v.region, 1) IN (('eu-west-1', 1), ('us-east-1', 2))",
    "v.region = $region",
    "v.region IN (SELECT unnest($regions))",
]
OF_ACCOUNTS = [
    "v.connection = 'other'",
    "v.connection IN ('other', 'prod')",
    "v.connection <> 'other'",
    "NOT (v.connection = 'other')",
    "v.connection LIKE 'o%'",
    "v.connection ILIKE 'O%'",
    "v.connection ~ 'o.*'",
    "v.connection IN (SELECT c FROM (VALUES ('other')) q(c))",
    "v.connection = 'oth' || 'er'",
    "coalesce(v.connection, '') = 'other'",
    "v.account_id = '222222222222'",
    "v.account_id <> '222222222222'",
    "v.account_id IN ('222222222222', NULL)",
    "v.account_id LIKE '2%'",
    "v.account_id BETWEEN '2' AND '3'",
    "CASE WHEN v.account_id = '222222222222' THEN v.connection = 'other' ELSE false END",
    "(v.connection = 'other') IS NOT TRUE",
]
OF_BOTH = [
    "v.connection = 'other' AND v.region = 'eu-west-1'",
    "v.connection = 'other' OR v.region = 'eu-west-1'",
    "NOT (v.connection = 'other' OR v.region = 'eu-west-1')",
    "(v.connection, v.region) IN (('other', 'eu-west-1'), ('prod', 'us-east-1'))",
    "v.connection || v.region = 'othereu-west-1'",
    "CASE WHEN v.connection = 'other' THEN v.region = 'eu-west-1' ELSE v.region = 'us-east-1' END",
    "v.account_id = '222222222222' AND v.region ~ 'us.*'",
]

STATEMENTS = [
    "SELECT v.CidrBlock, v.region FROM (SELECT * FROM {t}) v WHERE v.region = 'eu-west-1'",
    "WITH w AS (SELECT * FROM {t}) SELECT CidrBlock, region FROM w WHERE region LIKE 'eu%'",
    "WITH w AS (SELECT CidrBlock, region AS r FROM {t}) SELECT * FROM w WHERE r <> 'eu-west-1'",
    "SELECT CidrBlock, region FROM (VALUES ('eu-west-1')) q(region) JOIN {t} v USING (region)",
    "SELECT v.CidrBlock, v.region FROM {t} v NATURAL JOIN (SELECT 'eu-west-1' AS region) q",
    "SELECT v.CidrBlock, v.region FROM {t} v, (VALUES ('eu-west-1'), ('us-east-1')) q(r) WHERE q.r "
    "= v.region",
    "SELECT q.r, v.CidrBlock FROM (VALUES ('eu-west-1'), ('us-east-1')) q(r), "
    "LATERAL (SELECT * FROM {t} z WHERE z.region = q.r) v",
    "SELECT q.r, v.CidrBlock FROM (VALUES ('eu-west-1'), ('nowhere')) q(r) LEFT JOIN {t} v ON "
    "v.region = q.r",
    "SELECT v.CidrBlock, q.r FROM {t} v LEFT JOIN (VALUES ('eu-west-1')) q(r) ON v.region = q.r "
    "WHERE v.region = '*'",
    "SELECT CidrBlock, region FROM {t} a NATURAL JOIN (SELECT VpcId, region FROM {t} v WHERE "
    "region "
    "LIKE 'eu%') b",
    "SELECT CidrBlock, region FROM {t} a NATURAL LEFT JOIN (SELECT 'eu-west-1' AS region, 1 AS "
    "one) b "
    "WHERE region > 'b'",
    "SELECT region, count(*) AS n FROM {t} v GROUP BY region HAVING region <> 'eu-west-1'",
    "SELECT count(*) FILTER (WHERE v.region = 'eu-west-1') AS n FROM {t} v WHERE v.region IS NOT "
    "NULL",
    "SELECT CidrBlock FROM {t} v WHERE v.region = 'eu-west-1' "
    "UNION ALL SELECT CidrBlock FROM {t} v WHERE v.region = 'us-east-1'",
    "SELECT a.CidrBlock, b.CidrBlock AS c FROM {t} a JOIN {t} b ON a.region = b.region WHERE "
    "a.region = 'eu-west-1'",
    "SELECT CidrBlock, region FROM {t} v WHERE v.region = '*' QUALIFY row_number() "
    "OVER (PARTITION BY v.region ORDER BY v.CidrBlock) = 1",
    "SELECT CidrBlock FROM {t} v WHERE v.region IN (SELECT w.region FROM {t} w WHERE w.region > "
    "'b')",
]


@pytest.fixture
def session(open_session: Callable[..., Session], client: Callable[..., Any]) -> Session:
    """Networks in three regions of two accounts, whole in ``memory.whole`` too."""
    role = client("sts").assume_role(RoleArn=OTHER, RoleSessionName="test")["Credentials"]
    other = {
        "aws_access_key_id": role["AccessKeyId"],
        "aws_secret_access_key": role["SecretAccessKey"],
        "aws_session_token": role["SessionToken"],
    }
    for account, keys in enumerate(({}, other)):
        for number, region in enumerate(REGIONS):
            client("ec2", region, **keys).create_vpc(CidrBlock=f"10.{number}.{account}.0/24")
    session = open_session(
        region="us-east-1", connection="prod", connections=CONNECTIONS, has_cache=True
    )
    for _ in session.run(
        "CREATE TABLE whole AS SELECT * FROM aws.ec2.vpcs WHERE region = '*' AND connection = '*'"
    ):
        pass
    return session


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(row) for row in rows)


def _of_copy(session: Session, sql: str, *, says_region: bool, says_account: bool) -> list[str]:
    """The rows over the copy: of what nothing is said, it is the session's own part."""
    home = " AND ".join(
        (["true"] if says_region else ["region = 'us-east-1'"])
        + ([] if says_account else ["connection = 'prod'"])
    )
    part = f"(SELECT * FROM whole WHERE {home})"
    return _sorted(
        rows_of(session, sql.format(t=part).replace("= '*'", "IS NOT NULL"), **PARAMETERS)
    )


PARAMETERS = {"region": "eu-west-1", "regions": ["eu-west-1", "us-east-1"]}


def test_a_condition_on_place_is_true_of_the_same_rows_however_it_is_written(
    session: Session,
) -> None:
    places = "SELECT count(DISTINCT (region, account_id)) > 6 AS many FROM whole"
    assert rows_of(session, places) == [{"many": True}]
    wrong: list[object] = []
    empty: list[str] = []
    conditions = [(c, True, False) for c in OF_REGIONS]
    conditions += [(c, False, True) for c in OF_ACCOUNTS] + [(c, True, True) for c in OF_BOTH]
    for condition, says_region, says_account in conditions:
        sql = f"SELECT v.VpcId, v.region, v.account_id, v.connection FROM {{t}} v WHERE {condition}"
        found = _sorted(rows_of(session, sql.format(t="aws.ec2.vpcs"), **PARAMETERS))
        expected = _of_copy(session, sql, says_region=says_region, says_account=says_account)
        if found != expected:
            wrong.append((condition, len(found), len(expected)))
        empty += [condition] if not expected else []
    assert not wrong
    assert len(empty) < 4, empty


def test_and_in_whatever_part_of_a_statement_it_stands(session: Session, proxy: FaultProxy) -> None:
    wrong = []
    for sql in STATEMENTS:
        found = _sorted(rows_of(session, sql.format(t="aws.ec2.vpcs")))
        if found != (expected := _of_copy(session, sql, says_region=True, says_account=False)):
            wrong.append((sql, len(found), len(expected)))
    assert not wrong
