"""PRAGMA and SET sent by clients of a server: allows only those that read.

Others configure the engine, or make it print to the server's standard output.
"""

from __future__ import annotations

import re

from cirrusql.errors import PolicyDenied

_LOOKING = frozenset(
    "collations database_list database_size functions platform show_databases show_tables "
    "show_tables_expanded show storage_info table_info user_agent version".split()
)
_NAME = re.compile(r'PRAGMA\s+"?(\w+)"?', re.IGNORECASE)


def check_pragma(text: str) -> None:
    """Raise PolicyDenied for a PRAGMA that does more than read."""
    found = _NAME.match(text)
    name = found[1].lower() if found else ""
    if name not in _LOOKING or "=" in text.partition("(")[0]:
        raise PolicyDenied(
            f"PRAGMA {name} is not available to clients of a server",
            hint=f"read-only pragmas: {', '.join(sorted(_LOOKING))}",
        )


def check_engine_setting(name: str) -> None:
    """Raise PolicyDenied for a limit on the engine's use of the machine."""
    if name.lower() in ("threads", "memory_limit"):
        raise PolicyDenied(
            f"{name} cannot be changed here",
            hint="only the server's operator can change its limits",
        )
