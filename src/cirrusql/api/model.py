"""What an API is, whoever describes it: services, operations, shapes, paging, waiters.

Sources (each provider has one) build these; everything above reads only these.
A source keeps its own handle in ``native`` for the layer that speaks its wire
protocol; nobody else looks into it.

Shapes refer to each other by cycles (a filter holds filters), so their parts are
looked up when first asked for. Two shapes are the same iff they are the same object.
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

    ``resolve`` gives the parts by role: every member name of a structure, ``member``
    of a list, ``key`` and ``value`` of a map. Use ``members``, ``element``,
    ``key`` and ``value`` instead.
    """

    name: str
    kind: Kind
    documentation: str = ""
    enum: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    pattern: str | None = None
    minimum: float | None = None
    """Least value of a number, least length of a string, blob, list or map."""
    maximum: float | None = None
    is_sensitive: bool = False
    is_union: bool = False
    """Exactly one member is set."""
    is_streaming: bool = False
    """A body that is not framed: read it bounded."""
    is_event_stream: bool = False
    member_names: tuple[str, ...] = ()
    traits: Mapping[str, object] = field(default_factory=dict)
    """How it is written on the wire, in the source's own words (``timestampFormat``)."""
    resolve: Callable[[str], Member] = field(repr=False, default=lambda role: _no_part(role))

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """The members of a structure, in the order of the model."""
        return {name: self.resolve(name) for name in self.member_names}

    @cached_property
    def element(self) -> Member:
        """What a list holds; of a map one entry, a structure of its ``key`` and ``value``."""
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
    """A shape in a place: the place has a name, its own words and its own wire traits."""

    name: str
    shape: Shape
    documentation: str = ""
    traits: Mapping[str, object] = field(default_factory=dict)
    """Traits of the place (``locationName``, ``location``, ``flattened``);
    they win over the shape's own."""
    is_deprecated: bool = False
    is_idempotency_token: bool = False

    @property
    def is_streaming(self) -> bool:
        """A body that is not framed.
        The model says so of the place more often than of the shape."""
        return self.shape.is_streaming or bool(self.traits.get("streaming"))


def _no_part(role: str) -> Member:
    raise LookupError(role)


class Follows(StrEnum):
    """By what the next page of a listing is asked for."""

    TOKEN = "token"  # noqa: S105 - of a page
    """Values of the answer, sent back as ``input_tokens``."""
    LINK = "link"
    """The URL that the header ``Link`` gives for ``rel="next"`` (RFC 8288)."""
    URL = "url"
    """The URL that the first of ``output_tokens`` finds in the answer."""
    PAGE = "page"
    """The number of the page, counted up in ``input_tokens`` until a page is empty."""
    OFFSET = "offset"
    """How many items there were, counted up in ``input_tokens`` until a page is empty."""


@dataclass(frozen=True)
class Paging:
    """How a listing goes on. All expressions are JMESPath over the answer."""

    input_tokens: tuple[str, ...] = ()
    output_tokens: tuple[str, ...] = ()
    """One per input token, where those are what is followed."""
    limit_key: str | None = None
    """The input member that bounds the size of a page."""
    more_results: str | None = None
    """When given, the listing ends as soon as it is false."""
    result_keys: tuple[str, ...] = ()
    """Which parts of the answer are the listing; the first is the main one."""
    ends_on_repeat: bool = False
    """The listing ends where an answer gives the token that was sent, rather than none."""
    reversed_by: str = ""
    """A truth of the request that turns the order round:
    then the pages go on by ``reversed_tokens``."""
    reversed_tokens: tuple[str, ...] = ()
    follows: Follows = Follows.TOKEN
    starts_at: int = 1
    """The number of the first page; an offset starts at 0, whatever this is."""
    other_parameters: tuple[str, ...] = ()
    """Further input members that only page, though the URL of the next page says them."""

    @property
    def parameters(self) -> frozenset[str]:
        """The input members that only page: never columns."""
        limit = {self.limit_key} if self.limit_key else set[str]()
        return frozenset(self.input_tokens) | frozenset(self.other_parameters) | limit


@dataclass(frozen=True)
class Acceptor:
    """One rule of a waiter: when ``matcher`` finds ``expected``, the wait has ``state``."""

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
    """What a call's place is called, as a column of its rows. The source has no field of that name.

    Places are chosen by ``region``, ``account_id`` and ``connection``; any other tells connections
    apart, and ``Target.context`` has its value.
    """

    name: str
    description: str


CONNECTION = ContextColumn("connection", "The connection of the config file.")


