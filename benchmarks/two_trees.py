"""This checkout beside another one, such as that of an earlier commit: start-up and fetch, in CPU.

    git worktree add --detach /tmp/before COMMIT      # and an environment in /tmp/before/.venv
    python -m benchmarks.two_trees /tmp/before [--rounds 15]

Every round runs each measurement once in each checkout, one directly after the other, so that
other load meets both alike. Printed are the least CPU time of each and the median of the rounds'
ratios. Whole commands are processes with compiled byte code and a warm cache folder of their own;
pages of ListAccessKeys are read by each checkout's own ``benchmarks.calls`` from one server of
canned responses.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.canned import canned
from benchmarks.emulator import emulator

HERE = Path(__file__).parent.parent

COMMANDS = {
    "--version": ("--version",),
    "SELECT 1": ("exec", "SELECT 1"),
    "DESCRIBE aws.ec2.instances": ("exec", "DESCRIBE aws.ec2.instances"),
    "list users": ("exec", "SELECT UserName, CreateDate FROM aws.iam.users"),
    "list instances and their volumes": (
        "exec",
        "SELECT i.InstanceId, v.VolumeId FROM aws.ec2.instances i JOIN aws.ec2.volumes v "
        "ON v.AvailabilityZone = i.Placement.AvailabilityZone",
    ),
    "tag a user": (
        "exec",
        "--yes",
        "UPDATE aws.iam.users SET Tags['a'] = 'b' WHERE UserName = 'one'",
    ),
}

_CREATE = ("exec", "--yes", "INSERT INTO aws.iam.users (UserName) VALUES ('one')")

_PAGES = """
import os, sys
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
from benchmarks import calls
calls.own_process()
one = calls.listing(calls.Target(None, "us-east-1"))
calls.read(sys.argv[1], iter([one] * 50))
number = int(sys.argv[2])
print(min(calls.read(sys.argv[1], iter([one] * number), concurrency=32)[1] for _ in range(3))
      / number)
"""

_PLACES = """
import os, sys
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
from benchmarks import calls
calls.own_process()
Of = getattr(calls, "ConnectionSettings", None) or calls.Connection
names = {f"a{i}": Of(f"a{i}") for i in range(10)}
places = [calls.Target(name, region) for name in names for region in calls.REGIONS]
def once():
    return calls.read(sys.argv[1], map(calls.listing, places), concurrency=256, connections=names)[1]
once()
print(min(once() for _ in range(3)))
"""  # noqa: E501


def python(tree: Path) -> str:
    """The interpreter of a checkout's own environment."""
    return str(tree / ".venv" / "bin" / "python")


Environment = Callable[[Path], dict[str, str]]


def command_cpu(arguments: tuple[str, ...], environment: Environment, tree: Path) -> float:
    """CPU seconds of a whole command."""
    environ = environment(tree)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [python(tree), "-m", "cirrusql", *arguments],
            env=environ,
            cwd=environ["HOME"],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            out.seek(0)
            raise SystemExit(f"{tree}: {arguments}: {out.read().decode()}")
    return used.ru_utime + used.ru_stime


def script_cpu(tree: Path, script: str, *arguments: str) -> float:
    """What a script prints that runs in a checkout, beside its benchmarks."""
    command = [python(tree), "-c", script, *arguments]
    return float(subprocess.run(command, cwd=tree, check=True, capture_output=True).stdout)


def compared(name: str, rounds: int, measure: Callable[[Path], float], other: Path) -> None:
    """Measure in both checkouts alternately, after a round that warms up, and print a line."""
    measure(other), measure(HERE)
    pairs = [(measure(other), measure(HERE)) for _ in range(rounds)]
    before, now = (min(p[i] for p in pairs) * 1000 for i in (0, 1))
    ratio = median(new / old for old, new in pairs)
    print(f"{name:40} {before:9.2f} {now:9.2f} {now / before:9.3f} {ratio:9.3f}", flush=True)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the other checkout, with an environment in .venv")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    other, rounds = given.other.resolve(), given.rounds
    print(f"load {os.getloadavg()[0]:.1f}, {rounds} rounds; CPU ms, ratios: of the least, median")
    print(f"{'':40} {'other':>9} {'here':>9} {'ratio':>9} {'median':>9}")
    with emulator() as url, tempfile.TemporaryDirectory() as home:

        def environ(tree: Path) -> dict[str, str]:
            return {
                "PATH": os.environ["PATH"],
                "HOME": home,
                "LC_ALL": "C.UTF-8",
                "XDG_CACHE_HOME": f"{home}/{'other' if tree == other else 'here'}",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": url,
            }

        command_cpu(_CREATE, environ, HERE)
        for name, arguments in COMMANDS.items():
            measure = partial(command_cpu, arguments, environ)
            compared(name, rounds, measure, other)
    with canned() as server:
        compared(
            "a page of 100 keys", rounds, lambda t: script_cpu(t, _PAGES, server.url, "1000"), other
        )
    with canned(pages=3) as server:
        compared(
            "170 places x 3 pages", rounds, lambda t: script_cpu(t, _PLACES, server.url), other
        )


if __name__ == "__main__":
    main()
