"""What a session can access, for ``doctor``: the enabled regions, and whether common tables can be
read, each with the permissions that it needs. Reads one row of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cirrusql.apps.cli.commands.doctor_finding import Finding
from cirrusql.errors import Error

if TYPE_CHECKING:
    from cirrusql.session.session import Session

COMMON_TABLES = (
    "aws.ec2.instances",
    "aws.s3.buckets",
    "aws.iam.users",
    "aws.lambda.functions",
    "aws.rds.db_instances",
    "aws.logs.log_groups",
)
"""What people ask first of an account, in different services."""


def regions(session: Session, connection: str | None) -> Iterator[Finding]:
    """The regions that a condition on ``region`` reads."""
    try:
        found = session.fetcher.regions("aws")
        is_guessed = session.fetcher.regions_are_guessed(connection, "aws")
    except Error as error:
        yield Finding("regions", error.message, advice=error.hint or "allow ec2:DescribeRegions")
        return
    names = ", ".join(found)
    if is_guessed:
        yield Finding(
            "regions",
            f"which are enabled is not known; all {len(found)} are tried",
            advice="allow ec2:DescribeRegions, or set regions of the connection",
        )
        return
    yield Finding("regions", f"{len(found)} enabled: {names}")


def permissions(session: Session) -> Iterator[Finding]:
    """Whether common tables can be read. What is denied is no fault of the setup."""
    for table in COMMON_TABLES:
        sql = f"SELECT 1 FROM {table} LIMIT 1"
        needed = ", ".join(_actions(session, sql))
        trouble = _trouble(session, sql)
        if trouble is None:
            yield Finding(f"table {table}", f"can be read (needs {needed})")
        else:
            yield Finding(
                f"table {table}",
                f"cannot be read: {' '.join(trouble.split())}",
                advice=f"it needs {needed}",
            )


def _actions(session: Session, sql: str) -> list[str]:
    """The permissions that a statement needs."""
    found: list[str] = []
    for result in session.run(f"EXPLAIN (POLICY) {sql}"):
        for row in result.table().to_pylist():
            for statement in json.loads(row["policy"])["Statement"]:
                found += statement["Action"]
    return list(dict.fromkeys(found))


def _trouble(session: Session, sql: str) -> str | None:
    """Why a statement does not read all that it should; None: it does."""
    try:
        for result in session.run(sql):
            result.table()
            for failure in result.failures:
                return failure.error.message
    except Error as error:
        return error.message
    return None
