"""AWAIT: polls what was written until it exists or is gone, or time runs out.

``plan.writes.await_rules`` decides what to poll and for which state;
``execution.writes.waiter_rules`` evaluates responses. The writes are done whatever the outcome of
the wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.model import Method, RowPath
from cirrusql.errors import Error, Interrupted, WaitFailed, WaitTimedOut
from cirrusql.execution.writes.answer_rows import field_value, items_of
from cirrusql.execution.writes.waiter_rules import state_of
from cirrusql.plan.model import Wait
from cirrusql.transport.model import Answer, Call

if TYPE_CHECKING:
    from cirrusql.transport.fetcher import Fetcher

Row = Mapping[str, Any]

_SOONEST = 1.0
"""Seconds before the second poll, since many resources are ready at once. Doubles after each poll.
"""


@dataclass
class Waited:
    """The result of waiting for one write: the last rows of the resource, or why the wait ended."""

    rows: list[Row] = field(default_factory=list)
    error: Error | None = None


@dataclass
class _Look:
    """One resource that is waited for."""

    of: int
    call: Call
    said: str = "nothing"


@dataclass
class Awaiter:
    """Waits on behalf of one session. ``stop`` may be called from any thread."""

    fetcher: Fetcher
    clock: Callable[[], float] = time.monotonic
    _stopped: threading.Event = field(default_factory=threading.Event)
    _pending: list[_Look] = field(default_factory=list)
    _name: str = ""
    _until: float = 0.0

    def stop(self) -> None:
        """Stop waiting; the waiting thread gets Interrupted."""
        self._stopped.set()

    def progress(self) -> str:
        """What is waited for, for the progress line; empty if nothing."""
        left = max(0.0, self._until - self.clock())
        many = len(self._pending)
        return (
            f"waiting for {self._name}: {many} remaining, at most {left:.0f} s"
            if self._pending
            else ""
        )

    def wait(self, wait: Wait, write: Method, done: Sequence[tuple[Call, Answer]]) -> list[Waited]:
        """Wait for what each call wrote. Returns one result per call, in order.

        Raises Interrupted when stopped; the writes are done nevertheless.
        """
        found = [Waited() for _ in done]
        self._stopped.clear()
        self._pending = [
            _Look(i, look)
            for i, (call, answer) in enumerate(done)
            for look in looks(wait, write, call, answer)
        ]
        self._name, self._until = wait.name, self.clock() + wait.seconds
        pause = min(_SOONEST, wait.delay)
        try:
            while True:
                self._look(wait, found)
                if not self._pending or self.clock() + pause > self._until:
                    break
                if self._stopped.wait(pause):
                    raise Interrupted(
                        f"interrupted while waiting for {wait.name}; the writes were done"
                    )
                pause = min(pause * 2, max(wait.delay, pause))
            for look in self._pending:
                found[look.of].error = _late(wait, look)
        except KeyboardInterrupt:
            raise Interrupted(
                f"interrupted while waiting for {wait.name}; the writes were done"
            ) from None
        finally:
            self._pending = []
        return found

    def _look(self, wait: Wait, found: list[Waited]) -> None:
        """Poll everything pending once, and return what is not settled."""
        pending, self._pending = self._pending, list(self._pending)
        with closing(
            self.fetcher.answers([look.call for look in pending], ordered=True)
        ) as outcomes:
            for look, outcome in zip(pending, outcomes, strict=True):
                told = outcome.values if isinstance(outcome, Answer) else outcome.error
                if isinstance(told, Interrupted):
                    raise Interrupted(
                        f"interrupted while waiting for {wait.name}; the writes were done"
                    )
                state = state_of(wait.acceptors, told)
                rows = [] if isinstance(told, Error) else list(rows_of(wait.method, told))
                look.said = _said(told, rows, wait)
                if state == "success":
                    found[look.of].rows += rows
                elif state == "failure" or (state is None and isinstance(told, Error)):
                    cause = told.message if isinstance(told, Error) else look.said
                    found[look.of].error = WaitFailed(
                        f"waited for {wait.name}, which cannot be reached any more: {cause}"
                    )
                else:
                    continue
                self._pending = [p for p in self._pending if p is not look]


def _late(wait: Wait, look: _Look) -> WaitTimedOut:
    return WaitTimedOut(
        f"waited {wait.seconds:g} s for {wait.name}: {look.said}",
        hint="the write was done; check again later, or wait longer: /*+ AWAIT('30m') */",
    )


def _said(told: Mapping[str, Any] | Error, rows: Sequence[Row], wait: Wait) -> str:
    """The state of a resource in a few words."""
    if isinstance(told, Error):
        return told.message
    names = ("status", "state")
    for row in rows:
        for name, value in row.items():
            if name.lower().endswith(names):
                told_value = value.get("Name", value) if isinstance(value, Mapping) else value
                return f"{name} is {told_value}"
    return "it still exists" if wait.is_gone and rows else "it is not in the expected state"


def looks(wait: Wait, write: Method, call: Call, answer: Answer) -> Iterator[Call]:
    """The calls that poll what one call wrote: a single one if it accepts a list of keys."""
    rows = list(rows_of(write, answer.values)) or [{}]
    values = [
        {name: _value(row, call, source) for name, (source, _) in wait.sources.items()}
        for row in rows
    ]
    lists = {name for name, (_, is_item) in wait.sources.items() if is_item}
    if lists:
        first = dict(values[0])
        first |= {name: [v[name] for v in values if v[name] is not None] for name in lists}
        values = [first]
    seen: list[Mapping[str, Any]] = []
    for parameters in values:
        given = {n: v for n, v in parameters.items() if v is not None}
        if given not in seen:
            seen.append(given)
            yield Call(
                operation=wait.method.operation,
                parameters=given,
                target=call.target,
                is_read=wait.method.is_read,
            )


def _value(row: Row, call: Call, source: str) -> Any:
    found = row.get(source)
    return call.parameters.get(source) if found is None else found


def rows_of(method: Method, values: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of a response by field, as the API returns them."""
    rows = method.rows or RowPath()
    for item in items_of(values, rows):
        yield {name: field_value(item, path) for name, path in rows.fields.items()}
