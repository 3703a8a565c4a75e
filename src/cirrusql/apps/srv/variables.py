"""PostgreSQL's own settings, which clients set and read, per connection.

Settings of CirruSQL (``SHOW VARIABLES``) are the session's, not these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cirrusql.apps.srv.pg_catalog.zones import zone_of
from cirrusql.errors import InvalidParameter

SERVER_VERSION = "16.0"
"""The PostgreSQL version whose catalogs are shown: clients choose their queries by it."""

REPORTED = (
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
)
"""Sent to the client at the start, and whenever they change (ParameterStatus)."""

_DEFAULTS = {
    "application_name": "",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
    "client_min_messages": "notice",
    "DateStyle": "ISO, MDY",
    "default_table_access_method": "",
    "default_tablespace": "",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_with_oids": "off",
    "escape_string_warning": "on",
    "extra_float_digits": "1",
    "idle_in_transaction_session_timeout": "0",
    "in_hot_standby": "off",
    "integer_datetimes": "on",
    "IntervalStyle": "postgres",
    "is_superuser": "off",
    "jit": "off",
    "lc_collate": "C",
    "lc_ctype": "C.UTF-8",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "lock_timeout": "0",
    "max_identifier_length": "63",
    "max_index_keys": "32",
    "plan_cache_mode": "auto",
    "row_security": "off",
    "search_path": '"$user", public',
    "server_encoding": "UTF8",
    "server_version": SERVER_VERSION,
    "server_version_num": "160000",
    "session_authorization": "",
    "session_replication_role": "origin",
    "ssl_renegotiation_limit": "0",
    "standard_conforming_strings": "on",
    "statement_timeout": "0",
    "synchronize_seqscans": "on",
    "synchronous_commit": "on",
    "TimeZone": "UTC",
    "transaction_isolation": "read committed",
    "transaction_read_only": "off",
    "xmloption": "content",
}
_SPELLED = {name.lower(): name for name in _DEFAULTS}
_FIXED = frozenset(
    {
        "in_hot_standby",
        "integer_datetimes",
        "is_superuser",
        "max_identifier_length",
        "max_index_keys",
        "server_encoding",
        "server_version",
        "server_version_num",
        "standard_conforming_strings",
    }
)
_UNITS = {"": 0.001, "us": 0.000001, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def is_known(name: str) -> bool:
    """Whether PostgreSQL has a setting of the name that clients use."""
    return name.lower() in _SPELLED or name.lower() in ("time zone", "names")


class Variables:
    """The settings of one connection."""

    def __init__(self, given: Mapping[str, str], user: str, statement_timeout: float) -> None:
        """``given``: from the startup packet; unknown ones are ignored, as the protocol
        requires."""
        self._start = _DEFAULTS | {
            "session_authorization": user,
            "statement_timeout": f"{statement_timeout * 1000:.0f}" if statement_timeout else "0",
        }
        self._longest = statement_timeout
        for name, value in _startup(given):
            if is_known(name) and _canonical(name) not in _FIXED:
                self._start[_canonical(name)] = self._checked(_canonical(name), value)
        self._values = dict(self._start)
        self._in_block: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        return self._values[_canonical(name)]

    def get(self, name: str) -> str | None:
        """A setting's value; None if it is unknown."""
        return self._values.get(_canonical(name)) if is_known(name) else None

    def set(self, name: str, value: str | None, *, is_local: bool = False) -> None:
        """Set, or reset if None. Raises InvalidParameter. ``is_local``: until the block ends."""
        known = _canonical(name)
        if known in _FIXED and value is not None and value.lower() != self._values[known].lower():
            raise InvalidParameter(f'parameter "{known}" cannot be changed')
        if is_local:
            self._in_block.setdefault(known, self._values[known])
        self._values[known] = self._start[known] if value is None else self._checked(known, value)

    def _checked(self, name: str, value: str) -> str:
        value = _checked(name, value)
        if (
            name == "statement_timeout"
            and self._longest
            and not 0 < duration(value) <= self._longest
        ):
            raise InvalidParameter(
                f"statement_timeout cannot be set to {value}: the maximum is {self._longest:g}s",
                hint="only the server's operator can change its limits",
            )
        return value

    def reset_all(self) -> None:
        """Reset everything to its initial value."""
        self._values = dict(self._start)

    def end_block(self) -> None:
        """Undo what SET LOCAL did."""
        self._values |= self._in_block
        self._in_block = {}

    def reported(self) -> dict[str, str]:
        """The settings that the client must be told."""
        return {name: self._values[name] for name in REPORTED}

    def all(self) -> list[tuple[str, str]]:
        """Name and value of each."""
        return sorted(self._values.items(), key=lambda item: item[0].lower())

    @property
    def statement_timeout(self) -> float:
        """Seconds; 0: no limit."""
        return duration(self._values["statement_timeout"])

    @property
    def search_path(self) -> tuple[str, ...]:
        """The schemas in which unqualified names are looked up."""
        found = re.findall(r'"((?:[^"]|"")*)"|([^\s,]+)', self._values["search_path"])
        names = (quoted.replace('""', '"') or bare for quoted, bare in found)
        return tuple(n for n in names if n != "$user")


def _canonical(name: str) -> str:
    folded = name.lower()
    if folded == "time zone":
        return "TimeZone"
    return _SPELLED.get("client_encoding" if folded == "names" else folded, name)


def _checked(name: str, value: str) -> str:
    value = value.strip("'")
    if name == "client_encoding" and value.upper().replace("-", "") not in ("UTF8", "UNICODE"):
        raise InvalidParameter(f"client_encoding {value!r} is not supported", hint="UTF8")
    if name == "client_encoding":
        return "UTF8"
    if name == "DateStyle" and "iso" not in value.lower():
        raise InvalidParameter(f"DateStyle {value!r} is not supported", hint="ISO")
    if name == "DateStyle":
        return "ISO, MDY"
    if name == "bytea_output" and value.lower() != "hex":
        raise InvalidParameter("bytea_output is hex only")
    if name == "TimeZone":
        return zone_of(value)
    if name.endswith("_timeout"):
        duration(value)
    return value


def duration(text: str) -> float:
    """Seconds of a PostgreSQL duration: milliseconds if it has no unit."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.strip().lower())
    if found is None or found[2] not in _UNITS:
        raise InvalidParameter(f"{text!r} is not a duration", hint="5000, 5s, 1min")
    return float(found[1]) * _UNITS[found[2]]


def _startup(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if name == "options":
            for found in re.finditer(r"(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)", value):
                yield found[1].replace("-", "_"), re.sub(r"\\(.)", r"\1", found[2])
        else:
            yield name, value
