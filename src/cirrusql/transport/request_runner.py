"""Makes the attempts at one request: signs and sends it until its final response.

Owns what attempts share (slots, rates, the retry budget, clocks), and acts on the decisions of
``retry``. The provider builds and signs requests. Knows nothing of pages and rows.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cirrusql.api.exchange import Fault, Response, Target
from cirrusql.api.model import Operation
from cirrusql.api.provider import Access, Codec, Exchange, Providers
from cirrusql.decode.service_error import is_throttling, may_be_done, to_error
from cirrusql.errors import BadAnswer, CallFailed, OperationalError, Unreachable
from cirrusql.settings import Settings
from cirrusql.transport.http import Transport
from cirrusql.transport.model import Call, CallRecord
from cirrusql.transport.open_files import OPEN_FILES
from cirrusql.transport.throttling.adaptive_limiter import Bucket
from cirrusql.transport.throttling.fair_semaphore import FairSemaphore
from cirrusql.transport.throttling.retry import (
    Budget,
    Decision,
    ThrottleTimeout,
    after_error,
    after_fault,
    delay,
    may_repeat,
)

T = TypeVar("T")


@dataclass
class PacedQueue:
    """A token bucket and the calls waiting for it: only the first of them watches the clock."""

    bucket: Bucket
    passed: float = float("-inf")
    """When a call last got through."""
    _first: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def enter(self) -> float:
        """Wait for a call's turn; returns the time at which it was granted."""
        loop = asyncio.get_running_loop()
        async with self._first:
            while wait := self.bucket.wait(loop.time()):  # noqa: ASYNC110 - it is the clock
                await asyncio.sleep(wait)
        return loop.time()


