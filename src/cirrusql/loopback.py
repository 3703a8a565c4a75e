"""Whether a host is this machine and nothing else. A leaf: what stays at home, and what may be
served without TLS, hangs on it, so there is one answer only.
"""

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
