"""By which way a session was opened, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SessionOrigin:
    """By which way a session was opened, and for whom: what the audit log says of it."""

    interface: str = ""
    """``exec``, ``shell``, ``srv``, ``mcp``, ``python``, ``recover``."""
    user: str | None = None
    """Who a server let in, by the name that it made sure of;
    None where the way in asks for none."""
    address: str | None = None
    """Where that client is."""

    def facts(self) -> dict[str, Any]:
        """Its part of a line of the audit log."""
        client = {k: v for k, v in (("user", self.user), ("address", self.address)) if v}
        return {"interface": self.interface or None, "client": client or None}
