"""Makes calls on one event loop in its own thread: from calls to batches and responses.

Owns concurrency, paging, attempts and cancellation. ``http`` transfers the bytes, ``throttling``
decides on waits, the provider builds requests, and ``decode`` builds rows.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import os
import threading
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from cirrusql.api.model import Operation, Service
from cirrusql.api.paging import pages
from cirrusql.api.provider import Providers, Topology
from cirrusql.catalog.model import Column
from cirrusql.decode import decoder
from cirrusql.decode.service_error import to_error
from cirrusql.errors import Interrupted
from cirrusql.plan.model import CallScope
from cirrusql.settings import Settings
from cirrusql.transport.call_stream import CANCELLED, CallStream, Done, Outcome, PendingCalls
from cirrusql.transport.http import AiohttpTransport
from cirrusql.transport.model import Answer, Batch, Call, CallRecord, Elsewhere, Failure, Target
from cirrusql.transport.request_runner import SharedState, answered
from cirrusql.transport.sent_columns import filled
from cirrusql.transport.throttling.fair_semaphore import FairSemaphore

T = TypeVar("T")

_LOT = 16
"""Calls handed to the loop at a time: each handover wakes its thread."""

_READS_AHEAD = 4
"""Calls handed to the loop per slot of ``concurrency``: enough that a slot never waits."""


class Fetcher:
    """Makes the calls of one session. Thread-safe; ``close`` ends it."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        providers: Providers,
        *,
        on_record: Callable[[CallRecord], None] | None = None,
        on_notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._settings = settings
        self._transport = AiohttpTransport(
            settings, environ, [p.ca_variable for p in providers.values() if p.ca_variable]
        )
        self._common = SharedState(
            settings,
            environ,
            providers,
            self._transport,
            on_record or (lambda record: None),
            FairSemaphore(settings.concurrency),
            on_notice=on_notice,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._process = os.getpid()
        self._last_decoder: tuple[Operation | None, tuple[Column, ...], decoder.Decoder | None] = (
            None,
            (),
            None,
        )

    # For use by other threads.

    def batches(self, calls: Iterable[Call]) -> Generator[Batch | Failure]:
        """Yield the rows of all calls as they arrive. Closing the iterator cancels the calls in
        progress.

        ``calls`` is drawn from in the caller's thread, as slots become free.
        """
        with closing(self._stream(calls, self._read)) as outcomes:
            for outcome in outcomes:
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
        """Yield complete responses, in the order of the calls if ``ordered``.

        With ``stop_on_error``, calls are made one after the other, and none after a failure.
        """
        if stop_on_error or concurrency == 1:
            for call in calls:
                for outcome in self._stream([call], self._whole):
                    if isinstance(outcome, Answer | Failure):
                        yield outcome
                    if isinstance(outcome, Failure) and stop_on_error:
                        return
            return
        given = PendingCalls(calls)
        # Calls may be equal or identical, so each gets its own number.
        numbered = (replace(call, tag=number) for number, call in enumerate(given))
        found: dict[int, Answer | Failure] = {}
        expected = 0
        with closing(self._stream(numbered, self._whole, concurrency)) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, Batch):
                    continue
                found[outcome.call.tag] = replace(outcome, call=given.pop(outcome.call.tag))
                while expected in found or (not ordered and found):
                    yield found.pop(expected if ordered else next(iter(found)))
                    expected += 1

    def targets(
        self, scope: CallScope, service: Service, operation: str = ""
    ) -> tuple[Target, ...]:
        """Every place that a scope selects for a service, or for one of its operations.

        Listing regions or accounts may make calls. Raises InvalidParameter for an unknown region,
        and ConfigError if no region is set.
        """
        return tuple(
            self._wait(self._topology(service.provider).targets(scope, service, operation))
        )

    def only_region(self, operation: Operation) -> str | None:
        """The only region that answers an operation; None if its service has several or none."""
        return self._topology(operation.service.provider).only_region(operation)

    def answered_in(
        self, operation: Operation, parameters: Mapping[str, object], region: str
    ) -> str:
        """The target that answers a call: the given one, or one that the call's parameters name."""
        return self._topology(operation.service.provider).answered_in(operation, parameters, region)

    def regions(self, provider: str) -> tuple[str, ...]:
        """The regions of a provider that the session's own connection can use. May make calls."""
        return tuple(self._wait(self._topology(provider).regions()))

    def account_id(self, connection: str | None, provider: str) -> str:
        """The account of a connection; requested once."""
        return self.caller(connection, provider).get("account", "")

    def account_alias(self, connection: str | None, provider: str) -> str | None:
        """The alias of the account; None if it has none or reading it is not permitted."""
        return self._wait(self._topology(provider).account_alias(connection))

    def regions_are_guessed(self, connection: str | None, provider: str) -> bool:
        """Whether a region of the connection may turn out not to be enabled."""
        return self._topology(provider).is_guessed(connection)

    def caller(self, connection: str | None, provider: str) -> Mapping[str, str]:
        """The caller's identity: ``account`` and further facts from the provider;
        requested once."""
        return self._wait(self._topology(provider).caller(connection))

    def _topology(self, provider: str) -> Topology:
        return self._common.access(provider).topology

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on; calls in progress keep theirs."""
        with self._starting:
            self._settings = settings
            self._common.obey(settings)
            self._transport.obey(settings)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._common.slots.resize, settings.concurrency)

    def interrupt(self) -> None:
        """Cancel all calls in progress; whoever waits for one gets Interrupted."""
        with self._starting:
            loop = self._loop
        if loop is not None:
            asyncio.run_coroutine_threadsafe(_cancel_all(), loop)

    def close(self) -> None:
        """End the loop; no socket, task or thread remains. May be called more than once.

        In a forked child, where the loop's thread is not, nothing is ended: it is the parent's.
        """
        if self._process != os.getpid():
            return
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        atexit.unregister(self.close)
        try:
            asyncio.run_coroutine_threadsafe(self._shut(), loop).result()
        except concurrent.futures.CancelledError:
            # An interrupt just before this cancels it too; a second one is not possible.
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
                self._common.slots = FairSemaphore(self._settings.concurrency)
                atexit.register(self.close)
            return self._loop

    async def _shut(self) -> None:
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._transport.close()
        await asyncio.get_running_loop().shutdown_default_executor()
        # One iteration for the transports to close their sockets.
        await asyncio.sleep(0)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise Interrupted(CANCELLED) from None
        except BaseException:
            future.cancel()
            raise

    def _stream(
        self,
        calls: Iterable[Call],
        make: Callable[[Call, Callable[[Outcome], Coroutine[Any, Any, None]]], Any],
        concurrency: int | None = None,
    ) -> Generator[Outcome]:
        stream = CallStream(self._running(), make)
        source = iter(calls)
        window = concurrency or self._settings.concurrency * _READS_AHEAD
        most = min(_LOT, max(window // 2, 1))
        lot = 1
        is_drawn = False
        try:
            while not is_drawn or stream.under_way:
                if stream.under_way <= window - most:
                    while not is_drawn and stream.under_way < window:
                        wanted = min(lot, window - stream.under_way)
                        drawn = list(islice(source, wanted))
                        is_drawn = len(drawn) < wanted
                        stream.start(drawn)
                        lot = min(lot * 2, most)
                if stream.under_way and not isinstance(item := stream.next(), Done):
                    yield item
        finally:
            stream.cancel()

    # A single call, on the loop.

    async def _read(self, call: Call, emit: Callable[[Outcome], Coroutine[Any, Any, None]]) -> None:
        to_rows = self._decoder(call)
        call = await self._placed(call)
        asking = pages(call.operation, call.parameters, call.page_size)
        parameters = next(asking)
        rows = 0
        for number in range(1, 1 << 62):
            _, page = await answered(self._common, call, parameters, number, to_rows)
            if call.elsewhere in (Elsewhere.FOLLOW, Elsewhere.LOCATE):
                call = self._moved(call, parameters)
            await emit(Batch(call, filled(call, page.rows), page.unread))
            for fault in page.refused:
                target = call.target
                await emit(
                    Failure(call, to_error(fault, call.operation, target.account_id, target.region))
                )
            rows += page.rows.num_rows
            if call.allowance is not None:
                call.allowance.take_rows(page.rows.num_rows)
            if call.limit is not None and rows >= call.limit:
                return
            try:
                parameters = asking.send(page.tokens)
            except StopIteration:
                return
            if call.allowance is not None and not call.allowance.take():
                raise call.allowance.error()

    def _moved(self, call: Call, parameters: Mapping[str, object]) -> Call:
        """The call with the place that answered it: rows of a bucket elsewhere are in
        its region."""
        access = self._common.access(call.operation.service.provider)
        region = access.authenticator.region_of(call.operation, parameters, call.target)
        return (
            call
            if region == call.target.region
            else replace(call, target=replace(call.target, region=region))
        )

    def _decoder(self, call: Call) -> decoder.Decoder:
        """The decoder of a call's pages; cached, since successive calls are usually of
        one table."""
        assert call.rows is not None
        operation, columns, to_rows = self._last_decoder
        if to_rows is None or operation is not call.operation or columns is not call.columns:
            fields = tuple(c for c in call.columns if c.name in call.rows.fields)
            to_rows = decoder.decoder(call.operation, call.rows, fields)
            self._last_decoder = (call.operation, call.columns, to_rows)
        return to_rows

    async def _whole(
        self, call: Call, emit: Callable[[Outcome], Coroutine[Any, Any, None]]
    ) -> None:
        call_here = await self._placed(call)
        codec = self._common.codec(call.operation)
        response, values = await answered(
            self._common, call_here, call.parameters, 1, lambda r: codec.whole(call.operation, r)
        )
        await emit(Answer(call, values, codec.request_id(response)))

    async def _placed(self, call: Call) -> Call:
        """The call with its account, if a column needs it."""
        if call.target.account_id or not any(c.name == "account_id" for c in call.columns):
            return call
        topology = self._topology(call.operation.service.provider)
        account = await topology.account_or_none(call.target.connection)
        return replace(call, target=replace(call.target, account_id=account))


async def _cancel_all() -> None:
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task():
            task.cancel()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
