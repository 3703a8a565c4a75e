"""Through which interface a session was opened, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SessionOrigin:
    """Through which interface a session was opened, and for whom, as recorded in the audit log."""

    interface: str = ""
    """``exec``, ``shell``, ``srv``, ``mcp``, ``python``, ``recover``."""
    user: str | None = None
    """The name of the client that a server authenticated; None if the interface does not
    authenticate."""
    address: str | None = None
    """The address of that client."""

    def facts(self) -> dict[str, Any]:
        """Its part of an audit line."""
        client = {k: v for k, v in (("user", self.user), ("address", self.address)) if v}
        return {"interface": self.interface or None, "client": client or None}
