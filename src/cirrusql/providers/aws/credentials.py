"""Who calls, from where: credentials, region and endpoint of each connection.

Found as boto3 finds them, by botocore's own session; an embedded AWS gets credentials of
its own and none of the user's. Everything that may block runs in a thread.
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
"""An embedded AWS takes any key for its own account."""
# A botocore session that reads no profile, whatever AWS_PROFILE and the user's files say:
# (key in the file, environment variable, default, conversion) by name.
_NOBODYS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}

PROVIDER = "aws"
BASE = "#base"
"""Ends the name of a connection's own credentials, where it assumes a role by them."""

_RENEW_BEFORE = timedelta(minutes=5)
"""How long before its end a session is renewed: a call signed now must still be let in."""


def leads_home(url: str | None) -> bool:
    """Whether a URL leads to this machine and nowhere else."""
    return url is not None and is_loopback(urlsplit(url).hostname or "")


class Profile:
    """One profile's botocore session and the credentials it found,
    for all connections that name it."""

    def __init__(self, name: str | None, settings: Settings) -> None:
        self.name = name
        self._is_nobodys = settings.sandbox
        self._found: Any = None
        self._lock = asyncio.Lock()

    @cached_property
    def session(self) -> Any:
        """The botocore session; ConfigError where the profile does not exist."""
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
        """What signs a call now, where that needs no waiting."""
        found = self._found
        if found is None or (hasattr(found, "refresh_needed") and found.refresh_needed()):
            return None
        return _frozen(found)

    async def credentials(self) -> Credentials | None:
        """What signs a call now;
        None where none is found, CredentialsMissing where finding failed."""
        if self._found is None:
            async with self._lock:
                if self._found is None:
                    self._found = await asyncio.to_thread(self._find)
        found, at_hand = self._found, self.at_hand()
        if found is None or at_hand is not None:
            return at_hand
        async with self._lock:
            return await asyncio.to_thread(_frozen, found, self.name)

    async def bearer(self, service: str) -> str | None:
        """The OAuth token for a service by its signing name."""
        async with self._lock:
            return await asyncio.to_thread(self._token, service)

    async def forget(self) -> None:
        """Look anew at the next call."""
        async with self._lock:
            self._found = None
            self.__dict__.pop("session", None)

    def _find(self) -> Any:
        session = self.session
        try:
            return session.get_credentials()
        except Exception as error:
            hint = credential_advice(error, self.name)
            raise CredentialsMissing(f"no credentials: {_said(error)}", hint=hint) from error

    def _token(self, service: str) -> str | None:
        session = self.session
        try:
            found = session.get_auth_token(signing_name=service)
            # That of a session may have to be renewed; that of the environment is what it is.
            frozen = found.get_frozen_token() if hasattr(found, "get_frozen_token") else found
            return str(frozen.token) if frozen is not None else None
        except Exception as error:
            raise CredentialsMissing(
                f"no bearer token: {_said(error)}",
                hint=credential_advice(error, self.name) or "aws sso login",
            ) from error


