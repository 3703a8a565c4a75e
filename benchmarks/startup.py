"""Start-up against the AWS CLI's, by turns in one run: ratios of the least and the median.

    python -m benchmarks.startup --rival-python /path/to/venv/bin/python

The rival's environment has ``awscli`` of PyPI in it. Both run as their console scripts do, with
byte code compiled and caches warm: each command is run once before it is measured.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RIVAL = "import sys; from awscli.clidriver import main; sys.argv = ['aws', '--version']; sys.exit(main())"
OURS = "import sys; from cirrusql.apps.cli.main import main; main()"

REACHES = {
    "--version": (["--version"], 0.25),
    'exec "SELECT 1"': (["exec", "SELECT 1"], 1.0),
    "DESCRIBE aws.ec2.instances": (["exec", "DESCRIBE aws.ec2.instances"], 1.0),
}


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
    rival = taken["aws --version"]
    print(
        f"load {os.getloadavg()[0]:.1f}, {given.rounds} rounds, ms (least, median); ratios to aws --version"
    )
    for name, times in taken.items():
        least, middle = min(times) / min(rival), median(times) / median(rival)
        reach = f"reach {REACHES[name][1]:.2f}" if name in REACHES else ""
        figures = f"{min(times):6.0f} {median(times):6.0f}   {least:.2f} {middle:.2f}"
        print(f"{name:28} {figures}   {reach}")


def measured(commands: dict[str, list[str]], environ: dict[str, str], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each command, one after the other in each round, after one that warms up."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
            if number:
                taken[name].append((time.perf_counter() - started) * 1000)
    return taken


if __name__ == "__main__":
    main()
