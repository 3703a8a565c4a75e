"""Reads a service's raw model into operations and shapes, each once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cirrusql.api.model import Acceptor, Kind, Member, Operation, Paging, Service, Shape, Waiter
from cirrusql.providers.aws.source.evident_paging import evident_limit, evident_paging

_KINDS = {
    "string": Kind.STRING,
    "character": Kind.STRING,
    "integer": Kind.INTEGER,
    "short": Kind.INTEGER,
    "byte": Kind.INTEGER,
    "long": Kind.LONG,
    "biginteger": Kind.LONG,
    "float": Kind.FLOAT,
    "double": Kind.DOUBLE,
    "bigdecimal": Kind.DOUBLE,
    "boolean": Kind.BOOLEAN,
    "timestamp": Kind.TIMESTAMP,
    "blob": Kind.BLOB,
    "structure": Kind.STRUCTURE,
    "list": Kind.LIST,
    "map": Kind.MAP,
}

_POLICY = "policyDocumentType"
"""Shapes that IAM sends percent-encoded (``botocore.handlers.json_decode_policies``)."""

# Traits of a shape, or of a reference to it, that concern serialization rather than values.
_WIRE_TRAITS = frozenset(
    {
        "box",
        "eventpayload",
        "flattened",
        "hostLabel",
        "jsonvalue",
        "location",
        "locationName",
        "payload",
        "queryName",
        "streaming",
        "timestampFormat",
        "wrapper",
        "xmlAttribute",
        "xmlNamespace",
    }
)


class ServiceReader:
    """``native`` is botocore's ServiceModel of ``raw``, the parsed service-2 file.

    ``paginators`` is the parsed paginators-1 file; empty if there is none.
    """

    def __init__(self, native: Any, raw: Mapping[str, Any], paginators: Mapping[str, Any]) -> None:
        self._native = native
        self._raw = raw
        self._paginators = paginators.get("pagination", {})
        self._shapes: dict[str, Shape] = {}

    def operation(self, service: Service, name: str) -> Operation:
        """Called by ``Service.operation`` on first use."""
        raw = self._raw["operations"][name]
        input_ = self._shape_of(raw.get("input"))
        output = self._shape_of(raw.get("output"))
        http = raw.get("http", {})
        return Operation(
            name=name,
            service=service,
            documentation=raw.get("documentation", ""),
            input=input_,
            output=output,
            http_method=http.get("method", "POST"),
            uri=http.get("requestUri", "/"),
            paging=_paging(self._paginators.get(name), input_) or evident_paging(input_, output),
            errors=tuple(e["shape"] for e in raw.get("errors", ())),
            is_deprecated=bool(raw.get("deprecated")),
            is_idempotent=bool(raw.get("idempotent")),
            has_event_stream=any(s is not None and _has_event_stream(s) for s in (input_, output)),
            native=self._native.operation_model(name),
        )

    def _shape_of(self, reference: Mapping[str, Any] | None) -> Shape | None:
        return self.shape(reference["shape"]) if reference else None

    def shape(self, name: str) -> Shape:
        """The shape of that name; always the same object."""
        if name not in self._shapes:
            self._shapes[name] = self._make(name, self._raw["shapes"][name])
        return self._shapes[name]

    def _make(self, name: str, raw: Mapping[str, Any]) -> Shape:
        # A type that a later botocore may add is passed through.
        kind = Kind.DOCUMENT if raw.get("document") else _KINDS.get(raw["type"], Kind.DOCUMENT)
        return Shape(
            name=name,
            kind=kind,
            documentation=raw.get("documentation", ""),
            enum=tuple(raw.get("enum", ())),
            required=frozenset(raw.get("required", ())),
            pattern=raw.get("pattern"),
            minimum=raw.get("min"),
            maximum=raw.get("max"),
            is_sensitive=bool(raw.get("sensitive")),
            is_union=bool(raw.get("union")),
            is_streaming=bool(raw.get("streaming")),
            is_event_stream=bool(raw.get("eventstream")),
            member_names=tuple(raw.get("members", ())),
            traits=_traits(raw) | ({"percentEncoded": True} if name == _POLICY else {}),
            resolve=lambda role: self._part(raw, role),
        )

    def _part(self, raw: Mapping[str, Any], role: str) -> Member:
        reference = raw["members"][role] if raw["type"] == "structure" else raw[role]
        shape = self.shape(reference["shape"])
        return Member(
            name=role,
            shape=shape,
            documentation=reference.get("documentation") or shape.documentation,
            traits={**shape.traits, **_traits(reference)},
            is_deprecated=bool(reference.get("deprecated")),
            is_idempotency_token=bool(reference.get("idempotencyToken")),
        )


def waiters(raw: Mapping[str, Any]) -> Mapping[str, Waiter]:
    """The waiters of a parsed waiters-2 file, by name."""
    return {
        name: Waiter(
            name=name,
            operation=w["operation"],
            delay=float(w["delay"]),
            max_attempts=int(w["maxAttempts"]),
            acceptors=tuple(
                Acceptor(a["state"], a["matcher"], a["expected"], a.get("argument"))
                for a in w["acceptors"]
            ),
        )
        for name, w in raw.get("waiters", {}).items()
    }


def _traits(raw: Mapping[str, Any]) -> dict[str, object]:
    return {k: v for k, v in raw.items() if k in _WIRE_TRAITS}


def _has_event_stream(shape: Shape) -> bool:
    return any(m.shape.is_event_stream for m in shape.members.values())


def _paging(raw: Mapping[str, Any] | None, input_: Shape | None) -> Paging | None:
    if raw is None:
        return None
    return Paging(
        input_tokens=_strings(raw["input_token"]),
        output_tokens=_strings(raw["output_token"]),
        limit_key=raw.get("limit_key") or (evident_limit(input_) if input_ is not None else None),
        more_results=raw.get("more_results"),
        result_keys=_strings(raw.get("result_key", ())),
    )


def _strings(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
