"""Bytes out, bytes in: the one door to aiohttp.

Every way in which aiohttp or the network fails leaves here as one of our errors. Nothing
is retried, signed or read into here.
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
"""Bytes of a body that is read in one piece."""


class Transport(Protocol):
    """Anything that answers requests."""

    async def send(self, request: Request) -> Response:
        """One exchange. Raises Unreachable or BadAnswer."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class AiohttpTransport:
    """Keep-alive connections of one event loop, made when the first request goes out."""

    """``ca_variables``: what of the environment may name a file of authorities,
    the first one first."""

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

            from cirrusql.transport.raw_request import PlainRequest

            # How many may be open is for ``fair_semaphore`` to say.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=PlainRequest,
            )
        return self._session

    @cached_property
    def _timeout(self) -> aiohttp.ClientTimeout:
        import aiohttp

        connect, read = self._settings.connect_timeout, self._settings.read_timeout
        return aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)

    def obey(self, settings: Settings) -> None:
        """From now on by these settings."""
        self._settings = settings
        vars(self).pop("_timeout", None)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The authorities to trust:
        those of a file that the environment names win over the system's."""
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
        """The proxy that the environment names for a URL. Nothing on this machine has one.

        Not aiohttp's ``trust_env``: that reads .netrc too, and would sign with what is there.
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
        """One exchange, the body read whole up to ``max_body`` bytes."""
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
                # A stored object that is compressed is given as it is stored.
                auto_decompress=not request.streams_answer,
                proxy=proxy,
                # A file of some size, which a sandbox on this machine has no use for. A proxy may
                # speak TLS though the service does not.
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
        # Gives its bytes away without a copy, so that a long answer is held once.
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
    """Scheme, host and port of a request: never its path or query, which may hold secrets."""
    import yarl

    return str(yarl.URL(request.url).origin())


def translated(error: Exception, request: Request) -> Error:
    """The error of ours that a failure of aiohttp, the network or TLS is."""
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
    """The system's own words for a failed connection, without the library's decoration."""
    cause = getattr(error, "os_error", None) or error
    return getattr(cause, "strerror", None) or str(cause) or type(error).__name__


def _unreachable(text: str, error: Exception, *, is_unsent: bool = False) -> Unreachable:
    found = Unreachable(text)
    found.is_unsent = is_unsent
    return found


def _text(value: str) -> str:
    """A header's value;
    bytes that are not UTF-8 are Latin-1, as HTTP had them first (RFC 9110, 5.5)."""
    if value.isascii():
        return value
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
