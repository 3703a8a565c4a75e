"""Builds requests as botocore's client would, from its parts without the client.

Uses botocore's serializers, endpoint rules and the handlers that change requests; leaves out its
session, user events and transport. The caller generates idempotency tokens, so equal values give
equal bytes. Headers that frame a body on a connection (Content-Length, Transfer-Encoding, Expect)
are left to the transport.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from cirrusql.api.http_messages import Endpoint, Presigned, Request
from cirrusql.api.model import Operation, Service
from cirrusql.encode.coercion import parameters_of
from cirrusql.errors import InvalidParameter, NotSupportedError
from cirrusql.providers.aws.protocol.botocore_handlers import PRESIGNERS, handlers
from cirrusql.providers.aws.protocol.endpoint import EndpointInput, ResolvedEndpoint, Resolver
from cirrusql.providers.aws.protocol.s3 import body_hash
from cirrusql.version import __version__

USER_AGENT = f"cirrusql/{__version__}"

_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+)+-\d+")

# Characters that ``quote_plus`` does not escape.
_is_plain = re.compile(r"[\w.~-]*", re.ASCII).fullmatch

_FRAMING = frozenset({"transfer-encoding", "expect"})


def build(
    operation: Operation,
    parameters: Mapping[str, object],
    *,
    region: str,
    endpoint_url: str | None = None,
    address: str | None = None,
    account_id: str | None = None,
    use_fips: bool = False,
    use_dualstack: bool = False,
    token: Callable[[], str] | None = None,
) -> tuple[Request, Endpoint]:
    """The unsigned request of one call, and where and how to sign it.

    ``address`` is the host or URL that ``endpoint.discovery_operation`` returned, and overrides
    the rules. ``token`` generates idempotency tokens for parameters that are not set.
    Raises InvalidParameter if the parameters cannot be encoded, NotSupportedError if botocore has
    no endpoint rule.
    """
    import botocore.exceptions

    # Cached on the service, which it refers to: a weak dictionary would never free either.
    builder: _Builder | None = operation.service.__dict__.get("_builder")
    if builder is None:
        builder = operation.service.__dict__["_builder"] = _Builder(operation.service)
    given = parameters_of(operation, parameters)
    if token is not None:
        for name in builder.tokens(operation):
            if name not in given:
                given[name] = token()
    place = EndpointInput(region, endpoint_url, account_id, use_fips, use_dualstack)
    try:
        built, endpoint = builder.build(operation, given, place)
    except botocore.exceptions.ParamValidationError as error:
        raise InvalidParameter(f"{operation.id}: {error}") from error
    except botocore.exceptions.EndpointProviderError as error:
        raise InvalidParameter(f"{operation.id} in {region}: {error}") from error
    except botocore.exceptions.MissingDependencyException as error:
        hint = "pip install 'cirrusql[sigv4a]'"
        raise NotSupportedError(f"{operation.id}: {error}", hint=hint) from error
    except botocore.exceptions.BotoCoreError as error:
        raise NotSupportedError(f"{operation.id} in {region}: {error}") from error
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise InvalidParameter(
            f"{operation.id}: the parameters cannot be encoded: {error}",
            hint=f"DESCRIBE METHOD … shows the types of {operation.name}",
        ) from error
    if address is not None:
        # botocore.discovery.EndpointDiscoveryHandler
        url = address if address.startswith("http") else f"https://{address}"
        built, endpoint = replace(built, url=f"{url}/"), replace(endpoint, url=url)
    return built, endpoint


@dataclass(frozen=True)
class _Facts:
    """What all calls of an operation have in common."""

    name: str
    """``service-id.Operation``, as in botocore's events."""
    tokens: tuple[str, ...]
    """The parameters that are idempotency tokens."""
    in_path: tuple[str, ...]
    before_build: tuple[Callable[..., Any], ...]
    """botocore's handlers that change the parameters."""
    before_call: tuple[Callable[..., Any], ...]
    """botocore's handlers that change the serialized request."""
    may_have_checksum: bool


