"""The checks of ``doctor``, one function per subject: each returns findings with advice.

Owns the checks and their advice; ``doctor_command`` prints them.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from cirrusql.apps.cli.commands.doctor_access import permissions, regions
from cirrusql.apps.cli.commands.doctor_finding import Finding
from cirrusql.apps.cli.opening import open_session
from cirrusql.errors import CredentialsMissing, Error, Unreachable
from cirrusql.execution.audit.audit_sinks import File, sink_of
from cirrusql.version import __version__

if TYPE_CHECKING:
    from cirrusql.session.session import Session
    from cirrusql.settings import Settings

LIBRARIES = ("botocore", "duckdb", "pyarrow", "aiohttp", "sqlglot")
OPTIONAL = {"moto": "sandbox", "pg-mimic": "pg", "mcp": "mcp"}

CLOCK_WARNS, CLOCK_FAILS = 60.0, 300.0
"""Maximum difference from the service's clock, in seconds. Signatures are rejected from five
minutes on (AWS General Reference, "Signature Version 4")."""


def versions() -> Iterator[Finding]:
    """The versions of CirruSQL, Python, and the main libraries."""
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


def every_setting(settings: Settings) -> Iterator[Finding]:
    """Each setting with its value and origin; the connections of the config file."""
    for name, value, origin, _ in settings.variables():
        yield Finding(f"setting {name}", f"{value or 'none'}  (from {origin})")
    for name, place in sorted(settings.providers.items()):
        yield Finding(f"provider {name}", place)
    for name, connection in sorted(settings.connections.items()):
        if connection.provider != "aws":
            where = connection.endpoint_url or "its default address"
            token = f", token from {connection.token_env}" if connection.token_env else ""
            yield Finding(f"connection {name}", f"{connection.provider} at {where}{token}")
            continue
        told = (
            connection.profile
            or connection.role_arn
            or connection.role_name
            or "ambient credentials"
        )
        yield Finding(
            f"connection {name}", f"{told}, regions {', '.join(connection.regions) or 'one'}"
        )


def transactions() -> Iterator[Finding]:
    """Transactions whose process died in the middle, or that left steps which are not undone."""
    from cirrusql.execution.transaction.recovery import all_left

    states = ("interrupted", "all done", "damaged", "not all undone")
    left = [t for t in all_left() if t.state in states]
    if not left:
        yield Finding("transactions", "none interrupted")
        return
    ended = sum(t.state == "not all undone" for t in left)
    counts = {"interrupted": len(left) - ended, "not all undone": ended}
    many = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    many += f": {', '.join(t.id for t in left[:3])}"
    yield Finding(
        "transactions", many, is_well=False, advice="cirrusql recover show ID, then undo or forget"
    )


def audit_log(settings: Settings) -> Iterator[Finding]:
    """Whether the lines of the audit file are unchanged."""
    from cirrusql.execution.audit.audit import damages

    found = sink_of(settings.audit, settings.audit_size)
    if found is None or not isinstance(found[0], File):
        yield Finding("audit log", found[1] if found else "off")
        return
    path = Path(found[1])
    try:
        wrong = list(damages(path)) if path.is_file() else []
    except OSError as error:
        yield Finding("audit log", f"{path} cannot be read: {error.strerror}", is_well=False)
        return
    if wrong:
        told = f"{path} is damaged: {'; '.join(wrong[:3])}{' …' if len(wrong) > 3 else ''}"
        yield Finding(
            "audit log", told, is_well=False, advice="keep a copy, and check who can write there"
        )
        return
    yield Finding(
        "audit log", f"{path}, no damage found" if path.is_file() else f"{path}, nothing yet"
    )


def cache_folder(settings: Settings) -> Iterator[Finding]:
    """The cache of data derived from the models: it must be writable."""
    import platformdirs

    from cirrusql.providers import default_catalog

    folder = Path(platformdirs.user_cache_dir("cirrusql"))
    there = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(there, os.W_OK):
        advice = f"make {there} writable, or set XDG_CACHE_HOME; until then start-up is slower"
        yield Finding("cache folder", f"{folder} cannot be written", is_well=False, advice=advice)
        return
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) if folder.exists() else 0
    yield Finding("cache folder", f"{folder}, {size / 1e6:,.1f} MB")
    is_kept = default_catalog(settings).index().is_kept()
    yield Finding(
        "catalog index", "built" if is_kept else "built by the first search or table browser"
    )


def account(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether AWS can be called, as whom, and what can be read: one GetCallerIdentity per
    connection, and a row of each common table."""
    from cirrusql.providers.aws.setup_facts import endpoint_of, setup_facts

    try:
        with open_session(settings, environ) as session:
            facts = list(setup_facts(session.settings, environ))
            for fact in facts:
                lacks = fact.subject == "credentials" and not fact.is_well
                advice = f"{fact.advice}; --sandbox needs none" if lacks else fact.advice
                yield Finding(fact.subject, fact.value, fact.is_well, advice)
            has_credentials = all(fact.is_well for fact in facts)
            of_aws = {n: c for n, c in settings.connections.items() if c.provider == "aws"}
            own = settings.connection
            is_of_another = own in settings.connections and own not in of_aws
            of_own = (
                list(_identity(session, "account", None if is_of_another else own))
                if has_credentials
                else []
            )
            yield from of_own
            for name, connection in sorted(of_aws.items()):
                if not connection.organization and name != own:
                    yield from _identity(session, f"account of {name}", name)
            yield from clock(session, endpoint_of(session.settings, environ))
            if of_own and all(finding.is_well for finding in of_own):
                yield from regions(session, None if is_of_another else own)
                yield from permissions(session)
    except Error as error:
        yield Finding("session", error.message, is_well=False, advice=error.hint or "")


