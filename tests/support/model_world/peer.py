"""A fetcher that the world answers: what a session asks of ``fetch.Fetcher``, in one thread without
sockets.

The seam is the call. Its request is serialised (so that what cannot be written is found), the world
is asked with the parameters that were serialised, its answer is written as the bytes of the
service's protocol, and those are decoded, paged and blamed by ``wire`` as any answer is. Regions,
accounts and connections are found by the product's own discovery, over the same answers. What is
not run here is the loop of attempts: retries, signatures and redirects have tests of their own.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from typing import Any

import cbor2

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Operation, Service
from cirrusql.api.paging import pages
from cirrusql.decode import decoder
from cirrusql.decode.service_error import to_error
from cirrusql.encode.coercion import parameters_of
from cirrusql.errors import Error
from cirrusql.plan.model import CallScope
from cirrusql.providers.aws.credentials import Identities
from cirrusql.providers.aws.error_answers import fault
from cirrusql.providers.aws.protocol import request
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.providers.aws.topology import Discovery
from cirrusql.settings import Settings
from cirrusql.transport.model import Answer, Batch, Call, Failure, Target
from cirrusql.transport.sent_columns import filled
from tests.support.model_world.answers import World
from tests.support.model_world.listings import Refusal
from tests.support.model_world.pages import Values
from tests.support.model_world.things import REGIONS
from tests.support.responses import response_of

ACCOUNTS: Mapping[str | None, str] = {
    None: "111111111111",
    "first": "111111111111",
    "second": "222222222222",
}
"""The account of each connection; None is the session's own."""


