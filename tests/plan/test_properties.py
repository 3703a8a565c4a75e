"""Random queries over the toy world: the plan and the whole tables give the same answer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cirrusql.engine.database import Database
from cirrusql.plan.planner import MAY_BE_OFF
from tests.plan.oracle import expected, planned

# Table: its columns, and values that some of its rows have.
_TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "iam.users": {"UserName": ("ann", "bob", "zed"), "Path": ("/", "/admin/")},
    "iam.access_keys": {"UserName": ("ann", "dan"), "Status": ("Active",), "AccessKeyId": ("A1",)},
    "iam.members": {"UserName": ("ann", "gone"), "GroupName": ("admins", "staff")},
    "iam.user_policies": {"UserName": ("ann", "cid"), "PolicyName": ("read", "all")},
    "org.people": {"UserName": ("ann", "zoe"), "Team": ("red", "blue")},
    "org.badges": {"UserName": ("dan", "bob"), "Color": ("tin",), "Door": ("front",)},
    "iam.groups": {"GroupName": ("staff", "none"), "Path": ("/",)},
}
_PEOPLE = [t for t, columns in _TABLES.items() if "UserName" in columns]
_JOINS = ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN")


def _conditions(table: str, alias: str) -> st.SearchStrategy[str]:
    columns = _TABLES[table]
    atoms = st.sampled_from(
        [
            text
            for column, values in columns.items()
            for value in values
            for text in (
                f"{alias}.{column} = '{value}'",
                f"{alias}.{column} IN ('{value}', 'x')",
                f"{alias}.{column} <> '{value}'",
                f"{alias}.{column} IS NULL",
                f"NOT ({alias}.{column} = '{value}')",
                f"'{value}' = {alias}.{column}",
                f"coalesce({alias}.{column}, '{value}') = '{value}'",
                *_spellings(f"{alias}.{column}", value),
            )
        ]
    )
    both = st.tuples(atoms, st.sampled_from(("AND", "OR")), atoms)
    return st.one_of(atoms, both.map(lambda p: f"({p[0]} {p[1]} {p[2]})"))


def _spellings(column: str, value: str) -> tuple[str, ...]:
    """What is true of a value, said in ways of which an API can be asked few."""
    return (
        f"{column} LIKE '{value[:1]}%'",
        f"{column} NOT LIKE '{value[:1]}%'",
        f"{column} ILIKE '{value.upper()}'",
        f"{column} BETWEEN '{value}' AND '{value}z'",
        f"{column} < '{value}'",
        f"{column} >= '{value}'",
        f"{column} = ANY(['{value}', 'x'])",
        f"{column} <> ALL(['{value}', 'x'])",
        f"{column} IN (SELECT '{value}')",
        f"{column} NOT IN ('{value}', 'x')",
        f"{column} IS NOT DISTINCT FROM '{value}'",
        f"{column} IS DISTINCT FROM '{value}'",
        f"({column} = '{value}') IS TRUE",
        f"({column} = '{value}') IS NOT TRUE",
        f"({column} = '{value}') IS NULL",
        f"({column} = '{value}') = (1 = 1)",
        f"lower({column}) = '{value}'",
        f"{column} || '' = '{value}'",
        f"'{value}' = trim({column})",
        f"{column} = concat('', '{value}')",
        f"{column} = CAST('{value}' AS VARCHAR)",
        f"{column} = (SELECT '{value}')",
        f"CASE WHEN {column} = '{value}' THEN true ELSE false END",
        f"length({column}) = {len(value)}",
        f"regexp_matches({column}, '^{value}$')",
        f"({column}, 1) IN (('{value}', 1), ('x', 2))",
        f"EXISTS (SELECT 1 FROM (SELECT '{value}' AS n) AS z WHERE z.n = {column})",
        f"NOT EXISTS (SELECT 1 FROM (SELECT '{value}' AS n) AS z WHERE z.n = {column})",
    )


_FEEDS = (
    "{}",
    "trim({})",
    "{} || ''",
    "replace({}, 'x', 'x')",
    "CASE WHEN true THEN {} END",
    "['{{}}', {}][2]",
)
"""How a join says the value of a parameter."""


@st.composite
def _relations(draw: st.DrawFn, alias: str) -> tuple[str, str]:
    """A table, or a query over one, with an alias; all have UserName. Also what it reads."""
    table = draw(st.sampled_from(_PEOPLE))
    path = f"toy.{table}"
    inner = draw(_conditions(table, "t"))
    form = draw(st.integers(0, 5))
    if form <= 2:
        return f"{path} AS {alias}", table
    if form == 3:
        return f"(SELECT t.UserName FROM {path} AS t WHERE {inner}) AS {alias}", ""
    if form == 4:
        return (
            f"(SELECT t.UserName, count(*) AS n FROM {path} AS t GROUP BY t.UserName) AS {alias}",
            "",
        )
    other = draw(st.sampled_from(_PEOPLE))
    return f"(SELECT UserName FROM {path} UNION SELECT UserName FROM toy.{other}) AS {alias}", ""


@st.composite
def _subqueries(draw: st.DrawFn, alias: str) -> str:
    """A condition with a subquery, possibly correlated."""
    table = draw(st.sampled_from(_PEOPLE))
    path = f"toy.{table} AS s"
    inner = draw(_conditions(table, "s"))
    form = draw(
        st.sampled_from(("IN", "NOT IN", "EXISTS", "NOT EXISTS", "count", "outside", "= ANY"))
    )
    if form == "= ANY":
        return f"{alias}.UserName = ANY (SELECT s.UserName FROM {path} WHERE {inner})"
    if form in ("IN", "NOT IN"):
        return f"{alias}.UserName {form} (SELECT s.UserName FROM {path} WHERE {inner})"
    if form == "count":
        return f"(SELECT count(*) FROM {path} WHERE s.UserName = {alias}.UserName AND {inner}) > 0"
    if form == "outside":
        return f"NOT EXISTS (SELECT 1 FROM {path} WHERE {alias}.UserName = 'ann' AND {inner})"
    return f"{form} (SELECT 1 FROM {path} WHERE s.UserName = {alias}.UserName AND {inner})"


@st.composite
def _queries(draw: st.DrawFn) -> str:
    """A query over two or three relations joined by UserName, filtered, grouped or cut."""
    first, table = draw(_relations("a"))
    parts = [first]
    seen = ["a"]
    for alias in ("b", "c")[: draw(st.integers(0, 2))]:
        other, own = draw(_relations(alias))
        join = draw(st.sampled_from(_JOINS))
        value = draw(st.sampled_from(_FEEDS)).format(f"{draw(st.sampled_from(seen))}.UserName")
        on = f"{alias}.UserName {draw(st.sampled_from(('=', '=', 'IS NOT DISTINCT FROM')))} {value}"
        if own and draw(st.booleans()):
            on += f" AND {draw(_conditions(own, alias))}"
        parts.append(f"{join} {other} ON {on}")
        if join not in ("SEMI JOIN", "ANTI JOIN"):
            seen.append(alias)
    where = []
    if table and draw(st.booleans()):
        where.append(draw(_conditions(table, "a")))
    if draw(st.booleans()):
        where.append(f"{draw(st.sampled_from(seen))}.UserName {draw(st.sampled_from(_TESTS))}")
    if draw(st.booleans()):
        where.append(draw(_subqueries(draw(st.sampled_from(seen)))))
    glue = draw(st.sampled_from((" AND ", " OR ")))
    shown = ", ".join(f"{alias}.UserName AS {alias}_name" for alias in seen)
    text = f"SELECT {shown} FROM {' '.join(parts)}"
    if where:
        text += f" WHERE {glue.join(where)}"
    form = draw(st.integers(0, 4))
    if form == 0:
        return f"SELECT count(*), min(a_name) FROM ({text}) AS q"
    if form == 1:
        return f"WITH q AS ({text}) SELECT * FROM q WHERE a_name = 'ann' UNION ALL SELECT * FROM q"
    if form == 2:
        return f"SELECT * FROM ({text}) AS q WHERE q.a_name IN ('ann', 'bob')"
    return text


_TESTS = ("= 'ann'", "IN ('ann', 'bob')", "IS NOT NULL", "<> 'ann'", "LIKE 'a%'", "= lower('ANN')")

_SETTINGS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_SETTINGS
@given(sql=_queries())
def test_a_random_query_answers_as_over_the_whole_tables(sql: str, database: Database) -> None:
    assert planned(sql, database=database).bag == expected(sql, database=database).bag


@_SETTINGS
@given(sql=_queries(), off=st.sets(st.sampled_from(sorted(MAY_BE_OFF)), min_size=1))
def test_a_random_query_answers_the_same_without_passes(
    sql: str, off: set[str], database: Database
) -> None:
    assert planned(sql, database=database, off=off).bag == expected(sql, database=database).bag


_ATOMS = (
    *(
        f"{c} {o}"
        for c in ("i.VpcId", "i.InstanceId")
        for o in ("= 'v-1'", "LIKE '%-1'", "= 'v*'", "<> 'v-1'")
    ),
    *(
        "i.State.Name = 'running'",
        "i.State.Name IN ('running', 'stopped')",
        "i.State.Name LIKE 's%'",
    ),
    *("tags(i.Tags)['Name'] = 'web'", "tags(i.Tags)['Team'] IS NULL", "starts_with(i.VpcId, 'v')"),
    *(
        "NOT (i.State.Name = 'running')",
        "i.State.Name = v.CidrBlock",
        "v.VpcId = 'v-1'",
        "v.CidrBlock IS NULL",
    ),
)


@st.composite
def _filtered(draw: st.DrawFn) -> str:
    """A query over two tables one of which the API filters, its conditions in ON and WHERE."""
    atom = st.sampled_from(_ATOMS)
    both = st.tuples(atom, st.sampled_from(("AND", "OR")), atom).map(
        lambda p: f"({p[0]} {p[1]} {p[2]})"
    )
    condition = st.one_of(atom, both)
    join = draw(st.sampled_from(("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "ANTI JOIN")))
    sides = draw(st.permutations(("toy.ec2.instances i", "toy.ec2.vpcs v")))
    shown = {"ANTI JOIN": sides[0][-1] + ".VpcId"}.get(join, "i.InstanceId, v.VpcId")
    text = (
        f"SELECT {shown} FROM {sides[0]} {join} {sides[1]} ON i.VpcId = v.VpcId AND "
        f"{draw(condition)}"
    )
    where = draw(condition)
    is_seen = join != "ANTI JOIN" or f"{'v' if sides[0][-1] == 'i' else 'i'}." not in where
    return f"{text} WHERE {where}" if is_seen and draw(st.booleans()) else text


@_SETTINGS
@given(sql=_filtered())
def test_what_the_api_filters_answers_as_over_the_whole_tables(
    sql: str, database: Database
) -> None:
    assert planned(sql, database=database).bag == expected(sql, database=database).bag


@_SETTINGS
@given(
    table=st.sampled_from(sorted(_TABLES)),
    data=st.data(),
    off=st.sets(st.sampled_from(sorted(MAY_BE_OFF))),
)
def test_a_condition_its_negation_and_its_absence_part_the_table(
    table: str, data: st.DataObject, off: set[str], database: Database
) -> None:
    condition = data.draw(_conditions(table, "t"))
    columns = ", ".join(f"t.{c}" for c in _TABLES[table])
    whole = expected(f"SELECT {columns} FROM toy.{table} AS t", database=database).bag
    parts = [
        planned(f"SELECT {columns} FROM toy.{table} AS t WHERE {p}", database=database, off=off).bag
        for p in (condition, f"NOT ({condition})", f"({condition}) IS NULL")
    ]
    assert parts[0] + parts[1] + parts[2] == whole


@pytest.mark.parametrize(
    "off",
    [set(), *({o} for o in sorted(MAY_BE_OFF)), set(MAY_BE_OFF)],
    ids=lambda off: "+".join(sorted(off)),
)
@pytest.mark.parametrize(
    ("condition", "of_field"),
    [
        ("i.InstanceIds = 'i-1'", "i.InstanceId = 'i-1'"),
        ("'i-1' = i.instance_ids", "i.InstanceId = 'i-1'"),
        ("i.InstanceIds = ['i-1']", "i.InstanceId = 'i-1'"),
        ("i.InstanceIds IN ('i-1', 'i-2')", "i.InstanceId IN ('i-1', 'i-2')"),
        ("i.InstanceIds = ANY(['i-1', 'i-2'])", "i.InstanceId IN ('i-1', 'i-2')"),
        (
            "i.InstanceIds IN (SELECT InstanceId FROM toy.ec2.volumes)",
            "i.InstanceId IN ('i-1', 'i-2')",
        ),
        ("i.InstanceIds LIKE '%-1'", "i.InstanceId LIKE '%-1'"),
        ("i.InstanceIds < 'i-2'", "i.InstanceId < 'i-2'"),
        ("i.InstanceIds BETWEEN 'i-1' AND 'i-2'", "i.InstanceId BETWEEN 'i-1' AND 'i-2'"),
        ("lower(i.InstanceIds[1]) = 'i-1'", "lower(i.InstanceId) = 'i-1'"),
        ("'i-1' = ANY(i.InstanceIds)", "i.InstanceId = 'i-1'"),
        ("list_contains(i.InstanceIds, 'i-1')", "i.InstanceId = 'i-1'"),
        ("i.InstanceIds IS NULL", "i.InstanceId IS NULL"),
        (
            "EXISTS (SELECT 1 FROM toy.ec2.volumes v WHERE v.InstanceId = i.InstanceIds)",
            "i.InstanceId IN ('i-1', 'i-2')",
        ),
    ],
)
def test_a_filter_parameter_is_as_its_field_in_every_condition(
    condition: str, of_field: str, off: set[str], database: Database
) -> None:
    for form in ("{}", "NOT ({})", "({}) IS NULL"):
        asked = f"SELECT i.InstanceId FROM toy.ec2.instances i WHERE {form.format(condition)}"
        wanted = f"SELECT i.InstanceId FROM toy.ec2.instances i WHERE {form.format(of_field)}"
        found = planned(asked, database=database, off=off).bag
        assert found == expected(wanted, database=database).bag, form
