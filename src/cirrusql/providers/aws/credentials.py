"""Credentials, region and endpoint of each connection.

Found as boto3 finds them, through botocore's own session; the sandbox gets its own credentials and
none of the user's. Everything that may block runs in a thread.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from cirrusql.api.http_messages import Credentials
from cirrusql.errors import ConfigError, CredentialsMissing, OperationalError, UnknownName
from cirrusql.loopback import is_loopback
from cirrusql.providers.aws.advice import credential_advice
from cirrusql.settings import ConnectionSettings, Settings

_EMBEDDED = Credentials("sandbox", "sandbox")
"""The sandbox accepts any key and maps it to its own account."""
# Configures a botocore session to read no profile, whatever AWS_PROFILE and the user's files say:
# (config key, environment variable, default, conversion) by name.
_NOBODYS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}

PROVIDER = "aws"
BASE = "#base"
"""Suffix of the internal connection that holds a connection's own credentials when it assumes a
role."""

_RENEW_BEFORE = timedelta(minutes=5)
"""Seconds before its end at which a session is renewed: a call signed now must still be
accepted."""


def leads_home(url: str | None) -> bool:
    """Whether a URL leads to this machine only."""
    return url is not None and is_loopback(urlsplit(url).hostname or "")


class Profile:
    """The botocore session and credentials of one profile, shared by all connections
    that use it."""

    def __init__(self, name: str | None, settings: Settings) -> None:
        self.name = name
        self._is_nobodys = settings.sandbox
        self._found: Any = None
        self._lock = asyncio.Lock()

    @cached_property
    def session(self) -> Any:
        """The botocore session. ConfigError if the profile does not exist."""
        import botocore.exceptions
        import botocore.session

        overrides, name = (_NOBODYS, None) if self._is_nobodys else (None, self.name)
        session = botocore.session.Session(overrides, profile=name)
        try:
            session.get_scoped_config()
        except botocore.exceptions.ProfileNotFound as error:
            known = ", ".join(session.available_profiles) or "none"
            raise ConfigError(str(error), hint=f"the profiles there are: {known}") from error
        except botocore.exceptions.BotoCoreError as error:
            raise ConfigError(f"cannot read the AWS config: {error}") from error
        return session

    def at_hand(self) -> Credentials | None:
        """The current credentials, if available without waiting."""
        found = self._found
        if found is None or (hasattr(found, "refresh_needed") and found.refresh_needed()):
            return None
        return frozen_credentials(found)

    async def credentials(self) -> Credentials | None:
        """The current credentials; None if none are found. CredentialsMissing if loading failed."""
        if self._found is None:
            async with self._lock:
                if self._found is None:
                    self._found = await asyncio.to_thread(self._find)
        found, at_hand = self._found, self.at_hand()
        if found is None or at_hand is not None:
            return at_hand
        async with self._lock:
            return await asyncio.to_thread(frozen_credentials, found, self.name)

    async def bearer(self, service: str) -> str | None:
        """The bearer token for a service, by its signing name."""
        async with self._lock:
            return await asyncio.to_thread(self._token, service)

    async def forget(self) -> None:
        """Reload at the next call."""
        async with self._lock:
            self._found = None
            self.__dict__.pop("session", None)

    def _find(self) -> Any:
        session = self.session
        try:
            return session.get_credentials()
        except Exception as error:
            hint = credential_advice(error, self.name)
            raise CredentialsMissing(
                f"cannot get credentials: {_said(error)}", hint=hint
            ) from error

    def _token(self, service: str) -> str | None:
        session = self.session
        try:
            found = session.get_auth_token(signing_name=service)
            # Session credentials may need renewal; static ones from the environment do not change.
            frozen = found.get_frozen_token() if hasattr(found, "get_frozen_token") else found
            return str(frozen.token) if frozen is not None else None
        except Exception as error:
            raise CredentialsMissing(
                f"cannot get a bearer token: {_said(error)}",
                hint=credential_advice(error, self.name) or "aws sso login",
            ) from error


@dataclass
class CallerIdentity:
    """The identity of one connection, cached while the fetcher lives."""

    name: str | None
    settings: Settings
    environ: Mapping[str, str]
    connection: ConnectionSettings | None
    source: Profile
    """The profile of its credentials, or of those that assume its role."""
    account_id: str | None = None
    arn: str = ""
    """Set by the first GetCallerIdentity."""
    account_trouble: tuple[float, OperationalError] | None = None
    """When and why finding the account last failed."""
    enabled_regions: tuple[str, ...] | None = None
    regions_are_guessed: bool = False
    """Listing enabled regions is not permitted: all regions of the partition are tried."""
    assume: Callable[[], Awaitable[tuple[Credentials, datetime]]] | None = None
    """Assumes the connection's role, if it has one; returns the credentials and their expiry."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _assumed: tuple[Credentials, datetime] | None = None
    _searched: Any = None
    """The botocore session that the configured endpoints are of."""
    _configured: dict[str, str | None] = field(default_factory=dict)
    """By service: its endpoint in the environment or the profile."""

    @property
    def session(self) -> Any:
        """The botocore session. ConfigError if the profile does not exist."""
        return self.source.session

    @property
    def region(self) -> str | None:
        """The default region: from the setting, the environment or the profile."""
        if self.settings.region:
            return self.settings.region
        if self.settings.sandbox:
            return "us-east-1"
        # As in AWS CLI v2; botocore itself reads only AWS_DEFAULT_REGION, which has lower
        # precedence.
        if self.environ.get("AWS_REGION"):
            return self.environ["AWS_REGION"]
        found = self.session.get_config_variable("region")
        if found is None and leads_home(self.endpoint_url("")):
            return "us-east-1"
        return str(found) if found else None

    def endpoint_url(self, service: str) -> str | None:
        """The custom endpoint of a service, if any. ConfigError if a sandbox session would leave
        this machine."""
        own = self.connection.endpoint_url if self.connection is not None else None
        url = own or self.settings.endpoint_url or self._configured_endpoint(service)
        if self.settings.sandbox and not leads_home(url):
            raise ConfigError(
                f"the sandbox does not call {url or 'AWS'}: it calls loopback endpoints only",
                hint="to call AWS itself, turn off the setting sandbox",
            )
        return url

    def _configured_endpoint(self, service: str) -> str | None:
        """The endpoint in the environment or the profile: the search is done once for a botocore
        session, since it costs a fifth of a small call."""
        if self.settings.sandbox:
            return None
        session = self.session
        if self._searched is not session:
            self._searched, self._configured = session, {}
        if service not in self._configured:
            self._configured[service] = self._searched_endpoint(session, service)
        return self._configured[service]

    def _searched_endpoint(self, session: Any, service: str) -> str | None:
        from botocore.configprovider import ConfiguredEndpointProvider

        if session.get_config_variable("ignore_configured_endpoint_urls"):
            return None
        provider = ConfiguredEndpointProvider(
            full_config=session.full_config,
            scoped_config=session.get_scoped_config(),
            client_name=service or "sts",
            environ=dict(self.environ),
        )
        found = provider.provide()
        return str(found) if found else None

    def at_hand(self) -> Credentials | None:
        """The current credentials, if available without waiting or assuming a role."""
        return None if self.assume is not None or self.settings.sandbox else self.source.at_hand()

    async def credentials(self, endpoint_url: str | None) -> Credentials | None:
        """The current credentials, renewed if they are about to expire; None if none are found.

        Raises CredentialsMissing if a credential provider was found but failed.
        """
        if self.assume is not None:
            return await self._of_role(self.assume)
        if self.settings.sandbox:
            return _EMBEDDED
        found = await self.source.credentials()
        return _EMBEDDED if found is None and leads_home(endpoint_url) else found

    async def _of_role(
        self, assume: Callable[[], Awaitable[tuple[Credentials, datetime]]]
    ) -> Credentials:
        """The role's credentials; the first caller that finds them about to expire renews them, the
        others wait."""
        async with self._lock:
            if self._assumed is None or self._assumed[1] - datetime.now(UTC) < _RENEW_BEFORE:
                self._assumed = await assume()
            return self._assumed[0]

    async def bearer(self, service: str) -> Credentials | None:
        """The bearer token for a service (by its signing name); None if none is found.

        Searched like botocore does: ``AWS_BEARER_TOKEN_<SERVICE>``, then the profile's SSO session.
        Raises CredentialsMissing if that session has expired.
        """
        token = None if self.settings.sandbox else await self.source.bearer(service)
        return Credentials("", "", bearer=token) if token else None

    async def refresh(self) -> None:
        """Drop cached credentials, so that the next call reloads them."""
        async with self._lock:
            self._assumed = None
        await self.source.forget()

    def missing(self) -> CredentialsMissing:
        """The error for missing credentials, saying where they were searched."""
        profile = f" (profile {self.source.name!r})" if self.source.name else ""
        return CredentialsMissing(
            f"no AWS credentials were found{profile}",
            hint="run `aws sso login` or `aws configure`, set AWS_PROFILE or AWS_ACCESS_KEY_ID, "
            "or try the sandbox, which needs none (setting sandbox)",
        )


