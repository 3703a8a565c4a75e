"""What a plan holds besides calls: limits, streams, sharing, places, unreadable tables."""

from __future__ import annotations

import pytest

from cirrusql.engine.database import Database
from cirrusql.errors import MissingParameter
from cirrusql.plan.model import Constant, Feed
from tests.plan.oracle import plan_of, planned
from tests.plan.toy import World


@pytest.mark.parametrize(
    ("sql", "limit"),
    [
        ("SELECT UserName FROM toy.iam.users LIMIT 5", 5),
        ("SELECT UserName FROM toy.iam.users LIMIT 5 OFFSET 2", 7),
        ("SELECT InstanceId FROM toy.ec2.instances WHERE region = 'south' LIMIT 1", 1),
        ("SELECT InstanceId FROM toy.ec2.instances WHERE region = '*' LIMIT 1", 1),
        ("SELECT n FROM (SELECT UserName AS n FROM toy.iam.users LIMIT 3) WHERE n = 'ann'", 3),
        ("SELECT UserName FROM toy.iam.users", None),
        ("SELECT UserName FROM toy.iam.users WHERE Age > 1 LIMIT 5", None),
        ("SELECT UserName FROM toy.iam.users ORDER BY Age LIMIT 5", None),
        ("SELECT DISTINCT Path FROM toy.iam.users LIMIT 5", None),
        ("SELECT count(*) FROM toy.iam.users LIMIT 5", None),
        ("SELECT Path FROM toy.iam.users GROUP BY Path LIMIT 5", None),
        ("SELECT row_number() OVER () FROM toy.iam.users LIMIT 5", None),
        ("SELECT unnest(Tags) FROM toy.ec2.instances LIMIT 5", None),
        ("SELECT u.Age FROM toy.iam.users u, toy.iam.groups g LIMIT 5", None),
        ("SELECT UserName FROM toy.iam.users USING SAMPLE 5", None),
        ("SELECT UserName FROM toy.iam.users LIMIT 5%", None),
        ("SELECT UserName FROM toy.iam.users WHERE region = 'south' LIMIT 5", None),
    ],
)
def test_a_limit_is_a_scan_s_only_where_nothing_stands_between(sql: str, limit: int | None) -> None:
    assert plan_of(sql).scans[0].limit == limit


@pytest.mark.parametrize(("limit", "page"), [(1, 5), (5, 5), (40, 40), (5000, 1000)])
def test_a_page_is_no_larger_than_what_is_needed(limit: int, page: int) -> None:
    (scan,) = plan_of(f"SELECT UserName FROM toy.iam.users LIMIT {limit}").scans
    assert scan.calls[0].page_size == page


def test_an_operation_without_pages_is_asked_for_none() -> None:
    (scan,) = plan_of("SELECT GroupName FROM toy.iam.groups LIMIT 3").scans
    assert (scan.limit, scan.calls[0].page_size) == (3, None)


@pytest.mark.parametrize(
    ("sql", "is_streamed"),
    [
        ("SELECT UserName FROM toy.iam.users", True),
        ("WITH u AS (FROM toy.iam.users) SELECT * FROM u", True),
        ("CREATE TABLE t AS SELECT UserName FROM toy.iam.users", True),
        ("WITH u AS (FROM toy.iam.users) SELECT * FROM u, u AS v", False),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT Age FROM r, toy.iam.users) FROM r",
            False,
        ),
        ("PIVOT toy.iam.users ON Path USING count(*)", False),
        ("SELECT 1 FROM toy.iam.users a, toy.iam.users b", False),
        ("SUMMARIZE toy.iam.users", False),
    ],
)
def test_rows_are_streamed_only_where_they_are_read_once(sql: str, is_streamed: bool) -> None:
    assert plan_of(sql).scans[0].is_streamed == is_streamed


def test_equal_readings_are_one_scan() -> None:
    sql = (
        "SELECT 1 FROM toy.iam.users a, toy.iam.users b"
        " WHERE a.Age = 1 AND b.Path IN (SELECT Path FROM toy.iam.users)"
    )
    (scan,) = plan_of(sql).scans
    assert [c.name for c in scan.columns] == ["Path", "Age"]


def test_the_same_subquery_three_times_is_read_once(database: Database) -> None:
    part = "(SELECT count(*) FROM toy.iam.access_keys k WHERE k.UserName = 'ann')"
    assert planned(f"SELECT {part} + {part} + {part} AS n", database=database).calls == [
        "ListAccessKeys(UserName=ann)"
    ]


def test_regions_are_part_of_what_makes_readings_equal() -> None:
    sql = (
        "SELECT 1 FROM toy.ec2.vpcs a, toy.ec2.vpcs b WHERE a.region = 'north' AND b.region = "
        "'south'"
    )
    assert [s.scope.regions for s in plan_of(sql).scans] == [("north",), ("south",)]


def test_scans_stand_after_what_they_need() -> None:
    sql = "SELECT 1 FROM toy.ecs.tasks JOIN toy.ecs.services USING (cluster, serviceName)"
    seen: set[str] = set()
    for scan in plan_of(sql).scans:
        for binding in scan.calls[0].bindings:
            assert not isinstance(binding, Feed) or set(binding.needs) <= seen
        seen.add(scan.id)


def test_two_parameters_of_one_driver_are_fed_together() -> None:
    sql = (
        "SELECT d.Document FROM toy.iam.user_policies l JOIN toy.iam.user_policies d"
        " ON d.UserName = l.UserName AND d.PolicyName = l.PolicyName WHERE l.UserName IN ('ann', "
        "'cid')"
    )
    last = plan_of(sql).scans[-1]
    assert [b.parameters for b in last.calls[0].bindings] == [("UserName", "PolicyName")]


