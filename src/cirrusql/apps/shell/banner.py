"""Where a shell's statements go: account, region, and whether writes are allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cirrusql.errors import Error
from cirrusql.render.error_text import cut_message
from cirrusql.render.terminal import safe
from cirrusql.version import __version__

if TYPE_CHECKING:
    from cirrusql.session.session import Session

_SECONDS = 5.0
"""Seconds that the first prompt waits for the account."""
_IDENTITY = "SELECT Account, Arn, region FROM aws.sts.caller_identities"


@dataclass(frozen=True)
class ShellPlace:
    """The default place of statements."""

    account: str = ""
    identity: str = ""
    region: str = ""
    trouble: str = ""
    """Why the account is not known."""


def banner(session: Session) -> str:
    """``CirruSQL 1.0: account 123456789012, region us-east-1, read-only``. Makes one call."""
    place = place_of(session)
    parts = (
        f"account {place.account or f'unknown ({place.trouble})'}",
        f"region {place.region}" if place.region else "no region set",
        *_access(session),
        _writes(session),
    )
    return f"CirruSQL {__version__}: {', '.join(parts)}"


def connection_lines(session: Session) -> list[str]:
    """What ``\\conninfo`` prints: the same, a fact a line."""
    settings, place = session.settings, place_of(session)
    facts = {
        "account": place.account or f"unknown: {place.trouble}",
        "identity": place.identity,
        "region": place.region or "none",
        "connection": settings.connection or "none",
        "profile": settings.profile or "none",
        "endpoint": settings.endpoint_url or "the provider's own",
        "sandbox": "yes" if settings.sandbox else "no",
        "writes": _writes(session),
        "database": settings.database or "in memory",
        "cache": f"{settings.cache_ttl:g} s",
    }
    width = max(map(len, facts))
    return [f"{name:<{width}}  {value}" for name, value in facts.items() if value]


def place_of(session: Session) -> ShellPlace:
    """Whom AWS takes the session for, and the region that statements get."""
    kept, session.settings = session.settings, replace(session.settings, statement_timeout=_SECONDS)
    try:
        for result in session.run(_IDENTITY):
            rows = result.table().to_pylist()
            if result.failures:
                raise result.failures[0].error
            for row in rows:
                return ShellPlace(safe(row["Account"]), safe(row["Arn"]), safe(row["region"]))
        return ShellPlace(region=kept.region or "", trouble="no answer")
    except Error as error:
        return ShellPlace(region=kept.region or "", trouble=safe(cut_message(error.message)))
    finally:
        session.settings = kept


def _access(session: Session) -> tuple[str, ...]:
    settings = session.settings
    if settings.sandbox:
        return ("sandbox",)
    named = f"connection {settings.connection}" if settings.connection else ""
    profile = f"profile {settings.profile}" if settings.profile else ""
    endpoint = f"endpoint {settings.endpoint_url}" if settings.endpoint_url else ""
    return tuple(part for part in (named, profile, endpoint) if part)


def _writes(session: Session) -> str:
    return "read-only" if session.settings.read_only else "writes allowed"
