"""Start-up against the AWS CLI's, alternating in one run: ratios of wall clock and of CPU time.

    python -m benchmarks.startup --rival-python /path/to/venv/bin/python

The rival's environment has ``awscli`` from PyPI. Both run as console scripts, with compiled byte
code and warm caches: each command is run once before it is measured. The first DESCRIBE of a table,
for which nothing is cached, is measured with an empty cache folder each time. On a busy machine
only the CPU times (user and system, the least of all rounds) are meaningful.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RIVAL = (
    "import sys; from awscli.clidriver import main; sys.argv = ['aws', '--version']; "
    "sys.exit(main())"
)
OURS = "import sys; from cirrusql.apps.cli.main import main; main()"

REACHES = {
    "--version": (["--version"], 0.25),
    'exec "SELECT 1"': (["exec", "SELECT 1"], 1.0),
    "DESCRIBE aws.ec2.instances": (["exec", "DESCRIBE aws.ec2.instances"], 1.0),
    "the first DESCRIBE": (["exec", "DESCRIBE aws.ec2.instances"], 1.0),
}
FIRST = "the first DESCRIBE"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rival-python", required=True, help="an interpreter that has awscli")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    commands = {"aws --version": [given.rival_python, "-c", RIVAL]} | {
        name: [sys.executable, "-c", OURS, *arguments] for name, (arguments, _) in REACHES.items()
    }
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "HOME": home, "XDG_CACHE_HOME": str(Path(home) / "cache")}
        taken = measured(commands, environ, given.rounds)
    walls, cpus = taken["aws --version"]
    print(f"load {os.getloadavg()[0]:.1f}, {given.rounds} rounds; ms and ratio to aws --version:")
    print(f"{'':28} {'wall, least':>16} {'wall, median':>16} {'CPU, least':>16}")
    for name, (wall, cpu) in taken.items():
        reach = f"reach {REACHES[name][1]:.2f}" if name in REACHES else ""
        pairs = (
            (min(wall), min(wall) / min(walls)),
            (median(wall), median(wall) / median(walls)),
            (min(cpu), min(cpu) / min(cpus)),
        )
        print(f"{name:28} {' '.join(f'{ms:9.0f} {ratio:6.2f}' for ms, ratio in pairs)}   {reach}")


Times = tuple[list[float], list[float]]


def measured(
    commands: dict[str, list[str]], environ: dict[str, str], rounds: int
) -> dict[str, Times]:
    """Wall clock and CPU of each command in ms, alternating in each round, after a
    warm-up round."""
    taken: dict[str, Times] = {name: ([], []) for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            if name == FIRST:
                shutil.rmtree(environ["XDG_CACHE_HOME"], ignore_errors=True)
            started = time.perf_counter()
            process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"{name} ended with {process.returncode}")
            if number:
                taken[name][0].append((time.perf_counter() - started) * 1000)
                taken[name][1].append((usage.ru_utime + usage.ru_stime) * 1000)
    return taken


if __name__ == "__main__":
    main()
