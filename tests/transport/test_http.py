"""Every aiohttp failure becomes one of our errors."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import yarl

from cirrusql.api.http_messages import Request
from cirrusql.errors import BadAnswer, ConfigError, Error, Unreachable
from cirrusql.settings import Settings
from cirrusql.transport.http import AiohttpTransport, translated

REQUEST = Request("GET", "https://iam.amazonaws.com/?secret=1", {})
# What aiohttp raises to its servers, for websockets, or to who misuses it: never to us.
NOT_OURS = {
    "WSMessageTypeError",
    "WSServerHandshakeError",
    "WebSocketError",
    "ClientWSTimeout",
    "EofStream",
}

RAISED = [
    kind
    for name in aiohttp.__all__
    if inspect.isclass(kind := getattr(aiohttp, name))
    and issubclass(kind, Exception)
    and not issubclass(kind, Warning)
    and name not in NOT_OURS
]


def _made(kind: type[Exception]) -> Exception:
    """An instance, without the arguments that only aiohttp has."""
    error = kind.__new__(kind)
    Exception.__init__(error, "why")
    for name in ("message", "headers", "status"):
        with suppress(AttributeError):
            setattr(error, name, "why")
    error.__dict__["_os_error"] = OSError(111, "why")
    error.__dict__["_certificate_error"] = ssl.SSLError("why")
    error.__dict__["_conn_key"] = SimpleNamespace(host="h", port=443, ssl=True, is_ssl=True)
    return error


@pytest.mark.parametrize("kind", RAISED)
def test_every_exception_of_aiohttp_has_its_place(kind: type[Exception]) -> None:
    found = translated(_made(kind), REQUEST)
    assert isinstance(found, Unreachable | BadAnswer | ConfigError)
    # The fallback names the class: an exception that ends up there was not foreseen.
    assert kind.__name__ not in str(found), f"{kind.__name__} is not mapped in transport.translated"


@pytest.mark.parametrize("kind", [OSError, TimeoutError, ConnectionResetError, BrokenPipeError])
def test_the_systems_own_failures_are_unreachable(kind: type[Exception]) -> None:
    assert isinstance(translated(kind("x"), REQUEST), Unreachable)


def test_errors_hold_nothing_of_path_and_query() -> None:
    assert "secret" not in str(translated(OSError("x"), REQUEST))


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://iam.amazonaws.com/", "http://p:1"),
        (
            {"https_proxy": "http://p:1", "NO_PROXY": ".amazonaws.com"},
            "https://iam.amazonaws.com/",
            None,
        ),
        ({"ALL_PROXY": "http://p:1"}, "http://127.0.0.1:4566/", None),
        ({"HTTP_PROXY": "http://p:1"}, "https://iam.amazonaws.com/", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://[::1]:80/", None),
    ],
)
def test_the_proxy_is_the_environments(environ: dict[str, str], url: str, expected: Any) -> None:
    assert AiohttpTransport(Settings(), environ)._proxy(yarl.URL(url)) == expected


def test_a_ca_bundle_that_cannot_be_read_is_told() -> None:
    async def send() -> None:
        transport = AiohttpTransport(Settings(), {"AWS_CA_BUNDLE": "/nowhere"}, ["AWS_CA_BUNDLE"])
        try:
            await transport.send(Request("GET", "https://127.0.0.1:1/", {}))
        finally:
            await transport.close()

    with pytest.raises(Error, match="AWS_CA_BUNDLE"):
        asyncio.run(send())


async def _heads_of(request: Request) -> list[str]:
    """The names of the headers that a server gets with a request."""
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        transport = AiohttpTransport(Settings(), {})
        await transport.send(replace(request, url=f"http://127.0.0.1:{port}/"))
        await transport.close()
    lines = heads[0].decode().split("\r\n")[1:]
    return sorted(line.partition(":")[0].lower() for line in lines if line)


@pytest.mark.parametrize(
    ("request_", "added"),
    [
        (Request("GET", "", {"X-Own": "1"}), ["accept-encoding", "host", "x-own"]),
        (Request("POST", "", {}, b"body"), ["accept-encoding", "content-length", "host"]),
        (
            Request("POST", "", {"Accept-Encoding": "identity"}, b"b"),
            ["accept-encoding", "content-length", "host"],
        ),
    ],
)
def test_nothing_is_sent_that_was_not_signed_but_what_frames_it(
    request_: Request, added: list[str]
) -> None:
    assert asyncio.run(_heads_of(request_)) == added
