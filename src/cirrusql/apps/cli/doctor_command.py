"""``cirrusql doctor``: what is set up, what is wrong, and what to do about it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cirrusql import __version__
from cirrusql.apps.cli.options import common_options, load_settings
from cirrusql.errors import CredentialsMissing, Error, Unreachable
from cirrusql.settings import config_file

if TYPE_CHECKING:
    from cirrusql.settings import Settings

LIBRARIES = ("botocore", "duckdb", "pyarrow", "aiohttp", "sqlglot")
OPTIONAL = {"moto": "sandbox", "pg-mimic": "pg", "mcp": "mcp"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``advice`` says what to do where it is not well."""

    subject: str
    value: str
    is_well: bool = True
    advice: str = ""


@click.command("doctor")
@common_options
def command(**given: Any) -> int:
    """Show what is set up and what is wrong. Exit status 1 if anything is."""
    findings = list(_look(given))
    width = max(len(f.subject) for f in findings)
    for finding in findings:
        mark = "ok  " if finding.is_well else "FAIL"
        click.echo(f"{mark} {finding.subject:<{width}}  {finding.value}")
        if finding.advice:
            click.echo(f"     {'':<{width}}  -> {finding.advice}")
    return 0 if all(f.is_well for f in findings) else 1


def _look(given: dict[str, Any]) -> Iterator[Finding]:
    yield from versions()
    try:
        settings = load_settings(given)
    except Error as error:
        yield Finding("settings", error.message, is_well=False, advice=error.hint or "")
        return
    file = config_file(given.get("config"), os.environ)
    yield Finding("config file", str(file) if file else "none (none is needed)")
    for name, value, origin, _ in settings.variables():
        if origin != "default":
            yield Finding(f"setting {name}", f"{value}  (from {origin})")
    yield cache_folder()
    yield from account(settings)


def versions() -> Iterator[Finding]:
    """Our own version, the interpreter's, and those of the libraries that answers rest on."""
    yield Finding("cirrusql", __version__)
    yield Finding("python", f"{platform.python_version()} ({sys.executable})")
    for name in LIBRARIES:
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "not installed", is_well=False, advice="pip install cirrusql")
    for name, extra in OPTIONAL.items():
        try:
            yield Finding(f"extra {extra}", f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Finding(f"extra {extra}", f"not installed: pip install 'cirrusql[{extra}]'")


def cache_folder() -> Finding:
    """Where what is derived from the models is kept: it must be writable."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("cirrusql"))
    there = next(p for p in (folder, *folder.parents) if p.exists())
    if os.access(there, os.W_OK):
        return Finding("cache folder", str(folder))
    advice = f"make {there} writable, or set XDG_CACHE_HOME; until then start-up is slower"
    return Finding("cache folder", f"{folder} cannot be written", is_well=False, advice=advice)


def account(settings: Settings) -> Iterator[Finding]:
    """Whether a call can be made, and as whom: one GetCallerIdentity."""
    from cirrusql.apps.cli.opening import open_session

    try:
        with open_session(settings, os.environ) as session:
            yield Finding("region", session.settings.region or "none given: the profile's own")
            yield Finding("endpoint", session.settings.endpoint_url or "AWS's own")
            for result in session.run("SELECT Account, Arn FROM aws.sts.caller_identities", {}):
                for row in result.table().to_pylist():
                    yield Finding("account", f"{row['Account']} as {row['Arn']}")
    except CredentialsMissing as error:
        advice = error.hint or "aws configure, or --profile, or AWS_PROFILE; --sandbox needs none"
        yield Finding("credentials", error.message, is_well=False, advice=advice)
    except Unreachable as error:
        advice = error.hint or "check the endpoint, the proxy and the network"
        yield Finding("endpoint", error.message, is_well=False, advice=advice)
    except Error as error:
        yield Finding("account", error.message, is_well=False, advice=error.hint or "")
