"""Services with endpoint discovery, and buckets that need a session."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from cirrusql.api.http_messages import Request, Response
from cirrusql.errors import BadAnswer, CallFailed, CredentialsMissing, Error
from cirrusql.providers import providers
from cirrusql.providers.aws.full_response import whole
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.settings import Settings
from cirrusql.transport.model import Call, Target
from cirrusql.transport.request_runner import SharedState, answered
from cirrusql.transport.throttling.fair_semaphore import FairSemaphore

KEYS = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret"}
SERVICE = BotocoreSource().load("timestream-query")


class Cells:
    """A transport with a service of cells behind it, the first of them at ``cell-1``."""

    def __init__(self, *, minutes: float = 60, empty: bool = False) -> None:
        self.sent: list[tuple[str, str]] = []
        self._minutes = minutes
        self._empty = empty
        self.moves = 0
        self._cell = 1

    async def send(self, request: Request) -> Response:
        host = urlsplit(request.url).netloc
        name = dict(request.headers)["X-Amz-Target"].partition(".")[2]
        self.sent.append((host, name))
        assert f"/{host.split('.')[2]}/timestream/" in request.headers["Authorization"]
        if name == "DescribeEndpoints":
            address = f"cell-{self._cell}.timestream.us-east-1.amazonaws.com"
            given = [{"Address": address, "CachePeriodInMinutes": self._minutes}]
            return _json(200, {"Endpoints": [] if self._empty else given})
        if self.moves > 0:
            self.moves -= 1
            self._cell += 1
            return _json(421, {"__type": "InvalidEndpointException", "message": "not here"})
        return _json(200, {"ScheduledQueries": []})

    async def close(self) -> None:
        pass


def _json(status: int, values: object) -> Response:
    return Response(status, {}, json.dumps(values).encode())


def common(transport: Any, environ: Mapping[str, str] = KEYS) -> SharedState:
    settings = Settings(region="us-east-1")
    jitter = random.Random(1)
    return SharedState(
        settings, environ, providers(), transport, lambda r: None, FairSemaphore(4), jitter=jitter
    )


async def listed(shared: SharedState, times: int = 1) -> None:
    operation = SERVICE.operation("ListScheduledQueries")
    call = Call(operation, {}, Target(None, "us-east-1"))
    for _ in range(times):
        await answered(shared, call, {}, 1, lambda r: whole(operation, r))


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def hosts(cells: Cells, work: Callable[[SharedState], Any]) -> list[tuple[str, str]]:
    asyncio.run(work(common(cells)))
    return [(host.partition(".")[0], name) for host, name in cells.sent]


def test_the_address_is_asked_for_once() -> None:
    assert hosts(Cells(), lambda shared: listed(shared, 3)) == [
        ("query", "DescribeEndpoints"),
        *[("cell-1", "ListScheduledQueries")] * 3,
    ]


def test_calls_at_once_ask_once() -> None:
    async def many(shared: SharedState) -> None:
        await asyncio.gather(*(listed(shared) for _ in range(5)))

    found = hosts(Cells(), many)
    assert found.count(("query", "DescribeEndpoints")) == 1
    assert found.count(("cell-1", "ListScheduledQueries")) == 5


def test_an_address_that_is_old_is_asked_for_again() -> None:
    found = hosts(Cells(minutes=0), lambda shared: listed(shared, 2))
    assert found.count(("query", "DescribeEndpoints")) == 2


def test_who_is_sent_elsewhere_goes_there() -> None:
    cells = Cells()
    cells.moves = 1
    assert hosts(cells, listed) == [
        ("query", "DescribeEndpoints"),
        ("cell-1", "ListScheduledQueries"),
        ("query", "DescribeEndpoints"),
        ("cell-2", "ListScheduledQueries"),
    ]


def test_who_is_sent_elsewhere_for_ever_gives_up() -> None:
    cells = Cells()
    cells.moves = 100
    with pytest.raises(Error, match="InvalidEndpointException: not here"):
        hosts(cells, listed)
    assert len(cells.sent) == 4


def test_a_service_that_names_no_address_is_a_bad_answer() -> None:
    with pytest.raises(
        BadAnswer, match="timestream-query:DescribeEndpoints: the response contains no endpoint"
    ):
        hosts(Cells(empty=True), listed)


def test_an_endpoint_of_the_users_own_is_not_asked_for_another() -> None:
    cells = Cells()
    shared = common(cells, {**KEYS, "AWS_ENDPOINT_URL": "http://here.us-east-1.us-east-1.test"})
    asyncio.run(listed(shared))
    assert [name for _, name in cells.sent] == ["ListScheduledQueries"]


class Zone:
    """A transport with a directory bucket behind it."""

    def __init__(self, *, lasting: timedelta = timedelta(minutes=5), expired: int = 0) -> None:
        self.sent: list[tuple[str, str]] = []
        self._lasting = lasting
        self._expired = expired
        self._made = 0

    async def send(self, request: Request) -> Response:
        signed_by = request.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        if "?session" in request.url:
            self.sent.append(("CreateSession", signed_by))
            self._made += 1
            expires = (datetime.now(UTC) + self._lasting).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = (
                f"<CreateSessionResult><Credentials><AccessKeyId>S{self._made}</AccessKeyId>"
                f"<SecretAccessKey>x</SecretAccessKey><SessionToken>token</SessionToken>"
                f"<Expiration>{expires}</Expiration></Credentials></CreateSessionResult>"
            )
            return Response(200, {}, body.encode())
        self.sent.append(("HeadObject", signed_by))
        assert request.headers["x-amz-s3session-token"] == "token"
        if self._expired > 0:
            self._expired -= 1
            return Response(
                400, {}, b"<Error><Code>ExpiredToken</Code><Message>m</Message></Error>"
            )
        return Response(200, {"content-length": "5"}, b"")

    async def close(self) -> None:
        pass


def objects(zone: Zone, *, times: int = 1, at_once: bool = False) -> list[tuple[str, str]]:
    operation = BotocoreSource().load("s3").operation("HeadObject")
    given = {"Bucket": "fast--use1-az4--x-s3", "Key": "k"}
    call = Call(operation, given, Target(None, "us-east-1"))

    async def work() -> None:
        shared = common(zone)
        calls = [
            answered(shared, call, given, 1, lambda r: whole(operation, r)) for _ in range(times)
        ]
        if at_once:
            await asyncio.gather(*calls)
        else:
            for made in calls:
                await made

    asyncio.run(work())
    return zone.sent


@pytest.mark.parametrize("at_once", [True, False])
def test_a_bucket_has_one_session_for_all_calls(at_once: bool) -> None:
    assert objects(Zone(), times=3, at_once=at_once) == [
        ("CreateSession", "AKIATEST"),
        *[("HeadObject", "S1")] * 3,
    ]


def test_a_session_that_is_about_to_end_is_not_used_again() -> None:
    found = objects(Zone(lasting=timedelta(seconds=50)), times=2)
    assert found == [
        ("CreateSession", "AKIATEST"),
        ("HeadObject", "S1"),
        ("CreateSession", "AKIATEST"),
        ("HeadObject", "S2"),
    ]


def test_a_session_that_has_ended_is_made_anew_once() -> None:
    assert [name for name, _ in objects(Zone(expired=1))] == ["CreateSession", "HeadObject"] * 2
    with pytest.raises(CallFailed, match="ExpiredToken"):
        objects(Zone(expired=9))


class Bearers:
    """A transport that records the authorization sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, request: Request) -> Response:
        self.sent.append(request.headers["Authorization"])
        return _json(200, {"items": []})

    async def close(self) -> None:
        pass


def spaces(transport: Bearers) -> list[str]:
    operation = BotocoreSource().load("codecatalyst").operation("ListSpaces")
    call = Call(operation, {}, Target(None, "us-west-2"))
    asyncio.run(_answered(common(transport), call))
    return transport.sent


async def _answered(shared: SharedState, call: Call) -> None:
    await answered(shared, call, {}, 1, lambda r: whole(call.operation, r))


def test_a_bearer_token_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_CODECATALYST", "a-token")
    assert spaces(Bearers()) == ["Bearer a-token"]


def test_keys_are_no_bearer_token() -> None:
    with pytest.raises(CredentialsMissing):
        spaces(Bearers())
