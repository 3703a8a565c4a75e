"""A column that no call fills: a notice where it is only shown, an error where anything rests on it."""

from __future__ import annotations

import pytest

from cirrusql.errors import MissingParameter
from cirrusql.plan.model import Plan
from cirrusql.plan.planner import plan_query
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import Query
from tests.plan.planned import catalog

T = "aws.lambda.layer_versions"
"""Its listing lacks LayerArn, which only GetLayerVersion has."""


def planned(sql: str) -> Plan:
    statement = parse(sql)
    assert isinstance(statement, Query)
    return plan_query(statement.text, statement.tree, catalog())


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT Version, LayerArn FROM {T}",
        f"SELECT Version AS v, LayerArn AS a FROM {T} ORDER BY v, 1",
        f"SELECT Version, max(LayerArn) FROM {T} GROUP BY ALL",
        f"SELECT Version, any_value(LayerArn) FROM {T} GROUP BY 1",
        f"SELECT LayerArn FROM {T} UNION ALL SELECT 'x'",
        f"SELECT DISTINCT Version FROM (SELECT Version, LayerArn FROM {T})",
    ],
)
def test_shown_it_is_a_notice(sql: str) -> None:
    plan = planned(sql)
    assert not [n for n in plan.notices if "LayerArn is NULL" not in n]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT Version FROM {t} WHERE LayerArn = 'x'",
        "SELECT LayerArn, count(*) FROM {t} GROUP BY 1",
        "SELECT LayerArn, count(*) FROM {t} GROUP BY ALL",
        "SELECT lower(LayerArn) AS a, count(*) FROM {t} GROUP BY a",
        "SELECT Version, LayerArn FROM {t} ORDER BY 2 DESC",
        "SELECT Version, LayerArn AS a FROM {t} ORDER BY a",
        "SELECT Version, lower(LayerArn) AS a FROM {t} ORDER BY ALL",
        "SELECT DISTINCT LayerArn FROM {t}",
        "SELECT DISTINCT ON (LayerArn) Version FROM {t}",
        "SELECT count(DISTINCT LayerArn) FROM {t}",
        "SELECT Version, row_number() OVER (PARTITION BY LayerArn) FROM {t}",
        "SELECT LayerArn FROM {t} UNION SELECT 'x'",
        "SELECT 'x' AS a EXCEPT ALL SELECT LayerArn FROM {t}",
        "SELECT Version, LayerArn FROM {t} UNION ALL SELECT 1, 'x' ORDER BY 2",
        "SELECT Version, LayerArn AS a FROM {t} UNION ALL SELECT 1, 'x' ORDER BY a",
        "SELECT a FROM (SELECT lower(LayerArn) AS a FROM {t} LIMIT 5) WHERE a = 'x'",
        "SELECT max(LayerArn) AS a FROM {t} HAVING a > 'x'",
        "WITH w AS (SELECT LayerArn AS a FROM {t}) SELECT a, count(*) FROM w GROUP BY 1",
        "SELECT count(*) FROM (SELECT DISTINCT LayerArn FROM {t})",
    ],
)
def test_where_rows_rest_on_it_it_is_an_error(sql: str) -> None:
    with pytest.raises(MissingParameter, match="no call that lists its rows gives LayerArn"):
        planned(sql.format(t=T))
