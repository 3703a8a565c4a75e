"""Listings of many pages come back whole."""

from __future__ import annotations

import re
from collections.abc import Callable

from cirrusql.apps.cli.main import cirrusql as cirrusql_command
from tests.apps.endtoend.conftest import Cirrusql, Done

USERS, OBJECTS = 2_500, 3_000


def test_2500_users_come_back_whole(cirrusql: Cirrusql, empty: str) -> None:
    where = ("--sandbox", "--endpoint-url", empty, "-o", "csv", "-H")
    made = cirrusql(
        "exec",
        f"INSERT INTO aws.iam.users (UserName) SELECT 'u' || i FROM range({USERS}) t(i)",
        "--yes",
        *where,
    )
    assert made.status == 0, made.err
    seen = cirrusql("exec", "SELECT UserName FROM aws.iam.users", *where)
    assert seen.status == 0
    assert sorted(seen.out.split()) == sorted(f"u{i}" for i in range(USERS))


def test_3000_objects_come_back_whole(cirrusql: Cirrusql, empty: str) -> None:
    where = ("--sandbox", "--endpoint-url", empty, "-o", "csv", "-H")
    made = cirrusql(
        "exec",
        "INSERT INTO aws.s3.buckets (Bucket) VALUES ('many');"
        "REPLACE INTO aws.s3.objects (Bucket, Key, Body) "
        f"SELECT 'many', 'k' || i, 'x' FROM range({OBJECTS}) t(i)",
        "--yes",
        *where,
    )
    assert made.status == 0, made.err
    seen = cirrusql("exec", "SELECT Key FROM aws.s3.objects WHERE Bucket = 'many'", *where)
    assert seen.status == 0
    assert sorted(seen.out.split()) == sorted(f"k{i}" for i in range(OBJECTS))


def test_the_first_example_of_the_help_prints_rows(in_company: Callable[..., Done]) -> None:
    example = re.search(r'cirrusql exec --sandbox "(.+)"', cirrusql_command.help or "")
    assert example is not None
    done = in_company(example[1])
    assert (done.status, done.err) == (0, "")
    assert {"alice", "bruno", "ci-deploy"} <= {row["UserName"] for row in done.rows}
    assert all(row["AccessKeyId"].startswith("AKIA") for row in done.rows)
