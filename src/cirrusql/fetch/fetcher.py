"""Calls under way: one event loop in a thread of its own, from calls to batches and answers.

Owns concurrency, paging, attempts and cancelling. The bytes are ``transport``'s, the waits
``retry``'s and ``rate``'s to decide, requests and rows ``wire``'s to make.
"""

from __future__ import annotations

import asyncio
import random
import threading
import uuid
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cirrusql.api.model import Operation, Service
from cirrusql.errors import BadAnswer, CallFailed, Error, InternalError, Unreachable
from cirrusql.fetch.credentials import Identities, Identity
from cirrusql.fetch.discovery import Discovery
from cirrusql.fetch.model import Answer, Batch, Call, CallRecord, Failure, Target
from cirrusql.fetch.rate import Bucket
from cirrusql.fetch.retry import Budget, Decision, after_error, after_fault, delay
from cirrusql.fetch.rows import filled
from cirrusql.fetch.transport import AiohttpTransport
from cirrusql.plan.model import Scope
from cirrusql.settings import Settings
from cirrusql.wire import decode, request, sign
from cirrusql.wire.fault import fault as fault_of
from cirrusql.wire.fault import is_throttling, to_error
from cirrusql.wire.model import Fault, Response
from cirrusql.wire.paginate import pages

T = TypeVar("T")
Outcome = Batch | Answer | Failure

_READS_AHEAD = 4
"""Calls handed to the loop per place of ``concurrency``: enough never to wait for the next."""
_QUEUED = 64
"""Items that may wait for the consumer before the calls pause."""


@dataclass(frozen=True)
class _Done:
    """A call has ended."""