class WorldFetcher:
    """Answers the calls of a session from worlds, one a service."""

    def __init__(self, settings: Settings, seed: int = 0) -> None:
        self._seed = seed
        self._worlds: dict[str, World] = {}
        self._identities = Identities(settings, {})
        self._discovery = Discovery(self._identities, self._ask, BotocoreSource())
        self._loop = asyncio.new_event_loop()
        self.calls: Counter[str] = Counter()
        self.refused: list[str] = []
        """Calls that were refused for what was sent, but for things that do not exist."""

    def world(self, service: Service) -> World:
        """The service's part of the world."""
        if service.id not in self._worlds:
            self._worlds[service.id] = World(service, self._seed, self._worlds)
        return self._worlds[service.id]

    def forget(self) -> None:
        """Release every service."""
        self._worlds.clear()

    # What a session asks.

    def targets(
        self, scope: CallScope, service: Service, operation: str = ""
    ) -> tuple[Target, ...]:
        """The places of a scope, by the product's own discovery."""
        return self._loop.run_until_complete(self._discovery.targets(scope, service, operation))

    def only_region(self, operation: Operation) -> str | None:
        """The one region that answers an operation, by the product's own discovery."""
        return self._discovery.only_region(operation)

    def answered_in(
        self, operation: Operation, parameters: Mapping[str, object], region: str
    ) -> str:
        """Where a call is answered, by the product's own discovery."""
        return self._discovery.answered_in(operation, parameters, region)

    def regions_are_guessed(self, connection: str | None, provider: str) -> bool:
        """Every account here may ask for its regions."""
        return False

    def account_id(self, connection: str | None, provider: str) -> str:
        """The account of a connection."""
        return ACCOUNTS[connection]

    def caller(self, connection: str | None, provider: str) -> Mapping[str, str]:
        """Account and ARN of the caller."""
        arn = f"arn:aws:iam::{ACCOUNTS[connection]}:user/caller"
        return {"account": ACCOUNTS[connection], "arn": arn}

    def batches(self, calls: Iterable[Call]) -> Generator[Batch | Failure]:
        """The rows of each call, page by page, in the order of the calls."""
        for call in calls:
            try:
                yield from self._read(call)
            except Error as error:
                yield Failure(call, error)

    def answers(self, calls: Iterable[Call], **options: Any) -> Generator[Answer | Failure]:
        """Not used: the laws write nothing."""
        raise NotImplementedError

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on."""
        self._identities.obey(settings)

    def interrupt(self) -> None:
        """Does nothing: no call is ever under way."""

    def close(self) -> None:
        """Close the event loop."""
        if not self._loop.is_closed():
            self._loop.close()

    # One call.

    def _read(self, call: Call) -> Generator[Batch]:
        assert call.rows is not None
        fields = tuple(c for c in call.columns if c.name in call.rows.fields)
        to_rows = decoder.decoder(call.operation, call.rows, fields)
        account = self._account(call.target)
        placed = replace(call, target=replace(call.target, account_id=account))
        asking = pages(call.operation, call.parameters, call.page_size)
        parameters = next(asking)
        rows = 0
        while True:
            response = self.respond(call.operation, parameters, account, call.target.region)
            complaint = fault(call.operation, response)
            if complaint is not None:
                raise to_error(complaint, call.operation, account, call.target.region)
            page = to_rows(response)
            yield Batch(call, filled(placed, page.rows))
            rows += page.rows.num_rows
            if call.limit is not None and rows >= call.limit:
                return
            try:
                parameters = asking.send(page.tokens)
            except StopIteration:
                return

    def respond(
        self, operation: Operation, parameters: Mapping[str, object], account: str, region: str
    ) -> Response:
        """The bytes of one answer."""
        self.calls[operation.id] += 1
        request.build(operation, parameters, region=region, token=lambda: "token")
        found = self._answer(operation, parameters_of(operation, parameters), account, region)
        if isinstance(found, Refusal):
            if found.status != 404:
                self.refused.append(f"{operation.id}: {found.code}: {found.message}")
            return refusal(operation, found)
        return response_of(operation, found)

    def _answer(
        self, operation: Operation, parameters: Values, account: str, region: str
    ) -> Values | Refusal:
        if operation.id == "sts:GetCallerIdentity":
            return {
                "Account": account,
                "Arn": f"arn:aws:iam::{account}:user/caller",
                "UserId": "caller",
            }
        return self.world(operation.service).answer(operation, parameters, account, region)

    def _account(self, target: Target) -> str:
        return ACCOUNTS[target.connection]

    async def _ask(
        self, operation: Operation, parameters: Mapping[str, object], target: Target
    ) -> Mapping[str, Any]:
        if operation.id == "ec2:DescribeRegions":
            return {"Regions": [{"RegionName": name} for name in REGIONS]}
        found = self._answer(operation, parameters, self._account(target), target.region)
        assert not isinstance(found, Refusal)
        return found


def refusal(operation: Operation, found: Refusal) -> Response:
    """An error answer on the wire, as the service's protocol writes it."""
    protocol = operation.service.protocol
    headers = {"x-amzn-requestid": "11111111-2222-3333-4444-555555555555"}
    inner = f"<Code>{found.code}</Code><Message>refused: {_escaped(found.message)}</Message>"
    match protocol:
        case "ec2":
            body = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>r-1</RequestID></Response>"  # noqa: E501
        case "query":
            body = (
                f"<ErrorResponse><Error>{inner}</Error><RequestId>r-1</RequestId></ErrorResponse>"
            )
        case "rest-xml" if operation.service.id == "s3":
            body = f"<Error>{inner}</Error>"
        case "rest-xml":
            body = (
                f"<ErrorResponse><Error>{inner}</Error><RequestId>r-1</RequestId></ErrorResponse>"
            )
        case _ if "cbor" in protocol:
            told = {"__type": found.code, "message": f"refused: {found.message}"}
            return Response(
                found.status, {**headers, "smithy-protocol": "rpc-v2-cbor"}, cbor2.dumps(told)
            )
        case _:
            headers["x-amzn-errortype"] = found.code
            body = json.dumps({"__type": found.code, "message": f"refused: {found.message}"})
    return Response(found.status, headers, body.encode())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
