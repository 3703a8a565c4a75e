"""Random queries over tables of two regions: which region is read, and which rows result."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cirrusql.engine.database import Database
from cirrusql.plan.planner import MAY_BE_OFF
from tests.plan import planned as writes
from tests.plan.oracle import expected, planned

# Pairs that a join may make: two tables, and the columns that are equal.
_PAIRS = (
    ("store.buckets", "store.objects", "Name", "Bucket"),
    ("store.buckets", "store.bucket_encryptions", "Name", "Bucket"),
    ("ec2.vpcs", "ec2.instances", "VpcId", "VpcId"),
    ("ec2.instances", "ec2.volumes", "InstanceId", "InstanceId"),
    ("ecs.clusters", "ecs.services", "clusterArn", "cluster"),
    ("ecs.services", "ecs.tasks", "cluster", "cluster"),
    ("ecs.services", "ecs.tasks", "serviceName", "serviceName"),
)
_WHERE = (
    "{0}.region = 'north'",
    "{0}.region = 'south'",
    "{0}.region IN ('north', 'south')",
    "{0}.region LIKE '%th'",
    "{0}.region <> 'north'",
    "{0}.region NOT LIKE 's%'",
    "({0}.region = 'south' OR {0}.region = 'nowhere')",
    "{0}.region = lower('SOUTH') AND {0}.region LIKE '%'",
    "{0}.region = 'sou' || 'th'",
    "'south' = {0}.region",
    "{0}.region ~ 's.*'",
    "{0}.region !~ 's'",
    "{0}.region ILIKE 'SOU%'",
    "{0}.region SIMILAR TO 's[a-z]+'",
    "{0}.region BETWEEN 'o' AND 't'",
    "{0}.region > 'o'",
    "{0}.region IS NOT NULL",
    "{0}.region IS NULL",
    "{0}.region IS NOT DISTINCT FROM 'south'",
    "{0}.region IN (SELECT 'south')",
    "{0}.region IN (SELECT v.region FROM {1}.ec2.vpcs v WHERE v.region > 'o')",
    "{0}.region NOT IN (SELECT 'south')",
    "{0}.region = (SELECT max(x) FROM (VALUES ('north'), ('south')) q(x))",
    "{0}.region = ANY(['south'])",
    "{0}.region = ANY(SELECT 'south')",
    "{0}.region IN ['south', 'nowhere']",
    "list_contains(['south', 'west'], {0}.region)",
    "EXISTS (SELECT 1 FROM (VALUES ('south')) q(x) WHERE q.x = {0}.region)",
    "NOT EXISTS (SELECT 1 FROM (VALUES ('south')) q(x) WHERE q.x = {0}.region)",
    "CASE WHEN {0}.region = 'south' THEN true ELSE false END",
    "CASE {0}.region WHEN 'south' THEN 1 ELSE 0 END = 1",
    "NOT ({0}.region = 'north' OR {0}.region IS NULL)",
    "({0}.region = 'south' OR 1 = 2)",
    "left({0}.region, 3) = 'sou'",
    "{0}.region[1] = 's'",
    "coalesce({0}.region, 'north') = 'north'",
    "starts_with({0}.region, 'so')",
    "upper({0}.region) = 'SOUTH' AND {0}.region LIKE '%th'",
    "({0}.region, 1) = ('south', 1)",
    "{0}.account_id = '1'",
    "({0}.region = 'south' OR {0}.account_id = '1')",
)
_EVERY = (
    ("{0}.region = '*'", "true"),
    ("'*' = {0}.region", "true"),
    ("{0}.region IN ('*')", "true"),
    ("{0}.region IN ('nowhere', '*')", "true"),
    ("{0}.region = ANY(['*'])", "true"),
    ("NOT {0}.region = '*'", "false"),
    ("{0}.region <> '*'", "false"),
)
"""What '*' says, and what that means over whole tables."""


@st.composite
def _conditions(draw: st.DrawFn, alias: str) -> tuple[str, str]:
    """A condition on an alias as the user writes it, and the same over whole tables."""
    if draw(st.integers(0, 4)) == 0:
        said, meant = draw(st.sampled_from(_EVERY))
    else:
        said = meant = draw(st.sampled_from(_WHERE))
    return said.format(alias, "toy"), meant.format(alias, "whole")


@st.composite
def _queries(draw: st.DrawFn) -> tuple[str, str]:
    """A query as the user writes it, and the same over whole tables."""
    one, other, left, right = draw(st.sampled_from(_PAIRS))
    if draw(st.booleans()):
        one, other, left, right = other, one, right, left
    join = draw(st.sampled_from(("JOIN", "LEFT JOIN")))
    where = [draw(_conditions("a"))] if draw(st.booleans()) else []
    on = [(f"a.{left} = b.{right}",) * 2]
    form = draw(st.sampled_from(("home", "same", "own", "where")))
    if form == "same":
        on.append(("b.region = a.region",) * 2)
    elif form == "own":
        on.append(draw(_conditions("b")))
    elif form == "where":
        where.append(draw(_conditions("b")))
    said = [text for text, _ in (*on, *where)]
    is_said = {n: any(f"{n}.region" in t for t in said) for n in "ab"}
    if sum(is_said.values()) == 1:
        # Each is looked up where the other's row was found.
        on.append(("true", "b.region = a.region"))
    first, second = ("whole" if any(is_said.values()) else "toy" for n in "ab")
    found = []
    for n, names in enumerate((("toy", "toy"), (first, second))):
        text = f"SELECT a.{left}, a.region, b.{right}, b.region FROM {names[0]}.{one} a "
        text += f"{join} {names[1]}.{other} b ON {' AND '.join(pair[n] for pair in on)}"
        found.append(text + (f" WHERE {' AND '.join(pair[n] for pair in where)}" if where else ""))
    if draw(st.booleans()):
        found = [f"SELECT * FROM ({text}) q" for text in found]
    return found[0], found[1]


_SETTINGS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_SETTINGS
@given(queries=_queries(), off=st.sets(st.sampled_from(sorted(MAY_BE_OFF)), max_size=2))
def test_a_query_over_regions_answers_as_over_the_whole_tables(
    queries: tuple[str, str], off: set[str], database: Database
) -> None:
    sql, whole = queries
    assert planned(sql, database=database, off=off).bag == expected(whole, database=database).bag


@_SETTINGS
@given(queries=_queries())
def test_no_call_is_made_in_a_region_that_the_query_rules_out(
    queries: tuple[str, str], database: Database
) -> None:
    sql, _ = queries
    calls = planned(sql, database=database).calls
    if "region" not in sql.replace("a.region, b", "").replace("b.region FROM", ""):
        assert not [call for call in calls if call.endswith("@south")]
    if "WHERE a.region = 'north'" in sql and "b.region = a.region" in sql:
        assert not [call for call in calls if call.endswith("@south")]


def test_a_write_where_the_region_is_not_like_something_is_not_made_there() -> None:
    plan = writes.plan_of(
        "DELETE FROM aws.ec2.volumes WHERE VolumeId = 'v' AND region NOT LIKE 'eu-%'"
    )
    (write,) = plan.writes
    assert "eu-%" not in (write.scope.regions or ())
    assert all("eu-%" not in (s.scope.regions or ()) for s in plan.scans)
