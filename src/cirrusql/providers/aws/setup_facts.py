"""Facts for ``cirrusql doctor``: the region, endpoint and credentials of a session, where each
comes from, and when the credentials expire.

Found as calls find them, with ``credentials``; makes no call of its own, but refreshing credentials
may.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cirrusql.errors import Error
from cirrusql.providers.aws.credentials import CallerIdentity, Identities, frozen_credentials
from cirrusql.settings import Settings

_METHODS = {
    "env": "environment variables",
    "shared-credentials-file": "the credentials file",
    "config-file": "the AWS config file",
    "sso": "IAM Identity Center (aws sso login)",
    "login": "aws login",
    "assume-role": "an assumed role",
    "assume-role-with-web-identity": "a web identity",
    "custom-process": "credential_process",
    "container-role": "the container's role",
    "iam-role": "the instance's role",
}
"""botocore's names for sources of credentials, in words."""

_LONGEST = 7 * 24 * 3600
"""Seconds; no session lasts longer."""
_SOON = timedelta(minutes=15)
_SERVICE_ENDPOINT = "AWS_ENDPOINT_URL_"


@dataclass(frozen=True)
class SetupFact:
    """One setting; ``advice`` says what to do if it is missing."""

    subject: str
    value: str
    is_well: bool = True
    advice: str = ""


def setup_facts(settings: Settings, environ: Mapping[str, str]) -> Iterator[SetupFact]:
    """The region, the endpoints and the credentials of a session."""
    try:
        identity = Identities(settings, environ).get(None)
        yield _region(identity, settings, environ)
        yield from _endpoints(identity, settings, environ)
        yield _credentials(identity)
    except Error as error:
        yield SetupFact("credentials", error.message, is_well=False, advice=error.hint or "")


def endpoint_of(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """The endpoint that STS is called at, if it is not AWS's own. ConfigError as calls have it."""
    return Identities(settings, environ).get(None).endpoint_url("sts")


def _region(identity: CallerIdentity, settings: Settings, environ: Mapping[str, str]) -> SetupFact:
    found = identity.region
    if found is None:
        return SetupFact("region", "none", advice="set AWS_REGION, or a region in the profile")
    if settings.region:
        origin = settings.origins.get("region", "a setting")
    elif settings.sandbox:
        origin = "the sandbox"
    else:
        by_name = (name for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if environ.get(name))
        configured = identity.session.get_scoped_config().get("region")
        fallback = _profile(identity) if configured else "an endpoint on this machine"
        origin = next(by_name, fallback)
    return SetupFact("region", f"{found}  (from {origin})")


def _endpoints(
    identity: CallerIdentity, settings: Settings, environ: Mapping[str, str]
) -> Iterator[SetupFact]:
    # No service has this name, so endpoints for single services are left out.
    found = identity.endpoint_url("any")
    if found is None:
        yield SetupFact("endpoint", "AWS's own")
    elif settings.endpoint_url:
        origin = settings.origins.get("endpoint_url", "a setting")
        yield SetupFact("endpoint", f"{found}  (from {origin})")
    else:
        origin = "AWS_ENDPOINT_URL" if environ.get("AWS_ENDPOINT_URL") else _profile(identity)
        yield SetupFact("endpoint", f"{found}  (from {origin})")
    if settings.sandbox or settings.endpoint_url:
        return
    for name in sorted(environ):
        if name.startswith(_SERVICE_ENDPOINT) and environ[name]:
            service = name.removeprefix(_SERVICE_ENDPOINT).lower()
            yield SetupFact(f"endpoint of {service}", f"{environ[name]}  (from {name})")


def _credentials(identity: CallerIdentity) -> SetupFact:
    if identity.settings.sandbox:
        return SetupFact("credentials", "the sandbox's own; yours are not used")
    found = identity.session.get_credentials()
    if found is None:
        missing = identity.missing()
        if identity.endpoint_url("sts") is not None:
            return SetupFact("credentials", "none")
        return SetupFact("credentials", missing.message, is_well=False, advice=missing.hint or "")
    frozen = frozen_credentials(found, identity.source.name)
    method = str(found.method)
    origin = f"from {_METHODS.get(method, method)}"
    end = expiry(found, datetime.now(UTC))
    if end is None and frozen.token:
        return SetupFact("credentials", f"{origin}, temporary; when they expire is not known")
    if end is None:
        return SetupFact("credentials", f"{origin}, do not expire")
    left = end - datetime.now(UTC)
    told = f"{origin}, expire at {end:%Y-%m-%dT%H:%M:%SZ} (in {_minutes(left)})"
    is_renewed = method not in ("env", "shared-credentials-file")
    advice = "" if is_renewed or left > _SOON else "get new ones before they expire"
    return SetupFact("credentials", told, advice=advice)


def expiry(found: Any, now: datetime) -> datetime | None:
    """When botocore's credentials expire; None if they do not, or it is unknown.

    botocore's public interface only says whether they expire within a given number of seconds.
    """
    if not hasattr(found, "refresh_needed") or not found.refresh_needed(refresh_in=_LONGEST):
        return None
    lasts, ends = 0, _LONGEST
    while ends - lasts > 1:
        middle = (lasts + ends) // 2
        if found.refresh_needed(refresh_in=middle):
            ends = middle
        else:
            lasts = middle
    return now + timedelta(seconds=ends)


def _minutes(left: timedelta) -> str:
    minutes = int(left.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _profile(identity: CallerIdentity) -> str:
    name = identity.source.name or identity.session.get_config_variable("profile")
    return f"profile {name or 'default'}"
