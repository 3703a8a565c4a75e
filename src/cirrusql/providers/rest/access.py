"""Access to a JSON API over HTTP: connections from the config file, tokens from the environment.

Such an API has no regions or accounts: its places are its connections.
"""

from __future__ import annotations

import re
import uuid
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote, urlsplit

from cirrusql.api.exchange import Elsewhere, Fault, Request, Response, Target
from cirrusql.api.model import Operation, Service
from cirrusql.api.provider import Codec, Reach
from cirrusql.errors import ConfigError, CredentialsMissing, UnknownName
from cirrusql.loopback import is_loopback
from cirrusql.settings import ConnectionSettings, Settings
from cirrusql.transport.location_patterns import is_pattern, selected, unescaped

_VARIABLE = re.compile(r"\{(\w+)\}")


class Scheme(StrEnum):
    """How a token is sent."""

    BEARER = "bearer"
    BASIC = "basic"
    """The token is ``name:password``."""
    HEADER = "header"
    QUERY = "query"
    NONE = "none"


@dataclass(frozen=True)
class Auth:
    """How an API authenticates callers."""

    scheme: Scheme = Scheme.BEARER
    token_env: str = ""
    """The environment variable with the token, unless a connection names another."""
    name: str = ""
    """The header or query parameter that carries the token."""


@dataclass(frozen=True)
class Server:
    """The address of an API, unless a connection's ``endpoint_url`` overrides it."""

    url: str
    """May contain variables: ``https://{subdomain}.example.com``."""
    url_env: str = ""
    """The environment variable that may hold another URL."""
    variables: Mapping[str, str] | None = None
    """By variable, the environment variable with its value."""


