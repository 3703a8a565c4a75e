"""What must be asked for before a call can be made: where to call, or a session to call with.

Timestream tells every account which of its cells to call (DescribeEndpoints); a directory bucket
of S3 wants a session of its own (CreateSession). Which operations want that is
``providers.aws.protocol.endpoint``'s to say, the call is ``transport.request_runner``'s to make.
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
from cirrusql.providers.aws.protocol.endpoint import asked_first
from cirrusql.transport.model import Target
from cirrusql.transport.ttl_cache import TtlCache

# A call takes its time, and clocks differ: not used to the last of its five minutes.
_MARGIN = timedelta(seconds=60)


@dataclass
class EndpointDiscovery:
    """Addresses and sessions of all connections; touched on the loop only."""

    _addresses: TtlCache[str] = field(default_factory=TtlCache)
    _sessions: TtlCache[Credentials] = field(default_factory=TtlCache)

    async def address(self, operation: Operation, target: Target, ask: Ask) -> str | None:
        """The host that an operation is to be called at; None where that is the endpoint rules' to
        say.

        Raises what asking raises, and BadAnswer where the service names no address.
        """
        first = asked_first(operation)
        if first is None:
            return None

        async def found() -> tuple[str, float]:
            return _first_address(first, await ask(first, {}, target))

        return await self._addresses.of((*_place(target), operation.service.id), found)

    def forget_address(self, operation: Operation, target: Target) -> None:
        """The service says that the address is not the one."""
        self._addresses.forget((*_place(target), operation.service.id))

    async def session(
        self, operation: Operation, bucket: str, target: Target, ask: Ask
    ) -> Credentials:
        """The credentials of a session of a directory bucket. Raises what making one raises."""
        first = operation.service.operation("CreateSession")

        async def made() -> tuple[Credentials, float]:
            return _session(first, await ask(first, {"Bucket": bucket}, target), datetime.now(UTC))

        return await self._sessions.of((*_place(target), bucket), made)

    def forget_session(self, bucket: str, target: Target) -> None:
        """The service says that the session has ended."""
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
