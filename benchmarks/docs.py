"""Seconds and memory for building the catalog's pages: one service, all services, and HTML of one.

    python -m benchmarks.docs

Each in its own process, like ``cirrusql docs build``.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(*command: str, cwd: Path | None = None) -> tuple[float, float]:
    """Seconds by the clock, and of CPU, of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        check=True,
        capture_output=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - started, cpu


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for name, options in (
            ("iam", ("--service", "iam")),
            ("ec2", ("--service", "ec2")),
            ("all", ()),
        ):
            seconds, cpu = run("cirrusql", "docs", "build", "--out", str(out / name), *options)
            pages = len(list((out / name / "docs").rglob("*.md")))
            print(f"docs build, {name}: {seconds:.1f} s ({cpu:.1f} s of CPU), {pages:,} pages")
        for name in ("iam", "all"):
            seconds, cpu = run("mkdocs", "build", "--strict", "--quiet", cwd=out / name)
            index = out / name / "site" / "search" / "search_index.json"
            size = index.stat().st_size / 1e6
            print(
                f"mkdocs build, {name}: {seconds:.1f} s ({cpu:.1f} s of CPU), search index "
                f"{size:.1f} MB"
            )


if __name__ == "__main__":
    main()
