"""All settings: type, default, environment variable, and origin.

Values only; ``config_file`` reads them from flags, the environment and the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Any

from cirrusql.errors import ConfigError, PolicyDenied, UnknownSetting

DEFAULT_PROVIDER = "aws"
"""Whose connections are those that name no provider."""


@dataclass(frozen=True)
class ConnectionSettings:
    """One ``[connections.NAME]`` of the config file. All of it is optional."""

    name: str
    provider: str = DEFAULT_PROVIDER
    token_env: str | None = None
    """The environment variable that holds its token, for providers that take one."""
    profile: str | None = None
    regions: tuple[str, ...] = ()
    """Names or patterns (``eu-*``); empty: the session's region."""
    role_arn: str | None = None
    role_name: str | None = None
    """With ``organization``: the role to assume in each account."""
    organization: bool = False
    exclude_accounts: tuple[str, ...] = ()
    endpoint_url: str | None = None
    external_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    """Values of the placeholders in a server's address; those that are also context columns
    describe the connection."""


VERBS = ("select", "insert", "update", "replace", "delete", "exec")
"""The kinds of method in policy rules; ``read`` is the first, ``write`` the others."""

CREDENTIALS = "credentials"
"""The kind of rules for operations that return credentials or stored secrets: ``*`` includes
neither."""

VERB_GROUPS = {"*": VERBS, "read": VERBS[:1], "write": VERBS[1:]} | {
    v: (v,) for v in (*VERBS, CREDENTIALS)
}


@dataclass(frozen=True)
class Rule:
    """One line of a policy: ``provider.service.*:select``. ``parts`` are patterns, lower-case."""

    text: str
    parts: tuple[str, ...]
    """Provider, service and resource, and the method if the rule names one."""
    verbs: frozenset[str]

    def fits(self, names: tuple[str, ...], verb: str) -> bool:
        """Whether it speaks of (provider, service, resource, method) done by that verb."""
        return verb in self.verbs and all(map(fnmatchcase, names, self.parts))


@dataclass(frozen=True)
class Policy:
    """``[policy]``: what may be called. None allows everything that is not denied; deny takes
    precedence."""

    allow: tuple[Rule, ...] | None = None
    deny: tuple[Rule, ...] = ()
    connections: tuple[str, ...] | None = None
    """Names or patterns of the connections that may be used; None: all."""
    users: Mapping[str, Policy] = field(default_factory=dict)
    """``[policy.users.NAME]``: restrictions for one user of a server; ``*``: for every other."""

    def layers(self, user: str | None) -> tuple[Policy, ...]:
        """The policies that must all agree before a user calls anything."""
        own = None if user is None else self.users.get(user, self.users.get("*"))
        return (self,) if own is None else (self, own)


def _setting(
    default: Any, doc: str, *, env: str | None = None, settable: bool = True, least: int = 0
) -> Any:
    return field(
        default=default, metadata={"doc": doc, "env": env, "settable": settable, "least": least}
    )