def _identity(session: Session, subject: str, connection: str | None) -> Iterator[Finding]:
    where = "" if connection is None else " WHERE connection = $connection"
    sql = f"SELECT Account, Arn FROM aws.sts.caller_identities{where}"
    try:
        for result in session.run(sql, {"connection": connection}):
            for row in result.table().to_pylist():
                yield Finding(subject, f"{row['Account']} as {row['Arn']}")
            for failure in result.failures:
                raise failure.error
    except CredentialsMissing as error:
        advice = (
            error.hint
            or "run aws configure, or set --profile or AWS_PROFILE; --sandbox needs no credentials"
        )
        yield Finding(_of("credentials", subject), error.message, is_well=False, advice=advice)
    except Unreachable as error:
        advice = error.hint or "check the endpoint, the proxy and the network"
        yield Finding(_of("endpoint", subject), error.message, is_well=False, advice=advice)
    except Error as error:
        advice = error.hint or "check the profile, the role and its trust policy"
        yield Finding(subject, error.message, is_well=False, advice=advice)


def _of(what: str, subject: str) -> str:
    return subject.replace("account", what, 1)


def clock(session: Session, endpoint: str | None) -> Iterator[Finding]:
    """This machine's clock compared with the service's, from the ``Date`` of an
    unsigned response."""
    settings = session.settings
    url = endpoint or f"https://sts.{settings.region or 'us-east-1'}.amazonaws.com/"
    seconds = clock_skew(url, settings.connect_timeout)
    if seconds is None:
        yield Finding("clock", "not compared: no response with a date")
        return
    told = f"{abs(seconds):.0f} s {'behind' if seconds < 0 else 'ahead of'} {url}"
    is_well = abs(seconds) < CLOCK_FAILS
    advice = "" if abs(seconds) < CLOCK_WARNS else "set the clock by NTP (timedatectl set-ntp true)"
    yield Finding("clock", told, is_well=is_well, advice=advice)


def clock_skew(url: str, timeout: float) -> float | None:
    """How many seconds our clock is ahead of a server's; None if its response has no date.

    The server's ``Date`` has whole seconds; half of the round-trip time is subtracted.
    """
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, method="HEAD")  # noqa: S310
    started = time.time()
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            headers = answer.headers
    except urllib.error.HTTPError as error:
        headers = error.headers
        error.close()
    except (OSError, ValueError):
        return None
    middle = (started + time.time()) / 2
    try:
        return middle - parsedate_to_datetime(headers["Date"]).timestamp() - 0.5
    except (TypeError, ValueError):
        return None
