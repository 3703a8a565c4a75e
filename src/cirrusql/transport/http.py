"""Sends requests and receives responses: the only module that uses aiohttp.

Every failure of aiohttp or the network is raised as one of our errors. Nothing is retried, signed
or parsed here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Protocol
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # not in typeshed

from cirrusql.api.http_messages import Request, Response
from cirrusql.errors import BadAnswer, ConfigError, Error, Unreachable
from cirrusql.loopback import is_loopback
from cirrusql.transport.open_files import is_shortage

if TYPE_CHECKING:
    import aiohttp
    import yarl

    from cirrusql.settings import Settings


_SMALL = 65_536
"""Bytes of a body that are read at a time."""


class Transport(Protocol):
    """The interface that sends requests."""

    async def send(self, request: Request) -> Response:
        """Send a request and return the response. Raises Unreachable or BadAnswer."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class AiohttpTransport:
    """Keep-alive connections of one event loop, opened at the first request."""

    """``ca_variables``: environment variables that may name a file of certificate authorities, by
    precedence."""

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], ca_variables: Iterable[str] = ()
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._ca_variables = tuple(ca_variables)
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[tuple[str, str], str | None] = {}

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            from cirrusql.transport.raw_request import RawRequest

            # ``fair_semaphore`` limits concurrency instead.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=RawRequest,
            )
        return self._session

    @cached_property
    def _timeout(self) -> aiohttp.ClientTimeout:
        import aiohttp

        connect, read = self._settings.connect_timeout, self._settings.read_timeout
        return aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)

    def obey(self, settings: Settings) -> None:
        """Use these settings from now on."""
        self._settings = settings
        vars(self).pop("_timeout", None)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The TLS context: certificate authorities from a file named in the environment replace the
        system's."""
        name = next((n for n in self._ca_variables if self._environ.get(n)), "")
        bundle = self._environ.get(name)
        try:
            context = ssl.create_default_context(cafile=bundle or None)
        except OSError as error:
            if is_shortage(error):
                raise
            raise ConfigError(f"{name}: cannot read {bundle!r}: {error}") from error
        context.set_alpn_protocols(("http/1.1",))
        return context

    def _proxy(self, url: yarl.URL) -> str | None:
        """The proxy that the environment sets for a URL. Loopback addresses use none.

        Not aiohttp's ``trust_env``: it also reads .netrc and would send the credentials found
        there.
        """
        place = (url.scheme, url.host or "")
        if place not in self._proxies:
            self._proxies[place] = self._proxy_to(*place)
        return self._proxies[place]

    def _proxy_to(self, scheme: str, host: str) -> str | None:
        if is_loopback(host):
            return None
        lower = {
            k.lower(): v for k, v in self._environ.items() if k.lower().endswith("_proxy") and v
        }
        if proxy_bypass_environment(host, {"no": lower.get("no_proxy", "")}):
            return None
        return lower.get(f"{scheme}_proxy") or lower.get("all_proxy")

    async def send(self, request: Request) -> Response:
        """Send a request and read the whole response body, up to ``max_body`` bytes."""
        import yarl

        try:
            url = yarl.URL(request.url, encoded=True)
            proxy = self._proxy(url)
            answer = await self._open().request(
                request.method,
                url,
                headers=request.headers,
                data=request.body or None,
                timeout=self._timeout,
                allow_redirects=False,
                # An object that is stored compressed is returned as it is stored.
                auto_decompress=not request.streams_answer,
                proxy=proxy,
                # Loading the CA file takes time that a local sandbox does not need. A proxy may use
                # TLS even if the service does not.
                ssl=self._trusted if url.scheme == "https" or proxy is not None else True,
            )
            try:
                body = await self._body(request, answer)
            except BaseException:
                answer.close()
                raise
            headers = {name.lower(): _text(value) for name, value in answer.headers.items()}
            return Response(answer.status, headers, body)
        except Error:
            raise
        except Exception as error:
            raise translated(error, request) from error

    async def _body(self, request: Request, answer: aiohttp.ClientResponse) -> bytes:
        most = self._settings.max_body
        length = answer.content_length
        if (
            length is not None
            and length <= min(_SMALL, most)
            and "Content-Encoding" not in answer.headers
        ):
            return await answer.read()
        if length is not None and length > most:
            raise self._too_large(request)
        # Hands over its bytes without a copy, so that a long response is in memory once.
        body = BytesIO()
        async for part in answer.content.iter_any():
            if body.write(part) and body.tell() > most:
                raise self._too_large(request)
        return body.getvalue()

    def _too_large(self, request: Request) -> BadAnswer:
        found = BadAnswer(
            f"{place(request)}: the response is larger than max_body ({self._settings.max_body} "
            "bytes)",
            hint="SET max_body = … to allow more",
        )
        found.is_final = True
        return found

    async def close(self) -> None:
        """Close the session and wait for its sockets."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()


def place(request: Request) -> str:
    """Scheme, host and port of a request; never its path or query, which may contain secrets."""
    import yarl

    return str(yarl.URL(request.url).origin())


def translated(error: Exception, request: Request) -> Error:
    """Map a failure of aiohttp, the network or TLS to one of our errors."""
    import aiohttp

    where = place(request)
    if is_shortage(error):
        found = _unreachable(
            f"cannot connect to {where}: too many open files", error, is_unsent=True
        )
        found.is_starved = True
        found.hint = "`ulimit -n` raises the number of files a process may have open"
        return found
    match error:
        case aiohttp.ClientConnectorDNSError():
            return _unreachable(f"cannot resolve the host of {where}", error, is_unsent=True)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return _unreachable(f"TLS with {where} failed: {error}", error, is_unsent=True)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return _unreachable(
                f"cannot connect to {where}: {reason(error)}", error, is_unsent=True
            )
        case aiohttp.InvalidURL():
            return ConfigError(f"invalid URL: {where}")
        case aiohttp.ClientPayloadError():
            return _unreachable(f"the response from {where} was cut short", error)
        case asyncio.TimeoutError():
            return _unreachable(f"no response from {where} in time", error)
        case aiohttp.ClientResponseError():
            return BadAnswer(f"{where} did not respond with HTTP: {error.message}")
        case aiohttp.ClientError() | OSError():
            return _unreachable(f"the connection to {where} was lost: {reason(error)}", error)
        case _:
            return BadAnswer(f"{where}: {type(error).__name__}: {error}")


def reason(error: Exception) -> str:
    """The system's own message for a failed connection, without the library's prefix."""
    cause = getattr(error, "os_error", None) or error
    return getattr(cause, "strerror", None) or str(cause) or type(error).__name__


def _unreachable(text: str, error: Exception, *, is_unsent: bool = False) -> Unreachable:
    found = Unreachable(text)
    found.is_unsent = is_unsent
    return found


def _text(value: str) -> str:
    """A header's value; bytes that are not UTF-8 are Latin-1, the original encoding (RFC 9110,
    5.5)."""
    if value.isascii():
        return value
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
