"""The model of an API, independent of its provider: services, operations, shapes, paging, waiters.

Each provider's source builds these objects; everything above reads only them. ``native`` is a
source's private handle for the layer that speaks its wire protocol; nothing else uses it.

Shapes may be recursive (a filter contains filters), so their parts are resolved on first use. Two
shapes are equal only if they are the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from cirrusql.api.other_names import OtherNames
from cirrusql.api.overlay import NO_OVERLAY, Overlay


class Kind(StrEnum):
    """The kinds of shape, in Smithy's terms."""

    STRING = "string"
    INTEGER = "integer"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    BLOB = "blob"
    STRUCTURE = "structure"
    LIST = "list"
    MAP = "map"
    DOCUMENT = "document"


@dataclass(frozen=True, eq=False)
class Shape:
    """One type of an API.

    ``resolve`` returns the parts by role: every member name of a structure, ``member`` of a list,
    ``key`` and ``value`` of a map. Use ``members``, ``element``, ``key`` and ``value`` instead.
    """

    name: str
    kind: Kind
    documentation: str = ""
    enum: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    pattern: str | None = None
    minimum: float | None = None
    """Minimum of a number; minimum length of a string, blob, list or map."""
    maximum: float | None = None
    is_sensitive: bool = False
    is_union: bool = False
    """Exactly one member is set."""
    is_streaming: bool = False
    """An unframed body: read at most ``max_body`` bytes."""
    is_event_stream: bool = False
    member_names: tuple[str, ...] = ()
    traits: Mapping[str, object] = field(default_factory=dict)
    """Serialization traits in the source's own terms (``timestampFormat``)."""
    resolve: Callable[[str], Member] = field(repr=False, default=lambda role: _no_part(role))

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """The members of a structure, in the order of the model."""
        return {name: self.resolve(name) for name in self.member_names}

    @cached_property
    def element(self) -> Member:
        """The item of a list; for a map, an entry: a structure of its ``key`` and ``value``."""
        if self.kind is not Kind.MAP:
            return self.resolve("member")
        parts = {
            name: Member(name, part.shape, part.documentation, part.traits)
            for name, part in (("key", self.key), ("value", self.value))
        }
        entry = Shape(
            f"{self.name}Entry",
            Kind.STRUCTURE,
            member_names=tuple(parts),
            resolve=parts.__getitem__,
        )
        return Member("entry", entry)

    @cached_property
    def key(self) -> Member:
        """The keys of a map: always strings."""
        return self.resolve("key")

    @cached_property
    def value(self) -> Member:
        """The values of a map."""
        return self.resolve("value")


@dataclass(frozen=True, eq=False)
class Member:
    """A use of a shape: it has a name, its own documentation and its own serialization traits."""

    name: str
    shape: Shape
    documentation: str = ""
    traits: Mapping[str, object] = field(default_factory=dict)
    """Traits of this use (``locationName``, ``location``, ``flattened``); they override the shape's
    own."""
    is_deprecated: bool = False
    is_idempotency_token: bool = False

    @property
    def is_streaming(self) -> bool:
        """Whether this is an unframed body. Models usually mark the member rather than
        the shape."""
        return self.shape.is_streaming or bool(self.traits.get("streaming"))


def _no_part(role: str) -> Member:
    raise LookupError(role)


class Follows(StrEnum):
    """How the next page of a listing is requested."""

    TOKEN = "token"  # noqa: S105 - of a page
    """By tokens from the response, sent back as ``input_tokens``."""
    LINK = "link"
    """By the URL in the ``Link`` header with ``rel="next"`` (RFC 8288)."""
    URL = "url"
    """By the URL that the first of ``output_tokens`` finds in the response."""
    PAGE = "page"
    """By page number, incremented in ``input_tokens`` until a page is empty."""
    OFFSET = "offset"
    """By offset: the number of items so far, sent in ``input_tokens`` until a page is empty."""


