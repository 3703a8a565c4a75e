"""A server of canned IAM responses in its own process, so that it is not measured.

``python -m benchmarks.canned LATENCY RATE BURST PAGES ROWS`` prints its port, serves until its
standard input ends, and then prints how many calls it throttled in and after the first second.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_MARKER = re.compile(rb"Marker=(\d+)")
_USER = re.compile(rb"UserName=([\w-]+)")
_USERS = 1_000
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_THROTTLED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate "
    b"exceeded</Message>"
    b"</Error><RequestId>r</RequestId></ErrorResponse>"
)


def page(rows: int, marker: int | None) -> bytes:
    """A page of ListAccessKeys."""
    member = (
        b"<member><UserName>user-0001</UserName><AccessKeyId>AKIAIOSFODNN7EX%05d</AccessKeyId>"
        b"<Status>Active</Status><CreateDate>2024-05-01T10:00:00Z</CreateDate></member>"
    )
    more = b"<IsTruncated>true</IsTruncated><Marker>%d</Marker>" % marker if marker else b""
    return (
        b"<ListAccessKeysResponse "
        b'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAccessKeysResult>'
        b"<AccessKeyMetadata>"
        + b"".join(member % i for i in range(rows))
        + b"</AccessKeyMetadata>"
        + (more or b"<IsTruncated>false</IsTruncated>")
        + b"</ListAccessKeysResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
        b"</ListAccessKeysResponse>"
    )


def users(count: int) -> bytes:
    """A page of ListUsers."""
    member = (
        b"<member><Path>/</Path><UserName>user-%04d</UserName><UserId>AIDAIOSFODNN7EX%04d</UserId>"
        b"<Arn>arn:aws:iam::123456789012:user/user-%04d</Arn>"
        b"<CreateDate>2024-05-01T10:00:00Z</CreateDate></member>"
    )
    return (
        b"<ListUsersResponse "
        b'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><Users>'
        + b"".join(member % (i, i, i) for i in range(count))
        + b"</Users><IsTruncated>false</IsTruncated></ListUsersResult><ResponseMetadata>"
        b"<RequestId>r</RequestId></ResponseMetadata></ListUsersResponse>"
    )


def _http(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


class _Server(asyncio.Protocol):
    latency = 0.0
    rate = 0.0
    left = burst = 0.0
    at = first = 0.0
    early = late = 0
    pages: tuple[bytes, ...] = ()
    refusal = users = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._held = b""

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, found, rest = self._held.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or len(rest) < int(length[1] if length else 0):
            return
        self._held = b""
        answer = self._answer(rest)
        if _Server.latency:
            asyncio.get_running_loop().call_later(_Server.latency, self._transport.write, answer)
        else:
            self._transport.write(answer)

    def _answer(self, body: bytes) -> bytes:
        cls, now = _Server, time.monotonic()
        cls.first = cls.first or now
        if cls.rate:
            cls.left = min(cls.burst, cls.left + (now - cls.at) * cls.rate) if cls.at else cls.burst
            cls.at = now
            if cls.left < 1:
                cls.early, cls.late = (
                    (cls.early + 1, cls.late) if now - cls.first < 1 else (cls.early, cls.late + 1)
                )
                return cls.refusal
            cls.left -= 1
        if b"Action=ListUsers" in body:
            return cls.users
        marker, user = _MARKER.search(body), _USER.search(body)
        found = cls.pages[int(marker[1]) if marker else 0]
        # Names are of one length, as the header says the body's.
        return found.replace(b"user-0001", user[1]) if user and len(user[1]) == 9 else found


async def _serve(arguments: list[str]) -> None:
    latency, rate, burst, pages, rows = arguments
    _Server.latency, _Server.rate, _Server.burst = float(latency), float(rate), float(burst)
    count = int(pages)
    bodies = (page(int(rows), i + 1 if i + 1 < count else None) for i in range(count))
    _Server.pages = tuple(_http(b"200 OK", body) for body in bodies)
    _Server.users = _http(b"200 OK", users(_USERS))
    _Server.refusal = _http(b"400 Bad Request", _THROTTLED)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Server, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(_Server.early, _Server.late, flush=True)


class Canned:
    """A running server: its URL, and after the block what it throttled."""

    url = ""
    early = late = 0


@contextmanager
def canned(
    *, latency: float = 0.0, rate: float = 0.0, burst: float = 0.0, pages: int = 1, rows: int = 100
) -> Iterator[Canned]:
    """Run a server for the block."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.canned",
        *map(str, (latency, rate, burst, pages, rows)),
    ]
    found = Canned()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found.url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        try:
            yield found
        finally:
            out, _ = process.communicate(input="", timeout=20)
            found.early, found.late = map(int, out.split())


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1:]))