@dataclass(frozen=True)
class Hint:
    """What a source knows of one operation; what is None or empty, the rules decide."""

    resource: str | None = None
    """The table that it belongs to."""
    method: str | None = None
    verb: str | None = None
    """SELECT, INSERT, UPDATE, REPLACE, DELETE or EXEC."""
    lists: tuple[tuple[str, ...], ...] | None = None
    """The lists to enter on the way to a row; empty: the answer is one row."""
    identity: tuple[str, ...] = ()
    """The parameters that name the thing."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """For a parameter, the field that lists its values: ``resource.field``."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One call of an API. ``input`` and ``output`` are structures; None where there is none."""

    name: str
    """As the API spells it: ``ListAccessKeys``."""
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
    """The model says that repeating it does no harm."""
    has_event_stream: bool = False
    native: object = field(repr=False, default=None)

    @property
    def overlay(self) -> Overlay:
        """What the provider's documentation says of it and its like."""
        return self.service.overlay

    @property
    def permissions(self) -> tuple[str, ...]:
        """What whoever calls it must be allowed;
        () where nothing is checked, or nobody says what."""
        return self.service.permissions.of(self) if self.service.permissions is not None else ()

    @cached_property
    def id(self) -> str:
        """``service:Operation``: how EXPLAIN and ``cirrusql.calls`` write it."""
        return f"{self.service.key}:{self.name}"

    def asked_with(self, parameters: Mapping[str, object]) -> Operation:
        """The operation as it pages with those parameters: from the head of a log,
        or back from its end."""
        switch = self.paging.reversed_by if self.paging is not None else ""
        is_turned = bool(switch) and str(parameters.get(switch)).lower() == "true"
        return self._turned if is_turned else self

    @cached_property
    def _turned(self) -> Operation:
        assert self.paging is not None
        return replace(self, paging=replace(self.paging, output_tokens=self.paging.reversed_tokens))

    @cached_property
    def parameters(self) -> Mapping[str, Member]:
        """The members of the input, paging ones included."""
        return self.input.members if self.input is not None else {}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The required input members, in the order the model gives them."""
        if self.input is None:
            return ()
        return tuple(n for n in self.input.member_names if n in self.input.required)


class Permissions(Protocol):
    """What a provider wants to have allowed before it answers, in its own words."""

    def of(self, operation: Operation) -> tuple[str, ...]:
        """What whoever makes a call must be allowed; () where nothing is checked."""
        ...

    @property
    def of_places(self) -> tuple[str, ...]:
        """What whoever wants to know all places must be allowed."""
        ...

    def document(self, actions: Sequence[str]) -> Mapping[str, object]:
        """The smallest policy that allows those, as the provider takes it."""
        ...


class ResourceType(Protocol):
    """A type of things, as the provider's own schemas describe it."""

    @property
    def name(self) -> str: ...
    @property
    def create_only(self) -> frozenset[str]:
        """The properties that are set when a thing is created, and stay."""
        ...


@dataclass(frozen=True, eq=False)
class Service:
    """One service of a provider, loaded whole when asked for; operations lazily.

    ``id`` is the source's own name (``cognito-idp``).
    """

    provider: str
    id: str
    title: str
    operation_names: tuple[str, ...] = ()
    protocol: str = ""
    documentation: str = ""
    is_global: bool = False
    """One endpoint for all regions: ``region`` changes nothing."""
    waiters: Mapping[str, Waiter] = field(default_factory=dict)
    load_operation: Callable[[Service, str], Operation] = field(
        repr=False, default=lambda service, name: _no_operation(service, name)
    )
    load_endpoint_rules: Callable[[], tuple[Mapping[str, object], Mapping[str, object]] | None] = (
        field(repr=False, default=lambda: None)
    )
    """The service's endpoint ruleset and the partitions it refers to; None where it has none."""
    native: object = field(repr=False, default=None)
    namespace: str = ""
    """What its key begins with, so that no two providers' services have one."""
    context: tuple[ContextColumn, ...] = (CONNECTION,)
    """What is known of every row by where its call was made: columns of every table."""
    hints: Mapping[str, Hint] = field(default_factory=dict)
    """What the source knows of its operations, by their names; the rules decide the rest."""
    has_api_names: bool = False
    """Whether ``<service>_api`` is the same service under a registry's names."""
    overlay: Overlay = NO_OVERLAY
    """What only the provider's documentation says of its operations."""
    permissions: Permissions | None = field(repr=False, default=None)
    """What whoever calls must be allowed; None where the provider has no words for it."""
    type_of: Callable[[Service, Collection[str], str], ResourceType | None] = field(
        repr=False, default=lambda service, made_by, noun: None
    )
    """The provider's own type of the things that those operations make and that are called so."""
    _loaded: dict[str, Operation] = field(repr=False, default_factory=dict)

    @property
    def key(self) -> str:
        """Its id, unlike that of any other provider's: how calls, limits and data files name it."""
        return f"{self.namespace}.{self.id}" if self.namespace else self.id

    def operation(self, name: str) -> Operation:
        """The operation of exactly that name; KeyError where there is none."""
        if name not in self._loaded:
            if name not in self.operation_names:
                raise KeyError(name)
            self._loaded[name] = self.load_operation(self, name)
        return self._loaded[name]


def _no_operation(service: Service, name: str) -> Operation:
    raise KeyError(name)


@dataclass(frozen=True)
class ServiceInfo:
    """What is known of a service before it is loaded."""

    id: str
    title: str


class Source(Protocol):
    """A description of one provider's API."""

    @property
    def provider(self) -> str:
        """The first part of every name."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever any service could have changed: keys the caches."""
        ...

    def ids(self) -> Collection[str]:
        """The ids of all services: cheap, no service is opened."""
        ...

    def services(self) -> Mapping[str, ServiceInfo]:
        """All services by id, without loading one."""
        ...

    def load(self, service_id: str) -> Service:
        """The service whole; KeyError where there is none."""
        ...

    @property
    def other_names(self) -> OtherNames:
        """What people call its services and tables besides: for hints of errors."""
        ...