@dataclass
class SharedState:
    """State shared by all attempts of one fetcher; used on its loop only."""

    settings: Settings
    environ: Mapping[str, str]
    providers: Providers
    transport: Transport
    on_record: Callable[[CallRecord], None]
    slots: FairSemaphore
    budget: Budget = field(default_factory=Budget)
    jitter: random.Random = field(default_factory=random.Random)
    skew: dict[str, timedelta] = field(default_factory=dict)
    """By host: how far its clock is ahead of ours, if that caused an error."""
    on_notice: Callable[[str], None] = lambda text: None
    _rates: dict[tuple[str | None, str, str], PacedQueue] = field(default_factory=dict)
    _accesses: dict[str, Access] = field(default_factory=dict)

    def access(self, provider: str) -> Access:
        """The access of this session to a provider, opened at first use."""
        found = self._accesses.get(provider)
        if found is None:
            ask = partial(first_answer, self)
            opened = self.providers[provider].access(
                self.settings, self.environ, ask, self.on_notice
            )
            # Two threads may get here at once; both use what the first one opened.
            found = self._accesses.setdefault(provider, opened)
        return found

    def codec(self, operation: Operation) -> Codec:
        """The codec of the operation's provider."""
        return self.providers[operation.service.provider].codec

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on."""
        self.settings = settings
        for access in tuple(self._accesses.values()):
            access.obey(settings)

    def rate(self, call: Call) -> PacedQueue:
        """The rate limiter of a call's API, or of its operation if the config file limits it
        separately."""
        service = call.operation.service.key
        exact = self.settings.limits.get(call.operation.id)
        scope = call.operation.id if exact is not None else service
        key = (call.target.connection, call.target.region, scope)
        if key not in self._rates:
            fixed = exact if exact is not None else self.settings.limits.get(service)
            self._rates[key] = PacedQueue(Bucket(fixed))
        return self._rates[key]


async def answered(
    common: SharedState,
    call: Call,
    parameters: Mapping[str, object],
    page: int,
    read: Callable[[Response], T],
) -> tuple[Response, T]:
    """Send one request until its final response. Raises the error that ends it."""
    access = common.access(call.operation.service.provider)
    exchange = await access.authenticator.exchange(
        call.operation, parameters, call.target, call.elsewhere
    )
    attempt = Attempts(common, call, page, exchange)
    codec = common.codec(call.operation)
    while True:
        try:
            response = await attempt.send()
            complaint = codec.fault(call.operation, response)
            if complaint is None:
                result = read(response)
                attempt.succeeded(response)
                return response, result
        except (Unreachable, BadAnswer) as error:
            await attempt.failed(error)
            continue
        await attempt.complained(complaint, response)


async def first_answer(
    common: SharedState, operation: Operation, parameters: Mapping[str, object], target: Target
) -> Mapping[str, Any]:
    """The complete response of a call that others depend on; it is read-only, so it may be
    repeated."""
    call = Call(operation, parameters, target, is_read=True)
    codec = common.codec(operation)
    _, values = await answered(common, call, parameters, 1, lambda r: codec.whole(operation, r))
    return values


class Attempts:
    """The attempts at one request: signed and sent as often as required."""

    def __init__(self, common: SharedState, call: Call, page: int, exchange: Exchange) -> None:
        self._common = common
        self._call = call
        self._exchange = exchange
        self._codec = common.codec(call.operation)
        self._page = page
        self._number = 0
        self._began = asyncio.get_running_loop().time()
        self._failures = 0
        """Attempts that failed; throttled ones do not count."""
        self._starved = 0
        self._patience: ThrottleTimeout | None = None
        self._was_refreshed = False
        self._pace = common.rate(call)
        self._admitted = self._started = 0.0
        self._response: Response | None = None
        self._may_repeat = may_repeat(call)
        self._may_be_done = False
        """A write was sent, and no response said that it was not done."""

    async def send(self) -> Response:
        common = self._common
        loop = asyncio.get_running_loop()
        self._number += 1
        self._response = None
        pace, target = self._pace, self._call.target
        while True:
            self._admitted = loop.time() if pace.bucket.is_unlimited else await pace.enter()
            # Before a slot is taken, because renewing a session needs a slot.
            if not self._exchange.is_ready:
                await self._exchange.prepare()
            await common.slots.enter((target.connection, target.region, self._call.operation.id))
            if not pace.bucket.is_stale(self._admitted):
                break
            common.slots.leave()
        try:
            await OPEN_FILES.enter()
            try:
                self._started = loop.time()
                self._response = await common.transport.send(self._exchange.signed(self._now()))
            finally:
                OPEN_FILES.leave()
        finally:
            common.slots.leave()
        return self._response

    def _now(self) -> datetime:
        """The current time by the clock of the called host."""
        now, skew = datetime.now(UTC), self._common.skew
        return (
            now + skew.get(urlsplit(self._exchange.request.url).netloc, timedelta())
            if skew
            else now
        )

    def succeeded(self, response: Response) -> None:
        self._record(response, None, self._codec.request_id(response))
        self._common.budget.give()
        self._pace.passed = asyncio.get_running_loop().time()
        self._pace.bucket.answered(self._pace.passed, self._admitted)

    async def failed(self, error: Unreachable | BadAnswer) -> None:
        """After a missing or malformed response: wait and return to retry, or raise."""
        self._record(self._response, type(error).__name__, None)
        if isinstance(error, Unreachable) and error.is_starved and self._starved < _MOST_STARVED:
            # Nothing was sent. Idle connections close after some seconds, and other calls end.
            self._starved += 1
            await asyncio.sleep(_STARVED * (0.5 + self._common.jitter.random()))
            return
        self._failures += 1
        most = self._common.settings.max_attempts
        decision = after_error(error, self._failures, most, may_repeat=self._may_repeat)
        if self._is_late():
            decision = Decision.GIVE_UP
        is_undone = error.is_unsent if isinstance(error, Unreachable) else error.is_refused
        if not is_undone:
            self._may_be_done = not self._call.is_read
        if decision is Decision.GIVE_UP or not self._common.budget.take(10.0):
            if self._may_be_done:
                _doubt(error)
            raise error
        await self._pause({})

    async def complained(self, fault: Fault, response: Response) -> None:
        """After an error response: correct the cause and return to retry, or raise our error."""
        self._record(response, fault.code, fault.request_id)
        if is_throttling(fault):
            await self._hold(fault, response)
            return
        if await self._exchange.redirected(fault, response):
            return
        self._failures += 1
        if may_be_done(fault):
            self._may_be_done = not self._call.is_read
        decision = after_fault(
            fault,
            self._failures,
            self._common.settings.max_attempts,
            may_repeat=self._may_repeat,
            was_refreshed=self._was_refreshed,
        )
        if decision is Decision.REFRESH:
            self._was_refreshed = True
            await self._exchange.refresh()
            return
        if decision is Decision.RESET_CLOCK and self._reset_clock(response):
            self._was_refreshed = True
            return
        if decision is not Decision.AGAIN or self._is_late() or not self._common.budget.take(5.0):
            found = self._error(fault)
            if self._may_be_done:
                _doubt(found)
            raise found
        await self._pause(response.headers)

    async def _hold(self, fault: Fault, response: Response) -> None:
        """After throttling: wait before the next attempt. A throttled call was rejected
        unprocessed, so writes are retried too."""
        now = asyncio.get_running_loop().time()
        self._pace.bucket.throttled(now, self._admitted)
        if self._patience is None:
            self._patience = ThrottleTimeout(self._common.settings.throttle_timeout)
        seconds = self._patience.hold(now, self._pace.passed, response.headers, self._common.jitter)
        if seconds is None:
            found = self._error(fault)
            found.hint = "raise throttle_timeout to retry longer, or set a rate in [limits]"
            if self._may_be_done:
                _doubt(found)
            raise found
        await asyncio.sleep(seconds)

    def _is_late(self) -> bool:
        """Whether the call has been retried for ``retry_timeout`` seconds."""
        most = self._common.settings.retry_timeout
        return 0 < most < asyncio.get_running_loop().time() - self._began

    def _error(self, fault: Fault) -> CallFailed:
        target = self._call.target
        return to_error(fault, self._call.operation, target.account_id, target.region)

    def _reset_clock(self, response: Response) -> bool:
        """Adopt the service's clock; whether it differs from ours by enough to explain
        the error."""
        try:
            theirs = parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError):
            return False
        skew = theirs - datetime.now(UTC)
        if abs(skew) < timedelta(minutes=4):
            return False
        self._common.skew[urlsplit(self._exchange.request.url).netloc] = skew
        return True

    async def _pause(self, headers: Mapping[str, str]) -> None:
        await asyncio.sleep(delay(self._failures, headers, self._common.jitter))

    def _record(self, response: Response | None, error: str | None, request_id: str | None) -> None:
        loop = asyncio.get_running_loop()
        target = self._call.target
        self._common.on_record(
            CallRecord(
                service=self._call.operation.service.key,
                operation=self._call.operation.name,
                account=target.account_id,
                region=target.region,
                connection=target.connection,
                page=self._page,
                attempt=self._number,
                status=response.status if response is not None else None,
                error=error,
                request_id=request_id,
                bytes=len(response.body) if response is not None else 0,
                ms=(loop.time() - self._started) * 1000,
            )
        )


_STARVED = 0.5
"""Seconds that a call waits when no file can be opened, and the number of such waits."""
_MOST_STARVED = 60


def _doubt(error: OperationalError) -> None:
    error.outcome = "unknown"
    error.hint = error.hint or "the outcome is unknown: check before you try again"
