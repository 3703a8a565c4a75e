"""What a provider is: the one thing that the layers above ask of anybody's API.

A provider has a *source* (its services, operations and shapes, with hints where it knows better
than the rules), a *codec* (requests out, answers and errors in), and for each session an *access*:
its *authenticator* signs, its *topology* knows the places that a call can go to. What a statement
must know before any call stands on the source's ``Service``: its ``context`` columns, what it knows
of its operations (``hints``, and the data files of its *overlay*) and its *permissions*. How a
listing goes on is ``Operation.paging``, how an answer is written ``Service.protocol``: ``decode``
has readers for those, whoever the provider is.

Owns no behaviour. The rooms of ``providers`` implement it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from cirrusql.api.exchange import Elsewhere, Fault, Request, Response, Target
from cirrusql.api.model import Operation, Service, Source
from cirrusql.settings import Settings

Ask = Callable[[Operation, Mapping[str, object], Target], Awaitable[Mapping[str, Any]]]
"""Makes a call and gives its whole answer: for what must be known before another can be made."""


class Codec(Protocol):
    """Requests out, answers and errors in. Pure: values in, values out."""

    def request(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        endpoint_url: str | None,
        token: Callable[[], str],
    ) -> tuple[Request, object]:
        """The unsigned request, and what else the provider's own authenticator must know to sign
        it.

        ``token`` makes idempotency tokens. Raises InvalidParameter where the parameters cannot be
        written.
        """
        ...

    def fault(self, operation: Operation, response: Response) -> Fault | None:
        """What the answer complains of; None where it is none.
        BadAnswer where it is not the API's."""
        ...

    def whole(self, operation: Operation, response: Response) -> dict[str, Any]:
        """The members of an answer by the API's names;
        BadAnswer where it is not of the model's form."""
        ...

    def request_id(self, response: Response) -> str | None:
        """The id under which the provider knows the call."""
        ...


class Exchange(Protocol):
    """One request of a call: built once, signed at every attempt,
    built anew where it is sent elsewhere."""

    @property
    def request(self) -> Request:
        """As it stands now, unsigned."""
        ...

    @property
    def is_ready(self) -> bool:
        """Whether it can be signed without waiting."""
        ...

    async def prepare(self) -> None:
        """Have what signs it, renewed where it is about to end. May call;
        CredentialsMissing without."""
        ...

    def signed(self, now: datetime) -> Request:
        """The request as it is sent at that moment."""
        ...

    async def redirected(self, fault: Fault, response: Response) -> bool:
        """Whether the fault says where to go instead, and the request now goes there."""
        ...

    async def refresh(self) -> None:
        """Forget what signs it: the provider says that it has ended."""
        ...


class Authenticator(Protocol):
    """Who calls: signs requests with the credentials of their connections.
    Used on the loop only."""

    async def exchange(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        elsewhere: Elsewhere,
    ) -> Exchange:
        """The request of a call. Raises what building it raises."""
        ...

    def region_of(
        self, operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> str:
        """Where a call is answered: the target's region,
        or the one where its thing turned out to be."""
        ...


class Reach(Protocol):
    """Where a statement wants calls to be made; None: the session's own. Patterns are LIKE's."""

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
    """The places that a call can go to. Finding them may call;
    each thing is asked once and kept."""

    async def targets(
        self, scope: Reach, service: Service, operation: str = ""
    ) -> Sequence[Target]:
        """Every place that a scope means for a service, or for one operation of it."""
        ...

    def only_region(self, operation: Operation) -> str | None:
        """The one region that answers an operation;
        None where there are several, or none at all."""
        ...

    def answered_in(
        self, operation: Operation, parameters: Mapping[str, object], region: str
    ) -> str:
        """Where a call that is to be made in a region is answered: there,
        or in one that it itself names."""
        ...

    async def regions(self) -> Sequence[str]:
        """All that are open to the session's own connection; none where there is no such thing."""
        ...

    def is_guessed(self, connection: str | None) -> bool:
        """Whether a place of the connection may turn out not to be open to it."""
        ...

    async def account_or_none(self, connection: str | None) -> str | None:
        """The account of a connection, where there is such a thing and it can be found."""
        ...

    async def caller(self, connection: str | None) -> Mapping[str, str]:
        """Who calls, as the audit log has it: ``account`` and whatever else the provider says."""
        ...

    async def account_alias(self, connection: str | None) -> str | None:
        """What people call the account; None where it has no other name."""
        ...


class Access(Protocol):
    """A provider as one session uses it."""

    @property
    def authenticator(self) -> Authenticator: ...
    @property
    def topology(self) -> Topology: ...

    def obey(self, settings: Settings) -> None:
        """From now on by these settings."""
        ...


class Provider(Protocol):
    """An API that tables are made of.
    Cheap to make: nothing is read or imported before it is needed."""

    @property
    def name(self) -> str:
        """The first part of every name of its tables."""
        ...

    @property
    def source(self) -> Source: ...
    @property
    def codec(self) -> Codec: ...
    @property
    def ca_variable(self) -> str:
        """Of the environment what may name a file of certificate authorities;
        empty where nothing does."""
        ...

    def access(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        ask: Ask,
        on_notice: Callable[[str], None],
    ) -> Access:
        """What a session calls it by."""
        ...


Providers = Mapping[str, Provider]
"""By name."""
