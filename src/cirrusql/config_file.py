"""Reads settings from flags, the environment and the config file.

Flags take precedence over the environment, the environment over the file, the file over the
defaults; SET overrides all of them for its session. A fault in the file is a ConfigError with its
position, or an UnknownSetting.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from cirrusql.errors import ConfigError, UnknownSetting, nearest
from cirrusql.settings import (
    DEFAULT_PROVIDER,
    SPECS,
    VERB_GROUPS,
    ConnectionSettings,
    Policy,
    Rule,
    Settings,
    parsed,
)

T = TypeVar("T")


def load(
    flags: Mapping[str, object], environ: Mapping[str, str], config: Path | None = None
) -> Settings:
    """Settings from flags (None: not given), environment and a config file.

    ``config`` must exist if given. Raises ConfigError with the place of the fault.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    if config is not None:
        data = _read(config)
        values |= _from_file(data, config)
        origins |= {name: str(config) for name in values}
    for name, spec in SPECS.items():
        variable = spec.metadata["env"]
        if variable and environ.get(variable):
            values[name] = parsed(name, str(spec.type), environ[variable], variable)
            origins[name] = variable
    for name, value in flags.items():
        if value is not None:
            values[name] = parsed(name, str(SPECS[name].type), value, f"--{name}")
            origins[name] = f"--{name.replace('_', '-')}"
    return Settings(**values, origins=origins)


def config_file(given: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Path | None:
    """The requested file, or the user's own if it exists.

    An existing file that cannot be read is returned too, because it may contain a policy.
    """
    named = given or environ.get("CIRRUSQL_CONFIG")
    if named:
        return Path(named)
    import platformdirs

    usual = Path(platformdirs.user_config_dir("cirrusql")) / "config.toml"
    return usual if os.path.lexists(usual) else None


def _read(path: Path) -> dict[str, Any]:
    import tomli

    try:
        return tomli.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the config file {path}: {error}") from error
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"the config file {path} is not TOML: {error}") from error


def _from_file(data: Mapping[str, Any], path: Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in data.items():
        place = f"{path}: {key}"
        if key == "connections":
            values[key] = {
                n: _connection(n, v, f"{place}.{n}") for n, v in _table(value, place).items()
            }
        elif key == "providers":
            values[key] = {n: _provider(v, f"{place}.{n}") for n, v in _table(value, place).items()}
        elif key == "limits":
            values[key] = {n: _rate(v, f"{place}.{n}") for n, v in _table(value, place).items()}
        elif key == "policy":
            values[key] = _policy(value, place)
        elif key in SPECS:
            values[key] = _from_toml(SPECS[key], value, place)
        else:
            raise UnknownSetting(
                key,
                [*SPECS, "connections", "providers", "limits", "policy"],
                where=f"the config file {path}",
            )
    return values


def _from_toml(spec: Field[Any], value: object, place: str) -> Any:
    """A setting's value.
    A file has types of its own: a number is no text, and true is no number."""
    wanted = str(spec.type).removesuffix(" | None")
    is_fit = {
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "str": False,
    }[wanted]
    if not is_fit and not isinstance(value, str):
        raise ConfigError(f"{place} must be {_IN_WORDS[wanted]}, not {_toml(value)}")
    return parsed(spec.name, str(spec.type), value, place)


def _fields(kind: type[T], value: object, place: str) -> T:
    """A table of the file as a dataclass of which every field is named and of its type."""
    import msgspec

    given = _table(value, place)
    known = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    for key in given:
        if key not in known:
            raise UnknownSetting(key, known, where=place)
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), given, place) from None


def _misfit(text: str, given: Mapping[str, Any], place: str) -> ConfigError:
    """msgspec's complaint about a value, in the words of the file."""
    said, _, path = text.rstrip("`").partition(" - at `$")
    if said.startswith("Object missing required field"):
        return ConfigError(f"{place}.{said.split('`')[1]} is required")
    value: Any = given
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        value = value[name] if name else value[int(index)]
    wanted = next((words for kind, words in _IN_WORDS.items() if f"Expected `{kind}" in said), None)
    return ConfigError(f"{place}{path} must be {wanted or said}, not {_toml(value)}")


