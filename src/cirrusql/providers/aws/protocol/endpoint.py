"""Decides where a call goes and how it is signed, with botocore's endpoint rules but without its
client.

Owns the choice of URL, signing name, signing region and kind of signature. The rules of a service
are read once, for all regions and accounts.
"""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from cirrusql.api.http_messages import Endpoint
from cirrusql.api.model import Operation, Service
from cirrusql.errors import NotSupportedError
from cirrusql.providers.aws.protocol.botocore_handlers import handlers

_S3_SIGNING_NAMES = frozenset({"s3", "s3-outposts", "s3-object-lambda", "s3express"})
# endpoints.json has no newer signature for it; the other models that say v2 are outdated.
_ONLY_V2 = frozenset({"sdb"})
# endpoints.json puts its credential scope in the partition's main region; its rules do not.
_SIGNED_GLOBALLY = frozenset({"health"})


@dataclass(frozen=True)
class EndpointInput:
    """The settings of a caller that affect endpoints."""

    region: str
    endpoint_url: str | None = None
    account_id: str | None = None
    use_fips: bool = False
    use_dualstack: bool = False

    @property
    def has_bucket_sessions(self) -> bool:
        """Whether calls for objects in a directory bucket are signed with a session created for it.

        Such buckets also accept ordinary signatures, the only kind that emulators support.
        """
        return self.endpoint_url is None

    def builtins(self) -> dict[str, Any]:
        """The built-in parameters of the rules
        (botocore.args.compute_endpoint_resolver_builtin_defaults)."""
        is_custom = self.endpoint_url is not None
        return {
            "AWS::Region": self.region,
            "AWS::UseFIPS": self.use_fips and not is_custom,
            "AWS::UseDualStack": self.use_dualstack and not is_custom,
            "AWS::STS::UseGlobalEndpoint": False,
            # Off except in us-east-1, which always had a regional name of its own.
            "AWS::S3::UseGlobalEndpoint": self.region == "us-east-1",
            "AWS::S3::Accelerate": False,
            # A custom endpoint rarely has a host name per bucket.
            "AWS::S3::ForcePathStyle": is_custom,
            "AWS::S3::UseArnRegion": True,
            "AWS::S3::DisableMultiRegionAccessPoints": False,
            "AWS::S3Control::UseArnRegion": False,
            "SDK::Endpoint": self.endpoint_url,
            "AWS::Auth::AccountId": self.account_id,
            "AWS::Auth::AccountIdEndpointMode": "preferred",
            "AWS::S3::DisableS3ExpressSessionAuth": not self.has_bucket_sessions,
        }


@dataclass(frozen=True)
class ResolvedEndpoint:
    """The result of the rules for one call."""

    url: str
    headers: Mapping[str, str]
    signing_name: str
    signing_region: str
    auth: str

    @cached_property
    def endpoint(self) -> Endpoint:
        """The endpoint for signing, cached unless it depends on the request itself."""
        return Endpoint(
            url=self.url,
            signing_name=self.signing_name,
            signing_region=self.signing_region,
            auth=self.auth,
        )