@dataclass(frozen=True)
class Settings:
    """The settings of one session. Durations are in seconds."""

    profile: str | None = _setting(
        None, "AWS profile for credentials and region", env="AWS_PROFILE", settable=False
    )
    region: str | None = _setting(
        None, "Region for statements that do not name one", env="CIRRUSQL_REGION"
    )
    connection: str | None = _setting(
        None, "Connection for statements that do not name one", env="CIRRUSQL_CONNECTION"
    )
    endpoint_url: str | None = _setting(
        None, "Send every call to this endpoint", env="CIRRUSQL_ENDPOINT_URL", settable=False
    )
    sandbox: bool = _setting(
        False,
        "Use no credentials, and refuse every endpoint that is not loopback",
        env="CIRRUSQL_SANDBOX",
        settable=False,
    )
    sandbox_keep: float = _setting(
        300.0,
        "Seconds for which a filled sandbox waits in the background for its next use; 0: not",
        env="CIRRUSQL_SANDBOX_KEEP",
        settable=False,
    )
    database: str | None = _setting(
        None,
        "File for local tables and views; unset: in memory",
        env="CIRRUSQL_DATABASE",
        settable=False,
    )
    read_only: bool = _setting(
        False, "Refuse every statement that writes", env="CIRRUSQL_READ_ONLY", settable=False
    )
    credentials: bool = _setting(
        True,
        "Fetch credentials and stored secrets without a policy grant; never with read_only, srv "
        "or mcp",
        env="CIRRUSQL_CREDENTIALS",
        settable=False,
    )
    strict: bool = _setting(False, "Treat a partial result as an error", env="CIRRUSQL_STRICT")
    parents: bool = _setting(True, "Fill missing required parameters from parent resources")
    max_calls: int = _setting(10_000, "Maximum calls per statement; each page is one call")
    max_rows: int = _setting(0, "Maximum rows that a statement may read from calls; 0: no limit")
    max_writes: int = _setting(100, "Maximum resources that a statement may write unconfirmed")
    on_error: str = _setting(
        "auto", "stop or continue after a failed write; auto: stop for DELETE, otherwise continue"
    )
    audit: str = _setting(
        "file",
        "Audit log of writes: file (in your state folder), stderr, syslog, fd:N, URL, path, off",
        env="CIRRUSQL_AUDIT",
        settable=False,
    )
    audit_size: int = _setting(
        10 * 1024 * 1024,
        "Maximum bytes of an audit file before rotation; five old files are kept",
        settable=False,
    )
    cache_ttl: float = _setting(300.0, "Seconds for which identical reads are served from memory")
    concurrency: int = _setting(
        256, "Maximum concurrent calls", env="CIRRUSQL_CONCURRENCY", least=1
    )
    max_attempts: int = _setting(
        5,
        "Maximum attempts per call, including the first; throttled attempts do not count",
        least=1,
    )
    throttle_timeout: float = _setting(
        120.0, "Seconds for which a throttled call is retried; 0: no retries"
    )
    retry_timeout: float = _setting(
        300.0, "Seconds after the first attempt in which a failed call is retried; 0: no limit"
    )
    connect_timeout: float = _setting(10.0, "Seconds to wait for a connection")
    read_timeout: float = _setting(60.0, "Seconds to wait for more data from a response")
    statement_timeout: float = _setting(0.0, "Seconds a statement may run; 0: no limit")
    max_body: int = _setting(256 * 1024 * 1024, "Maximum bytes of one response")
    max_statement: int = _setting(
        1024 * 1024, "Maximum bytes of one statement", env="CIRRUSQL_MAX_STATEMENT", settable=False
    )
    max_memory: int = _setting(
        0,
        "Engine memory in bytes, shared by all clients of a server; 0: 80 % of the machine's",
        env="CIRRUSQL_MAX_MEMORY",
        settable=False,
    )
    max_spill: int = _setting(
        0,
        "Bytes that a session's engine may write to disk; 0: 90 % of the free space",
        env="CIRRUSQL_MAX_SPILL",
        settable=False,
    )
    max_threads: int = _setting(
        0, "Engine threads; 0: one per processor", env="CIRRUSQL_MAX_THREADS", settable=False
    )
    progress: bool = _setting(True, "Show progress on a terminal", env="CIRRUSQL_PROGRESS")
    connections: Mapping[str, ConnectionSettings] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)
    """Further providers, by name: the ``module:attribute`` of each."""
    policy: Policy | None = None
    """What may be called at all; no statement changes it."""
    limits: Mapping[str, float] = field(default_factory=dict)
    """Calls a second by ``service:Operation`` or ``service``."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each setting that is not a default came from."""
    ceilings: Mapping[str, float] = field(default_factory=dict)
    """What SET may not go beyond: filled in for clients of a server, who are not its operator."""

    @property
    def is_guarded(self) -> bool:
        """Whether whoever sends statements is another than who started the process."""
        return bool(self.ceilings)

    def guarded(self) -> Settings:
        """A copy for a client of a server: it may lower limits, but not raise them."""
        return replace(self, ceilings={name: getattr(self, name) for name in _BOUNDS})

    def with_set(self, name: str, value: object) -> Settings:
        """A copy as after ``SET name = value``; ConfigError or UnknownSetting if it cannot be."""
        spec = SPECS.get(name.lower())
        if spec is None:
            raise UnknownSetting(name, SPECS)
        if not spec.metadata["settable"]:
            raise ConfigError(
                f"{name} cannot be changed in a session",
                hint="set it where the session is started: by option, environment or config file",
            )
        meant = parsed(spec.name, str(spec.type), value, "SET")
        self._check_ceiling(spec.name, meant)
        return replace(self, **{spec.name: meant}, origins={**self.origins, spec.name: "SET"})

    def _check_ceiling(self, name: str, value: Any) -> None:
        most = self.ceilings.get(name)
        if most is None or (most == 0 and name in _ZERO_IS_ANY):
            return
        if value > most or (value == 0 and name in _ZERO_IS_ANY):
            raise PolicyDenied(
                f"{name} cannot be set to {value:g}: the maximum is {most:g}",
                hint="only the server's operator can change its limits",
            )

    def with_reset(self, name: str, start: Settings) -> Settings:
        """A copy as after ``RESET name``: the value that the session started with."""
        spec = SPECS.get(name.lower())
        if spec is None:
            raise UnknownSetting(name, SPECS)
        origins = {k: v for k, v in self.origins.items() if k != spec.name}
        if spec.name in start.origins:
            origins[spec.name] = start.origins[spec.name]
        return replace(self, **{spec.name: getattr(start, spec.name)}, origins=origins)

    def for_user(self, user: str | None) -> Settings:
        """A copy with those connections only that the policy lets a user have."""
        layers = self.policy.layers(user) if self.policy is not None else ()
        named = [layer.connections for layer in layers if layer.connections is not None]
        if not named:
            return self
        kept = {
            name: connection
            for name, connection in self.connections.items()
            if all(any(fnmatchcase(name, pattern) for pattern in patterns) for patterns in named)
        }
        return replace(self, connections=kept)

    def variables(self) -> list[tuple[str, str, str, str]]:
        """Name, value, origin and description of every setting, for SHOW VARIABLES."""
        return [
            (n, _printed(getattr(self, n)), self.origins.get(n, "default"), s.metadata["doc"])
            for n, s in sorted(SPECS.items())
        ]


