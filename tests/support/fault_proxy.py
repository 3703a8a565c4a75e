"""A loopback proxy in front of an emulator, which injects faults.

It counts calls by operation and does to their answers what ``faults`` say: later, throttled,
cut, stalled, malformed. The operation is read off the request: the service from the scope of
the signature, the name from ``X-Amz-Target``, ``Action``, the smithy path, or method and path.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

from cirrusql.transport.model import CallRecord

_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")


def asked_for(records: Iterable[CallRecord]) -> list[CallRecord]:
    """The attempts without those that were throttled at random; where none are, all of them."""
    codes = {code for code, _ in (_THROTTLED, *_THROTTLES.values())} if THROTTLED_SHARE else set()
    return [r for r in records if r.error not in codes]


@dataclass(frozen=True)
class Seen:
    """One request, with the parts that faults depend on."""

    service: str
    operation: str
    region: str
    access_key: str
    headers: dict[str, str]
    body: bytes
    number: int
    """Of this operation, from 1."""

    @property
    def id(self) -> str:
        """``iam:ListUsers``"""
        return f"{self.service}:{self.operation}"


@dataclass
class Rate:
    """An API's own limit: ``rate`` calls a second, in bursts of up to ``burst``."""

    rate: float
    burst: float = 1.0
    _left: float = field(default=0.0, init=False)
    _at: float = field(default=0.0, init=False)

    def allows(self) -> bool:
        """Whether a call may pass now."""
        now = time.monotonic()
        self._left = (
            min(self.burst, self._left + (now - self._at) * self.rate) if self._at else self.burst
        )
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


THROTTLED_SHARE = float(os.environ.get("TESTS_THROTTLE", "0"))
"""The share of all our calls that every proxy throttles besides what a test asks of it, uncounted:
``make test-throttled`` runs the whole suite under throttling. Others' calls (boto3, to seed and to
look) have none."""

_OURS = "cirrusql/"
"""How the user agent of our calls begins."""

_UPSTREAM: dict[str, str] = {}
"""What is behind each proxy that runs: one put before another goes by it,
or calls were throttled twice."""