class Resolver:
    """The endpoint rules of one service."""

    def __init__(self, service: Service) -> None:
        from botocore.endpoint_provider import RuleSetStandardLibrary
        from botocore.regions import EndpointRulesetResolver

        rules = service.load_endpoint_rules()
        if rules is None:
            raise NotSupportedError(
                f"{service.id} has no endpoint rules, so its address is unknown"
            )
        native: Any = service.native
        self._partitions = RuleSetStandardLibrary(rules[1])
        self._service = native
        self._rules = EndpointRulesetResolver(
            endpoint_ruleset_data=rules[0],
            partition_data=rules[1],
            service_model=native,
            builtins={},
            client_context={},
            event_emitter=handlers().emitter,
        )
        self._by_place: dict[EndpointInput, Any] = {}
        self._reading: dict[str, bool] = {}
        self._known: dict[
            tuple[EndpointInput, str], tuple[ResolvedEndpoint, str | None, Mapping[str, Any]]
        ] = {}

    def resolve(
        self,
        place: EndpointInput,
        operation: Any,
        parameters: Mapping[str, Any],
        context: dict[str, Any],
    ) -> ResolvedEndpoint:
        """The endpoint of ``operation`` (botocore's model); ``context`` receives what handlers
        read."""
        key = None if self._reads_parameters(operation) else (place, operation.name)
        known = self._known.get(key) if key is not None else None
        if known is None:
            known = self._resolved(place, operation, parameters, context)
            if key is not None:
                self._known[key] = known
        resolved, context["auth_type"], context["endpoint_properties"] = known
        return resolved

    def _reads_parameters(self, operation: Any) -> bool:
        """Whether the parameters affect the endpoint; S3's handlers read the bucket."""
        found = self._reading.get(operation.name)
        if found is None:
            found = bool(
                self._service.service_name in ("s3", "s3control")
                or operation.context_parameters
                or operation.operation_context_parameters
            )
            self._reading[operation.name] = found
        return found

    def _resolved(
        self,
        place: EndpointInput,
        operation: Any,
        parameters: Mapping[str, Any],
        context: dict[str, Any],
    ) -> tuple[ResolvedEndpoint, str | None, Mapping[str, Any]]:
        """The result of the rules, with the auth type and the properties that handlers read."""
        info = self._at(place).construct_endpoint(
            operation_model=operation, call_args=parameters, request_context=context
        )
        schemes = info.properties.get("authSchemes")
        scheme = _chosen(schemes) if schemes else {}
        stated = scheme.get("name") or context["auth_type"]
        region = scheme.get("signingRegion") or ",".join(scheme.get("signingRegionSet", ()))
        name = scheme.get("signingName") or self._service.signing_name
        resolved = ResolvedEndpoint(
            url=_without_account_label(
                info.url, place.endpoint_url, str(parameters.get("AccountId", ""))
            ),
            headers=info.headers,
            signing_name=name,
            signing_region=region or self._default_region(place),
            auth=self._auth(stated, name, operation.name),
        )
        return resolved, stated, info.properties

    def _at(self, place: EndpointInput) -> Any:
        found = self._by_place.get(place)
        if found is None:
            found = copy.copy(self._rules)
            found._builtins = place.builtins()
            found._client_context = {
                "disable_s3_express_session_auth": not place.has_bucket_sessions
            }
            self._by_place[place] = found
        return found

    def _default_region(self, place: EndpointInput) -> str:
        if self._service.service_name not in _SIGNED_GLOBALLY or place.endpoint_url is not None:
            return place.region
        return str(self._partitions.aws_partition(place.region)["implicitGlobalRegion"])

    def _auth(self, stated: str | None, name: str, operation: str) -> str:
        """Like botocore.handlers.set_operation_specific_signer, after its exemptions."""
        if f"{self._service.service_id.hyphenize()}.{operation}" in handlers().unsigned:
            return "none"
        version: str = stated or self._service.signature_version
        if version == "v2" and self._service.service_name not in _ONLY_V2:
            version = "v4"
        if version == "v4-s3express":
            return "s3express"
        if not version.startswith(("v4", "s3v4")):
            return version
        is_s3 = version.startswith("s3") or (stated is not None and name in _S3_SIGNING_NAMES)
        kind = "v4a" if "v4a" in version else "v4"
        return f"s3{kind}" if is_s3 else kind


def _without_account_label(url: str, endpoint_url: str | None, account: str) -> str:
    """The URL without the account's id that the rules put before a host's name (S3 Control): an IP
    address takes no label. Every other label says what is meant, and stays."""
    given = urlsplit(endpoint_url or "")
    asked = urlsplit(url)
    if account and asked.netloc == f"{account}.{given.netloc}" and _is_address(given.hostname):
        return urlunsplit(asked._replace(netloc=given.netloc))
    return url


def _is_address(host: str | None) -> bool:
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return True


def discovery_operation(operation: Operation) -> Operation | None:
    """The operation that assigns this one's endpoint, if the model requires discovery (Timestream).

    Where discovery is optional (DynamoDB), botocore does not use it by default, and neither does
    this.
    """
    native: Any = operation.native
    if native is None or not (native.endpoint_discovery or {}).get("required"):
        return None
    return operation.service.operation(native.service_model.endpoint_discovery_operation.name)


def _chosen(schemes: list[dict[str, Any]]) -> dict[str, Any]:
    """The first auth scheme that botocore supports here, otherwise the first one: ``sigv4`` reports
    what is missing."""
    from botocore.auth import AUTH_TYPE_MAPS

    named = [{**s, "name": s["name"].removeprefix("sig")} for s in schemes]
    return next((s for s in named if s["name"] in AUTH_TYPE_MAPS), named[0])
