"""A thousand keyed calls of one statement, as a whole process.

    python -m benchmarks.keyed [--rounds 7] [--rows 1]

A server of canned responses has 1,000 users. Each statement calls ListAccessKeys once for each of
them, with the names from the listing (a parent) or from the statement, and is a new process with a
warm cache folder. The table shows the least CPU time (user and system) of all rounds; ``each`` is
what one more call costs: the difference to the same statement over one user, divided by the calls.
"""

from __future__ import annotations

import argparse
import os
import tempfile

from benchmarks.canned import canned
from benchmarks.small_things import environment, ours, spent

_MANY = 1_000
REACH = 0.5
"""Milliseconds of CPU for each call of the whole process."""


def _named(count: int) -> str:
    names = ", ".join(f"'user-{i:04d}'" for i in range(count))
    return f"SELECT UserName, AccessKeyId FROM aws.iam.access_keys WHERE UserName IN ({names})"


def _joined(count: int) -> str:
    return (
        "SELECT u.UserName, k.AccessKeyId FROM aws.iam.users u JOIN aws.iam.access_keys k "
        f"ON k.UserName = u.UserName WHERE u.UserName < 'user-{count:04d}'"
    )


def _listed(count: int) -> str:
    some = "" if count == _MANY else f" WHERE UserName = 'user-{count:04d}'"
    return f"SELECT UserName, AccessKeyId FROM aws.iam.access_keys{some}"


STATEMENTS = {
    "names in the statement": _named,
    "names from the listing": _listed,
    "a join": _joined,
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int, default=1, help="rows in each response")
    given = parser.parse_args()
    with canned(rows=given.rows) as server, tempfile.TemporaryDirectory() as home:
        environ = environment(home, server.url)
        least: dict[tuple[str, int], float] = {}
        for _ in range(given.rounds + 1):
            for name, statement in STATEMENTS.items():
                for count in (1, _MANY):
                    cost = spent(ours("--no-progress", "-o", "csv", statement(count)), environ).cpu
                    least[name, count] = min(cost, least.get((name, count), cost))
    print(f"load {os.getloadavg()[0]:.1f}, {given.rounds} rounds, least of all, CPU:")
    for name in STATEMENTS:
        one, many = least[name, 1], least[name, _MANY]
        print(
            f"{name:24} 1 call {one:.3f} s, {_MANY} calls {many:.3f} s: "
            f"each {(many - one) / (_MANY - 1) * 1e3:.3f} ms, "
            f"whole process / {_MANY} {many / _MANY * 1e3:.3f} ms (reach {REACH})"
        )


if __name__ == "__main__":
    main()
