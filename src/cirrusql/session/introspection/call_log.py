"""The calls and failures of a session, as ``cirrusql.calls`` and ``cirrusql.errors`` show them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cirrusql.errors import CallFailed

if TYPE_CHECKING:
    from cirrusql.transport.model import Call, CallRecord, Failure

_KEPT = 10_000
"""Number of records kept: several statements at the default max_calls."""


@dataclass
class CallLog:
    """The calls and failures of the session's statements, newest last. Contains no parameter
    values.

    Of a failure only the text is kept: the error object refers to the signed request and the whole
    response.
    """

    calls: deque[tuple[int, CallRecord]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    errors: deque[tuple[int, dict[str, str | None]]] = field(
        default_factory=lambda: deque(maxlen=_KEPT)
    )
    statement: int = 0
    listeners: list[Callable[[CallRecord], None]] = field(default_factory=list)
    """Called for every call that ends: progress, EXPLAIN ANALYZE."""

    def record(self, call: CallRecord) -> None:
        """Record a call. Thread-safe."""
        self.calls.append((self.statement, call))
        for listener in tuple(self.listeners):
            listener(call)

    def cached(self, call: Call) -> None:
        """Record that a call was answered from the cache."""
        from cirrusql.transport.model import CallRecord

        self.record(
            CallRecord(
                service=call.operation.service.key,
                operation=call.operation.name,
                account=call.target.account_id,
                region=call.target.region,
                connection=call.target.connection,
                page=0,
                attempt=0,
                status=None,
                error=None,
                request_id=None,
                bytes=0,
                ms=0.0,
                is_cached=True,
            )
        )

    def fail(self, failure: Failure) -> None:
        """Record a failure."""
        self.errors.append((self.statement, failure_fields(failure)))


def failure_fields(failure: Failure) -> dict[str, str | None]:
    """The fields of a failure, the same on stderr, in ``cirrusql.errors`` and in notices."""
    error = failure.error
    called = error if isinstance(error, CallFailed) else None
    return {
        "service": failure.call.operation.service.key,
        "operation": failure.call.operation.name,
        "account": (called.account if called else None) or failure.call.target.account_id,
        "region": failure.call.target.region,
        "connection": failure.call.target.connection,
        "code": called.code if called else type(error).__name__,
        "message": error.message,
        "request_id": called.request_id if called else None,
    }


def failure_line(failure: Failure) -> str:
    """A region, account or item that could not be read, on one line."""
    told = failure_fields(failure)
    where = ", ".join(str(told[k]) for k in ("account", "region", "connection") if told[k])
    request = f" (request {told['request_id']})" if told["request_id"] else ""
    return (
        f"{told['service']}:{told['operation']} in {where}: {told['code']}: "
        f"{told['message']}{request}"
    )
