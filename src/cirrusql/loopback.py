"""Whether a host is this machine only. A leaf, because the sandbox's limits and the need for TLS
depend on it: there must be a single answer."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """``localhost``, or an address of 127.0.0.0/8 or ::1 (brackets and a zone allowed).

    No other name counts, whatever it resolves to: ``127.0.0.1.example.com`` is somebody else's.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]").split("%")[0]).is_loopback
    except ValueError:
        return False
