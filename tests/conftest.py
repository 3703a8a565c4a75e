"""What every test stands on: see ``tests/support/fixtures.py``."""

pytest_plugins = ["tests.support.fixtures"]
