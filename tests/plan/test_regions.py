"""Random queries over tables of two regions: who is read where, and which rows of it come out."""

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
)


@st.composite
def _queries(draw: st.DrawFn) -> tuple[str, str]:
    """A query as the user writes it, and the same over whole tables."""
    one, other, left, right = draw(st.sampled_from(_PAIRS))
    if draw(st.booleans()):
        one, other, left, right = other, one, right, left
    join = draw(st.sampled_from(("JOIN", "LEFT JOIN")))
    where = [draw(st.sampled_from(_WHERE)).format("a")] if draw(st.booleans()) else []
    on = [f"a.{left} = b.{right}"]
    form = draw(st.sampled_from(("home", "same", "own")))
    if form == "same":
        on.append("b.region = a.region")
    elif form == "own":
        on.append(draw(st.sampled_from(_WHERE)).format("b"))
    first = "whole" if where else "toy"
    second = "toy" if form == "home" or (form == "same" and not where) else "whole"
    text = f"SELECT a.{left}, a.region, b.{right}, b.region FROM {{}}.{one} a {join} {{}}.{other} b ON "
    text += " AND ".join(on) + (f" WHERE {' AND '.join(where)}" if where else "")
    if draw(st.booleans()):
        text = f"SELECT * FROM ({text}) q"
    return text.format("toy", "toy"), text.format(first, second)


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
    if "'south'" not in sql and "%" not in sql and "<>" not in sql:
        assert not [call for call in calls if call.endswith("@south")]


def test_a_write_where_the_region_is_not_like_something_is_not_made_there() -> None:
    plan = writes.plan_of("DELETE FROM aws.ec2.volumes WHERE VolumeId = 'v' AND region NOT LIKE 'eu-%'")
    (write,) = plan.writes
    assert "eu-%" not in (write.scope.regions or ())
    assert all("eu-%" not in (s.scope.regions or ()) for s in plan.scans)
