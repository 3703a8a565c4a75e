"""Three things that must never go wrong, tried at random: results, interrupted commits, hostile
services.

``python -m benchmarks.reliability selects --number 500`` runs random SELECTs over two accounts and
all regions of an emulator, with every spelling of conditions on region, connection, keys and
parameters, and compares their rows with those of DuckDB for the same question over the complete
tables, read by boto3. ``commits`` interrupts a COMMIT by SIGKILL, SIGTERM or SIGINT at a random
call, and checks that everything is undone. ``answers`` lets a service return what no service
should. ``--seed`` repeats a run.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.fault_proxy import FaultProxy
from tests.support.scripted_api import XML, Asked, Reply, ScriptedApi

from benchmarks.emulator import emulator
from cirrusql.errors import Error, InternalError
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings, Settings

REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
ACCOUNTS = {"prod": "222222222222", "dev": "333333333333"}
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

# The columns of each table, and values to query: some that exist and some that do not.
COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "aws.ec2.vpcs": {"CidrBlock": ("10.1.0.0/16", "172.31.0.0/16", "x"), "VpcId": ("vpc-x",)},
    "aws.ec2.subnets": {
        "CidrBlock": ("10.1.1.0/24", "x"),
        "VpcId": ("vpc-x",),
        "SubnetId": ("subnet-x",),
    },
    "aws.iam.users": {"UserName": ("ann", "bob", "nobody"), "Path": ("/", "/people/", "/none/")},
}
PLACES = {"region": (*REGIONS, "ap-south-1"), "connection": (*ACCOUNTS, "nobody")}
JOINED_BY = {("aws.ec2.vpcs", "aws.ec2.subnets"): "VpcId"}
KINDS = ("JOIN", "LEFT JOIN", "SEMI JOIN", "ANTI JOIN")


def spellings(column: str, value: str) -> list[str]:
    """Conditions on a column and a value: an API can evaluate some of them, but not most."""
    return [
        f"{column} = '{value}'",
        f"'{value}' = {column}",
        f"{column} <> '{value}'",
        f"NOT ({column} = '{value}')",
        f"{column} IN ('{value}', 'x')",
        f"{column} NOT IN ('{value}', 'x')",
        f"{column} LIKE '{value[:2]}%'",
        f"{column} NOT LIKE '{value[:2]}%'",
        f"{column} ILIKE '{value.upper()}'",
        f"{column} SIMILAR TO '{value[:2]}.*'",
        f"{column} ~ '{value[:2]}.*'",
        f"{column} BETWEEN '{value}' AND '{value}z'",
        f"{column} < '{value}'",
        f"{column} >= '{value}'",
        f"{column} = ANY(['{value}', 'x'])",
        f"{column} <> ALL(['{value}', 'x'])",
        f"{column} IN (SELECT '{value}')",
        f"{column} NOT IN (SELECT '{value}')",
        f"{column} IN (SELECT q.v FROM (VALUES ('{value}'), ('x')) q(v))",
        f"{column} IS NOT DISTINCT FROM '{value}'",
        f"{column} IS DISTINCT FROM '{value}'",
        f"({column} = '{value}') IS TRUE",
        f"({column} = '{value}') IS NOT TRUE",
        f"({column} = '{value}') = (1 = 1)",
        f"lower({column}) = '{value}'",
        f"{column} || '' = '{value}'",
        f"'{value}' = trim({column})",
        f"{column} = concat('{value[:3]}', '{value[3:]}')",
        f"{column} = CAST('{value}' AS VARCHAR)",
        f"{column} = (SELECT '{value}')",
        f"CASE WHEN {column} = '{value}' THEN true ELSE false END",
        f"coalesce({column}, '{value}') = '{value}'",
        f"length({column}) = {len(value)}",
        f"starts_with({column}, '{value[:2]}')",
        f"regexp_matches({column}, '^{value}$')",
        f"({column}, 1) IN (('{value}', 1), ('x', 2))",
        f"EXISTS (SELECT 1 FROM (VALUES ('{value}')) q(v) WHERE q.v = {column})",
        f"NOT EXISTS (SELECT 1 FROM (VALUES ('{value}')) q(v) WHERE q.v = {column})",
        f"list_contains(['{value}', 'x'], {column})",
        f"{column} IS NULL",
        f"{column} IS NOT NULL",
    ]


def parameter_conditions(alias: str) -> list[tuple[str, str]]:
    """Conditions on parameters that are not fields, and their meaning for the fields."""
    pairs = []
    for prefix in ("/", "/people/", "/none/"):
        meant = f"starts_with({alias}.Path, '{prefix}')"
        for form in (
            "{} = '{}'",
            "'{1}' = {0}",
            "{} IN ('{}')",
            "NOT ({} <> '{}')",
            "NOT ({} = '{}')",
        ):
            said = form.format(f"{alias}.PathPrefix", prefix)
            pairs.append((said, f"NOT {meant}" if form == "NOT ({} = '{}')" else meant))
    return pairs


def question(dice: random.Random, known: Mapping[str, list[str]]) -> tuple[str, str]:
    """A SELECT for us, and the same for DuckDB over the complete tables."""
    table = dice.choice(list(COLUMNS))
    conditions = [place_condition(dice, "a", name) for name in PLACES]
    pairs = [(c, c) for c in conditions]
    for _ in range(dice.randrange(3)):
        column = dice.choice(list(COLUMNS[table]))
        value = dice.choice([*COLUMNS[table][column], *known.get(column, ())])
        said = dice.choice(spellings(f"a.{column}", value))
        pairs.append((said, said))
    if table == "aws.iam.users" and dice.random() < 0.4:
        pairs.append(dice.choice(parameter_conditions("a")))
    glue = " AND " if dice.random() < 0.7 else " OR "
    if any("PathPrefix" in ours for ours, _ in pairs):
        glue = " AND "
    shown, joined = [f"a.{c}" for c in (*COLUMNS[table], *PLACES)], ""
    others = [(t, key) for (first, t), key in JOINED_BY.items() if first == table]
    if others and dice.random() < 0.5:
        other, key = dice.choice(others)
        kind = dice.choice(KINDS)
        on = [f"b.{key} = a.{key}", "b.region = a.region", "b.connection = a.connection"]
        dice.shuffle(on)
        joined = f" {kind} {other} b ON {' AND '.join(on)}"
        if kind in ("JOIN", "LEFT JOIN"):
            shown += ["b.SubnetId", "b.region"]
    text = f"SELECT {', '.join(shown)} FROM {table} a{joined} WHERE "
    ours, theirs = (text + glue.join(f"({pair[i]})" for pair in pairs) for i in (0, 1))
    return ours, theirs


def place_condition(dice: random.Random, alias: str, name: str) -> str:
    said = dice.choice(spellings(f"{alias}.{name}", dice.choice(PLACES[name])))
    if dice.random() < 0.3:
        more = dice.choice(spellings(f"{alias}.{name}", dice.choice(PLACES[name])))
        said = f"{said} {dice.choice(('AND', 'OR'))} {more}"
    return said


def fill(url: str) -> dict[str, list[dict[str, Any]]]:
    """Create resources in two accounts, and read the complete tables with boto3."""
    import boto3

    sts = boto3.client("sts", "us-east-1", endpoint_url=url, **KEYS)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in COLUMNS}
    for connection, account in ACCOUNTS.items():
        found = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/r", RoleSessionName="fill")[
            "Credentials"
        ]
        own = {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }
        iam = boto3.client("iam", "us-east-1", endpoint_url=url, **own)
        for name, path in (("ann", "/"), ("bob", "/people/"), (f"only-{connection}", "/people/x/")):
            iam.create_user(UserName=name, Path=path)
        place = {"connection": connection}
        rows["aws.iam.users"] += [
            {"UserName": u["UserName"], "Path": u["Path"], "region": "us-east-1", **place}
            for u in iam.list_users()["Users"]
        ]
        everywhere = boto3.client("ec2", "us-east-1", endpoint_url=url, **own).describe_regions()[
            "Regions"
        ]
        for region in (r["RegionName"] for r in everywhere if r["OptInStatus"] != "not-opted-in"):
            ec2 = boto3.client("ec2", region, endpoint_url=url, **own)
            for number in (1, 2) if region in REGIONS else ():
                vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
                ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.1.0/24")
            here = {"region": region, **place}
            rows["aws.ec2.vpcs"] += [
                {"VpcId": v["VpcId"], "CidrBlock": v["CidrBlock"], **here}
                for v in ec2.describe_vpcs()["Vpcs"]
            ]
            rows["aws.ec2.subnets"] += [
                {
                    "SubnetId": s["SubnetId"],
                    "VpcId": s["VpcId"],
                    "CidrBlock": s["CidrBlock"],
                    **here,
                }
                for s in ec2.describe_subnets()["Subnets"]
            ]
    return rows


def selects(number: int, dice: random.Random) -> int:
    """Random SELECTs; returns how many results were wrong."""
    import duckdb
    import pyarrow as pa

    outcomes: Counter[str] = Counter()
    with emulator() as url:
        whole = fill(url)
        oracle = duckdb.connect()
        for table, rows in whole.items():
            oracle.register(table.replace(".", "_"), pa.Table.from_pylist(rows))
        known = {
            c: [r[c] for rows in whole.values() for r in rows if c in r][::7]
            for c in ("VpcId", "SubnetId")
        }
        connections = {
            name: ConnectionSettings(name, role_arn=f"arn:aws:iam::{account}:role/r")
            for name, account in ACCOUNTS.items()
        }
        environ = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        settings = Settings(endpoint_url=url, region="us-east-1", connections=connections)
        with Session(settings, environ) as session:
            for _ in range(number):
                ours, theirs = question(dice, known)
                try:
                    (result,) = session.run(ours, {})
                    got = Counter(tuple(r.values()) for r in _positional(result.table()))
                except InternalError:
                    outcomes["fault of ours"] += 1
                    print("FAULT", ours)
                    continue
                except Error as error:
                    outcomes[f"refused: {type(error).__name__}"] += 1
                    if os.environ.get("SHOW_REFUSED"):
                        print("REFUSED", ours, "--", error.message[:150])
                    continue
                if result.failures:
                    outcomes["partial, and said so"] += 1
                    continue
                for table in COLUMNS:
                    theirs = theirs.replace(f"{table} ", f"{table.replace('.', '_')} ")
                wanted = Counter(oracle.execute(theirs).fetchall())
                outcomes["equal" if got == wanted else "WRONG"] += 1
                if got != wanted:
                    print("WRONG", ours, "\n  more:", got - wanted, "\n  less:", wanted - got)
        _print("random SELECTs", outcomes)
    return outcomes["WRONG"] + outcomes["fault of ours"]


def _positional(table: Any) -> list[dict[int, Any]]:
    columns = [column.to_pylist() for column in table.columns]
    return [dict(enumerate(row)) for row in zip(*columns, strict=True)]


def commits(number: int, dice: random.Random) -> int:
    """Interrupted COMMITs; returns how many left something behind."""
    import boto3
    from tests.session.test_recovery import POINTS, SCRIPT, there

    from cirrusql.execution.transaction.recovery import Recovery, all_left

    outcomes: Counter[str] = Counter()
    with emulator() as url, tempfile.TemporaryDirectory() as home:
        os.environ |= {"XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}
        iam = boto3.client("iam", "us-east-1", endpoint_url=url, **KEYS)
        iam.create_user(UserName="bob")
        iam.create_group(GroupName="g")
        proxy = FaultProxy(url, throttled=0).start()
        settings = Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1")
        try:
            with Session(settings, os.environ, options=WriteOptions(assume_yes=True)) as session:
                for _ in range(number):
                    operation, count, when = dice.choice(POINTS)
                    sign = dice.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
                    _ended_at(proxy, operation, count, when, sign, SCRIPT)
                    for left in all_left():
                        recovery = Recovery(left, session.transaction.means())
                        recovery.settle()
                        recovery.undo()
                    is_clean = not any(there(iam).values()) and not all_left()
                    outcomes[f"{sign.name}: {'undone' if is_clean else 'LEFT'}"] += 1
                    if not is_clean:
                        print("LEFT", operation, count, when, sign.name, there(iam))
        finally:
            proxy.stop()
    _print("ended COMMITs", outcomes)
    return sum(n for name, n in outcomes.items() if "LEFT" in name)


def _ended_at(
    proxy: FaultProxy, operation: str, count: int, when: str, sign: signal.Signals, script: str
) -> None:
    proxy.is_held.clear()
    proxy.hold = (operation, proxy.calls[operation] + count, when)
    command = [
        sys.executable,
        "-m",
        "cirrusql",
        "exec",
        "--sandbox",
        "-y",
        "--endpoint-url",
        proxy.url,
        script,
    ]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, preexec_fn=_hears) as process:
        proxy.is_held.wait(60)
        proxy.hold = None
        process.send_signal(sign)
        process.wait(60)


def _hears() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


PAGE = (
    "<ListUsersResponse><ListUsersResult><Users><member><UserName>ann</UserName></member></Users>{}"
    "</ListUsersResult></ListUsersResponse>"
)


def hostile() -> Iterator[tuple[str, int, Mapping[str, str], Any]]:
    """Responses that no service should return, by name."""
    bodies: dict[str, Any] = {
        "nothing": b"",
        "HTML": "<html><body>Sign in</body></html>",
        "JSON": '{"Users": [{"UserName": "ann"}]}',
        "cut short": PAGE.format("")[:70],
        "an entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b '
        '"&a;&a;&a;&a;&a;&a;&a;&a;">]>' + PAGE.format("<x>&b;</x>"),
        "a file as an entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + PAGE.format("<x>&a;</x>"),
        "very deep": "<a>" * 100_000,
        "bytes": bytes(range(256)) * 50,
        "a NUL": PAGE.format("\0"),
        "two documents": PAGE.format("") * 2,
        "UTF-16": PAGE.format("").encode("utf-16"),
        "another result": PAGE.format("").replace("ListUsers", "ListRoles"),
        "its own page again": PAGE.format("<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
        "no marker": PAGE.format("<IsTruncated>true</IsTruncated>"),
        "an empty marker": PAGE.format("<IsTruncated>true</IsTruncated><Marker></Marker>"),
        "no date": PAGE.format("").replace(
            "</UserName>", "</UserName><CreateDate>yesterday</CreateDate>"
        ),
        "a long name": PAGE.format("").replace("ann", "x" * 1_000_000),
        "many members": PAGE.format("").replace("<member>", "<member>" + "<x/>" * 50_000),
        "an error": "<ErrorResponse><Error><Code>\n\x1b[2J</Code></Error></ErrorResponse>",
        "spaces": " " * 1_000_000,
    }
    for name, body in bodies.items():
        for status in (200, 400, 500):
            yield name, status, XML, body
    packed = gzip.compress(PAGE.format("").encode())
    yield "gzip", 200, {**XML, "content-encoding": "gzip"}, packed
    yield "no gzip", 200, {**XML, "content-encoding": "gzip"}, PAGE.format("")
    yield (
        "a gzip bomb",
        200,
        {**XML, "content-encoding": "gzip"},
        gzip.compress(b"\0" * 300_000_000),
    )
    yield "a redirect", 301, {**XML, "location": "http://169.254.169.254/"}, ""
    for status in (204, 302, 304, 403, 404, 413, 418, 429, 503, 599):
        yield "a page", status, XML, PAGE.format("")


def answers(number: int, dice: random.Random) -> int:
    """Hostile responses; returns how many caused an internal error, or took longer than half a
    minute."""
    outcomes: Counter[str] = Counter()
    given: list[tuple[str, int, Mapping[str, str], Any]] = list(hostile())
    current: list[Reply] = []

    def answer(asked: Asked) -> Reply:
        return current[0]

    with ScriptedApi(answer) as api:
        settings = Settings(
            endpoint_url=api.url,
            sandbox=True,
            region="us-east-1",
            max_attempts=1,
            throttle_timeout=0.0,
            max_calls=50,
        )
        with Session(settings, {}) as session:
            for name, status, headers, body in given[:number] if number < len(given) else given:
                current[:] = [(status, headers, body)]
                started = time.monotonic()
                try:
                    (result,) = session.run("SELECT UserName FROM aws.iam.users", {})
                    rows = result.table().num_rows
                    outcome = (
                        f"{'partial, ' if result.failures else ''}{'rows' if rows else 'no row'}"
                    )
                except InternalError:
                    outcome = "FAULT"
                except Error as error:
                    outcome = f"error: {type(error).__name__}"
                except Exception as error:
                    outcome = f"FAULT: {type(error).__name__}"
                if time.monotonic() - started > 30:
                    outcome = f"FAULT: slow ({outcome})"
                if "FAULT" in outcome:
                    print(name, status, outcome)
                outcomes[outcome] += 1
    _print("hostile answers", outcomes)
    return sum(n for name, n in outcomes.items() if "FAULT" in name)


def _print(what: str, outcomes: Counter[str]) -> None:
    told = ", ".join(f"{name} {count}" for name, count in outcomes.most_common())
    print(f"{sum(outcomes.values())} {what}: {told}")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("selects", "commits", "answers"))
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}")
    part = {"selects": selects, "commits": commits, "answers": answers}[given.part]
    sys.exit(1 if part(given.number, random.Random(given.seed)) else 0)


if __name__ == "__main__":
    main()
