"""EXPLAIN with PostgreSQL's options: those that the session's EXPLAIN has, without the others.

The plan of a statement that calls an API has no costs, buffers or settings to leave out or add.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cirrusql.errors import NotSupportedError

_BEFORE = re.compile(
    r"\s*EXPLAIN(?:\s*\((?P<options>[^()]*)\)|(?P<words>(?:\s+(?:ANALYZE|VERBOSE)\b)+))",
    re.IGNORECASE,
)
_IGNORED = frozenset(
    {"VERBOSE", "COSTS", "SETTINGS", "GENERIC_PLAN", "BUFFERS", "WAL", "TIMING", "SUMMARY"}
    | {"SERIALIZE", "MEMORY"}
)
_OFF = frozenset({"OFF", "FALSE", "0"})


def with_our_options(text: str) -> str:
    """The statement with the options of the session's EXPLAIN."""
    found = _BEFORE.match(text)
    if found is None or re.match(r"\s*(SELECT|WITH|VALUES|FROM)\b", found["options"] or "", re.I):
        return text
    if found["words"] is not None:
        kept = ["ANALYZE"] if "ANALYZE" in found["words"].upper() else []
    else:
        kept = list(_kept(found["options"]))
    options = f" ({', '.join(kept)})" if kept else ""
    return f"EXPLAIN{options} {text[found.end() :].lstrip()}"


def _kept(options: str) -> Iterator[str]:
    for option in options.split(","):
        name, *value = option.split() or [""]
        said = value[0].strip("'\"").upper() if value else ""
        if name.upper() in _IGNORED or (name.upper() == "ANALYZE" and said in _OFF):
            continue
        if name.upper() == "FORMAT" and said == "TEXT":
            continue
        if name.upper() == "FORMAT" and said in ("XML", "YAML"):
            raise NotSupportedError(
                f"EXPLAIN (FORMAT {said.lower()}) is not supported", hint="json"
            )
        yield "ANALYZE" if name.upper() == "ANALYZE" else option.strip()
