"""A loopback API that answers as the test's function says, and records its requests.

For answers that no emulator gives. ``answer(asked)`` returns status, headers and body: text, bytes,
or what is written as JSON.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

from tests.support.http_server import POLL, Handler, Server

JSON = {"content-type": "application/x-amz-json-1.1"}
REST_JSON = {"content-type": "application/json"}
XML = {"content-type": "text/xml"}

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")

Reply = tuple[int, Mapping[str, str], Any]


@dataclass(frozen=True)
class Asked:
    """One request. ``operation`` is ``X-Amz-Target``'s, ``Action``'s, or method and path."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    region: str
    service: str
    operation: str
    form: Mapping[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body or b"{}")


@dataclass
class ScriptedApi:
    """Serves while it is entered as a context manager; ``url`` is where."""

    answer: Callable[[Asked], Reply]
    asked: list[Asked] = field(default_factory=list)

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was asked for."""
        return Counter(a.operation for a in self.asked)

    def __enter__(self) -> ScriptedApi:
        self._server = Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(api: ScriptedApi) -> type[Handler]:
    class Requests(Handler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _do(self) -> None:
            asked = self._asked()
            api.asked.append(asked)
            status, headers, body = api.answer(asked)
            if not isinstance(body, str | bytes):
                body = json.dumps(body)
            content = body.encode() if isinstance(body, str) else body
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def _asked(self) -> Asked:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path, _, query = self.path.partition("?")
            is_form = "x-www-form" in (self.headers.get("content-type") or "")
            form = dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else {}
            target = self.headers.get("x-amz-target") or ""
            scope = _SCOPE.search(self.headers.get("authorization") or "")
            return Asked(
                method=self.command,
                path=path,
                query=dict(parse_qsl(query, keep_blank_values=True)),
                headers={k.lower(): v for k, v in self.headers.items()},
                body=body,
                region=scope[1] if scope else "",
                service=scope[2] if scope else "",
                operation=form.get("Action") or target.split(".")[-1] or f"{self.command} {path}",
                form=form,
            )

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _do  # noqa: N815

    return Requests
