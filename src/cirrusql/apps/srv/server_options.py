"""Options of the server. Rejects those that would expose it to everyone.

Values only; the command creates them from its flags.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cirrusql.apps.srv.auth.users import Users
from cirrusql.errors import ConfigError
from cirrusql.loopback import is_loopback

AUTHENTICATIONS = ("scram", "trust", "cert")


@dataclass(frozen=True)
class ServerOptions:
    """Times are in seconds; 0: no limit."""

    host: str = "127.0.0.1"
    port: int = 5432
    """0 takes a free one."""
    authentication: str = "scram"
    users: Users | None = None
    """For scram. For cert, if given, only users in it are accepted."""
    tls: ssl.SSLContext | None = None
    allows_writes: bool = False
    max_connections: int = 100
    startup_timeout: float = 10.0
    """From accepting a client until it is authenticated."""
    idle_timeout: float = 0.0
    """Without a message from a client."""
    statement_timeout: float = 0.0
    write_timeout: float = 300.0
    """A client that reads nothing for this long is cut off."""
    log: Callable[[str], None] | None = None
    """Gets a line for each statement that fails."""
    grace: float = 5.0
    """At shutdown: how long running statements may continue."""

    def check(self) -> None:
        """Raise ConfigError for options that contradict each other, or let strangers in."""
        if self.authentication not in AUTHENTICATIONS:
            raise ConfigError(
                f"unknown --auth {self.authentication}: expected one of "
                f"{', '.join(AUTHENTICATIONS)}"
            )
        if self.authentication == "cert" and (
            self.tls is None or self.tls.verify_mode is not ssl.CERT_REQUIRED
        ):
            raise ConfigError(
                "--auth cert requires --tls-cert, --tls-key and --tls-ca",
                hint="--tls-ca is the certificate that signed the clients' certificates",
            )
        if self.authentication == "scram" and self.users is None:
            raise ConfigError("--auth scram requires a user file")
        if is_loopback(self.host):
            return
        if self.tls is None or self.authentication == "trust":
            raise ConfigError(
                f"listening on {self.host}, which is not loopback, requires TLS and authentication",
                hint="use --tls-cert FILE --tls-key FILE --auth scram, or --host 127.0.0.1",
            )


def tls_context(cert: Path, key: Path | None, ca: Path | None) -> ssl.SSLContext:
    """The server's certificate and, with ``ca``, the verification of clients."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
        if ca is not None:
            context.load_verify_locations(ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"cannot use the TLS files ({cert}, {key or cert}, {ca}): {error}"
        ) from error
    return context
