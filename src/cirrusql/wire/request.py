"""Requests as botocore's client would send them, built from its parts without the client.

botocore's serializers, endpoint rulesets and the handlers that change what is sent are used
as they are; left out are its session, its events of the caller and its transport. The
random idempotency tokens come from the caller, so that the same values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from cirrusql.api.model import Operation, Service
from cirrusql.errors import InvalidParameter, NotSupportedError
from cirrusql.wire.coerce import parameters_of
from cirrusql.wire.model import Endpoint, Request

USER_AGENT = "cirrusql"

_EVENTS = ("before-parameter-build", "before-endpoint-resolution", "before-call")

# They sign a second request inside the first one, or make what the caller makes.
_LEFT_OUT = frozenset({"inject_presigned_url_ec2", "inject_presigned_url_rds", "generate_idempotent_uuid"})
_S3_SIGNING_NAMES = frozenset({"s3", "s3-outposts", "s3-object-lambda", "s3express"})

_builders: WeakKeyDictionary[Service, dict[object, _Builder]] = WeakKeyDictionary()


def build(
    operation: Operation,
    parameters: Mapping[str, object],
    *,
    region: str,
    endpoint_url: str | None = None,
    account_id: str | None = None,
    use_fips: bool = False,
    use_dualstack: bool = False,
    token: Callable[[], str] | None = None,
) -> tuple[Request, Endpoint]:
    """The unsigned request of one call, and where and how it is signed.

    ``token`` makes idempotency tokens for parameters not given. Raises InvalidParameter where
    the parameters cannot be written, NotSupportedError where botocore has no rule for it.
    """
    known = _builders.setdefault(operation.service, {})
    key = (region, endpoint_url, account_id, use_fips, use_dualstack)
    if key not in known:
        known[key] = _Builder(operation.service, region, endpoint_url, account_id, use_fips, use_dualstack)
    given = parameters_of(operation, parameters)
    if token is not None:
        for name, member in operation.parameters.items():
            if member.is_idempotency_token and name not in given:
                given[name] = token()
    return known[key].build(operation, given)


class _Builder:
    """Everything that is the same for all calls of a service at one place."""

    def __init__(
        self,
        service: Service,
        region: str,
        endpoint_url: str | None,
        account_id: str | None,
        use_fips: bool,
        use_dualstack: bool,
    ) -> None:
        from botocore.config import Config
        from botocore.serialize import create_serializer

        self._service = service
        native: Any = service.native
        self._native = native
        self._region = region
        self._endpoint_url = endpoint_url
        self._service_id = native.service_id.hyphenize()
        self._serializer = create_serializer(service.protocol, include_validation=False)
        self._config = Config(
            region_name=region,
            request_checksum_calculation="when_supported",
            response_checksum_validation="when_supported",
            s3={},
            request_min_compression_size_bytes=10_240,
            disable_request_compression=False,
        )
        self._events = _handlers()
        self._resolver = self._make_resolver(account_id, use_fips, use_dualstack)

    def _make_resolver(self, account_id: str | None, fips: bool, dualstack: bool) -> Any:
        from botocore.regions import EndpointRulesetResolver

        rules = self._service.load_endpoint_rules()
        if rules is None:
            return None
        given = self._endpoint_url
        builtins = {
            "AWS::Region": self._region,
            "AWS::UseFIPS": given is None and fips,
            "AWS::UseDualStack": given is None and dualstack,
            "AWS::STS::UseGlobalEndpoint": False,
            "AWS::S3::UseGlobalEndpoint": False,
            "AWS::S3::Accelerate": False,
            # A custom endpoint seldom has a host name for every bucket (botocore.args).
            "AWS::S3::ForcePathStyle": given is not None,
            "AWS::S3::UseArnRegion": True,
            "AWS::S3::DisableMultiRegionAccessPoints": False,
            "AWS::S3Control::UseArnRegion": True,
            "SDK::Endpoint": given,
            "AWS::Auth::AccountId": account_id,
            "AWS::Auth::AccountIdEndpointMode": "preferred",
            "AWS::S3::DisableS3ExpressSessionAuth": True,
        }
        return EndpointRulesetResolver(
            endpoint_ruleset_data=rules[0],
            partition_data=rules[1],
            service_model=self._native,
            builtins=builtins,
            client_context={},
            event_emitter=self._events,
            use_ssl=given is None or given.startswith("https"),
        )

    def build(self, operation: Operation, parameters: dict[str, Any]) -> tuple[Request, Endpoint]:
        import botocore.exceptions

        try:
            return self._build(operation, parameters)
        except botocore.exceptions.ParamValidationError as error:
            raise InvalidParameter(f"{operation.id}: {error}") from error
        except botocore.exceptions.EndpointProviderError as error:
            raise InvalidParameter(f"{operation.id} in {self._region}: {error}") from error
        except botocore.exceptions.BotoCoreError as error:
            raise NotSupportedError(f"{operation.id} in {self._region}: {error}") from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise InvalidParameter(
                f"{operation.id}: the parameters cannot be written: {error}",
                hint=f"DESCRIBE METHOD … shows the types of {operation.name}",
            ) from error

    def _build(self, operation: Operation, parameters: dict[str, Any]) -> tuple[Request, Endpoint]:
        from botocore.awsrequest import create_request_object, prepare_request_dict
        from botocore.compress import maybe_compress_request
        from botocore.httpchecksum import apply_request_checksum, resolve_request_checksum_algorithm

        native: Any = operation.native
        context: dict[str, Any] = {
            "client_region": self._region,
            "client_config": self._config,
            "has_streaming_input": native.has_streaming_input,
            "auth_type": native.resolved_auth_type,
            "unsigned_payload": native.unsigned_payload,
            "auth_options": self._native.metadata.get("auth"),
        }
        where = f"{self._service_id}.{operation.name}"
        self._events.emit(f"before-parameter-build.{where}", params=parameters, model=native, context=context)
        url, extra = self._resolve(native, parameters, context)
        written = self._serializer.serialize_to_request(parameters, native)
        written["headers"].update(extra)
        prepare_request_dict(written, endpoint_url=url, user_agent=USER_AGENT, context=context)
        resolve_request_checksum_algorithm(written, native, parameters)
        self._events.emit(
            f"before-call.{where}",
            model=native,
            params=written,
            request_signer=None,
            context=context,
        )
        maybe_compress_request(self._config, written, native)
        apply_request_checksum(written)
        request = create_request_object(written)
        _as_the_service_wants(operation, request)
        prepared = request.prepare()
        return (
            Request(
                method=prepared.method,
                url=prepared.url,
                headers={k: _text(v) for k, v in prepared.headers.items()},
                body=_bytes(prepared.body),
                streams_answer=native.has_streaming_output,
            ),
            self._endpoint(url, context, request),
        )

    def _resolve(
        self, native: Any, parameters: dict[str, Any], context: dict[str, Any]
    ) -> tuple[str, Mapping[str, str]]:
        if self._resolver is None:
            raise NotSupportedError(f"{self._service.id} has no endpoint rules")
        info = self._resolver.construct_endpoint(
            operation_model=native, call_args=parameters, request_context=context
        )
        context["endpoint_properties"] = info.properties
        schemes = info.properties.get("authSchemes")
        if schemes is not None:
            auth_type, signing = self._resolver.auth_schemes_to_signing_ctx(schemes)
            context["auth_type"] = auth_type
            context["signing"] = signing
        headers = {k: ",".join(v) if isinstance(v, list) else v for k, v in info.headers.items()}
        return info.url, headers

    def _endpoint(self, url: str, context: dict[str, Any], request: Any) -> Endpoint:
        signing = context.get("signing") or {}
        name = signing.get("signing_name") or self._native.signing_name
        auth = _auth(context.get("auth_type") or self._native.signature_version, name, self._service, request)
        unsigned = context.get("unsigned_payload") or context.get("auth_type") == "v4-unsigned-body"
        return Endpoint(
            url=url,
            signing_name=name,
            signing_region=signing.get("region") or self._region,
            auth=auth,
            signs_body=request.url.startswith("http:")
            or not (unsigned or _is_checksummed_upload(context, request, auth)),
        )


def _auth(auth_type: str, name: str, service: Service, request: Any) -> str:
    if auth_type in ("none", "bearer"):
        return auth_type
    if f"{service.id}:{request.context.get('operation_name')}" in _UNSIGNED:
        return "none"
    is_s3 = name in _S3_SIGNING_NAMES or auth_type.startswith("s3")
    version = "v4a" if "v4a" in auth_type else "v4"
    return f"s3{version}" if is_s3 else version


# botocore.handlers: choose-signer handlers that disable signing for one operation.
_UNSIGNED = frozenset(
    """cognito-identity:GetId cognito-identity:GetOpenIdToken cognito-identity:UnlinkIdentity
    cognito-identity:GetCredentialsForIdentity sts:AssumeRoleWithSAML
    sts:AssumeRoleWithWebIdentity""".split()
)


def _is_checksummed_upload(context: dict[str, Any], request: Any, auth: str) -> bool:
    """S3 leaves a streamed body unsigned where TLS and a checksum guard it (S3SigV4Auth)."""
    if not auth.startswith("s3") or not context.get("has_streaming_input"):
        return False
    algorithm = context.get("checksum", {}).get("request_algorithm")
    name = algorithm["name"] if isinstance(algorithm, dict) else "Content-MD5"
    return name in request.headers


def _as_the_service_wants(operation: Operation, request: Any) -> None:
    """botocore's request-created handlers that change what is sent."""
    request.context["operation_name"] = operation.name
    if operation.id == "cloudsearchdomain:Search":
        from botocore.handlers import change_get_to_post

        change_get_to_post(request)
    elif operation.id == "machinelearning:Predict":
        from botocore.handlers import switch_host_machinelearning

        switch_host_machinelearning(request)


def _handlers() -> Any:
    """An emitter with botocore's own handlers of the events that shape a request."""
    global _emitter
    if _emitter is None:
        from botocore.handlers import BUILTIN_HANDLERS
        from botocore.hooks import HierarchicalEmitter

        emitter = HierarchicalEmitter()
        for event, handler, *_ in BUILTIN_HANDLERS:
            name = getattr(handler, "__name__", "")
            if event.startswith(_EVENTS) and name not in _LEFT_OUT:
                emitter.register(event, handler)
        _emitter = emitter
    return _emitter


_emitter: Any = None


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    read = getattr(body, "read", None)
    return bytes(read()) if read is not None else bytes(body)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def host_of(url: str) -> str:
    """The Host header of a URL: without the scheme's own port."""
    parts = urlsplit(url)
    port = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, port) else f"{host}:{parts.port}"