class Fetcher:
    """Makes calls for one session; any thread may use it, ``close`` ends it."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        on_record: Callable[[CallRecord], None] | None = None,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._on_record = on_record or (lambda record: None)
        self._identities = Identities(settings, environ)
        self._discovery = Discovery(settings, self._identities, self._first_answer)
        self._transport = AiohttpTransport(settings, dict(environ))
        self._buckets: dict[tuple[str | None, str, str], Bucket] = {}
        self._bucket_regions: dict[str, str] = {}
        self._budget = Budget()
        self._jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._skew: dict[str, timedelta] = {}
        self._places: asyncio.Semaphore | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    # The doors of the other threads.

    def batches(self, calls: Iterable[Call]) -> Generator[Batch | Failure]:
        """The rows of all calls as they come. Closing the iterator cancels what is under way.

        ``calls`` is drawn from as places come free, in the caller's thread.
        """
        for outcome in self._stream(calls, self._read):
            if not isinstance(outcome, Answer):
                yield outcome

    def answers(
        self,
        calls: Iterable[Call],
        *,
        ordered: bool = True,
        stop_on_error: bool = False,
        concurrency: int | None = None,
    ) -> Generator[Answer | Failure]:
        """Whole answers, in the order of the calls if ``ordered``.

        With ``stop_on_error`` calls are made one after the other, and none after a failure.
        """
        given = list(calls)
        if stop_on_error or concurrency == 1:
            for call in given:
                for outcome in self._stream([call], self._whole):
                    if isinstance(outcome, Answer | Failure):
                        yield outcome
                    if isinstance(outcome, Failure) and stop_on_error:
                        return
            return
        found: dict[int, Answer | Failure] = {}
        expected = 0
        numbers = {id(call): i for i, call in enumerate(given)}
        for outcome in self._stream(given, self._whole):
            if isinstance(outcome, Batch):
                continue
            found[numbers[id(outcome.call)]] = outcome
            while expected in found or (not ordered and found):
                key = expected if ordered else next(iter(found))
                yield found.pop(key)
                expected += 1

    def targets(self, scope: Scope, service: Service) -> tuple[Target, ...]:
        """Every place that a scope means for a service. Finding regions or accounts may call.

        Raises InvalidParameter for a region that is none, ConfigError where none is known.
        """
        return self._wait(self._discovery.targets(scope, service))

    def identity(self, connection: str | None = None) -> Identity:
        """The credentials and region of a connection."""
        return self._identities.get(connection)

    def account_id(self, connection: str | None = None) -> str:
        """The account of a connection; one GetCallerIdentity, once."""
        return self._wait(self._discovery.account_id(connection))

    def close(self) -> None:
        """End the loop; no socket, task or thread is left. May be called again."""
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._shut(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        if self._thread is not None:
            self._thread.join()
        loop.close()

    # The loop and its thread.

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = _new_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="cirrusql-fetch", daemon=True
                )
                self._thread.start()
                self._places = asyncio.Semaphore(self._settings.concurrency)
            return self._loop

    async def _shut(self) -> None:
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._transport.close()
        # One turn for the transports to say goodbye to their sockets.
        await asyncio.sleep(0)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _stream(
        self,
        calls: Iterable[Call],
        make: Callable[[Call, Callable[[Outcome], Coroutine[Any, Any, None]]], Any],
    ) -> Iterator[Outcome]:
        stream = _Stream(self._running(), make)
        source = iter(calls)
        window = self._settings.concurrency * _READS_AHEAD
        is_drawn = False
        try:
            while True:
                while not is_drawn and stream.under_way < window:
                    call = next(source, None)
                    is_drawn = call is None
                    if call is not None:
                        stream.start(call)
                if is_drawn and stream.under_way == 0:
                    yield from stream.rest()
                    return
                item = stream.next()
                if not isinstance(item, _Done):
                    yield item
        finally:
            stream.cancel()

    # One call, on the loop.

    async def _read(self, call: Call, emit: Callable[[Outcome], Coroutine[Any, Any, None]]) -> None:
        assert call.rows is not None
        fields = tuple(c for c in call.columns if c.name in call.rows.fields)
        to_rows = decode.decoder(call.operation, call.rows, fields)
        call = await self._placed(call)
        asking = pages(call.operation, call.parameters, call.page_size)
        parameters = next(asking)
        for number in range(1, 1 << 62):
            _, page = await self._attempts(call, parameters, number, to_rows)
            await emit(Batch(call, filled(call, page.rows)))
            try:
                parameters = asking.send(page.tokens)
            except StopIteration:
                return

    async def _whole(self, call: Call, emit: Callable[[Outcome], Coroutine[Any, Any, None]]) -> None:
        call_here = await self._placed(call)
        response, values = await self._attempts(
            call_here, call.parameters, 1, lambda r: decode.whole(call.operation, r)
        )
        await emit(Answer(call, values, decode.request_id_of(response)))

    async def _placed(self, call: Call) -> Call:
        """The call with its account, where a column asks for it."""
        from dataclasses import replace

        if call.target.account_id or not any(c.name == "account_id" for c in call.columns):
            return call
        account = await self._discovery.account_id(call.target.connection)
        return replace(call, target=replace(call.target, account_id=account))

    async def _first_answer(
        self, operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> Mapping[str, Any]:
        """A whole answer, for discovery."""
        call = Call(operation, parameters, target)
        _, values = await self._attempts(call, parameters, 1, lambda r: decode.whole(operation, r))
        return values

    async def _attempts(
        self, call: Call, parameters: Mapping[str, object], page: int, read: Callable[[Response], T]
    ) -> tuple[Response, T]:
        """One request until it is answered for good. Raises the error that ends it."""
        attempt = _Attempts(self, call, parameters, page)
        while True:
            try:
                response = await attempt.send()
                complaint = fault_of(call.operation, response)
                if complaint is None:
                    result = read(response)
                    attempt.succeeded(response)
                    return response, result
            except (Unreachable, BadAnswer) as error:
                await attempt.failed(error)
                continue
            await attempt.complained(complaint, response)

    def _bucket(self, call: Call) -> Bucket:
        service = call.operation.service.id
        limits = self._settings.limits
        exact = limits.get(call.operation.id)
        scope = call.operation.id if exact is not None else service
        key = (call.target.connection, call.target.region, scope)
        if key not in self._buckets:
            self._buckets[key] = Bucket(fixed=exact if exact is not None else limits.get(service))
        return self._buckets[key]


class _Attempts:
    """The attempts at one request: built once, signed and sent as often as it takes."""

    def __init__(self, fetcher: Fetcher, call: Call, parameters: Mapping[str, object], page: int) -> None:
        self._fetcher = fetcher
        self._call = call
        self._parameters = parameters
        self._page = page
        self._number = 0
        self._was_refreshed = False
        self._identity = fetcher._identities.get(call.target.connection)
        self._endpoint_url = self._identity.endpoint_url(call.operation.service.id)
        self._region = fetcher._bucket_regions.get(str(parameters.get("Bucket")), call.target.region)
        self._build()
        self._started = 0.0
        self._response: Response | None = None
        self._may_repeat = _may_repeat(call.operation, parameters)

    def _build(self) -> None:
        self._request, self._endpoint = request.build(
            self._call.operation,
            self._parameters,
            region=self._region,
            endpoint_url=self._endpoint_url,
            token=lambda: str(uuid.uuid4()),
        )

    async def send(self) -> Response:
        fetcher = self._fetcher
        loop = asyncio.get_running_loop()
        self._number += 1
        self._response = None
        places = fetcher._places
        assert places is not None
        bucket = fetcher._bucket(self._call)
        if wait := bucket.reserve(loop.time()):
            await asyncio.sleep(wait)
        async with places:
            self._started = loop.time()
            credentials = await self._identity.credentials(self._endpoint_url)
            if credentials is None and self._endpoint.auth != "none":
                raise self._identity.missing()
            now = datetime.now(UTC) + fetcher._skew.get(urlsplit(self._request.url).netloc, timedelta())
            signed = sign.sign(self._request, self._endpoint, credentials, now)
            self._response = await fetcher._transport.send(signed)
        return self._response

    def succeeded(self, response: Response) -> None:
        self._record(response, None, decode.request_id_of(response))
        self._fetcher._budget.give()
        self._fetcher._bucket(self._call).answered(asyncio.get_running_loop().time())

    async def failed(self, error: Error) -> None:
        """After no answer, or a bad one: wait and return to try again, or raise."""
        self._record(self._response, type(error).__name__, None)
        most = self._fetcher._settings.max_attempts
        decision = after_error(error, self._number, most, may_repeat=self._may_repeat)
        if decision is Decision.GIVE_UP or not self._fetcher._budget.take(10.0):
            if not self._may_repeat and not getattr(error, "is_unsent", False):
                error.outcome = "unknown"  # type: ignore[attr-defined]
            raise error
        await self._pause(is_throttled=False, headers={})

    async def complained(self, fault: Fault, response: Response) -> None:
        """After an error answer: mend and return to try again, or raise it as ours."""
        self._record(response, fault.code, fault.request_id)
        loop_time = asyncio.get_running_loop().time()
        is_throttled = is_throttling(fault)
        if is_throttled:
            self._fetcher._bucket(self._call).throttled(loop_time)
        if self._redirected(fault, response):
            return
        decision = after_fault(
            fault,
            self._number,
            self._fetcher._settings.max_attempts + (3 if is_throttled else 0),
            may_repeat=self._may_repeat,
            was_refreshed=self._was_refreshed,
        )
        if decision is Decision.REFRESH:
            self._was_refreshed = True
            await self._identity.refresh()
            return
        if decision is Decision.RESET_CLOCK and self._reset_clock(response):
            self._was_refreshed = True
            return
        if decision is not Decision.AGAIN or not (is_throttled or self._fetcher._budget.take(5.0)):
            raise self._error(fault)
        await self._pause(is_throttled=is_throttled, headers=response.headers)

    def _error(self, fault: Fault) -> CallFailed:
        target = self._call.target
        return to_error(fault, self._call.operation, target.account_id, target.region)

    def _redirected(self, fault: Fault, response: Response) -> bool:
        """Whether S3 named another region for the bucket, which is then remembered."""
        if self._call.operation.service.id != "s3" or response.status not in (301, 307, 400):
            return False
        region = response.headers.get("x-amz-bucket-region")
        if not region or region == self._region:
            return False
        self._region = region
        self._fetcher._bucket_regions[str(self._parameters.get("Bucket"))] = region
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
        self._fetcher._skew[urlsplit(self._request.url).netloc] = skew
        return True

    async def _pause(self, *, is_throttled: bool, headers: Mapping[str, str]) -> None:
        jitter = self._fetcher._jitter
        await asyncio.sleep(delay(self._number, is_throttled=is_throttled, headers=headers, jitter=jitter))

    def _record(self, response: Response | None, error: str | None, request_id: str | None) -> None:
        loop = asyncio.get_running_loop()
        target = self._call.target
        self._fetcher._on_record(
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


_READING = ("List", "Get", "Describe", "Head", "Search", "Query", "Scan", "Lookup", "BatchGet", "Select")


def _may_repeat(operation: Operation, parameters: Mapping[str, object]) -> bool:
    """Whether making the call twice does what making it once does."""
    has_token = any(m.is_idempotency_token for m in operation.parameters.values())
    return operation.is_idempotent or has_token or operation.name.startswith(_READING)


class _Stream:
    """The calls of one statement under way, and the queue between the loop and the consumer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, make: Callable[..., Any]) -> None:
        self._loop = loop
        self._make = make
        self._queue: SimpleQueue[Outcome | _Done] = SimpleQueue()
        self._room = asyncio.Semaphore(_QUEUED)
        self._futures: set[Future[None]] = set()
        self.under_way = 0

    def start(self, call: Call) -> None:
        """Hand a call to the loop."""
        self.under_way += 1
        future = asyncio.run_coroutine_threadsafe(self._run(call), self._loop)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)

    async def _run(self, call: Call) -> None:
        try:
            await self._make(call, self._emit)
        except Error as error:
            await self._emit(Failure(call, error))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # Whatever it was, it must not vanish with the task.
            wrapped = InternalError(f"{call.operation.id}: {type(error).__name__}: {error}")
            wrapped.__cause__ = error
            await self._emit(Failure(call, wrapped))
        finally:
            self._queue.put(_Done())

    async def _emit(self, outcome: Outcome) -> None:
        await self._room.acquire()
        self._queue.put(outcome)

    def next(self) -> Outcome | _Done:
        """The next outcome, or that a call has ended; waits for it."""
        while True:
            with suppress(Empty):
                item = self._queue.get(timeout=0.5)
                break
        if isinstance(item, _Done):
            self.under_way -= 1
        else:
            self._loop.call_soon_threadsafe(self._room.release)
        return item

    def rest(self) -> Iterator[Outcome]:
        """What is queued after the last call has ended: nothing, since order is kept."""
        while not self._queue.empty():
            item = self._queue.get()
            if not isinstance(item, _Done):
                yield item

    def cancel(self) -> None:
        """Cancel every call that has not ended, and wait until each has let go."""
        waiting = tuple(self._futures)
        for future in waiting:
            future.cancel()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
