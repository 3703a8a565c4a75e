"""How long completion takes at each key of a statement with three tables, once warm.

    python -m benchmarks.completion

Types the statement key by key, twice, and measures the second time. Prints milliseconds of CPU,
which other programs do not affect; goal: every key under 20.
"""

from __future__ import annotations

import os
import time
from statistics import median

from cirrusql.apps.shell.completion import complete
from cirrusql.apps.shell.completion_names import CatalogNames
from cirrusql.session.session import Session
from cirrusql.settings import Settings

STATEMENT = """SELECT i.InstanceId, i.State.Name, v.VolumeId, r.RoleName
FROM aws.ec2.instances i
JOIN aws.ec2.volumes v ON v.region = i.region AND v.State = 'in-use'
LEFT JOIN aws.iam.roles r ON r.RoleName = i.IamInstanceProfile.Arn
WHERE i.region = 'eu-west-1' AND i.InstanceType = 't3.micro' ORDER BY i.LaunchTime"""


def typed(names: CatalogNames) -> list[float]:
    """CPU seconds of the completion at each key."""
    found = []
    for end in range(1, len(STATEMENT) + 1):
        started = time.thread_time()
        complete(STATEMENT[:end], "", names, names.regions)
        found.append(time.thread_time() - started)
    return found


def inside(names: CatalogNames) -> list[float]:
    """CPU seconds of the completion at each place within the finished statement."""
    found = []
    for place in range(len(STATEMENT)):
        started = time.thread_time()
        complete(STATEMENT[:place], STATEMENT[place:], names, names.regions)
        found.append(time.thread_time() - started)
    return found


def main() -> None:
    """Measure and print."""
    with Session(Settings(), {}) as session:
        session.database.execute("CREATE TABLE mine (id INTEGER)")
        names = CatalogNames(session)
        cold = typed(names)
        for name, times in (
            ("typed, cold", cold),
            ("typed, warm", typed(names)),
            ("inside, warm", inside(names)),
        ):
            figures = f"median {median(times) * 1000:6.2f} ms, most {max(times) * 1000:8.2f} ms"
            print(f"{name:14} {len(times)} keys: {figures} (load {os.getloadavg()[0]:.1f})")


if __name__ == "__main__":
    main()
