"""Writes to standard error: errors, failures of a partial result, notices.

Owns the wording of failures and call records; ``render.error_text`` words errors.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from cirrusql.render import error_text as wording
from cirrusql.render.error_text import cut_message
from cirrusql.render.terminal import safe

if TYPE_CHECKING:
    from cirrusql.errors import Error
    from cirrusql.transport.model import CallRecord, Failure


def say(line: str) -> None:
    """Write one line to standard error. If that fails, only the exit status reports the problem."""
    with suppress(OSError, ValueError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def say_notice(text: str) -> None:
    """``notice: …``: part of it may come from a service."""
    say(f"notice: {safe(text)}")


def say_error(error: Error, *, is_whole: bool = False) -> None:
    """An error with its place and hint; ``is_whole``: without truncation."""
    say(error_text(error, is_whole=is_whole))


def error_text(error: Error, *, is_whole: bool = False) -> str:
    """``error: …`` escaped for a terminal."""
    return wording.error_text(error, is_whole=is_whole)


def say_failures(failures: Iterable[Failure], *, is_whole: bool = False) -> None:
    """One line for each call that failed."""
    hints: dict[str, None] = {}
    for failure in failures:
        say(f"not read: {failure_text(failure, is_whole=is_whole)}")
        if failure.error.hint:
            hints.setdefault(failure.error.hint)
    for hint in hints:
        say_hint(hint)


def say_hint(text: str) -> None:
    """``hint: …``: what to do about the preceding message."""
    say(f"hint: {safe(text)}")


def failure_text(failure: Failure, *, is_whole: bool = False) -> str:
    """Service, operation, account, region, code, message and request id on one line."""
    call, error = failure.call, failure.error
    account = getattr(error, "account", None) or call.target.account_id
    code = getattr(error, "code", "") or type(error).__name__
    parts = (
        call.operation.id,
        f"account {account}" if account else "",
        f"connection {call.target.connection}" if call.target.connection else "",
        f"region {call.target.region}" if call.target.region else "",
    )
    place = " ".join(part for part in parts if part)
    request_id = getattr(error, "request_id", None)
    end = f" (request {request_id})" if request_id else ""
    message = " ".join(error.message.split())
    message = message if is_whole else cut_message(message)

    # Part of it comes from a service: escape it for the terminal.
    return safe(f"{place}: {code}: {message}{end}")


def record_text(record: CallRecord) -> str:
    """One attempt of one call, as printed by ``-v``."""
    place = " ".join(p for p in (record.connection, record.account, record.region) if p)
    outcome = record.error or record.status or "no answer"
    again = f", attempt {record.attempt}" if record.attempt > 1 else ""
    end = "cached" if record.is_cached else f"{record.bytes} bytes, {record.ms:.0f} ms{again}"
    return safe(f"call: {record.service}:{record.operation} {place}: {outcome}, {end}")


def say_bug(error: BaseException, *, is_verbose: bool) -> None:
    """The last resort for an unexpected exception."""
    if is_verbose:
        traceback.print_exception(error)
    message = " ".join(str(error).split())
    say(f"error: {type(error).__name__}: {message[:300]}")
    more = "the traceback is above" if is_verbose else "-v shows where"
    say(f"hint: this is a bug in CirruSQL; please report it with the statement ({more})")