class _Builder:
    """What all calls of a service have in common."""

    def __init__(self, service: Service) -> None:
        from botocore.config import Config
        from botocore.serialize import create_serializer

        native: Any = service.native
        self._native = native
        self._service_id = native.service_id.hyphenize()
        self._serializer = create_serializer(service.protocol, include_validation=False)
        self._config = Config(
            request_checksum_calculation="when_supported",
            response_checksum_validation="when_supported",
            s3={},
        )
        self._resolver = Resolver(service)
        self._facts: dict[str, _Facts] = {}

    def _facts_of(self, operation: Operation) -> _Facts:
        found = self._facts.get(operation.name)
        if found is None:
            native: Any = operation.native
            parameters = operation.parameters.items()
            name = f"{self._service_id}.{operation.name}"
            found = self._facts[operation.name] = _Facts(
                name,
                tokens=tuple(n for n, m in parameters if m.is_idempotency_token),
                in_path=tuple(n for n, m in parameters if m.traits.get("location") == "uri"),
                before_build=handlers().of(f"before-parameter-build.{name}"),
                before_call=handlers().of(f"before-call.{name}"),
                may_have_checksum=bool(native.http_checksum or native.http_checksum_required),
            )
        return found

    def tokens(self, operation: Operation) -> tuple[str, ...]:
        """The parameters that are idempotency tokens."""
        return self._facts_of(operation).tokens

    def build(
        self, operation: Operation, parameters: dict[str, Any], place: EndpointInput
    ) -> tuple[Request, Endpoint]:
        from botocore.awsrequest import prepare_request_dict

        native: Any = operation.native
        facts = self._facts_of(operation)
        context = self._context(native, place)
        for handler in facts.before_build:
            event = f"before-parameter-build.{facts.name}"
            handler(event_name=event, params=parameters, model=native, context=context)
        _check_path(operation, facts.in_path, parameters)
        resolved = self._resolver.resolve(place, native, parameters, context)
        written = self._serializer.serialize_to_request(parameters, native)
        written["headers"].update(resolved.headers)
        prepare_request_dict(
            written, endpoint_url=resolved.url, user_agent=USER_AGENT, context=context
        )
        self._finish(native, facts, written, parameters)
        presigned = _presigned(facts.name, written, place.region)
        self._compress(native, written)
        if facts.may_have_checksum:
            from botocore.httpchecksum import apply_request_checksum

            apply_request_checksum(written)
        _as_the_service_wants(facts.name, written)
        request = Request(
            method=written["method"],
            url=written["url"],
            headers=_headers(written["headers"]),
            body=_bytes(written["body"]),
            streams_answer=native.has_streaming_output,
        )
        return request, _endpoint(request, resolved, context, presigned)

    def _finish(
        self, native: Any, facts: _Facts, written: dict[str, Any], parameters: Mapping[str, Any]
    ) -> None:
        """Add the checksum and the changes of handlers."""
        if facts.may_have_checksum:
            from botocore.httpchecksum import resolve_request_checksum_algorithm

            resolve_request_checksum_algorithm(written, native, parameters)
        for handler in facts.before_call:
            handler(
                event_name=f"before-call.{facts.name}",
                model=native,
                params=written,
                request_signer=None,
                context=written["context"],
            )

    def _context(self, native: Any, place: EndpointInput) -> dict[str, Any]:
        """The context for botocore's handlers (botocore.client._make_api_call)."""
        return {
            "client_region": place.region,
            "client_config": self._config,
            "has_streaming_input": native.has_streaming_input,
            "auth_type": native.resolved_auth_type,
            "unsigned_payload": native.unsigned_payload,
            "auth_options": self._native.metadata.get("auth"),
        }

    def _compress(self, native: Any, written: dict[str, Any]) -> None:
        """Like botocore.compress, but without a timestamp in the gzip header."""
        wanted = native.request_compression
        if wanted is None or "gzip" not in wanted["encodings"]:
            return
        body = _bytes(written["body"])
        streamed = native.get_streaming_input() if native.has_streaming_input else None
        if streamed is not None:
            is_wanted = "requiresLength" not in streamed.metadata
        else:
            is_wanted = len(body) >= _LEAST_COMPRESSED
        if is_wanted:
            written["body"] = gzip.compress(body, mtime=0)
            before = written["headers"].get("Content-Encoding")
            written["headers"]["Content-Encoding"] = f"{before},gzip" if before else "gzip"


