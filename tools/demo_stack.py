"""Shows a stack's life on the sandbox: plan, apply, a change outside, mend, destroy.

``make demo-stack``. The sandbox runs as long as this program; the stack is in a temporary copy of
``demo-stack/``, so that nothing is left behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "cirrusql"]
STEPS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0, "What would be made? Nothing is changed by a plan.", ("stack", "plan", "shop")),
    (0, "Make it.", ("stack", "apply", "shop", "--yes")),
    (0, "Nothing is left to do.", ("stack", "plan", "shop", "--exit-code")),
    (
        0,
        "Somebody changes the bucket by hand …",
        (
            "exec",
            "UPDATE aws.s3.buckets SET VersioningConfiguration = {'Status': 'Suspended'} "
            "WHERE Bucket = 'shop-logs-dev'",
        ),
    ),
    (10, "… and the plan says so.", ("stack", "plan", "shop", "--exit-code")),
    (0, "Make it again as the files say.", ("stack", "apply", "shop", "--yes", "--overwrite")),
    (0, "Run the stack's tests over what is live.", ("stack", "test", "shop")),
    (0, "What needs what?", ("stack", "graph", "shop")),
    (0, "Delete all of it.", ("stack", "destroy", "shop", "--yes")),
)


def main() -> int:
    """Run all steps; 1 if one ends otherwise than it should."""
    sandbox = subprocess.Popen(
        [*COMMAND, "sandbox", "--empty", "--port", "0", "--end-with-input"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert sandbox.stdin is not None
    assert sandbox.stderr is not None
    try:
        endpoint = next(w for w in sandbox.stderr.readline().split() if w.startswith("http"))
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "demo-stack", Path(folder) / "shop")
            return _steps(folder, endpoint.rstrip(","))
    finally:
        sandbox.stdin.close()
        sandbox.wait()


def _steps(folder: str, endpoint: str) -> int:
    environ = {
        **os.environ,
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": endpoint,
        "CIRRUSQL_REGION": "us-east-1",
    }
    for status, about, arguments in STEPS:
        shown = " ".join(f'"{a}"' if " " in a else a for a in arguments)
        print(f"\n# {about}\n$ cirrusql {shown}", flush=True)
        done = subprocess.run([*COMMAND, *arguments], cwd=folder, env=environ, check=False)
        if done.returncode != status:
            print(f"ended with {done.returncode} instead of {status}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
