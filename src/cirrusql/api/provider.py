"""The interface of a provider: everything that the layers above need from an API.

A provider has a *source* (services, operations and shapes, with hints where the inference rules are
not enough), a *codec* (builds requests, parses responses and errors) and, per session, an *access*:
its *authenticator* signs requests, its *topology* knows the places that a call can go to. What a
statement needs before any call is on the source's ``Service``: its ``context`` columns, ``hints``,
the data files of its *overlay*, and its *permissions*. ``Operation.paging`` describes pagination,
``Service.protocol`` the format of responses, which ``decode`` reads for every provider.

Defines interfaces only. The packages in ``providers`` implement them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from cirrusql.api.exchange import Elsewhere, Fault, Request, Response, Target
from cirrusql.api.model import Operation, Service, Source
from cirrusql.settings import Settings

Ask = Callable[[Operation, Mapping[str, object], Target], Awaitable[Mapping[str, Any]]]
"""Makes a call and returns its complete response, for calls that others depend on."""


class Codec(Protocol):
    """Builds requests; parses responses and errors. Pure."""

    def request(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        endpoint_url: str | None,
        token: Callable[[], str],
    ) -> tuple[Request, object]:
        """The unsigned request, and what the provider's authenticator needs to sign it.

        ``token`` generates idempotency tokens. Raises InvalidParameter if the parameters cannot be
        encoded.
        """
        ...

    def fault(self, operation: Operation, response: Response) -> Fault | None:
        """The error in a response; None if it is not an error. BadAnswer if it does not come from
        the API."""
        ...

    def whole(self, operation: Operation, response: Response) -> dict[str, Any]:
        """The members of a response, in the API's names. BadAnswer if it does not match
        the model."""
        ...

    def request_id(self, response: Response) -> str | None:
        """The provider's request id."""
        ...


class Exchange(Protocol):
    """The request of a call: built once, signed at every attempt, rebuilt when redirected."""

    @property
    def request(self) -> Request:
        """The current request, unsigned."""
        ...

    @property
    def is_ready(self) -> bool:
        """Whether it can be signed without waiting."""
        ...

    async def prepare(self) -> None:
        """Get the credentials, or renew them before they expire. May make calls. Raises
        CredentialsMissing."""
        ...

    def signed(self, now: datetime) -> Request:
        """The signed request, as sent at the given time."""
        ...

    async def redirected(self, fault: Fault, response: Response) -> bool:
        """Whether the error names another endpoint; the request is then changed to go there."""
        ...

    async def refresh(self) -> None:
        """Drop the credentials: the provider says that they have expired."""
        ...


class Authenticator(Protocol):
    """Signs requests with the credentials of their connections. Used on the loop only."""

    async def exchange(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        elsewhere: Elsewhere,
    ) -> Exchange:
        """The exchange for a call. Raises what building the request raises."""
        ...

    def region_of(
        self, operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> str:
        """The region that answers a call: the target's, or the one where its resource was found."""
        ...


class Reach(Protocol):
    """The places that a statement selects; None: the session's own. Patterns are LIKE patterns."""

    @property
    def regions(self) -> tuple[str, ...] | None: ...
    @property
    def excluded_regions(self) -> tuple[str, ...]: ...
    @property
    def connections(self) -> tuple[str, ...] | None: ...
    @property
    def excluded_connections(self) -> tuple[str, ...]: ...
    @property
    def accounts(self) -> tuple[str, ...] | None: ...
    @property
    def own_account_too(self) -> bool: ...
    @property
    def is_exact(self) -> bool: ...


class Topology(Protocol):
    """The places that a call can go to. Finding them may make calls; results are cached."""

    async def targets(
        self, scope: Reach, service: Service, operation: str = ""
    ) -> Sequence[Target]:
        """Every place that a scope selects for a service, or for one of its operations."""
        ...

    def only_region(self, operation: Operation) -> str | None:
        """The only region that answers an operation; None if there are several or no regions."""
        ...

    def answered_in(
        self, operation: Operation, parameters: Mapping[str, object], region: str
    ) -> str:
        """The target that answers a call: the given one, or one that its parameters name."""
        ...

    async def regions(self) -> Sequence[str]:
        """All regions that the session's own connection can use; empty if there are no regions."""
        ...

    def is_guessed(self, connection: str | None) -> bool:
        """Whether a region of the connection may turn out not to be enabled."""
        ...

    async def account_or_none(self, connection: str | None) -> str | None:
        """The account of a connection, if the provider has accounts and it can be found."""
        ...

    async def caller(self, connection: str | None) -> Mapping[str, str]:
        """The caller's identity for the audit log: ``account`` and further facts from
        the provider."""
        ...

    async def account_alias(self, connection: str | None) -> str | None:
        """The alias of the account; None if it has none."""
        ...


class Access(Protocol):
    """A provider as used by one session."""

    @property
    def authenticator(self) -> Authenticator: ...
    @property
    def topology(self) -> Topology: ...

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on."""
        ...


class Provider(Protocol):
    """An API that becomes tables. Cheap to create: nothing is read or imported before
    it is needed."""

    @property
    def name(self) -> str:
        """The first part of the names of its tables."""
        ...

    @property
    def source(self) -> Source: ...
    @property
    def codec(self) -> Codec: ...
    @property
    def ca_variable(self) -> str:
        """The environment variable that may name a file of certificate authorities; empty if there
        is none."""
        ...

    @property
    def libraries(self) -> tuple[str, ...]:
        """The distributions whose versions decide what the API looks like here."""
        ...

    def access(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        ask: Ask,
        on_notice: Callable[[str], None],
    ) -> Access:
        """Open the provider for a session."""
        ...


Providers = Mapping[str, Provider]
"""Providers by name."""
