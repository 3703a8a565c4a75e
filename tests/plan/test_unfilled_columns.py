"""A column that no call fills: a notice if it is only shown,
an error if anything depends on it."""

from __future__ import annotations

import pytest

from cirrusql.errors import MissingParameter
from cirrusql.plan.model import Plan
from cirrusql.plan.planner import plan_query
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement
from tests.plan.planned import catalog

T = "aws.ecr.images"
"""Its listing lacks imageManifest, which only BatchGetImage has."""


def planned(sql: str) -> Plan:
    statement = parse(sql)
    assert isinstance(statement, QueryStatement)
    return plan_query(statement.text, statement.tree, catalog())


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT imageDigest, imageManifest FROM {T}",
        f"SELECT imageDigest AS v, imageManifest AS a FROM {T} ORDER BY v, 1",
        f"SELECT imageDigest, max(imageManifest) FROM {T} GROUP BY ALL",
        f"SELECT imageDigest, any_value(imageManifest) FROM {T} GROUP BY 1",
        f"SELECT imageManifest FROM {T} UNION ALL SELECT 'x'",
        f"SELECT DISTINCT imageDigest FROM (SELECT imageDigest, imageManifest FROM {T})",
    ],
)
def test_shown_it_is_a_notice(sql: str) -> None:
    plan = planned(sql)
    assert not [n for n in plan.notices if "imageManifest is NULL" not in n]
    assert plan.notices or "DISTINCT imageDigest" in sql


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT imageDigest FROM {t} WHERE imageManifest = 'x'",
        "SELECT imageManifest, count(*) FROM {t} GROUP BY 1",
        "SELECT imageManifest, count(*) FROM {t} GROUP BY ALL",
        "SELECT lower(imageManifest) AS a, count(*) FROM {t} GROUP BY a",
        "SELECT imageDigest, imageManifest FROM {t} ORDER BY 2 DESC",
        "SELECT imageDigest, imageManifest AS a FROM {t} ORDER BY a",
        "SELECT imageDigest, lower(imageManifest) AS a FROM {t} ORDER BY ALL",
        "SELECT DISTINCT imageManifest FROM {t}",
        "SELECT DISTINCT ON (imageManifest) imageDigest FROM {t}",
        "SELECT count(DISTINCT imageManifest) FROM {t}",
        "SELECT imageDigest, row_number() OVER (PARTITION BY imageManifest) FROM {t}",
        "SELECT imageManifest FROM {t} UNION SELECT 'x'",
        "SELECT 'x' AS a EXCEPT ALL SELECT imageManifest FROM {t}",
        "SELECT imageDigest, imageManifest FROM {t} UNION ALL SELECT 1, 'x' ORDER BY 2",
        "SELECT imageDigest, imageManifest AS a FROM {t} UNION ALL SELECT 1, 'x' ORDER BY a",
        "SELECT a FROM (SELECT lower(imageManifest) AS a FROM {t} LIMIT 5) WHERE a = 'x'",
        "SELECT max(imageManifest) AS a FROM {t} HAVING a > 'x'",
        "WITH w AS (SELECT imageManifest AS a FROM {t}) SELECT a, count(*) FROM w GROUP BY 1",
        "SELECT count(*) FROM (SELECT DISTINCT imageManifest FROM {t})",
    ],
)
def test_where_rows_rest_on_it_it_is_an_error(sql: str) -> None:
    with pytest.raises(MissingParameter, match="no call that lists its rows returns imageManifest"):
        planned(sql.format(t=T))