class RestAccess:
    """Authenticator and topology of one API for one session."""

    def __init__(
        self,
        provider: str,
        codec: Codec,
        server: Server,
        auth: Auth,
        settings: Settings,
        environ: Mapping[str, str],
    ) -> None:
        self._provider = provider
        self._codec = codec
        self._server = server
        self.auth = auth
        self._settings = settings
        self._environ = environ

    @property
    def authenticator(self) -> RestAccess:
        """This object itself signs."""
        return self

    @property
    def topology(self) -> RestAccess:
        """Its places are its connections."""
        return self

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on."""
        self._settings = settings

    # Authentication.

    async def exchange(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        elsewhere: Elsewhere,
    ) -> RestExchange:
        """The exchange of a call."""
        endpoint = self.endpoint_url(target.connection)
        request, _ = self._codec.request(operation, parameters, target, endpoint, _new_token)
        return RestExchange(self, target.connection, request)

    def region_of(
        self, operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> str:
        """There are no regions."""
        return target.region

    def endpoint_url(self, connection: str | None) -> str:
        """The base URL of a connection's calls. ConfigError if it is unknown, or not safe for a
        token."""
        own = self._connection(connection)
        server = self._server
        url = (
            (own.endpoint_url if own is not None else None)
            or self._environ.get(server.url_env)
            or server.url
        )
        url = _VARIABLE.sub(lambda m: quote(self._variable(m[1], own), safe=".-"), url)
        parts = urlsplit(url)
        if self._settings.sandbox and not is_loopback(parts.hostname or ""):
            raise ConfigError(
                f"the sandbox does not call {url}: it calls loopback endpoints only",
                hint=f"to call {self._provider}, turn off the setting sandbox",
            )
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ConfigError(
                f"{url} is not https: the token of {self._provider} is not sent to it"
            )
        return url

    def _variable(self, name: str, own: ConnectionSettings | None) -> str:
        env = (self._server.variables or {}).get(name, "")
        found = (own.variables.get(name) if own is not None else None) or self._environ.get(env)
        if not found:
            raise ConfigError(
                f"the server URL of {self._provider} requires the variable {name}",
                hint=f"set {env}" if env else "set variables in the connection",
            )
        return found

    def token(self, connection: str | None) -> str:
        """The token of a connection. Raises CredentialsMissing."""
        own = self._connection(connection)
        env = (own.token_env if own is not None else None) or self.auth.token_env
        found = self._environ.get(env, "")
        if not found and self.auth.scheme is not Scheme.NONE:
            raise CredentialsMissing(f"no token for {self._provider} was found", hint=f"set {env}")
        return found

    def _connection(self, name: str | None) -> ConnectionSettings | None:
        return self._settings.connections.get(name) if name else None

    # Places.

    async def targets(
        self, scope: Reach, service: Service, operation: str = ""
    ) -> Sequence[Target]:
        """The connections that a scope selects."""
        names = [n for n, c in self._settings.connections.items() if c.provider == self._provider]
        if scope.connections is None and not scope.excluded_connections:
            return (self._target(self._own(names), service),)
        for name in scope.connections or ():
            plain = unescaped(name)
            if not is_pattern(name) and plain not in self._settings.connections:
                raise UnknownName(plain, names, where="the connections")
        if not names and scope.connections in (None, ("%",)):
            return (self._target(None, service),)
        found = selected(names, scope.connections, scope.excluded_connections)
        targets = tuple(self._target(name, service) for name in found)
        own = self._own(names)
        if not scope.own_account_too or own in found or self._is_another_of(own, found):
            return targets
        return (self._target(own, service), *targets)

    def _target(self, name: str | None, service: Service) -> Target:
        """A connection, with the values of the service's own context columns."""
        own = self._connection(name)
        named = (c.name for c in service.context if c.name in (self._server.variables or {}))
        known = ((n, self._known(n, own)) for n in named)
        return Target(
            name, "", context=tuple((n, value) for n, value in known if value is not None)
        )

    def _known(self, name: str, own: ConnectionSettings | None) -> str | None:
        try:
            return self._variable(name, own)
        except ConfigError:
            # If the address needs the value, building the request reports that it is missing.
            return None

    def _is_another_of(self, own: str | None, names: Sequence[str | None]) -> bool:
        """Whether the session's own connection is also in the config file, or does not exist."""
        try:
            return self._identity(own) in {self._identity(name) for name in names}
        except (ConfigError, CredentialsMissing):
            return True

    def _identity(self, name: str | None) -> tuple[str, str]:
        return self.endpoint_url(name), self.token(name)

    def _own(self, names: Sequence[str]) -> str | None:
        """The session's connection if it is of this provider; otherwise the only one; otherwise the
        environment."""
        if self._settings.connection in names:
            return self._settings.connection
        return names[0] if len(names) == 1 else None

    def only_region(self, operation: Operation) -> str | None:
        """There are no regions."""
        return None

    def answered_in(
        self, operation: Operation, parameters: Mapping[str, object], region: str
    ) -> str:
        """There are no regions."""
        return region

    async def regions(self) -> tuple[str, ...]:
        """There are no regions."""
        return ()

    def is_guessed(self, connection: str | None) -> bool:
        """There are no regions."""
        return False

    async def account_or_none(self, connection: str | None) -> str | None:
        """There are no accounts."""
        return None

    async def caller(self, connection: str | None) -> Mapping[str, str]:
        """A token does not say whose it is."""
        return {}

    async def account_alias(self, connection: str | None) -> str | None:
        """There are no accounts."""
        return None


class RestExchange:
    """One request, sent with a token."""

    def __init__(self, access: RestAccess, connection: str | None, request: Request) -> None:
        self._access = access
        self._connection = connection
        self.request = request
        self._token: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the token was found."""
        return self._token is not None

    async def prepare(self) -> None:
        """Find the token."""
        self._token = self._access.token(self._connection)

    def signed(self, now: datetime) -> Request:
        """The request with the token where the API expects it."""
        auth, token, request = self._access.auth, self._token or "", self.request
        match auth.scheme:
            case Scheme.BEARER:
                added = {"Authorization": f"Bearer {token}"}
            case Scheme.BASIC:
                added = {"Authorization": f"Basic {b64encode(token.encode()).decode()}"}
            case Scheme.HEADER:
                added = {auth.name: token}
            case Scheme.QUERY:
                mark = "&" if "?" in request.url else "?"
                return replace(
                    request, url=f"{request.url}{mark}{auth.name}={quote(token, safe='')}"
                )
            case Scheme.NONE:
                added = {}
        return replace(request, headers={**request.headers, **added})

    async def redirected(self, fault: Fault, response: Response) -> bool:
        """Never: such an API does not redirect."""
        return False

    async def refresh(self) -> None:
        """Find the token again."""
        self._token = None


def _new_token() -> str:
    return str(uuid.uuid4())
