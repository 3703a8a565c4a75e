"""What every test stands on: see ``tests/support/fixtures.py``."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.fixtures"]

# A test does not fail because the machine is slow.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
