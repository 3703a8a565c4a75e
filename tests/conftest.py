"""Fixtures for every test: see ``tests/support/fixtures.py``."""

import gc
import signal

from hypothesis import HealthCheck, settings

from cirrusql.sql.bounds import nesting

pytest_plugins = ["tests.support.fixtures"]

# A test does not fail because the machine is slow.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# A shell starts what runs in the background deaf to Ctrl-C, and so would be all that the tests
# start: those that send one would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The first statement raises Python's limit on recursion for good; hypothesis objects if a
# test does.
with nesting():
    pass


def pytest_collection_finish() -> None:
    """The tests stay to the end, half a gigabyte of objects: no collection looks at them again."""
    gc.freeze()
