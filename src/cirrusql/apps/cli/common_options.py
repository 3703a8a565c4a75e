"""The options that all commands share, and the settings they set.

``cirrusql.settings`` defines settings and finds their file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from cirrusql import config_file as config
from cirrusql.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

FLAGS = ("profile", "region", "connection", "endpoint_url", "sandbox", "database", "read_only")
"""Common options that are settings."""

_OPTIONS = (
    click.option("--profile", metavar="NAME", help="AWS profile for credentials and region."),
    click.option("--region", metavar="NAME", help="Region for statements that do not name one."),
    click.option("--connection", metavar="NAME", help="Connection from the config file."),
    click.option("--endpoint-url", metavar="URL", help="Send every call to this URL."),
    click.option("--sandbox", is_flag=True, default=None, help="Run in a private sandbox."),
    click.option("--database", metavar="FILE", help="Keep local tables and views in this file."),
    click.option("--read-only", is_flag=True, default=None, help="Refuse statements that write."),
    click.option("--config", metavar="FILE", help="Use this config file, not the user's."),
    click.option("-v", "--verbose", is_flag=True, help="Print every call, and tracebacks."),
)


def common_options(function: F) -> F:
    """Add the options of section 8 of the language reference to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def load_settings(given: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of a command line. Removes settings from ``given``.

    Raises ConfigError or UnknownSetting for an invalid config file.
    """
    environ = os.environ if environ is None else environ
    flags = {name: given.get(name) for name in (*FLAGS, "strict", "progress")}
    return config.load(flags, environ, config.config_file(given.get("config"), environ))
