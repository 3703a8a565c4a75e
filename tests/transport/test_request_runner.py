"""What is corrected between attempts: clock skew, a bucket's region, sessions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web

from cirrusql.transport.model import Batch, Failure

_USERS = (
    b"<ListUsersResponse><ListUsersResult><Users><member><UserName>ann</UserName></member></Users>"
    b"<IsTruncated>false</IsTruncated></ListUsersResult></ListUsersResponse>"
)


@contextmanager
def server(answer: Callable[[web.BaseRequest, bytes], Awaitable[web.Response]]) -> Iterator[str]:
    """The URL of a server that answers as told."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def handle(request: web.BaseRequest) -> web.Response:
        return await answer(request, await request.read())

    async def start() -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(handle))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def fault(code: str, status: int, **headers: str) -> web.Response:
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    return web.Response(status=status, text=body, content_type="text/xml", headers=headers)


@pytest.mark.parametrize("year", ["2031", "2019"])
def test_a_service_whose_clock_differs_is_asked_again_by_its_clock(
    fetcher: Any, call: Any, year: str
) -> None:
    stamps: list[str] = []

    async def answer(request: web.BaseRequest, body: bytes) -> web.Response:
        stamps.append(request.headers["X-Amz-Date"])
        if not stamps[-1].startswith(year):
            return fault("SignatureDoesNotMatch", 403, Date=f"Tue, 15 Apr {year} 08:12:31 GMT")
        return web.Response(body=_USERS, content_type="text/xml")

    with server(answer) as url:
        made = fetcher(endpoint_url=url)
        listing = call("iam.users", "ListUsers", columns=("UserName",))
        for _ in range(2):
            (outcome,) = made.batches([listing])
            assert isinstance(outcome, Batch)
    assert [stamp[:4] == year for stamp in stamps] == [False, True, True], "the clock is remembered"


def test_a_signature_that_is_wrong_by_the_right_clock_is_an_error(fetcher: Any, call: Any) -> None:
    seen = []

    async def answer(request: web.BaseRequest, body: bytes) -> web.Response:
        seen.append(request)
        return fault("SignatureDoesNotMatch", 403)

    with server(answer) as url:
        made = fetcher(endpoint_url=url)
        (outcome,) = made.batches([call("iam.users", "ListUsers", columns=("UserName",))])
    assert isinstance(outcome, Failure)
    assert len(seen) == 1


def test_a_bucket_elsewhere_is_found_once_and_remembered(fetcher: Any, call: Any) -> None:
    regions: list[str] = []

    async def answer(request: web.BaseRequest, body: bytes) -> web.Response:
        regions.append(request.headers["Authorization"].split("/")[2])
        if regions[-1] != "eu-west-1":
            return fault("PermanentRedirect", 301, **{"x-amz-bucket-region": "eu-west-1"})
        text = "<Tagging><TagSet><Tag><Key>team</Key><Value>web</Value></Tag></TagSet></Tagging>"
        return web.Response(text=text, content_type="text/xml")

    with server(answer) as url:
        made = fetcher(endpoint_url=url)
        tags = call(
            "s3.bucket_taggings", "GetBucketTagging", {"Bucket": "pictures"}, columns=("Key",)
        )
        for _ in range(2):
            (outcome,) = made.batches([tags])
            assert isinstance(outcome, Batch)
            assert outcome.rows.to_pylist() == [{"Key": "team"}]
    assert regions == ["us-east-1", "eu-west-1", "eu-west-1"]


def test_retry_after_holds_the_next_attempt_back(fetcher: Any, call: Any) -> None:
    at: list[float] = []

    async def answer(request: web.BaseRequest, body: bytes) -> web.Response:
        at.append(asyncio.get_running_loop().time())
        if len(at) == 1:
            return fault("Throttling", 400, **{"Retry-After": "1"})
        return web.Response(body=_USERS, content_type="text/xml")

    with server(answer) as url:
        made = fetcher(endpoint_url=url)
        assert isinstance(
            next(made.batches([call("iam.users", "ListUsers", columns=("UserName",))])), Batch
        )
    assert at[1] - at[0] >= 1.0
