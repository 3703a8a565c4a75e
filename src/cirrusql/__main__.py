"""``python -m cirrusql`` is ``cirrusql``."""

from cirrusql.apps.cli.main import main

if __name__ == "__main__":
    main()
