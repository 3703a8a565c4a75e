"""A question from start to end, as a whole process: ours, awspipe's, and boto3's in twenty lines.

``python -m benchmarks.process --rival-python PATH`` (an interpreter that has awspipe, Python 3.13)
fills a moto server with instances, 1,000 in one region and ``--elsewhere`` in each of 16 others,
and queries them cold, each time in a new process with a new home: one region, then 17. It prints
seconds, CPU seconds and peak memory of each, and the seconds that the server alone takes to respond
(plain HTTP calls, one per region and concurrent, without reading the bodies), which is the lower
limit: ``beside`` is what each takes in addition.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.emulator import REGIONS, emulator

_MANY = 1_000

_BOTO3 = """
import sys, boto3
from concurrent.futures import ThreadPoolExecutor

def instances(region):
    client = boto3.session.Session().client("ec2", region_name=region)
    pages = client.get_paginator("describe_instances").paginate()
    return [
        (i["InstanceId"], region, i["State"]["Name"])
        for page in pages for r in page["Reservations"] for i in r["Instances"]
    ]

regions = sys.argv[1:]
if len(regions) > 1:
    with ThreadPoolExecutor(17) as pool:
        rows = [row for found in pool.map(instances, regions) for row in found]
else:
    rows = instances(regions[0])
print("InstanceId,region,state")
for row in rows:
    print(",".join(row))
"""


@dataclass(frozen=True)
class Cost:
    """The cost of a process."""

    seconds: float
    cpu: float
    megabytes: float
    rows: int

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, CPU {self.cpu:.2f} s, peak {self.megabytes:.0f} MB"


@contextmanager
def filled(elsewhere: int) -> Iterator[str]:
    """The URL of an emulator with the instances in it."""
    import boto3

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    with emulator() as url:
        for number, region in enumerate(REGIONS):
            count = elsewhere if number else _MANY
            client = boto3.client("ec2", region, endpoint_url=url, **keys)
            image = client.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
            for start in range(0, count, 100):
                most = min(100, count - start)
                client.run_instances(ImageId=image, MinCount=most, MaxCount=most)
            client.close()
        yield url


def cost(command: Sequence[str], url: str) -> Cost:
    """The whole process, with a new home; standard output is CSV with one line of headings."""
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile() as out:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "AWSPIPE_HOME": home,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGIONS[0],
            "AWS_DEFAULT_REGION": REGIONS[0],
            "AWS_ENDPOINT_URL": url,
            "COLUMNS": "200",
        }
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.PIPE, env=environ, cwd=home
        )
        assert process.stderr is not None
        errors = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.stderr.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    if process.returncode:
        raise SystemExit(f"{command[0]} exited {process.returncode}: {errors or text}")
    kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(
        seconds, used.ru_utime + used.ru_stime, kilobytes / 1024, len(text.splitlines()) - 1
    )


def floor(url: str, regions: Sequence[str]) -> float:
    """Seconds of the server's own responses for regions that are called concurrently."""
    started = time.perf_counter()
    with ThreadPoolExecutor(len(regions)) as pool:
        list(pool.map(lambda region: _thrown_away(url, region), regions))
    return time.perf_counter() - started


def _thrown_away(url: str, region: str) -> None:
    scope = f"Credential=test/20260101/{region}/ec2/aws4_request"
    request = urllib.request.Request(
        url,
        data=b"Action=DescribeInstances&Version=2016-11-15",
        headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def commands(rival_python: str | None, *, is_everywhere: bool) -> dict[str, list[str]]:
    """The rivals' command lines for the same rows."""
    ours = "SELECT InstanceId, region, State.Name FROM aws.ec2.instances"
    if is_everywhere:
        ours += f" WHERE region IN ({', '.join(repr(r) for r in REGIONS)})"
    found = {
        "cirrusql": [sys.executable, "-m", "cirrusql", "exec", "-o", "csv", "--no-progress", ours],
        "boto3": [sys.executable, "-c", _BOTO3, *(REGIONS if is_everywhere else REGIONS[:1])],
    }
    if rival_python is not None:
        sql = "select instance_id, region, state from aws_ec2_instance"
        pipe = [rival_python, "-m", "awspipe", "query", sql, "--output", "csv"]
        found["awspipe"] = [*pipe, "--all"] if is_everywhere else pipe
    return found


def compare(url: str, rival_python: str | None, runs: int, *, is_everywhere: bool) -> None:
    """The least of some runs each, each of them next to one of the server alone."""
    regions = REGIONS if is_everywhere else REGIONS[:1]
    least: dict[str, Cost] = {}
    server = float("inf")
    for _ in range(runs):
        for name, command in commands(rival_python, is_everywhere=is_everywhere).items():
            server = min(server, floor(url, regions))
            found = cost(command, url)
            least[name] = min(found, least.get(name, found), key=lambda c: c.seconds)
    own = least["cirrusql"]
    print(f"{len(regions)} region{'s' * is_everywhere}: the server alone {server:.2f} s")
    for name, found in least.items():
        beside = found.seconds - server
        print(
            f"  {name:9} {found.rows:5} rows: {found}, beside the server {beside:.2f} s", end="; "
        )
        print(
            f"{found.seconds / own.seconds:.2f}x our seconds, {found.cpu / own.cpu:.2f}x our CPU, "
            f"{beside / (own.seconds - server):.2f}x ours beside the server"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rival-python", help="a Python that has awspipe")
    parser.add_argument("--elsewhere", type=int, default=20, help="instances in each other region")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with filled(given.elsewhere) as server:
        floor(server, REGIONS)
        for everywhere in (False, True):
            compare(server, given.rival_python, given.runs, is_everywhere=everywhere)
