"""Conditions on where rows are, in every spelling: which regions are called for each,
and no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cirrusql.engine.database import Database
from tests.plan.oracle import expected, plan_of, planned, whole_tables


@pytest.fixture(scope="module")
def engine() -> Iterator[Database]:
    database = Database()
    whole_tables(database)
    database.execute("CREATE TABLE mine AS SELECT 'south' AS place, 'south' AS region")
    yield database
    database.close()


_SOUTH = (
    "region = 'south'",
    "'south' = region",
    "region = 'sou' || 'th'",
    "region = lower('SOUTH')",
    "region IN ('south', 'nowhere')",
    "region IN ['south', 'nowhere']",
    "region = ANY(['south'])",
    "region = ANY(SELECT place FROM mine)",
    "region IN (SELECT place FROM mine)",
    "region IN (SELECT v.region FROM {}.ec2.volumes v WHERE v.region > 'o')",
    "region = (SELECT max(place) FROM mine)",
    "region NOT IN (SELECT 'north')",
    "region NOT IN ('north')",
    "region <> 'north'",
    "NOT region = 'north'",
    "region ~ 's.*'",
    "region !~ 'n.*'",
    "region ILIKE 'SOU%'",
    "region LIKE 'so%'",
    "region SIMILAR TO 's[a-z]+'",
    "region GLOB 's*'",
    "region BETWEEN 'o' AND 't'",
    "region > 'o' AND region < 't'",
    "region IS NOT DISTINCT FROM 'south'",
    "starts_with(region, 's')",
    "left(region, 1) = 's'",
    "region[1:2] = 'so'",
    "region || '' = 'south'",
    "(region, 1) = ('south', 1)",
    "CASE WHEN region = 'south' THEN true ELSE false END",
    "CASE region WHEN 'south' THEN 1 ELSE 0 END = 1",
    "(region = 'south') IS TRUE",
    "EXISTS (SELECT 1 FROM mine m WHERE m.place = vpcs.region)",
    "NOT EXISTS (SELECT 1 FROM (VALUES ('north')) q(x) WHERE q.x = vpcs.region)",
    "(region = 'south' OR region = 'nowhere')",
    "region = 'south' AND VpcId LIKE 'v%'",
    "region = $r",
    "region = ANY($rs)",
    "region IN ($r, 'nowhere')",
)


@pytest.mark.parametrize("where", _SOUTH)
def test_only_the_regions_are_called_that_fulfil_a_condition(where: str, engine: Database) -> None:
    given: dict[str, Any] = {"r": "south", "rs": ["south"]}
    sql = "SELECT VpcId, region FROM {}.ec2.vpcs WHERE " + where
    told = planned(sql.format("toy", "toy"), database=engine, **given)
    assert {call.partition("@")[2] for call in told.calls if "Vpcs" in call} == {"south"}
    assert told.bag == expected(sql.format("whole", "whole"), database=engine, **given).bag


@pytest.mark.parametrize(
    "where",
    [
        "region = '*'",
        "'*' = region",
        "region IN ('*')",
        "region IN ('nowhere', '*')",
        "region = ANY(['*'])",
        "region = $every",
        "region IN ($every)",
        "region = ANY($list)",
        "vpcs.region = '*' AND VpcId <> ''",
    ],
)
def test_a_star_equals_every_region(where: str, engine: Database) -> None:
    given: dict[str, Any] = {"every": "*", "list": ["*"]}
    told = planned(f"SELECT VpcId FROM toy.ec2.vpcs WHERE {where}", database=engine, **given)
    assert told.bag == expected("SELECT VpcId FROM whole.ec2.vpcs", database=engine).bag


@pytest.mark.parametrize("where", ["region <> '*'", "NOT region = '*'", "region NOT IN ('*')"])
def test_no_region_is_other_than_a_star(where: str, engine: Database) -> None:
    assert planned(f"SELECT VpcId FROM toy.ec2.vpcs WHERE {where}", database=engine).rows == []


@pytest.mark.parametrize("column", ["region", "place"])
def test_a_star_in_a_table_of_one_s_own_is_a_star(column: str, engine: Database) -> None:
    sql = f"SELECT v.VpcId FROM toy.ec2.vpcs v, mine WHERE mine.{column} = '*'"
    assert planned(sql, database=engine).rows == []


_QUERIES = (
    ("SELECT VpcId FROM {}.ec2.vpcs v JOIN mine m ON m.place = v.region", "south"),
    ("SELECT VpcId FROM {}.ec2.vpcs v JOIN mine m USING (region)", "south"),
    ("SELECT VpcId FROM {}.ec2.vpcs JOIN mine ON place = vpcs.region", "south"),
    ("SELECT VpcId FROM {}.ec2.vpcs JOIN (VALUES ('south')) q(x) ON region = q.x", "south"),
    ("SELECT VpcId FROM {}.ec2.vpcs JOIN (VALUES ('south')) q(x) ON region = x", "south"),
    ("WITH q AS (SELECT 'south' AS x) SELECT VpcId FROM {}.ec2.vpcs JOIN q ON region = x", "south"),
    (
        "WITH q AS (SELECT 'south' AS x) SELECT VpcId FROM {}.ec2.vpcs WHERE region IN (SELECT x "
        "FROM q)",
        "south",
    ),
    ("SELECT VpcId FROM {}.ec2.vpcs, mine WHERE vpcs.region LIKE left(place, 2) || '%'", "south"),
    (
        "SELECT * FROM (SELECT region, count(*) n FROM {}.ec2.vpcs GROUP BY region) q WHERE "
        "region ~ 's.*'",
        "south",
    ),
    ("SELECT * FROM (SELECT region r, VpcId FROM {}.ec2.vpcs) WHERE r ~ 's.*'", "south"),
    ("FROM {}.ec2.vpcs v SEMI JOIN mine m ON m.place = v.region SELECT VpcId", "south"),
    ("SELECT VpcId FROM mine m LEFT JOIN {}.ec2.vpcs v ON m.place = v.region", "south"),
    ("SELECT (SELECT count(*) FROM {}.ec2.vpcs v WHERE v.region = m.place) FROM mine m", "south"),
    (
        "SELECT n FROM mine m, LATERAL (SELECT count(*) n FROM {}.ec2.vpcs v WHERE v.region = "
        "m.place)",
        "south",
    ),
    ("SELECT VpcId FROM {}.ec2.vpcs WHERE {}.ec2.vpcs.region = 'sou' || 'th'", "south"),
    (
        "SELECT a.VpcId FROM {}.ec2.vpcs a, {}.ec2.vpcs b WHERE a.region = b.region AND b.region "
        "~ 's.*'",
        "south",
    ),
    (
        "SELECT region, count(*) FROM {}.ec2.vpcs GROUP BY region HAVING region = 'south'",
        "north south",
    ),
    ("SELECT VpcId, row_number() OVER () FROM {}.ec2.vpcs QUALIFY region = 'south'", "north south"),
    ("SELECT * FROM (SELECT upper(region) r FROM {}.ec2.vpcs) WHERE r ~ 'S.*'", "north south"),
    ("SELECT region r, VpcId FROM {}.ec2.vpcs WHERE r = 'south'", "north south"),
    ("SELECT count(*) FILTER (WHERE region = 'south') FROM {}.ec2.vpcs", "north south"),
    ("SELECT VpcId FROM {}.ec2.vpcs WHERE region = 'south' OR VpcId = 'v-1'", "north south"),
    ("SELECT VpcId FROM {}.ec2.vpcs v LEFT JOIN mine m ON m.place = v.region", "north south"),
    ("FROM {}.ec2.vpcs v ANTI JOIN mine m ON m.place = v.region SELECT VpcId", "north south"),
    ("SELECT a.VpcId FROM {}.ec2.vpcs a JOIN {}.ec2.vpcs b USING (region, VpcId)", "north south"),
    (
        "SELECT VpcId FROM {}.ec2.vpcs WHERE region = 'south' UNION ALL "
        "SELECT VpcId FROM {}.ec2.vpcs WHERE region ~ 'n.*'",
        "north south",
    ),
    (
        "WITH x AS (SELECT VpcId, region FROM {}.ec2.vpcs) SELECT * FROM x a WHERE a.region = "
        "'south' "
        "UNION ALL SELECT * FROM x b WHERE b.region ~ 'n.*'",
        "north south",
    ),
    # A row that the join fills up has no region: that says nothing of where vpcs are.
    (
        "SELECT m.place FROM mine m LEFT JOIN {}.ec2.vpcs v ON v.VpcId = 'v-2' WHERE v.region IS "
        "NULL",
        "north south",
    ),
)


@pytest.mark.parametrize(("sql", "regions"), _QUERIES)
def test_a_condition_anywhere_in_a_statement_is_of_all_regions(
    sql: str, regions: str, engine: Database
) -> None:
    told = planned(sql.replace("{}", "toy"), database=engine)
    called = {call.partition("@")[2] for call in told.calls if "Vpcs" in call}
    assert called == set(regions.split())
    assert told.bag == expected(sql.replace("{}", "whole"), database=engine).bag


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT region FROM toy.ec2.vpcs ORDER BY region",
        "SELECT region, count(*) FROM toy.ec2.vpcs GROUP BY region",
        "SELECT CASE WHEN region = 'south' THEN 1 END FROM toy.ec2.vpcs",
        "SELECT * FROM toy.ec2.vpcs WHERE account_id = '1'",
    ],
)
def test_to_name_a_region_s_column_is_no_condition_on_it(sql: str, engine: Database) -> None:
    assert {call.partition("@")[2] for call in planned(sql, database=engine).calls} == {"north"}


def test_a_parent_is_asked_where_its_child_is(engine: Database) -> None:
    told = planned("SELECT serviceName FROM toy.ecs.services WHERE region ~ 's.*'", database=engine)
    assert {call.partition("@")[2] for call in told.calls} == {"south"}


def test_a_condition_is_told_by_explain() -> None:
    from cirrusql.plan.explain import steps

    (step,) = steps(plan_of("SELECT VpcId FROM toy.ec2.vpcs WHERE region ILIKE 'S%'"))
    assert step.regions == "all enabled where region ILIKE 'S%'"


@pytest.mark.parametrize(
    ("sql", "is_told"),
    [
        ("SELECT 1 FROM toy.ec2.vpcs a JOIN toy.ec2.volumes b ON true WHERE a.region = '*'", True),
        ("SELECT 1 FROM toy.ec2.vpcs a JOIN toy.ec2.volumes b ON b.region = a.region", False),
        ("SELECT 1 FROM toy.ec2.vpcs a JOIN toy.iam.users b ON true WHERE a.region = '*'", False),
        ("SELECT 1 FROM toy.ec2.vpcs a JOIN toy.ec2.volumes b ON true", False),
    ],
)
def test_a_table_in_one_region_beside_others_in_many_is_told(sql: str, is_told: bool) -> None:
    assert [
        n.startswith("b: the statement does not name its region") for n in plan_of(sql).notices
    ] == ([True] if is_told else [])
