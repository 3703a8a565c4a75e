"""The attempts at one request: made once, signed and sent until it is answered for good.

Owns what attempts share (places, rates, the retry budget, clocks, regions of buckets) and
does what ``retry`` decides. Knows nothing of pages and rows.
"""

from __future__ import annotations

import asyncio
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

from cirrusql.api.model import Operation
from cirrusql.errors import BadAnswer, CallFailed, NotFound, OperationalError, Unreachable
from cirrusql.fetch.asked_first import Ask, AskedFirst
from cirrusql.fetch.credentials import Identities
from cirrusql.fetch.model import Call, CallRecord, Elsewhere, Target
from cirrusql.fetch.open_files import OPEN_FILES
from cirrusql.fetch.rate import Bucket
from cirrusql.fetch.retry import Budget, Decision, Patience, after_error, after_fault, delay, may_repeat
from cirrusql.fetch.transport import Transport
from cirrusql.fetch.turns import Turns
from cirrusql.settings import Settings
from cirrusql.wire import decode, request, sign
from cirrusql.wire.fault import fault as fault_of
from cirrusql.wire.fault import is_throttling, to_error
from cirrusql.wire.model import Credentials, Fault, Response
from cirrusql.wire.s3 import check_body

T = TypeVar("T")


@dataclass
class Pace:
    """A bucket, and the calls that wait for it: only the first of them looks at the clock."""

    bucket: Bucket
    passed: float = float("-inf")
    """When a call got through last."""
    _first: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def enter(self) -> float:
        """Wait for a call's turn, which came at the moment given back."""
        loop = asyncio.get_running_loop()
        async with self._first:
            while wait := self.bucket.wait(loop.time()):  # noqa: ASYNC110 - it is the clock
                await asyncio.sleep(wait)
        return loop.time()


@dataclass
class Common:
    """What all attempts of one fetcher share; touched on its loop only."""

    settings: Settings
    identities: Identities
    transport: Transport
    on_record: Callable[[CallRecord], None]
    turns: Turns
    budget: Budget = field(default_factory=Budget)
    jitter: random.Random = field(default_factory=random.Random)
    skew: dict[str, timedelta] = field(default_factory=dict)
    """How far the clock of a host is ahead of ours, where that mattered."""
    asked_first: AskedFirst = field(default_factory=AskedFirst)
    bucket_regions: dict[str, str] = field(default_factory=dict)
    """Of S3 buckets that turned out to be elsewhere."""
    _rates: dict[tuple[str | None, str, str], Pace] = field(default_factory=dict)

    def region_of(self, call: Call, parameters: Mapping[str, object]) -> str:
        """Where a call goes: its own region, or the one in which its bucket turned out to be."""
        if call.operation.service.id != "s3":
            return call.target.region
        return self.bucket_regions.get(str(parameters.get("Bucket")), call.target.region)

    def rate(self, call: Call) -> Pace:
        """The rate of a call's API: its own, where the config limits the operation."""
        service = call.operation.service.id
        exact = self.settings.limits.get(call.operation.id)
        scope = call.operation.id if exact is not None else service
        key = (call.target.connection, call.target.region, scope)
        if key not in self._rates:
            fixed = exact if exact is not None else self.settings.limits.get(service)
            self._rates[key] = Pace(Bucket(fixed))
        return self._rates[key]


async def answered(
    common: Common,
    call: Call,
    parameters: Mapping[str, object],
    page: int,
    read: Callable[[Response], T],
) -> tuple[Response, T]:
    """One request until it is answered for good. Raises the error that ends it."""
    attempt = Attempts(common, call, parameters, page, await _address(common, call))
    while True:
        try:
            response = await attempt.send()
            complaint = fault_of(call.operation, response)
            if complaint is None:
                check_body(call.operation, response)
                result = read(response)
                attempt.succeeded(response)
                return response, result
        except (Unreachable, BadAnswer) as error:
            await attempt.failed(error)
            continue
        await attempt.complained(complaint, response)


async def _address(common: Common, call: Call) -> str | None:
    """Where the service itself wants to be called, unless the user says where."""
    if common.identities.get(call.target.connection).endpoint_url(call.operation.service.id) is not None:
        return None
    return await common.asked_first.address(call.operation, call.target, _asker(common))


