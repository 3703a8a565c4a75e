"""Building the catalog's index the first time, and opening it afterwards: ``python -m
benchmarks.index``.

Wall clock, and the CPU of this process and of those it starts, for one process and for one per
core.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource


def measured(cache_dir: Path, cores: int) -> tuple[float, float, float]:
    """Seconds until the index can be searched: wall clock, CPU of this process, CPU of others."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall, own = time.perf_counter(), time.process_time()
    with patch("os.cpu_count", lambda: cores):
        found = Catalog([BotocoreSource()], cache_dir).index().table("fields")
    assert found.num_rows
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    others = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - wall, time.process_time() - own, others


def main() -> None:
    """Print a line for each case."""
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    for cores in dict.fromkeys((1, os.cpu_count() or 1)):
        with tempfile.TemporaryDirectory() as folder:
            for what in ("built", "opened"):
                wall, own, others = measured(Path(folder), cores)
                print(
                    f"{cores} processes, {what}: {wall:.2f} s, CPU {own:.2f} s here, {others:.2f} "
                    "s in others"
                )


if __name__ == "__main__":
    main()
