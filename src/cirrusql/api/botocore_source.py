"""AWS as botocore's data files describe it: the first source of services.

Owns the reading of service-2, paginators-1, waiters-2 and endpoints data, and nothing of
what is made of them. botocore is imported when a service is first asked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.api.model import (
    Acceptor,
    Kind,
    Member,
    Operation,
    Paging,
    Service,
    ServiceInfo,
    Shape,
    Waiter,
)

if TYPE_CHECKING:
    from botocore.loaders import Loader

_KINDS = {
    "string": Kind.STRING,
    "character": Kind.STRING,
    "integer": Kind.INTEGER,
    "short": Kind.INTEGER,
    "long": Kind.LONG,
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

# What a shape or a reference to it says about the wire, rather than about the value.
_WIRE_TRAITS = (
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
)


class BotocoreSource:
    """The services of the installed botocore, loaded one at a time.

    ``cache_dir`` keeps the titles, which only whole models have; None: read anew.
    """

    provider = "aws"

    def __init__(self, cache_dir: Path | None = None) -> None:
        self._cache_dir = cache_dir

    @cached_property
    def version(self) -> str:
        """botocore's own version: its data changes with nothing else."""
        # Read from the metadata: importing botocore for one string costs 30 ms.
        from importlib.metadata import version

        return version("botocore")

    @cached_property
    def _loader(self) -> Loader:
        # Not a session's: that would read the user's profile, which may not be there.
        from botocore.loaders import create_loader

        loader: Loader = create_loader(os.environ.get("AWS_DATA_PATH"))
        return loader

    def services(self) -> Mapping[str, ServiceInfo]:
        """All services by id, with titles from the cache where there is one."""
        return self._services

    @cached_property
    def _services(self) -> Mapping[str, ServiceInfo]:
        cached = self._read_titles()
        if cached is None:
            cached = {name: self._title(name) for name in self._names()}
            self._write_titles(cached)
        return {name: ServiceInfo(name, title) for name, title in sorted(cached.items())}

    def _names(self) -> list[str]:
        names: list[str] = self._loader.list_available_services("service-2")
        return names

    def _title(self, service_id: str) -> str:
        metadata = self._loader.load_service_model(service_id, "service-2")["metadata"]
        return str(metadata.get("serviceFullName") or metadata.get("serviceId") or service_id)

    @property
    def _titles_file(self) -> Path | None:
        return self._cache_dir / f"titles-{self.version}.json" if self._cache_dir else None

    def _read_titles(self) -> dict[str, str] | None:
        if self._titles_file is None:
            return None
        try:
            found = json.loads(self._titles_file.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _write_titles(self, titles: Mapping[str, str]) -> None:
        if self._titles_file is None:
            return
        try:
            self._titles_file.parent.mkdir(parents=True, exist_ok=True)
            part = self._titles_file.with_suffix(".part")
            part.write_text(json.dumps(titles), "utf-8")
            part.replace(self._titles_file)
        except OSError:
            # A cache that cannot be written costs time, nothing else.
            return

    def load(self, service_id: str) -> Service:
        """The service whole; KeyError where there is none."""
        import botocore.exceptions
        from botocore.model import ServiceModel

        try:
            raw = self._loader.load_service_model(service_id, "service-2")
        except botocore.exceptions.UnknownServiceError:
            raise KeyError(service_id) from None
        native = ServiceModel(raw, service_id)
        metadata = raw["metadata"]
        reader = _ServiceReader(native, raw, self._optional(service_id, "paginators-1"))
        return Service(
            provider=self.provider,
            id=service_id,
            title=str(metadata.get("serviceFullName") or metadata.get("serviceId") or service_id),
            operation_names=tuple(raw["operations"]),
            protocol=native.resolved_protocol,
            documentation=raw.get("documentation", ""),
            is_global=service_id in self._global_services,
            iam_prefix=native.signing_name,
            waiters=_waiters(self._optional(service_id, "waiters-2").get("waiters", {})),
            load_operation=reader.operation,
            load_endpoint_rules=lambda: self._endpoint_rules(service_id),
            native=native,
        )

    def _optional(self, service_id: str, kind: str) -> dict[str, Any]:
        import botocore.exceptions

        try:
            found: dict[str, Any] = self._loader.load_service_model(service_id, kind)
        except botocore.exceptions.UnknownServiceError:
            return {}
        return found

    def _endpoint_rules(self, service_id: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        rules = self._optional(service_id, "endpoint-rule-set-1")
        return (rules, self._loader.load_data("partitions")) if rules else None

    @cached_property
    def _global_services(self) -> frozenset[str]:
        """Services that endpoints.json calls not regionalized, by the service's id."""
        partition = self._loader.load_data("endpoints")["partitions"][0]["services"]
        return frozenset(n for n, s in partition.items() if s.get("isRegionalized") is False)


class _ServiceReader:
    """Turns one service's raw model into operations and shapes, each once."""

    def __init__(self, native: Any, raw: Mapping[str, Any], paginators: Mapping[str, Any]) -> None:
        self._native = native
        self._raw = raw
        self._paginators = paginators.get("pagination", {})
        self._shapes: dict[str, Shape] = {}

    def operation(self, service: Service, name: str) -> Operation:
        """Read by ``Service.operation`` on first use."""
        raw = self._raw["operations"][name]
        output = self._shape_of(raw.get("output"))
        input_ = self._shape_of(raw.get("input"))
        http = raw.get("http", {})
        streams = any(s is not None and _has_event_stream(s) for s in (input_, output))
        return Operation(
            name=name,
            service=service,
            documentation=raw.get("documentation", ""),
            input=input_,
            output=output,
            http_method=http.get("method", "POST"),
            uri=http.get("requestUri", "/"),
            paging=_paging(self._paginators.get(name)) or _evident_paging(input_, output),
            errors=tuple(e["shape"] for e in raw.get("errors", ())),
            is_deprecated=bool(raw.get("deprecated")),
            is_idempotent=bool(raw.get("idempotent")),
            has_event_stream=streams,
            native=self._native.operation_model(name),
        )

    def _shape_of(self, reference: Mapping[str, Any] | None) -> Shape | None:
        return self.shape(reference["shape"]) if reference else None

    def shape(self, name: str) -> Shape:
        """The shape of that name, one object however often it is asked for."""
        if name not in self._shapes:
            self._shapes[name] = self._make(name, self._raw["shapes"][name])
        return self._shapes[name]

    def _make(self, name: str, raw: Mapping[str, Any]) -> Shape:
        kind = Kind.DOCUMENT if raw.get("document") else _KINDS[raw["type"]]
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
            traits=_traits(raw),
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


def _traits(raw: Mapping[str, Any]) -> Mapping[str, object]:
    return {k: raw[k] for k in _WIRE_TRAITS if k in raw}


def _has_event_stream(shape: Shape) -> bool:
    return any(m.shape.is_event_stream for m in shape.members.values())


def _paging(raw: Mapping[str, Any] | None) -> Paging | None:
    if raw is None:
        return None
    outputs = _strings(raw["output_token"])
    inputs = _strings(raw["input_token"])
    return Paging(
        input_tokens=inputs,
        output_tokens=outputs,
        limit_key=raw.get("limit_key"),
        more_results=raw.get("more_results"),
        result_keys=_strings(raw.get("result_key", ())),
    )


_TOKENS = ("NextToken", "nextToken", "Marker", "marker", "NextPageToken", "nextPageToken")
_LIMITS = ("MaxResults", "maxResults", "MaxItems", "maxItems", "MaxRecords", "Limit", "limit")


def _evident_paging(input_: Shape | None, output: Shape | None) -> Paging | None:
    """Paging where botocore has no paginator: one token, of one name on both sides.

    Newer services come without paginators, and a listing must not end after a page.
    """
    if input_ is None or output is None:
        return None
    for token in _TOKENS:
        if token in input_.member_names and token in output.member_names:
            limit = next((n for n in _LIMITS if n in input_.member_names), None)
            return Paging((token,), (token,), limit)
    return None


def _strings(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _waiters(raw: Mapping[str, Any]) -> Mapping[str, Waiter]:
    return {
        name: Waiter(
            name=name,
            operation=w["operation"],
            delay=float(w["delay"]),
            max_attempts=int(w["maxAttempts"]),
            acceptors=tuple(
                Acceptor(a["state"], a["matcher"], a["expected"], a.get("argument")) for a in w["acceptors"]
            ),
        )
        for name, w in raw.items()
    }
