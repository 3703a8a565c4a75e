"""AWS's protocols as a codec: botocore's serializers build requests; ``decode`` and botocore's
parsers read responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cirrusql.api.exchange import Fault, Request, Response, Target
from cirrusql.api.http_messages import Endpoint
from cirrusql.api.model import Operation
from cirrusql.decode.decoder import request_id_of
from cirrusql.providers.aws.error_answers import fault
from cirrusql.providers.aws.full_response import whole
from cirrusql.providers.aws.protocol import request
from cirrusql.providers.aws.protocol.s3 import check_body


class AwsCodec:
    """The codec for all AWS protocols."""

    def request(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        endpoint_url: str | None,
        token: Callable[[], str],
        address: str | None = None,
    ) -> tuple[Request, Endpoint]:
        """The unsigned request, and how to sign it. ``address``: an endpoint assigned by the
        service."""
        return request.build(
            operation,
            parameters,
            region=target.region,
            endpoint_url=endpoint_url,
            address=address,
            token=token,
        )

    def fault(self, operation: Operation, response: Response) -> Fault | None:
        """The error in a response. BadAnswer if the response is not in the protocol, or damaged."""
        found = fault(operation, response)
        if found is None:
            check_body(operation, response)
        return found

    def whole(self, operation: Operation, response: Response) -> dict[str, Any]:
        """The members of a response, as read by botocore's parser and handlers."""
        return whole(operation, response)

    def request_id(self, response: Response) -> str | None:
        """The first of the headers in which services send it."""
        return request_id_of(response)
