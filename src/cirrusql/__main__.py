"""The console script, and ``python -m cirrusql``: by a warm helper where one is asked for."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line. Loads nothing before it is known who runs it."""
    if os.environ.get("CIRRUSQL_WARM"):
        from cirrusql.apps.warm.client import run_warm

        status = run_warm(sys.argv[1:])
        if status is not None:
            os._exit(status)
    from cirrusql.apps.cli.main import main as run_here

    run_here()


if __name__ == "__main__":
    main()
