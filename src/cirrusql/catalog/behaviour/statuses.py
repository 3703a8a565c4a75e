"""Classifies status values: transient, stable, ended or failed.

By the words that services use: taken from the 2,729 enumerations named …Status or …State in the
models of a large provider.
"""

from __future__ import annotations

import re

_PASSING = re.compile(r"PENDING|IN_?PROGRESS|QUEUED|SUBMITTED|WAITING|^REQUESTED$|ING$")
_STAYING = frozenset({"RUNNING", "MISSING", "WARNING", "EXISTING"})
_FAILED = re.compile(
    r"FAIL|ERROR|ROLLBACK|ROLLING_BACK|REJECTED|TIMED?_?OUT|INVALID|IMPAIRED|CANCELL?ED$|ABORTED|DENIED|EXPIRED"
)
_ENDED = re.compile(r"^(DELETED|TERMINATED|REMOVED|INACTIVE|DEREGISTERED|DELETE_COMPLETE)$")


def kind_of(value: str) -> str:
    """``passing``, ``failed``, ``ended`` or ``settled``."""
    folded = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s-]+", "_", value).upper()
    if _FAILED.search(folded):
        return "failed"
    if _ENDED.match(folded):
        return "ended"
    return "passing" if folded not in _STAYING and _PASSING.search(folded) else "settled"
