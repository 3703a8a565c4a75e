"""Decides from a write's response whether it succeeded: batch operations list the entries that
failed."""

from __future__ import annotations

from collections.abc import Iterator

from cirrusql.catalog.inference.full_names import ENDING
from cirrusql.catalog.write_rules.write_counts import things_of
from cirrusql.decode.refused_items import NotDone, not_done
from cirrusql.errors import PartlyFailed
from cirrusql.transport.model import Answer, Failure


def judged(outcome: Answer | Failure) -> Answer | Failure:
    """The outcome; a failure if the response reports that something was not done."""
    if not isinstance(outcome, Answer) or outcome.call.is_read:
        return outcome
    found = not_done(outcome.call.operation, outcome.values)
    return outcome if found is None else Failure(outcome.call, _error(outcome, found))


def _error(answer: Answer, found: NotDone) -> PartlyFailed:
    call = answer.call
    asked = max(things_of(call.operation, call.parameters) or 0, found.count)
    told = found.text()
    message = f"{call.operation.id}: {found.count} of {asked} failed{f': {told}' if told else ''}"
    if given := ", ".join(_told(answer)):
        message += f"; the response gives {given}"
    error = PartlyFailed(
        message,
        code=found.code or "Failed",
        service=call.operation.service.id,
        operation=call.operation.name,
        account=call.target.account_id,
        region=call.target.region,
        request_id=answer.request_id,
        status=200,
        hint="entries that are not reported as failed were done" if found.count < asked else None,
    )
    error.is_all = found.count >= asked
    return error


def _told(answer: Answer) -> Iterator[str]:
    """What was created anyway: the ids in the response."""
    for name, value in answer.values.items():
        if isinstance(value, str) and name.lower().endswith(("id", ENDING)):
            yield f"{name} {value}"
