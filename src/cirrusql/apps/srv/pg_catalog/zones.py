"""Maps time zones as PostgreSQL's clients name them to names that the engine knows.

IANA's names in any case, and whole hours (``+02``, ``GMT-2`` with POSIX's sign), which are the
zones ``Etc/GMT…``. Fractions of hours have no name and are rejected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from cirrusql.errors import InvalidParameter, nearest

_HOURS = re.compile(
    r"(?P<posix>[A-Za-z]{3,}|<[^>]+>)?(?P<sign>[+-]?)(?P<hours>\d{1,2})(?::?00)?(?::00)?"
)


def zone_of(text: str) -> str:
    """The IANA name of a time zone. Raises InvalidParameter for an unknown one."""
    wanted = text.strip().strip("'\"")
    found = _names().get(wanted.lower())
    if found is not None:
        return found
    offset = _HOURS.fullmatch(wanted)
    if offset is not None and int(offset["hours"]) <= 14:
        # POSIX counts westwards, as the names Etc/GMT do; a bare number counts eastwards.
        hours = int(offset["hours"]) * (-1 if offset["sign"] == "-" else 1)
        west = hours if offset["posix"] else -hours
        name = f"Etc/GMT{west:+d}" if west else "UTC"
        if name.lower() in _names():
            return name
    near = nearest(wanted, _names().values())
    hint = f"did you mean {', '.join(near)}?" if near else "a name such as Europe/Berlin"
    raise InvalidParameter(f'invalid value for parameter "TimeZone": "{wanted}"', hint=hint)


@cache
def _names() -> Mapping[str, str]:
    from zoneinfo import available_timezones

    names = {name.lower(): name for name in available_timezones()}
    return names | {"utc": "UTC", "z": "UTC", "zulu": "UTC"}