_IN_WORDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "array": "a list of strings",
}


def _toml(value: object) -> str:
    """A value roughly as written in the file."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


@dataclass(frozen=True)
class _Provider:
    """``[providers.NAME]``."""

    python: str


def _provider(value: object, place: str) -> str:
    """Where the Python object is that is a provider."""
    found = _fields(_Provider, value, place).python
    if not re.fullmatch(r"[\w.]+:\w+", found):
        raise ConfigError(
            f"{place}.python must be module:attribute, not {found!r}",
            hint='python = "my_api:provider"',
        )
    return found


@dataclass(frozen=True)
class _Limit:
    """``[limits."service:Operation"]``."""

    rate: float


def _rate(value: object, place: str) -> float:
    """Calls a second. A rate of none or less would call nothing, ever."""
    try:
        rate = _fields(_Limit, value, place).rate
    except ConfigError as error:
        raise ConfigError(str(error), hint="rate = 10   # calls a second") from None
    if not 0 < rate < float("inf"):
        raise ConfigError(
            f"{place}.rate must be a number above 0, not {rate:g}",
            hint="rate = 10   # calls a second",
        )
    return rate


@dataclass(frozen=True)
class _UserPolicyTable:
    """``[policy.users.NAME]`` as it is written."""

    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()
    connections: tuple[str, ...] | None = None


@dataclass(frozen=True)
class _PolicyTable(_UserPolicyTable):
    """``[policy]`` as it is written."""

    users: Mapping[str, Any] = field(default_factory=dict)


def _policy(value: object, place: str) -> Policy:
    given = _fields(_PolicyTable, value, place)
    users = {
        name: _rules_of(
            _fields(_UserPolicyTable, own, f"{place}.users.{name}"), f"{place}.users.{name}"
        )
        for name, own in given.users.items()
    }
    return replace(_rules_of(given, place), users=users)


def _rules_of(given: _UserPolicyTable, place: str) -> Policy:
    allow = None if given.allow is None else _rules(given.allow, f"{place}.allow")
    return Policy(allow, _rules(given.deny, f"{place}.deny"), given.connections)


def _rules(texts: tuple[str, ...], place: str) -> tuple[Rule, ...]:
    return tuple(_rule(text, place) for text in texts)


def _rule(text: str, place: str) -> Rule:
    """``provider.service.*:select``; without a verb every one.
    What is left out at the end is anything."""
    names, colon, verb = text.strip().lower().partition(":")
    parts = tuple(names.split("."))
    if len(parts) > 4 or not all(re.fullmatch(r"[\w*?-]+", part) for part in parts):
        raise ConfigError(
            f"{place}: {text!r} is not a table pattern",
            hint=f"use provider.service.resource:verb, with * for any: {DEFAULT_PROVIDER}.*:select",
        )
    verb = verb.strip() if colon else "*"
    if verb not in VERB_GROUPS:
        near = ", ".join(nearest(verb, VERB_GROUPS) or VERB_GROUPS)
        raise ConfigError(f"{place}: {text!r} has an unknown verb", hint=f"one of {near}")
    whole = tuple(part.replace("-", "_") for part in (*parts, "*", "*", "*", "*")[:4])
    return Rule(text, whole, frozenset(VERB_GROUPS[verb]))


def _table(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{place} must be a table, not {value!r}")
    return value


def _connection(name: str, value: object, place: str) -> ConnectionSettings:
    given = dict(_table(value, place))
    if "name" in given:
        raise UnknownSetting("name", [f.name for f in fields(ConnectionSettings)][1:], where=place)
    for key, text in _table(given.get("variables", {}), f"{place}.variables").items():
        if not isinstance(text, str):
            raise ConfigError(f"{place}.variables: {key} must be a string, not {text!r}")
    for key in ("regions", "exclude_accounts"):
        if isinstance(given.get(key), str):
            given[key] = [given[key]]
    return _fields(ConnectionSettings, {**given, "name": name}, place)