# botocore.args: the default of request_min_compression_size_bytes.
_LEAST_COMPRESSED = 10_240


def _check_path(
    operation: Operation, names: tuple[str, ...], parameters: Mapping[str, Any]
) -> None:
    """Reject values that would change the path: DELETE /things/ is not DELETE /things/x."""
    for name in names:
        if parameters.get(name, "") == "":
            wrong = "must not be empty" if name in parameters else "is required"
            raise InvalidParameter(f"{operation.id}: {name} {wrong}: it is part of the path")


def _endpoint(
    request: Request,
    resolved: ResolvedEndpoint,
    context: dict[str, Any],
    presigned: Presigned | None,
) -> Endpoint:
    is_s3 = resolved.auth.startswith("s3")
    hash_ = body_hash(request.url, request.headers, context, is_s3=is_s3)
    if hash_ is None and presigned is None:
        return resolved.endpoint
    return replace(resolved.endpoint, body_hash=hash_, presigned=presigned)


def _presigned(where: str, written: dict[str, Any], region: str) -> Presigned | None:
    """The request to the source region (botocore.handlers.inject_presigned_url_*)."""
    kind = handlers().presigners.get(where)
    if kind is None:
        return None
    from botocore.utils import percent_encode_sequence

    form = written["body"]
    is_ec2 = kind == "inject_presigned_url_ec2"
    if not is_ec2 and "SourceRegion" not in form:
        return None
    source = form.get("SourceRegion") if is_ec2 else form.pop("SourceRegion")
    parameter = PRESIGNERS[kind]
    if parameter in form or not source:
        return None
    if not _REGION.fullmatch(source):
        raise InvalidParameter(f"{where}: SourceRegion must be a region, not {source!r}")
    asked = percent_encode_sequence({**form, "DestinationRegion": region})
    also = ""
    if is_ec2 and "DestinationRegion" in form:
        form["DestinationRegion"] = region
    elif is_ec2:
        also = f"&{urlencode({'DestinationRegion': region})}"
    url = written["url"].replace(region, source)
    return Presigned(parameter, f"{url}?{asked}", source, also)


def _as_the_service_wants(where: str, written: dict[str, Any]) -> None:
    """botocore's request-created handlers that change the request."""
    handler = handlers().created.get(where)
    if handler is None:
        return
    request = SimpleNamespace(
        method=written["method"],
        url=written["url"],
        headers=written["headers"],
        data=written["body"],
    )
    handler(request)
    written.update(method=request.method, url=request.url, body=request.data)


def _headers(written: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.decode() if isinstance(value, bytes) else str(value)
        for name, value in written.items()
        if name.lower() not in _FRAMING
    }


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if body is None:
        return b""
    if isinstance(body, dict):
        return _form(body).encode()
    if isinstance(body, str):
        return body.encode()
    read = getattr(body, "read", None)
    return bytes(read()) if read is not None else bytes(body)


def _form(fields: Mapping[str, Any]) -> str:
    """The same as ``urlencode`` with ``doseq``, but faster if names and values need no encoding."""
    pairs = []
    for name, value in fields.items():
        if type(value) is not str or not _is_plain(value) or not _is_plain(name):
            return urlencode(fields, doseq=True)
        pairs.append(f"{name}={value}")
    return "&".join(pairs)