def frozen_credentials(found: Any, profile: str | None = None) -> Credentials:
    try:
        frozen = found.get_frozen_credentials()
    except Exception as error:
        is_sso = "sso" in str(getattr(found, "method", ""))
        hint = credential_advice(error, profile) or ("aws sso login" if is_sso else None)
        raise CredentialsMissing(
            f"the credentials could not be refreshed: {_said(error)}", hint=hint
        ) from error
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def _said(error: Exception) -> str:
    """The cause of a failure: botocore passes on whatever its helper programs and files raise."""
    if isinstance(error, EOFError):
        return "an MFA code is required, but there is no terminal to enter it"
    kind = "" if type(error).__module__.startswith("botocore") else f"{type(error).__name__}: "
    return f"{kind}{error}".strip()


class Identities:
    """The identities of all connections, created at first use."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self._environ = environ
        self._known: dict[str | None, CallerIdentity] = {}
        self._profiles: dict[str | None, Profile] = {}

    def get(self, name: str | None) -> CallerIdentity:
        """The identity of a connection; None is the session's own. Raises UnknownName."""
        name = name or self.own
        if name not in self._known:
            connection = self.settings.connections.get(name) if name else None
            if name and (connection is None or connection.provider != PROVIDER):
                raise UnknownName(name, self.settings.connections, where="the connections")
            self._known[name] = self._identity(name, connection)
        return self._known[name]

    @property
    def own(self) -> str | None:
        """The default connection; None if it belongs to another provider."""
        name = self.settings.connection
        given = self.settings.connections.get(name) if name else None
        return name if given is None or given.provider == PROVIDER else None

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on."""
        self.settings = settings
        for identity in self._known.values():
            identity.settings = settings

    def add(self, connection: ConnectionSettings) -> None:
        """Add a discovered connection: an account of an organization."""
        self._known[connection.name] = self._identity(connection.name, connection)

    def _identity(self, name: str | None, connection: ConnectionSettings | None) -> CallerIdentity:
        own = connection.profile if connection is not None else None
        profile = own or self.settings.profile
        source = self._profiles.setdefault(profile, Profile(profile, self.settings))
        return CallerIdentity(name, self.settings, self._environ, connection, source)

    def names(self) -> tuple[str, ...]:
        """All configured and discovered connections, except internal ones that only assume a role
        for another."""
        found = dict.fromkeys(
            n for n, c in self.settings.connections.items() if c.provider == PROVIDER
        )
        found |= dict.fromkeys(n for n in self._known if n is not None and not n.endswith(BASE))
        return tuple(found)

    def knows(self, name: str) -> bool:
        """Whether the connection already exists."""
        return name in self._known or name in self.settings.connections