@dataclass
class Faults:
    """The faults to inject. Shares are of all calls that ``only`` (ids, empty: all) names."""

    only: frozenset[str] = frozenset()
    latency: float = 0.0
    """Seconds before each answer."""
    throttle: float = 0.0
    rate: Rate | None = None
    """Throttles what goes beyond it."""
    server_error: float = 0.0
    reset_before: float = 0.0
    """The connection breaks before the emulator sees the request."""
    reset_after: float = 0.0
    """It breaks after the emulator has done what was asked."""
    truncate: float = 0.0
    stall: float = 0.0
    """The answer begins and does not go on."""
    malform: float = 0.0
    """The body is not the protocol's."""
    expired_keys: set[str] = field(default_factory=set)
    """Access keys whose session has ended."""
    expire_first: int = 0
    """So many first calls are answered with ExpiredToken."""
    repeat_token: bytes | None = None
    """A body that every call gets: a page that names itself as the next."""
    deny: frozenset[str] = frozenset()
    """Operations (``ec2:DescribeVpcs``,
    or at one region ``ec2:DescribeVpcs@eu-west-1``) that are refused."""
    seed: int = 0
    most: int | None = None
    """So many times it strikes, and never again."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def strikes(self, share: float) -> bool:
        """Whether a fault with that share hits this call."""
        if share <= 0 or self.most == 0 or self._random.random() >= share:
            return False
        if self.most is not None:
            self.most -= 1
        return True


class FaultProxy:
    """Runs in a thread of its own from ``start`` to ``stop``."""

    def __init__(self, upstream: str, *, throttled: float = THROTTLED_SHARE) -> None:
        self.upstream = _UPSTREAM.get(upstream.rstrip("/"), upstream.rstrip("/"))
        self._throttling = Faults(throttle=throttled, seed=random.SystemRandom().randrange(1 << 32))
        self.faults = Faults()
        self.denied: frozenset[str] = frozenset()
        """Operations that are refused, whatever the faults are."""
        self.hold: tuple[str, int, str] | None = None
        """The call that is held for good: its id, its number,
        ``before`` or ``after`` it was done."""
        self.is_held = threading.Event()
        self.calls: Counter[str] = Counter()
        """Requests that came in, by ``service:Operation``."""
        self.passed: Counter[str] = Counter()
        """Of them, those that the emulator answered."""
        self.bodies: deque[bytes] = deque(maxlen=1000)
        """What the last requests carried."""
        self.log: list[tuple[float, str, str]] = []
        """Time, id and what was done (``passed``, ``throttle``, …)."""
        self.open_connections: set[Any] = set()
        self.most_at_once = 0
        self._at_once = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="fault-proxy", daemon=True
        )
        self.url = ""

    def start(self) -> FaultProxy:
        """Listen on a free port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(20)
        _UPSTREAM[self.url] = self.upstream
        return self

    def stop(self) -> None:
        """Close every socket and end the thread."""
        _UPSTREAM.pop(self.url, None)
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    def reset(self) -> None:
        """Clear faults and counts, and wait for earlier calls to end."""
        give_up = time.monotonic() + 10
        while self._at_once and time.monotonic() < give_up:
            time.sleep(0.01)
        self.faults = Faults()
        self.denied = frozenset()
        self.hold = None
        self.is_held.clear()
        self.calls.clear()
        self.passed.clear()
        self.log.clear()
        self.bodies.clear()
        self.most_at_once = 0

    async def _open(self) -> None:
        self._client = aiohttp.ClientSession(
            auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        self._runner = web.ServerRunner(
            web.Server(self._handle, handler_cancellation=True), shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._client.close()
        await asyncio.sleep(0)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        self.open_connections.add(request.transport)
        self.open_connections = {t for t in self.open_connections if t and not t.is_closing()}
        try:
            return await self._answer(request, await request.read())
        finally:
            self._at_once -= 1

    async def _answer(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        if self._is_struck(request):
            service = _scope(request)[2]
            return error_answer(request, *_THROTTLES.get(service, _THROTTLED))
        seen = self._seen(request, body)
        faults = self.faults
        if self.hold == (seen.id, seen.number, "before"):
            await self._hold()
        if self.hold == (seen.id, seen.number, "after"):
            await self._forward(request, body, seen)
            await self._hold()
        if seen.id in self.denied:
            self._note(seen, "denied")
            return error_answer(request, "AccessDenied", 403)
        if faults.only and seen.id not in faults.only:
            return await self._forward(request, body, seen)
        if faults.latency:
            await asyncio.sleep(faults.latency)
        refusal = self._refusal(seen, faults)
        if refusal is not None:
            self._note(seen, refusal[0])
            return error_answer(request, *refusal)
        if faults.strikes(faults.reset_before):
            return self._break(request, seen, "reset_before")
        if faults.repeat_token is not None:
            self._note(seen, "repeat_token")
            return web.Response(body=faults.repeat_token, content_type="text/xml")
        answer = await self._forward(request, body, seen)
        if faults.strikes(faults.reset_after):
            return self._break(request, seen, "reset_after")
        return await self._spoiled(request, answer, seen, faults)

    def _is_struck(self, request: web.BaseRequest) -> bool:
        is_ours = request.headers.get("User-Agent", "").startswith(_OURS)
        return is_ours and self._throttling.strikes(self._throttling.throttle)

    async def _hold(self) -> None:
        """Wait until the client is gone."""
        self.is_held.set()
        await asyncio.sleep(3600)

    def _refusal(self, seen: Seen, faults: Faults) -> tuple[str, int] | None:
        """The error code and status of the proxy's own answer, if any."""
        if seen.access_key in faults.expired_keys or seen.number <= faults.expire_first:
            return "ExpiredToken", 403 if seen.service == "s3" else 400
        if faults.deny & {seen.id, f"{seen.id}@{seen.region}"}:
            return ("UnauthorizedOperation" if seen.service == "ec2" else "AccessDenied"), 403
        is_over = faults.rate is not None and not faults.rate.allows()
        if is_over or faults.strikes(faults.throttle):
            return _THROTTLES.get(seen.service, _THROTTLED)
        if faults.strikes(faults.server_error):
            return "InternalError", 500
        return None

    async def _spoiled(
        self, request: web.BaseRequest, answer: web.Response, seen: Seen, faults: Faults
    ) -> web.StreamResponse:
        body = bytes(answer.body) if isinstance(answer.body, bytes | bytearray) else b""
        if faults.strikes(faults.malform):
            self._note(seen, "malform")
            answer.body = body[: len(body) // 2] + b"\x00<<{{" if body else b"\xff{"
            return answer
        is_cut = faults.strikes(faults.truncate)
        if is_cut or faults.strikes(faults.stall):
            self._note(seen, "truncate" if is_cut else "stall")
            headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
            part = web.StreamResponse(status=answer.status, headers=headers)
            part.content_length = len(body) + 10
            await part.prepare(request)
            await part.write(body[: len(body) // 2])
            if not is_cut:
                await asyncio.sleep(3600)
            if request.transport is not None:
                request.transport.abort()
            return part
        return answer

    def _break(self, request: web.BaseRequest, seen: Seen, how: str) -> web.Response:
        self._note(seen, how)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _forward(self, request: web.BaseRequest, body: bytes, seen: Seen) -> web.Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        headers["Host"] = request.headers["Host"]
        async with self._client.request(
            request.method,
            _url(self.upstream + request.raw_path),
            headers=headers,
            data=body or None,
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
            self.passed[seen.id] += 1
            self._note(seen, "passed")
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
            return web.Response(status=answer.status, headers=kept, body=content)

    def _seen(self, request: web.BaseRequest, body: bytes) -> Seen:
        key, region, service = _scope(request)
        operation = operation_of(request.method, request.raw_path, dict(request.headers), body)
        self.calls[f"{service}:{operation}"] += 1
        number = self.calls[f"{service}:{operation}"]
        self.bodies.append(body)
        return Seen(service, operation, region, key, dict(request.headers), body, number)

    def _note(self, seen: Seen, what: str) -> None:
        self.log.append((time.monotonic(), seen.id, what))


_HOP = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "date", "server"}
)
# What each service says when it is called too often; the others say ThrottlingException.
_THROTTLED = ("ThrottlingException", 400)
_THROTTLES = {
    "ec2": ("RequestLimitExceeded", 503),
    "iam": ("Throttling", 400),
    "sts": ("Throttling", 400),
    "s3": ("SlowDown", 503),
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "sqs": ("RequestThrottled", 403),
    "lambda": ("TooManyRequestsException", 429),
    "organizations": ("TooManyRequestsException", 400),
}


def _scope(request: web.BaseRequest) -> tuple[str, str, str]:
    """Access key, region and service that the signature names."""
    scope = _SCOPE.search(request.headers.get("Authorization", ""))
    return (scope[1], scope[2], scope[3]) if scope else ("", "", "none")


def _url(text: str) -> Any:
    import yarl

    return yarl.URL(text, encoded=True)


def operation_of(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """The operation's name, or method and path where the request does not say it."""
    folded = {k.lower(): v for k, v in headers.items()}
    if target := folded.get("x-amz-target"):
        return target.rpartition(".")[2]
    if smithy := re.search(r"/service/[^/]+/operation/(\w+)", path):
        return smithy[1]
    if folded.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode("utf-8", "replace")).get("Action")
        if action:
            return action[0]
    return f"{method} {path.partition('?')[0]}"


# Their errors are wrapped as those of the query protocol; S3's own are bare.
_REST_XML = ("route53", "cloudfront")


def error_answer(request: web.BaseRequest, code: str, status: int) -> web.Response:
    """An error in the form of the protocol that the request speaks."""
    headers = {k.lower(): v for k, v in request.headers.items()}
    content = headers.get("content-type", "")
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        import cbor2

        body = cbor2.dumps({"__type": f"aws#{code}", "message": "fault proxy"})
        answer = web.Response(status=status, body=body, content_type="application/cbor")
        answer.headers["smithy-protocol"] = "rpc-v2-cbor"
        return answer
    if "x-amz-target" in headers or content.startswith("application/json"):
        text = f'{{"__type":"{code}","message":"fault proxy"}}'
        return web.Response(status=status, text=text, content_type="application/x-amz-json-1.0")
    scope = headers.get("authorization", "")
    is_rest_xml = any(f"/{service}/aws4_request" in scope for service in _REST_XML)
    if is_rest_xml or content.startswith("application/x-www-form-urlencoded"):
        if "/ec2/aws4_request" in scope:
            text = (
                f"<Response><Errors><Error><Code>{code}</Code><Message>fault "
                "proxy</Message></Error>"
                "</Errors><RequestID>r</RequestID></Response>"
            )
        else:
            text = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>fault "
                "proxy</Message>"
                "</Error><RequestId>r</RequestId></ErrorResponse>"
            )
        return web.Response(status=status, text=text, content_type="text/xml")
    if "/s3/aws4_request" in scope:
        text = (
            f"<Error><Code>{code}</Code><Message>fault "
            "proxy</Message><RequestId>r</RequestId></Error>"
        )
        return web.Response(status=status, text=text, content_type="application/xml")
    answer = web.json_response({"message": "fault proxy"}, status=status)
    answer.headers["x-amzn-ErrorType"] = code
    return answer