def test_a_key_is_only_asked_for_where_its_row_is(database: Database) -> None:
    sql = (
        "SELECT o.Key FROM toy.store.buckets b JOIN toy.store.objects o"
        " ON o.Bucket = b.Name AND o.region = b.region WHERE b.region = '*'"
    )
    assert sorted(planned(sql, database=database).calls) == [
        "ListBuckets()@north",
        "ListBuckets()@south",
        "ListObjects(Bucket=data)@south",
        "ListObjects(Bucket=logs)@north",
        "ListObjects(Bucket=site)@north",
    ]


def test_a_bound_parameter_is_a_value_like_any_other(database: Database) -> None:
    found = planned(
        "SELECT Status FROM toy.iam.access_keys WHERE UserName = $u", database=database, u="bob"
    )
    assert (found.rows, found.calls) == ([("Active",)], ["ListAccessKeys(UserName=bob)"])


def test_a_bound_list_is_its_elements(database: Database) -> None:
    sql = "SELECT UserName FROM toy.iam.users WHERE UserName = ANY($l)"
    assert sorted(planned(sql, database=database, l=["bob", "ann"]).calls) == [
        "GetUser(UserName=ann)",
        "GetUser(UserName=bob)",
    ]


def test_nothing_is_read_for_a_condition_that_null_makes_true_for_no_row() -> None:
    (scan,) = plan_of("SELECT Age FROM toy.iam.users WHERE UserName = $u", u=None).scans
    assert scan.calls == ()
    (scan,) = plan_of("SELECT Age FROM toy.iam.users WHERE UserName = $u OR Age > 1", u=None).scans
    assert scan.calls[0].bindings == ()


@pytest.mark.parametrize("value", ["12", "12.0", "true", "-1"])
def test_a_number_for_a_text_binds_nothing(value: str) -> None:
    (scan,) = plan_of(f"SELECT Age FROM toy.iam.users WHERE UserName = {value}").scans
    assert scan.calls[0].method.name == "list_users"


@pytest.mark.parametrize(
    "expression", ["random()::VARCHAR", "uuid()::VARCHAR", "gen_random_uuid()"]
)
def test_what_is_another_value_each_time_binds_nothing(expression: str) -> None:
    (scan,) = plan_of(f"SELECT Age FROM toy.iam.users WHERE UserName = {expression}").scans
    assert scan.calls[0].method.name == "list_users"


def test_many_keys_are_looked_up_in_the_listing() -> None:
    names = ", ".join(f"'u{i}'" for i in range(60))
    (scan,) = plan_of(f"SELECT Age FROM toy.iam.users WHERE UserName IN ({names})").scans
    assert scan.calls[0].method.name == "list_users"


def test_an_optional_parameter_narrows_the_listing() -> None:
    (scan,) = plan_of("SELECT Age FROM toy.iam.users WHERE PathPrefix = '/a'").scans
    assert scan.calls[0].bindings == (Constant(("PathPrefix",), (("/a",),)),)


def test_what_nothing_gives_is_named_with_the_methods_that_want_it() -> None:
    with pytest.raises(MissingParameter) as caught:
        plan_of("SELECT Value FROM toy.ec2.vpc_attributes WHERE VpcId = 'v-1'")
    assert (
        "Attribute is required (describe_vpc_attribute requires VpcId, Attribute)"
        in caught.value.message
    )
    assert caught.value.hint == "add WHERE Attribute = …"


def test_with_parents_off_the_listing_of_values_is_named() -> None:
    with pytest.raises(MissingParameter) as caught:
        plan_of("SELECT status FROM toy.ecs.services", off=["parents"])
    assert "SELECT clusterArn FROM toy.ecs.clusters lists the values" in str(caught.value.hint)


def test_details_are_asked_for_wherever_every_region_s_rows_are(database: Database) -> None:
    sql = "SELECT Color FROM toy.org.badges WHERE region = '*' AND Door = 'front'"
    assert sorted(planned(sql, database=database).calls) == [
        "DescribeBadges(UserNames=['ann'])@north",
        "DescribeBadges(UserNames=['ann'])@south",
        "ListBadges()@north",
        "ListBadges()@south",
    ]


def test_a_key_that_is_gone_does_not_take_its_batch_with_it(database: Database) -> None:
    sql = "SELECT UserName, Color FROM toy.org.badges ORDER BY ALL"
    found = planned(sql, database=database, gone=frozenset({"bob"}))
    assert found.rows == [("ann", "gold"), ("bob", None), ("dan", "tin")]
    assert found.calls[1:] == [
        "DescribeBadges(UserNames=['ann', 'bob'])@north",
        "DescribeBadges(UserNames=['dan'])@north",
        "DescribeBadges(UserNames=['ann'])@north",
        "DescribeBadges(UserNames=['bob'])@north",
    ]


def test_keys_go_in_the_same_batches_in_whatever_order_their_rows_come(database: Database) -> None:
    """2,200 are more than the engine takes at once:
    of DISTINCT alone they come in another order."""
    badges = [
        {"region": "north", "UserName": f"u{i:04}", "Door": "front", "Color": None}
        for i in range(2200)
    ]
    sql = "SELECT count(Color) FROM toy.org.badges"
    found = [
        planned(sql, database=database, world=World({"org.badges": tuple(rows)})).calls
        for rows in (badges, badges[::-1], badges[1000:] + badges[:1000])
    ]
    assert found[0] == found[1] == found[2]
    assert found[0][1] == "DescribeBadges(UserNames=['u0000', 'u0001'])@north"
    assert len(found[0]) == 1101