@dataclass(frozen=True)
class Paging:
    """The pagination of a listing. All expressions are JMESPath over the response."""

    input_tokens: tuple[str, ...] = ()
    output_tokens: tuple[str, ...] = ()
    """One per input token, for paging by token."""
    limit_key: str | None = None
    """The input member that limits the size of a page."""
    more_results: str | None = None
    """If set, the listing ends as soon as this expression is false."""
    result_keys: tuple[str, ...] = ()
    """The lists that are paged; the first is the main one."""
    ends_on_repeat: bool = False
    """The last page returns the token that was sent, rather than none."""
    reversed_by: str = ""
    """A boolean request parameter that reverses the order: pages then follow
    ``reversed_tokens``."""
    reversed_tokens: tuple[str, ...] = ()
    follows: Follows = Follows.TOKEN
    starts_at: int = 1
    """The number of the first page; offsets always start at 0."""
    other_parameters: tuple[str, ...] = ()
    """Further input members used only for paging, which the URL of the next page contains."""

    @property
    def parameters(self) -> frozenset[str]:
        """The input members used only for paging; they are never columns."""
        limit = {self.limit_key} if self.limit_key else set[str]()
        return frozenset(self.input_tokens) | frozenset(self.other_parameters) | limit


@dataclass(frozen=True)
class Acceptor:
    """One rule of a waiter: if ``matcher`` finds ``expected``, the waiter enters ``state``."""

    state: str
    """``success``, ``failure`` or ``retry``."""
    matcher: str
    """``path``, ``pathAll``, ``pathAny``, ``status`` or ``error``."""
    expected: object
    argument: str | None = None
    """JMESPath for the path matchers."""


@dataclass(frozen=True)
class Waiter:
    """Poll ``operation`` every ``delay`` seconds, at most ``max_attempts`` times."""

    name: str
    operation: str
    delay: float
    max_attempts: int
    acceptors: tuple[Acceptor, ...]


@dataclass(frozen=True)
class ContextColumn:
    """The place of a call as a column of its rows; no field of the source has this name.

    ``region``, ``account_id`` and ``connection`` select places; any other context column describes
    the connection, and its value is in ``Target.context``.
    """

    name: str
    description: str


CONNECTION = ContextColumn("connection", "The connection of the config file.")


@dataclass(frozen=True)
class Hint:
    """What a source knows about one operation; where a field is None or empty, the inference rules
    decide."""

    resource: str | None = None
    """The table that the operation belongs to."""
    method: str | None = None
    verb: str | None = None
    """SELECT, INSERT, UPDATE, REPLACE, DELETE or EXEC."""
    lists: tuple[tuple[str, ...], ...] | None = None
    """The lists to enter to reach the rows; empty: the response is one row."""
    identity: tuple[str, ...] = ()
    """The parameters that identify the resource."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """By parameter, the field that lists its values: ``resource.field``."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of an API. ``input`` and ``output`` are structures, or None."""

    name: str
    """In the API's spelling: ``ListAccessKeys``."""
    service: Service = field(repr=False)
    documentation: str = ""
    input: Shape | None = None
    output: Shape | None = None
    http_method: str = "POST"
    uri: str = "/"
    paging: Paging | None = None
    errors: tuple[str, ...] = ()
    is_deprecated: bool = False
    is_idempotent: bool = False
    """The model says that the operation is idempotent."""
    has_event_stream: bool = False
    native: object = field(repr=False, default=None)

    @property
    def overlay(self) -> Overlay:
        """The provider's data files."""
        return self.service.overlay

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions required to call it; () if none are checked or known."""
        return self.service.permissions.of(self) if self.service.permissions is not None else ()

    @cached_property
    def id(self) -> str:
        """``service:Operation``, as shown by EXPLAIN and ``cirrusql.calls``."""
        return f"{self.service.key}:{self.name}"

    def asked_with(self, parameters: Mapping[str, object]) -> Operation:
        """The operation with the paging that applies to these parameters: logs can be paged in
        either direction."""
        switch = self.paging.reversed_by if self.paging is not None else ""
        is_turned = bool(switch) and str(parameters.get(switch)).lower() == "true"
        return self._turned if is_turned else self

    @cached_property
    def _turned(self) -> Operation:
        assert self.paging is not None
        return replace(self, paging=replace(self.paging, output_tokens=self.paging.reversed_tokens))

    @cached_property
    def parameters(self) -> Mapping[str, Member]:
        """The members of the input, including those used for paging."""
        return self.input.members if self.input is not None else {}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The required input members, in the model's order."""
        if self.input is None:
            return ()
        return tuple(n for n in self.input.member_names if n in self.input.required)


