"""A session's access to AWS: builds and signs the requests of calls; ``topology`` finds accounts
and regions.

Owns what requests of one session share: regions of buckets, discovered endpoints, and sessions of
directory buckets.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from cirrusql.api.exchange import Elsewhere, Fault, Request, Response, Target
from cirrusql.api.http_messages import Credentials
from cirrusql.api.model import Operation, Source
from cirrusql.api.provider import Ask
from cirrusql.errors import Interrupted, NotFound, OperationalError
from cirrusql.providers.aws.codec import AwsCodec
from cirrusql.providers.aws.credentials import Identities
from cirrusql.providers.aws.endpoint_discovery import EndpointDiscovery
from cirrusql.providers.aws.signing import sigv4
from cirrusql.providers.aws.topology import Discovery
from cirrusql.settings import Settings
from cirrusql.transport.ttl_cache import TtlCache

_ONE_ADDRESS_SECONDS = 60.0
"""Seconds for which the region of a bucket is cached, for servers that have one address for all
regions."""

_OTHER_KEYS = ("bearer", "s3express")
"""Kinds of signature that are not made with the identity's own keys."""


class AwsAccess:
    """Authenticator and topology of AWS for one session."""

    def __init__(
        self,
        source: Source,
        codec: AwsCodec,
        settings: Settings,
        environ: Mapping[str, str],
        ask: Ask,
        on_notice: Callable[[str], None],
    ) -> None:
        self.codec = codec
        self.identities = Identities(settings, environ)
        self.topology = Discovery(self.identities, ask, source, on_notice)
        self.ask = ask
        self.discovery = EndpointDiscovery()
        self.bucket_regions: dict[str, str] = {}
        """Regions of S3 buckets that turned out to be elsewhere."""
        self._heads: TtlCache[str] = TtlCache()

    @property
    def authenticator(self) -> AwsAccess:
        """This object itself signs."""
        return self

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on."""
        self.identities.obey(settings)

    def region_of(
        self, operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> str:
        """The region of a call: its own, or the one where its bucket was found."""
        if operation.service.id != "s3":
            return target.region
        return self.bucket_regions.get(str(parameters.get("Bucket")), target.region)

    async def exchange(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        elsewhere: Elsewhere,
    ) -> AwsExchange:
        """The exchange of a call, sent to a discovered endpoint if its service uses them."""
        if elsewhere in (Elsewhere.DROP, Elsewhere.LOCATE):
            await self._find_bucket(operation, parameters, target)
        address = await self.address(operation, target)
        return AwsExchange(self, operation, parameters, target, elsewhere, address)

    async def _find_bucket(
        self, operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> None:
        """Look up a bucket's region on a server that never redirects, because all its regions share
        one address."""
        bucket = parameters.get("Bucket")
        service = operation.service
        if service.id != "s3" or not isinstance(bucket, str) or operation.name == "CreateBucket":
            return
        if self.identities.get(target.connection).endpoint_url(service.id) is None:
            return

        async def found() -> tuple[str, float]:
            try:
                head = await self.ask(service.operation("HeadBucket"), {"Bucket": bucket}, target)
            except Interrupted:
                raise
            except OperationalError:
                # Not permitted, or no such bucket: the call itself will report the error.
                return "", _ONE_ADDRESS_SECONDS
            return str(head.get("BucketRegion") or ""), _ONE_ADDRESS_SECONDS

        region = await self._heads.of((target.connection, bucket), found)
        if region:
            self.bucket_regions[bucket] = region

    async def address(self, operation: Operation, target: Target) -> str | None:
        """The endpoint that the service assigns, unless the user has configured one."""
        if self.identities.get(target.connection).endpoint_url(operation.service.id) is not None:
            return None
        return await self.discovery.address(operation, target, self.ask)


class AwsExchange:
    """One request, with the corrections that botocore's client would make."""

    def __init__(
        self,
        access: AwsAccess,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        elsewhere: Elsewhere,
        address: str | None,
    ) -> None:
        self._access = access
        self._operation = operation
        self._parameters = parameters
        self._target = target
        self._elsewhere = elsewhere
        self._address = address
        self._was_moved = False
        self._identity = access.identities.get(target.connection)
        self._endpoint_url = self._identity.endpoint_url(operation.service.id)
        self._bucket = str(parameters.get("Bucket"))
        self._region = access.region_of(operation, parameters, target)
        self._keys: Credentials | None = None
        if self._region != target.region and elsewhere is Elsewhere.DROP:
            raise self._not_here()
        self._build()

    def _build(self) -> None:
        self.request, self._endpoint = self._access.codec.request(
            self._operation,
            self._parameters,
            replace(self._target, region=self._region),
            self._endpoint_url,
            _new_token,
            self._address,
        )

    @property
    def is_ready(self) -> bool:
        """Whether the credentials are available; checked again at every attempt."""
        self._keys = None if self._endpoint.auth in _OTHER_KEYS else self._identity.at_hand()
        return self._keys is not None

    async def prepare(self) -> None:
        """Load or renew the credentials, or create a session with them."""
        if self._endpoint.auth == "bearer":
            self._keys = await self._identity.bearer(self._endpoint.signing_name)
        elif self._endpoint.auth == "s3express":
            self._keys = await self._access.discovery.session(
                self._operation, self._bucket, self._target, self._access.ask
            )
        else:
            self._keys = await self._identity.credentials(self._endpoint_url)
        if self._keys is None and self._endpoint.auth != "none":
            raise self._identity.missing()

    def signed(self, now: datetime) -> Request:
        """Sign as the endpoint rules require."""
        return sigv4.sign(self.request, self._endpoint, self._keys, now)

    async def refresh(self) -> None:
        """Reload the credentials, or create a new session."""
        if self._endpoint.auth == "s3express":
            self._access.discovery.forget_session(self._bucket, self._target)
        else:
            await self._identity.refresh()

    async def redirected(self, fault: Fault, response: Response) -> bool:
        """Whether S3 named another region, or the service another endpoint."""
        return self._is_of_another_region(fault, response) or await self._is_moved(fault)

    def _is_of_another_region(self, fault: Fault, response: Response) -> bool:
        """Whether S3 named another region for the bucket, which is then cached."""
        if self._operation.service.id != "s3" or response.status not in (301, 307, 400):
            return False
        region = response.headers.get("x-amz-bucket-region") or _named_region(fault, response)
        if not region or region == self._region:
            return False
        self._region = region
        self._access.bucket_regions[self._bucket] = region
        if self._elsewhere is Elsewhere.DROP:
            raise self._not_here()
        self._build()
        return True

    def _not_here(self) -> NotFound:
        return NotFound(
            f"the bucket {self._bucket} is in {self._region}, not in {self._target.region}",
            code="PermanentRedirect",
            service=self._operation.service.id,
            operation=self._operation.name,
            account=self._target.account_id,
            region=self._target.region,
        )

    async def _is_moved(self, fault: Fault) -> bool:
        """Whether the service, which assigned the endpoint, now assigns another one."""
        is_elsewhere = fault.status == 421 or fault.code == "InvalidEndpointException"
        if self._address is None or self._was_moved or not is_elsewhere:
            return False
        self._was_moved = True
        self._access.discovery.forget_address(self._operation, self._target)
        self._address = await self._access.address(self._operation, self._target)
        self._build()
        return True


def _new_token() -> str:
    return str(uuid.uuid4())


def _named_region(fault: Fault, response: Response) -> str | None:
    """The region that S3 expects in the signature, according to the response body."""
    if fault.code not in ("AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect"):
        return None
    said = re.search(rb"<Region>([a-z0-9-]+)</Region>", response.body)
    return said[1].decode() if said else None
