"""``python -m cirrusql`` is ``cirrusql``."""

import sys

from cirrusql.apps.cli.main import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