class Permissions(Protocol):
    """The permissions that a provider requires for calls, in its own notation."""

    def of(self, operation: Operation) -> tuple[str, ...]:
        """The permissions required for a call; () if none are checked."""
        ...

    @property
    def of_places(self) -> tuple[str, ...]:
        """The permissions required to list all places."""
        ...

    def document(self, actions: Sequence[str]) -> Mapping[str, object]:
        """The smallest policy document that grants these permissions, in the provider's format."""
        ...


class ResourceType(Protocol):
    """A resource type from the provider's own schemas, such as CloudFormation's."""

    @property
    def name(self) -> str: ...
    @property
    def create_only(self) -> frozenset[str]:
        """The properties that can only be set when a resource is created."""
        ...


@dataclass(frozen=True, eq=False)
class Service:
    """One service of a provider, loaded on demand; its operations are loaded lazily.

    ``id`` is the source's own name (``cognito-idp``).
    """

    provider: str
    id: str
    title: str
    operation_names: tuple[str, ...] = ()
    protocol: str = ""
    documentation: str = ""
    is_global: bool = False
    """One endpoint for all regions: ``region`` has no effect."""
    waiters: Mapping[str, Waiter] = field(default_factory=dict)
    load_operation: Callable[[Service, str], Operation] = field(
        repr=False, default=lambda service, name: _no_operation(service, name)
    )
    load_endpoint_rules: Callable[[], tuple[Mapping[str, object], Mapping[str, object]] | None] = (
        field(repr=False, default=lambda: None)
    )
    """The service's endpoint ruleset and the partitions it refers to; None if it has none."""
    native: object = field(repr=False, default=None)
    namespace: str = ""
    """Prefix of its key, so that services of two providers never share one."""
    context: tuple[ContextColumn, ...] = (CONNECTION,)
    """Columns that every table has, filled from the place of a call."""
    hints: Mapping[str, Hint] = field(default_factory=dict)
    """Hints of the source by operation name; the inference rules decide the rest."""
    has_api_names: bool = False
    """Whether the service also exists as ``<service>_api``, with the names of StackQL's
    registry."""
    overlay: Overlay = NO_OVERLAY
    """Data files with facts that only the provider's documentation states."""
    permissions: Permissions | None = field(repr=False, default=None)
    """The permissions required for calls; None if the provider has no such notation."""
    type_of: Callable[[Service, Collection[str], str], ResourceType | None] = field(
        repr=False, default=lambda service, made_by, noun: None
    )
    """The provider's resource type for the given operations and resource name."""
    _loaded: dict[str, Operation] = field(repr=False, default_factory=dict)

    @property
    def key(self) -> str:
        """Its id, unique across providers; used by calls, limits and data files."""
        return f"{self.namespace}.{self.id}" if self.namespace else self.id

    def operation(self, name: str) -> Operation:
        """The operation of exactly this name. Raises KeyError if there is none."""
        if name not in self._loaded:
            if name not in self.operation_names:
                raise KeyError(name)
            self._loaded[name] = self.load_operation(self, name)
        return self._loaded[name]


def _no_operation(service: Service, name: str) -> Operation:
    raise KeyError(name)


@dataclass(frozen=True)
class ServiceInfo:
    """Facts about a service that are available without loading it."""

    id: str
    title: str


class Source(Protocol):
    """A description of one provider's API."""

    @property
    def provider(self) -> str:
        """The first part of every table name."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever any service may have changed; part of cache keys."""
        ...

    def ids(self) -> Collection[str]:
        """The ids of all services, without opening any."""
        ...

    def services(self) -> Mapping[str, ServiceInfo]:
        """All services by id, without loading any."""
        ...

    def load(self, service_id: str) -> Service:
        """Load a service. Raises KeyError if there is none."""
        ...

    @property
    def other_names(self) -> OtherNames:
        """Other names that people use for its services and tables, for hints of errors."""
        ...
