"""Tables joined by a key share their places:
a condition on one region applies to the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cirrusql.engine.database import Database
from tests.plan.fixture import Case, cases
from tests.plan.oracle import expected, planned
from tests.plan.toy import WORLD, World

_NAMES = World(
    {
        **WORLD.rows,
        # The same names in both regions with other values, and one name only in each.
        "ec2.vpcs": (
            {"region": "north", "VpcId": "v-1", "CidrBlock": "10.0.0.0/16"},
            {"region": "south", "VpcId": "v-1", "CidrBlock": "10.9.0.0/16"},
            {"region": "north", "VpcId": "v-2", "CidrBlock": "10.1.0.0/16"},
            {"region": "south", "VpcId": "v-3", "CidrBlock": "10.0.0.0/16"},
        ),
        "ec2.instances": (
            {
                "region": "north",
                "OwnerId": "1",
                "InstanceId": "i-1",
                "VpcId": "v-1",
                "State": None,
                "Tags": [],
            },
            {
                "region": "south",
                "OwnerId": "1",
                "InstanceId": "i-1",
                "VpcId": "v-1",
                "State": None,
                "Tags": [],
            },
            {
                "region": "south",
                "OwnerId": "1",
                "InstanceId": "i-2",
                "VpcId": "v-2",
                "State": None,
                "Tags": [],
            },
            {
                "region": "north",
                "OwnerId": "2",
                "InstanceId": "i-3",
                "VpcId": None,
                "State": None,
                "Tags": [],
            },
            {
                "region": "north",
                "OwnerId": "2",
                "InstanceId": "i-4",
                "VpcId": "v-1",
                "State": None,
                "Tags": [],
            },
        ),
        "ec2.volumes": (
            {"region": "north", "VolumeId": "d-1", "InstanceId": "i-1", "Size": 8},
            {"region": "south", "VolumeId": "d-1", "InstanceId": "i-1", "Size": 9},
            {"region": "south", "VolumeId": "d-2", "InstanceId": "i-3", "Size": 7},
        ),
    }
)
"""Ids that say nothing of their region, as names do."""


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """An engine with the whole tables of such a world."""
    from tests.plan.oracle import whole_tables

    database = Database()
    whole_tables(database, _NAMES)
    return database


_FORMS = tuple(cases(Path(__file__).with_name("joined_places.sql")))
_SAID = (
    "i.region = '*'",
    "i.region = 'south'",
    "i.region <> 'north'",
    "i.region ~ '.*'",
    "i.region IN (SELECT 'south')",
)
_COLUMNS = {
    "i": "i.InstanceId, i.region",
    "v": "v.VpcId, v.CidrBlock, v.region",
    "d": "d.VolumeId, d.Size, d.region",
    "o": "o.InstanceId, o.region",
    "q": "q.InstanceId, q.r",
    "c": "q.c",
}
_TABLES = {"i": "ec2.instances", "v": "ec2.vpcs", "d": "ec2.volumes"}


def _written(form: Case, said: str, *, provider: str) -> str:
    """A form as a query over the planned tables, or with all that it means over the whole ones."""
    is_whole = provider == "whole"
    text = re.sub(r"\[(.*?)\]", r"\1" if is_whole else "", form.sql)
    if is_whole:
        said = said.replace("i.region = '*'", "true")
    text = text.replace("{0}", said)
    text = re.sub(
        r"(FROM|JOIN|,) (i|v|d)(?= AS o|\b(?!\.))",
        lambda m: f"{m[1]} {provider}.{_TABLES[m[2]]} {m[2]}",
        text,
    )
    text = text.replace(" i AS o", " o")
    if not form.lines:
        return text
    columns = ", ".join(_COLUMNS[n] for n in form.lines[0].split(","))
    return f"SELECT {columns} {text}"


@pytest.mark.parametrize("said", _SAID)
@pytest.mark.parametrize("form", _FORMS, ids=lambda c: c.sql)
def test_what_is_joined_by_a_key_is_looked_up_where_the_key_was_found(
    form: Case, said: str, names: Database
) -> None:
    sql = _written(form, said, provider="toy")
    want = expected(_written(form, said, provider="whole"), database=names)
    for off in ((), ("predicates",), ("regions",), ("share", "survivors")):
        assert planned(sql, database=names, off=off, world=_NAMES).bag == want.bag, (sql, off)
