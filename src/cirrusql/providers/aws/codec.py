"""AWS's protocols as a codec: requests by botocore's serialisers,
answers and errors by ``wire``."""

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
    """What goes over AWS's wires."""

    def request(
        self,
        operation: Operation,
        parameters: Mapping[str, object],
        target: Target,
        endpoint_url: str | None,
        token: Callable[[], str],
        address: str | None = None,
    ) -> tuple[Request, Endpoint]:
        """The unsigned request, and how it is signed.
        ``address``: where the service wants to be called."""
        return request.build(
            operation,
            parameters,
            region=target.region,
            endpoint_url=endpoint_url,
            address=address,
            token=token,
        )

    def fault(self, operation: Operation, response: Response) -> Fault | None:
        """What the answer complains of.
        BadAnswer where it is none of the protocol, or came damaged."""
        found = fault(operation, response)
        if found is None:
            check_body(operation, response)
        return found

    def whole(self, operation: Operation, response: Response) -> dict[str, Any]:
        """The members of an answer, as botocore's parser and handlers read them."""
        return whole(operation, response)

    def request_id(self, response: Response) -> str | None:
        """One of the headers that services put it in."""
        return request_id_of(response)
