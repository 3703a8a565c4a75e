"""Random throttling before every sandbox, where ``TESTS_THROTTLE`` asks for it.

The tests' proxies have it by themselves (``fault_proxy.THROTTLED_SHARE``). A sandbox has its own
address, in this process and in those that a test starts: there ``site/sitecustomize.py`` calls
this.
"""

from __future__ import annotations

from cirrusql.apps.sandbox.sandbox import Sandbox
from tests.support.fault_proxy import FaultProxy


def put_before_sandboxes() -> None:
    """From now on, put a proxy in front of each sandbox; ``endpoint_url`` is the proxy's."""
    address: property = vars(Sandbox)["endpoint_url"]
    close = Sandbox.close
    proxies: dict[Sandbox, FaultProxy] = {}

    def endpoint_url(self: Sandbox) -> str:
        assert address.fget is not None
        upstream: str = address.fget(self)
        if self not in proxies:
            proxies[self] = FaultProxy(upstream).start()
        return proxies[self].url

    def close_both(self: Sandbox) -> None:
        if self in proxies:
            proxies.pop(self).stop()
        close(self)

    Sandbox.endpoint_url = property(endpoint_url)  # type: ignore[method-assign,assignment]
    Sandbox.close = close_both  # type: ignore[method-assign]
