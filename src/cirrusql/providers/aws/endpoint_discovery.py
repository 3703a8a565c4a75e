"""Looks up what a call needs first: an endpoint assigned to the account, or a session.

Timestream assigns every account an endpoint (DescribeEndpoints); an S3 directory bucket requires
its own session (CreateSession). ``providers.aws.protocol.endpoint`` decides which operations need
this, and ``transport.request_runner`` makes the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cirrusql.api.http_messages import Credentials
from cirrusql.api.model import Operation
from cirrusql.api.provider import Ask
from cirrusql.errors import BadAnswer
from cirrusql.providers.aws.protocol.endpoint import discovery_operation
from cirrusql.transport.model import Target
from cirrusql.transport.ttl_cache import TtlCache

# Margin before expiry: calls take time, and clocks differ.
_MARGIN = timedelta(seconds=60)


@dataclass
class EndpointDiscovery:
    """Endpoints and sessions of all connections; used on the loop only."""

    _addresses: TtlCache[str] = field(default_factory=TtlCache)
    _sessions: TtlCache[Credentials] = field(default_factory=TtlCache)

    async def address(self, operation: Operation, target: Target, ask: Ask) -> str | None:
        """The host to call for an operation; None if the endpoint rules decide.

        Raises what the lookup raises, and BadAnswer if the service returns no endpoint.
        """
        first = discovery_operation(operation)
        if first is None:
            return None

        async def found() -> tuple[str, float]:
            return _first_address(first, await ask(first, {}, target))

        return await self._addresses.of((*_place(target), operation.service.id), found)

    def forget_address(self, operation: Operation, target: Target) -> None:
        """Drop an endpoint that the service rejected."""
        self._addresses.forget((*_place(target), operation.service.id))

    async def session(
        self, operation: Operation, bucket: str, target: Target, ask: Ask
    ) -> Credentials:
        """The credentials of a directory bucket's session. Raises what creating one raises."""
        first = operation.service.operation("CreateSession")

        async def made() -> tuple[Credentials, float]:
            return _session(first, await ask(first, {"Bucket": bucket}, target), datetime.now(UTC))

        return await self._sessions.of((*_place(target), bucket), made)

    def forget_session(self, bucket: str, target: Target) -> None:
        """Drop a session that has expired."""
        self._sessions.forget((*_place(target), bucket))


def _place(target: Target) -> tuple[str | None, str]:
    return target.connection, target.region


def _first_address(asked: Operation, answer: Mapping[str, Any]) -> tuple[str, float]:
    for endpoint in answer.get("Endpoints") or ():
        if endpoint.get("Address"):
            return str(endpoint["Address"]), 60.0 * float(endpoint.get("CachePeriodInMinutes") or 0)
    raise BadAnswer(f"{asked.id}: the response contains no endpoint")


def _session(
    asked: Operation, answer: Mapping[str, Any], now: datetime
) -> tuple[Credentials, float]:
    found = answer.get("Credentials") or {}
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    if not all(found.get(name) for name in names):
        raise BadAnswer(f"{asked.id}: the response contains no session credentials")
    key, secret, token, expires = (found[name] for name in names)
    return Credentials(key, secret, token), (expires - now - _MARGIN).total_seconds()