_BOUNDS = (
    "max_calls",
    "max_rows",
    "max_writes",
    "max_body",
    "concurrency",
    "max_attempts",
    "retry_timeout",
    "throttle_timeout",
    "connect_timeout",
    "read_timeout",
    "statement_timeout",
    "cache_ttl",
)
_ZERO_IS_ANY = frozenset({"max_rows", "retry_timeout", "statement_timeout"})

SPECS = {f.name: f for f in fields(Settings) if f.metadata}
SETTING_NAMES = tuple(sorted(SPECS))


_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_BOOLEANS = {"true": True, "on": True, "yes": True, "1": True} | {
    "false": False, "off": False, "no": False, "0": False
}  # fmt: skip


def parsed(name: str, type_: str, value: object, place: str) -> Any:
    """``value`` as the setting's type: text comes from SET, flags and the environment."""
    text = str(value).strip()
    if type_ == "bool":
        if text.lower() in _BOOLEANS:
            return _BOOLEANS[text.lower()]
        raise ConfigError(f"{name} ({place}) must be on or off, not {text!r}")
    if type_ in ("int", "float"):
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.lower())
        unit = match[2] if match else "?"
        if match is None or (unit and type_ == "int") or unit not in _UNITS:
            wanted = "a whole number" if type_ == "int" else "a number, or a duration such as 5m"
            raise ConfigError(f"{name} ({place}) must be {wanted}, not {text!r}")
        number = int(match[1]) if type_ == "int" else float(match[1]) * _UNITS[unit]
        least = SPECS[name].metadata["least"]
        if number < least:
            raise ConfigError(f"{name} ({place}) must be {least} or more, not {text!r}")
        return number
    if name == "on_error" and text not in ("auto", "stop", "continue"):
        raise ConfigError(f"on_error ({place}) must be stop, continue or auto, not {text!r}")
    return None if value is None else text


def _printed(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
