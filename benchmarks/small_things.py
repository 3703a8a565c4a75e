"""Small things beside boto3: list ten users, create one, delete one, each a process of its own.

    python -m benchmarks.small_things [--rounds 15]

A moto server in a process of its own has ten users. ``cirrusql exec`` and boto3's shortest script
for the same take turns in one run, each a new process with byte code compiled and the cache folder
warm, as for somebody who runs such commands all day; ``SELECT 1`` is measured beside them. The
table shows the least CPU time (user and system) and the least wall clock of all rounds, in seconds,
and the ratio of ours to boto3's. On a busy machine only the CPU times say much.

The last lines are the same commands with a warm helper (``CIRRUSQL_WARM=1``): the CPU time of the
client and of the helper's copy, the latter as a mean of all rounds, on Linux only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.emulator import emulator

_USERS = 10

_LIST = """
import boto3
client = boto3.client("iam")
for page in client.get_paginator("list_users").paginate():
    for user in page["Users"]:
        print(user["UserName"], user["CreateDate"])
"""
_CREATE = 'import boto3; print(boto3.client("iam").create_user(UserName="one-more")["User"])'
_DELETE = 'import boto3; boto3.client("iam").delete_user(UserName="one-more")'

_EXEC = (sys.executable, "-m", "cirrusql", "exec", "--yes")


def ours(*arguments: str) -> tuple[str, ...]:
    """The command that runs ``cirrusql exec``."""
    return (*_EXEC, *arguments)


def _theirs(script: str) -> tuple[str, ...]:
    return (sys.executable, "-c", script)


REACHES = {"SELECT 1": 0.20}
"""CPU seconds to reach where there is no rival."""

COMMANDS = {
    "SELECT 1": (ours("SELECT 1"), None),
    "list 10 users": (
        ours("SELECT UserName, CreateDate FROM aws.iam.users"),
        _theirs(_LIST),
    ),
    "create a user": (
        ours("INSERT INTO aws.iam.users (UserName) VALUES ('one-more')"),
        _theirs(_CREATE),
    ),
    "delete a user": (
        ours("DELETE FROM aws.iam.users WHERE UserName = 'one-more'"),
        _theirs(_DELETE),
    ),
}


@dataclass(frozen=True)
class Spent:
    """Seconds of one process."""

    cpu: float
    wall: float


Taken = dict[str, dict[str, list[Spent]]]
Warm = dict[str, tuple[float, float]]
WARM_TOO = ("SELECT 1", "list 10 users")


def spent(command: tuple[str, ...], environ: dict[str, str]) -> Spent:
    """Run a command to its end. Raises SystemExit with its output if it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environ, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{command}: exit {process.returncode}: {said.read().decode()}")
    return Spent(used.ru_utime + used.ru_stime, wall)


def environment(home: str, url: str) -> dict[str, str]:
    """The environment of a measured process: a home of its own, and a server on loopback."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        # Python sets a locale where there is none, and helpers are by locale.
        "LC_ALL": "C.UTF-8",
        "XDG_CACHE_HOME": f"{home}/cache",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
    }


def measured(url: str, rounds: int) -> tuple[Taken, Warm]:
    """What each command of each side spent in each round, after one round that warms up."""
    taken: Taken = {name: {"cirrusql": [], "boto3": []} for name in COMMANDS}
    with tempfile.TemporaryDirectory() as home:
        environ = environment(home, url)
        for number in range(_USERS):
            create = _CREATE.replace("one-more", f"user-{number}")
            spent(_theirs(create), environ)
        for number in range(rounds + 1):
            for side in ("cirrusql", "boto3"):
                for name, commands in COMMANDS.items():
                    command = commands[side == "boto3"]
                    if command is not None:
                        cost = spent(command, environ)
                        if number:
                            taken[name][side].append(cost)
        environ |= {"CIRRUSQL_WARM": "1", "XDG_RUNTIME_DIR": home}
        warm = WARM_TOO if Path("/proc/self/stat").exists() else ()
        return taken, {name: warm_cpu(environ, rounds, name) for name in warm}


def warm_cpu(environ: dict[str, str], rounds: int, name: str) -> tuple[float, float]:
    """Seconds of CPU and of wall clock of a command that a helper runs: the mean and the least."""
    from cirrusql.apps.warm.protocol import socket_path

    path = socket_path(environ)
    command = [sys.executable, "-P", "-m", "cirrusql.apps.warm.helper", str(path)]
    helper = subprocess.Popen(command, env={"PATH": os.environ["PATH"]})
    while not path.exists():
        time.sleep(0.01)
    for _ in range(2):
        # The helper loads what the first command loaded, which is not what is measured.
        spent(COMMANDS[name][0], environ)
        time.sleep(2)
    before = _of_copies(helper.pid)
    clients = [spent(COMMANDS[name][0], environ) for _ in range(rounds)]
    time.sleep(1)
    copies = (_of_copies(helper.pid) - before) / rounds
    helper.terminate()
    helper.wait()
    return copies + min(c.cpu for c in clients), min(c.wall for c in clients)


def _of_copies(pid: int) -> float:
    """CPU seconds of a process's children that have ended; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with emulator() as url:
        taken, warm = measured(url, given.rounds)
    print(f"load {os.getloadavg()[0]:.1f}, {given.rounds} rounds, least of all, seconds:")
    print(f"{'':16}{'CPU, ours':>12}{'boto3':>8}{'ratio':>8}{'wall, ours':>14}{'boto3':>8}")
    for name, sides in taken.items():
        cpu, wall = (min(getattr(s, of) for s in sides["cirrusql"]) for of in ("cpu", "wall"))
        if sides["boto3"]:
            their_cpu, their_wall = (
                min(getattr(s, of) for s in sides["boto3"]) for of in ("cpu", "wall")
            )
            print(
                f"{name:16}{cpu:12.3f}{their_cpu:8.3f}{cpu / their_cpu:8.2f}"
                f"{wall:14.3f}{their_wall:8.3f}"
            )
        else:
            print(f"{name:16}{cpu:12.3f}{'':8}{'':8}{wall:14.3f}   reach {REACHES[name]:.2f} CPU")
    for name, (cpu, wall) in warm.items():
        rivals = taken[name]["boto3"]
        ratio = f"{cpu / min(s.cpu for s in rivals):24.2f}" if rivals else f"{'':24}"
        print(f"{name + ', warm':22}{cpu:6.3f}{ratio[8:]}{wall:14.3f}")


if __name__ == "__main__":
    main()