def _asker(common: Common) -> Ask:
    async def ask(
        operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> Mapping[str, object]:
        # An address or a session of keys: asked for twice, nothing is changed.
        first = Call(operation, parameters, target, is_read=True)
        _, answer = await answered(common, first, parameters, 1, lambda r: decode.whole(operation, r))
        return answer

    return ask


class Attempts:
    """The attempts at one request: built once, signed and sent as often as it takes.

    ``address`` is where the service itself wants to be called, if it said so.
    """

    def __init__(
        self,
        common: Common,
        call: Call,
        parameters: Mapping[str, object],
        page: int,
        address: str | None = None,
    ) -> None:
        self._common = common
        self._call = call
        self._parameters = parameters
        self._page = page
        self._number = 0
        self._began = asyncio.get_running_loop().time()
        self._failures = 0
        """Attempts that failed; being throttled is not failing."""
        self._starved = 0
        self._patience: Patience | None = None
        self._was_refreshed = False
        self._pace = common.rate(call)
        self._identity = common.identities.get(call.target.connection)
        self._address = address
        self._was_moved = False
        self._endpoint_url = self._identity.endpoint_url(call.operation.service.id)
        self._bucket = str(parameters.get("Bucket"))
        self._region = common.region_of(call, parameters)
        if self._region != call.target.region and call.elsewhere is Elsewhere.DROP:
            raise self._not_here()
        self._build()
        self._admitted = self._started = 0.0
        self._response: Response | None = None
        self._may_repeat = may_repeat(call)

    def _build(self) -> None:
        self._request, self._endpoint = request.build(
            self._call.operation,
            self._parameters,
            region=self._region,
            endpoint_url=self._endpoint_url,
            address=self._address,
            token=_new_token,
        )

    async def send(self) -> Response:
        common = self._common
        loop = asyncio.get_running_loop()
        self._number += 1
        self._response = None
        pace, target = self._pace, self._call.target
        while True:
            self._admitted = loop.time() if pace.bucket.is_unlimited else await pace.enter()
            # Before the place is taken: whoever renews a session needs a place for that.
            credentials = None if self._endpoint.auth in _OTHER_KEYS else self._identity.at_hand()
            if credentials is None:
                credentials = await self._credentials()
            await common.turns.enter((target.connection, target.region, self._call.operation.id))
            if not pace.bucket.is_stale(self._admitted):
                break
            common.turns.leave()
        try:
            await OPEN_FILES.enter()
            try:
                self._started = loop.time()
                signed = sign.sign(self._request, self._endpoint, credentials, self._now())
                self._response = await common.transport.send(signed)
            finally:
                OPEN_FILES.leave()
        finally:
            common.turns.leave()
        return self._response

    async def _credentials(self) -> Credentials | None:
        common = self._common
        if self._endpoint.auth == "bearer":
            credentials = await self._identity.bearer(self._endpoint.signing_name)
        elif self._endpoint.auth == "s3express":
            credentials = await common.asked_first.session(
                self._call.operation, self._bucket, self._call.target, _asker(common)
            )
        else:
            credentials = await self._identity.credentials(self._endpoint_url)
        if credentials is None and self._endpoint.auth != "none":
            raise self._identity.missing()
        return credentials

    def _now(self) -> datetime:
        """The moment by the clock of the host that is called."""
        now, skew = datetime.now(UTC), self._common.skew
        return now + skew.get(urlsplit(self._request.url).netloc, timedelta()) if skew else now

    def succeeded(self, response: Response) -> None:
        self._record(response, None, decode.request_id_of(response))
        self._common.budget.give()
        self._pace.passed = asyncio.get_running_loop().time()
        self._pace.bucket.answered(self._pace.passed, self._admitted)

    async def failed(self, error: Unreachable | BadAnswer) -> None:
        """After no answer, or a bad one: wait and return to try again, or raise."""
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
        if decision is Decision.GIVE_UP or not self._common.budget.take(10.0):
            if not self._may_repeat and not (isinstance(error, Unreachable) and error.is_unsent):
                _doubt(error)
            raise error
        await self._pause({})

    async def complained(self, fault: Fault, response: Response) -> None:
        """After an error answer: mend and return to try again, or raise it as ours."""
        self._record(response, fault.code, fault.request_id)
        if is_throttling(fault):
            await self._hold(fault, response)
            return
        if self._redirected(fault, response) or await self._moved(fault):
            return
        self._failures += 1
        decision = after_fault(
            fault,
            self._failures,
            self._common.settings.max_attempts,
            may_repeat=self._may_repeat,
            was_refreshed=self._was_refreshed,
        )
        if decision is Decision.REFRESH:
            self._was_refreshed = True
            if self._endpoint.auth == "s3express":
                self._common.asked_first.forget_session(self._bucket, self._call.target)
            else:
                await self._identity.refresh()
            return
        if decision is Decision.RESET_CLOCK and self._reset_clock(response):
            self._was_refreshed = True
            return
        if decision is not Decision.AGAIN or self._is_late() or not self._common.budget.take(5.0):
            found = self._error(fault)
            if fault.status >= 500 and not self._may_repeat:
                _doubt(found)
            raise found
        await self._pause(response.headers)

    async def _hold(self, fault: Fault, response: Response) -> None:
        """Throttled: wait for another try. It was turned away at the door, so even a write has its."""
        now = asyncio.get_running_loop().time()
        self._pace.bucket.throttled(now, self._admitted)
        if self._patience is None:
            self._patience = Patience(self._common.settings.throttle_timeout)
        seconds = self._patience.hold(now, self._pace.passed, response.headers, self._common.jitter)
        if seconds is None:
            found = self._error(fault)
            found.hint = "throttle_timeout is how long it was tried; [limits] keeps a rate from the start"
            raise found
        await asyncio.sleep(seconds)

    def _is_late(self) -> bool:
        """Whether the call has been tried for as long as ``retry_timeout`` allows."""
        most = self._common.settings.retry_timeout
        return 0 < most < asyncio.get_running_loop().time() - self._began

    def _error(self, fault: Fault) -> CallFailed:
        target = self._call.target
        return to_error(fault, self._call.operation, target.account_id, target.region)

    def _redirected(self, fault: Fault, response: Response) -> bool:
        """Whether S3 named another region for the bucket, which is then remembered."""
        if self._call.operation.service.id != "s3" or response.status not in (301, 307, 400):
            return False
        region = response.headers.get("x-amz-bucket-region") or _named_region(fault, response)
        if not region or region == self._region:
            return False
        self._region = region
        self._common.bucket_regions[self._bucket] = region
        if self._call.elsewhere is Elsewhere.DROP:
            raise self._not_here()
        self._build()
        return True

    def _not_here(self) -> NotFound:
        target = self._call.target
        return NotFound(
            f"the bucket {self._bucket} is in {self._region}, not in {target.region}",
            code="PermanentRedirect",
            service=self._call.operation.service.id,
            operation=self._call.operation.name,
            account=target.account_id,
            region=target.region,
        )

    async def _moved(self, fault: Fault) -> bool:
        """Whether the service, which gave the address, now gives another one."""
        is_elsewhere = fault.status == 421 or fault.code == "InvalidEndpointException"
        if self._address is None or self._was_moved or not is_elsewhere:
            return False
        self._was_moved = True
        self._common.asked_first.forget_address(self._call.operation, self._call.target)
        self._address = await _address(self._common, self._call)
        self._build()
        return True

    def _reset_clock(self, response: Response) -> bool:
        """Whether the service's clock differs from ours by enough to explain the fault."""
        try:
            theirs = parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError):
            return False
        skew = theirs - datetime.now(UTC)
        if abs(skew) < timedelta(minutes=4):
            return False
        self._common.skew[urlsplit(self._request.url).netloc] = skew
        return True

    async def _pause(self, headers: Mapping[str, str]) -> None:
        await asyncio.sleep(delay(self._failures, headers, self._common.jitter))

    def _record(self, response: Response | None, error: str | None, request_id: str | None) -> None:
        loop = asyncio.get_running_loop()
        target = self._call.target
        self._common.on_record(
            CallRecord(
                service=self._call.operation.service.id,
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
"""Seconds for which a call waits that found no file left to open, and how often."""
_MOST_STARVED = 60

_OTHER_KEYS = ("bearer", "s3express")
"""Kinds of signature that are not made with an identity's own keys."""


def _new_token() -> str:
    return str(uuid.uuid4())


def _doubt(error: OperationalError) -> None:
    error.outcome = "unknown"
    error.hint = error.hint or "whether it was done is unknown: look before you try again"


def _named_region(fault: Fault, response: Response) -> str | None:
    """The region that S3 wants the signature to name, as it says in the body."""
    if fault.code not in ("AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect"):
        return None
    said = re.search(rb"<Region>([a-z0-9-]+)</Region>", response.body)
    return said[1].decode() if said else None