@dataclass
class CallerIdentity:
    """Who one connection is, kept for the fetcher's life."""

    name: str | None
    settings: Settings
    environ: Mapping[str, str]
    connection: ConnectionSettings | None
    source: Profile
    """Where its credentials are from, or those that assume its role."""
    account_id: str | None = None
    arn: str = ""
    """Filled by the first GetCallerIdentity."""
    account_trouble: tuple[float, OperationalError] | None = None
    """When and why the account could not be found last."""
    enabled_regions: tuple[str, ...] | None = None
    regions_are_guessed: bool = False
    """Nobody may ask which regions are enabled: all of the partition are tried."""
    assume: Callable[[], Awaitable[tuple[Credentials, datetime]]] | None = None
    """Asks for a session of the connection's role, where it assumes one,
    and until when it lasts."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _assumed: tuple[Credentials, datetime] | None = None

    @property
    def session(self) -> Any:
        """The botocore session; ConfigError where the profile does not exist."""
        return self.source.session

    @property
    def region(self) -> str | None:
        """Where a call goes that names no region: setting, environment, profile."""
        if self.settings.region:
            return self.settings.region
        if self.settings.sandbox:
            return "us-east-1"
        # As AWS CLI v2 does; botocore knows AWS_DEFAULT_REGION alone, which comes after it.
        if self.environ.get("AWS_REGION"):
            return self.environ["AWS_REGION"]
        found = self.session.get_config_variable("region")
        if found is None and leads_home(self.endpoint_url("")):
            return "us-east-1"
        return str(found) if found else None

    def endpoint_url(self, service: str) -> str | None:
        """The custom endpoint of a service, if any;
        ConfigError where a sandbox would leave home."""
        own = self.connection.endpoint_url if self.connection is not None else None
        url = own or self.settings.endpoint_url or self._configured_endpoint(service)
        if self.settings.sandbox and not leads_home(url):
            raise ConfigError(
                f"the sandbox sends nothing to {url or 'AWS'}: only loopback endpoints are called",
                hint="turn the setting sandbox off to call AWS itself",
            )
        return url

    def _configured_endpoint(self, service: str) -> str | None:
        if self.settings.sandbox:
            return None
        from botocore.configprovider import ConfiguredEndpointProvider

        if self.session.get_config_variable("ignore_configured_endpoint_urls"):
            return None
        provider = ConfiguredEndpointProvider(
            full_config=self.session.full_config,
            scoped_config=self.session.get_scoped_config(),
            client_name=service or "sts",
            environ=dict(self.environ),
        )
        found = provider.provide()
        return str(found) if found else None

    def at_hand(self) -> Credentials | None:
        """What signs a call now, where that needs no waiting and no role."""
        return None if self.assume is not None or self.settings.sandbox else self.source.at_hand()

    async def credentials(self, endpoint_url: str | None) -> Credentials | None:
        """What signs a call now, refreshed where it is about to expire; None where none is found.

        Raises CredentialsMissing where a provider was found and failed.
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
        """The role's session; whoever finds it about to end renews it, the others wait."""
        async with self._lock:
            if self._assumed is None or self._assumed[1] - datetime.now(UTC) < _RENEW_BEFORE:
                self._assumed = await assume()
            return self._assumed[0]

    async def bearer(self, service: str) -> Credentials | None:
        """The OAuth token for a service (by its signing name); None where none is found.

        Found as botocore finds it: ``AWS_BEARER_TOKEN_<SERVICE>``, then the profile's SSO session.
        Raises CredentialsMissing where there is a session and it has ended.
        """
        token = None if self.settings.sandbox else await self.source.bearer(service)
        return Credentials("", "", bearer=token) if token else None

    async def refresh(self) -> None:
        """Forget what was found, so that the next call looks anew."""
        async with self._lock:
            self._assumed = None
        await self.source.forget()

    def missing(self) -> CredentialsMissing:
        """The error that says where was looked."""
        profile = f" (profile {self.source.name!r})" if self.source.name else ""
        return CredentialsMissing(
            f"no AWS credentials were found{profile}",
            hint="run `aws sso login` or `aws configure`, set AWS_PROFILE or AWS_ACCESS_KEY_ID, "
            "or try the sandbox, which needs none (setting sandbox)",
        )


def _frozen(found: Any, profile: str | None = None) -> Credentials:
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
    """What went wrong in a source of credentials:
    botocore passes on what its programs and files raise."""
    if isinstance(error, EOFError):
        return "an MFA code is required, but there is no terminal to enter it"
    kind = "" if type(error).__module__.startswith("botocore") else f"{type(error).__name__}: "
    return f"{kind}{error}".strip()


class Identities:
    """The identities of all connections, made when first used."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self._environ = environ
        self._known: dict[str | None, CallerIdentity] = {}
        self._profiles: dict[str | None, Profile] = {}

    def get(self, name: str | None) -> CallerIdentity:
        """The identity of a connection; None is the session's own.
        UnknownName where there is none."""
        name = name or self.own
        if name not in self._known:
            connection = self.settings.connections.get(name) if name else None
            if name and (connection is None or connection.provider != PROVIDER):
                raise UnknownName(name, self.settings.connections, where="the connections")
            self._known[name] = self._identity(name, connection)
        return self._known[name]

    @property
    def own(self) -> str | None:
        """The connection of a statement that names none;
        None too where that is another provider's."""
        name = self.settings.connection
        given = self.settings.connections.get(name) if name else None
        return name if given is None or given.provider == PROVIDER else None

    def obey(self, settings: Settings) -> None:
        """From now on by these settings."""
        self.settings = settings
        for identity in self._known.values():
            identity.settings = settings

    def add(self, connection: ConnectionSettings) -> None:
        """A connection that was discovered: an account of an organization."""
        self._known[connection.name] = self._identity(connection.name, connection)

    def _identity(self, name: str | None, connection: ConnectionSettings | None) -> CallerIdentity:
        own = connection.profile if connection is not None else None
        profile = own or self.settings.profile
        source = self._profiles.setdefault(profile, Profile(profile, self.settings))
        return CallerIdentity(name, self.settings, self._environ, connection, source)

    def names(self) -> tuple[str, ...]:
        """All connections of the config file and those discovered;
        none that only assumes another's role."""
        found = dict.fromkeys(
            n for n, c in self.settings.connections.items() if c.provider == PROVIDER
        )
        found |= dict.fromkeys(n for n in self._known if n is not None and not n.endswith(BASE))
        return tuple(found)

    def knows(self, name: str) -> bool:
        """Whether there is such a connection already."""
        return name in self._known or name in self.settings.connections
