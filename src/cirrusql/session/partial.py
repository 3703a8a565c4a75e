"""What becomes of a statement that keeps or changes something by an answer that is not whole.

A SELECT gives what could be read and says what could not. What is kept says so at once; what is
changed or removed is not, since a value that could not be read looks like one that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from cirrusql.errors import BadAnswer

if TYPE_CHECKING:
    from cirrusql.errors import Error
    from cirrusql.fetch.model import Failure
    from cirrusql.session.reads import ReadRun


class Effect(Enum):
    """What a statement that the engine runs does besides giving rows."""

    NONE = "none"
    KEEPS = "keeps"
    """It adds the rows somewhere: CREATE TABLE AS, INSERT, COPY."""
    CHANGES = "changes"
    """By the rows it changes or removes others: UPDATE, DELETE, MERGE."""


def effect_of(tree: Any) -> Effect:
    """The effect of a parsed statement."""
    from sqlglot import exp

    if isinstance(tree, exp.Update | exp.Delete | exp.Merge):
        return Effect.CHANGES
    return Effect.KEEPS if isinstance(tree, exp.Insert | exp.Create | exp.Copy) else Effect.NONE


def notice(verb: str, failures: Sequence[Failure]) -> list[str]:
    """What to say of rows that were kept although calls failed."""
    if not failures:
        return []
    return [
        f"{verb}: {_calls(failures)} failed, so what is kept now is not whole; "
        "with --strict nothing would have been kept"
    ]


def check_whole(verb: str, run: ReadRun) -> None:
    """Raises where something could not be read that what is changed may depend on."""
    if run.failures:
        raise refused(verb, run.failures)
    if run.unread:
        raise BadAnswer(
            run.unread[0], hint=f"{verb}: nothing was changed, since the value may decide what it changes"
        )


def refused(verb: str, failures: Sequence[Failure]) -> Error:
    """Why nothing was changed: the first failure, with what followed from it."""
    error = failures[0].error
    said = (
        f"{verb}: nothing was changed, since {_calls(failures)} failed and what could not be read "
        "may decide what it changes; exclude that with its WHERE, or make it readable"
    )
    error.hint = f"{error.hint}; {said}" if error.hint else said
    return error


def _calls(failures: Sequence[Failure]) -> str:
    return "1 call" if len(failures) == 1 else f"{len(failures)} calls"
