"""The tracker's server, on loopback: its data, who may call it, and the calls it received."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.http_server import POLL, Handler, Server

TOKEN = "s3cret-of-the-tracker"
PAGE = 2
"""Things a page, however many are asked for."""

Found = tuple[int, Any]


class Tracker:
    """A server of its own thread. ``calls`` has ``GET /projects`` for each request."""

    def __init__(self) -> None:
        self.projects: dict[str, dict[str, Any]] = {}
        self.issues: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.bodies: list[Any] = []
        self.next_host = ""
        """Where the next page is said to be, if not here."""
        self.refuse: dict[str, tuple[int, dict[str, str], Any]] = {}
        """The answer to the next request of that kind: status, headers, body."""
        tracker = self

        class Requests(Handler):
            def do_GET(self) -> None:
                tracker.answer(self)

            do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the library's names

        self._server = Server(("127.0.0.1", 0), Requests)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def project(self, key: str, **more: Any) -> None:
        """An existing project."""
        made: dict[str, Any] = {
            "key": key,
            "title": key.upper(),
            "owner": None,
            "is_open": True,
            "labels": [],
        }
        self.projects[key] = {**made, "created_at": "2026-01-02T03:04:05Z", **more}

    def issue(self, project: str, summary: str, **more: Any) -> int:
        """An existing issue."""
        number = max(self.issues, default=0) + 1
        made = {"id": number, "project": project, "summary": summary, "state": "open"}
        self.issues[number] = {**made, **more}
        self.events.insert(
            0, {"id": number, "kind": "made", "issue": number, "at": "2026-01-02T03:04:05Z"}
        )
        return number

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        length = int(request.headers.get("Content-Length") or 0)
        body = json.loads(request.rfile.read(length) or b"null")
        parts = urlsplit(request.path)
        what = f"{request.command} {parts.path}"
        self.calls.append(what)
        self.bodies.append(body)
        headers: dict[str, str] = {}
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            status, found = 401, {"message": "Bad credentials"}
        elif what in self.refuse:
            status, headers, found = self.refuse.pop(what)
        else:
            status, found = self._done(
                request.command, parts.path, dict(parse_qsl(parts.query)), body, headers
            )
        written = b"" if found is None else json.dumps(found).encode()
        request.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "X-Request-Id": "r-1",
            **headers,
        }.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(written)))
        request.end_headers()
        request.wfile.write(written)

    def _done(
        self, method: str, path: str, query: dict[str, str], body: Any, headers: dict[str, str]
    ) -> Found:
        routes: list[tuple[str, str, Callable[..., Found]]] = [
            ("GET", "/projects", lambda: self._projects(query, headers)),
            ("POST", "/projects", lambda: self._make_project(body)),
            ("GET", "/projects/([^/]+)/issues", lambda key: self._issues(key, query)),
            (
                "POST",
                "/projects/([^/]+)/issues",
                lambda key: (201, self.issues[self.issue(key, **body)]),
            ),
            ("GET", "/projects/([^/]+)", lambda key: (200, self.projects[key])),
            ("PATCH", "/projects/([^/]+)", lambda key: (200, _changed(self.projects[key], body))),
            ("DELETE", "/projects/([^/]+)", lambda key: (204, self.projects.pop(key) and None)),
            ("PATCH", "/issues/([0-9]+)", lambda n: (200, _changed(self.issues[int(n)], body))),
            (
                "POST",
                "/issues/([0-9]+)/close",
                lambda n: (200, _changed(self.issues[int(n)], {"state": "closed"})),
            ),
            ("DELETE", "/issues/([0-9]+)", lambda n: (204, self.issues.pop(int(n)) and None)),
            ("GET", "/events", lambda: self._events(query)),
        ]
        for wanted, pattern, do in routes:
            match = re.fullmatch(pattern, path)
            if wanted == method and match is not None:
                try:
                    return do(*match.groups())
                except KeyError:
                    return 404, {"message": "Not Found"}
        return 404, {"message": f"no route {method} {path}"}

    def _projects(self, query: dict[str, str], headers: dict[str, str]) -> Found:
        found = [p for p in self.projects.values() if query.get("owner") in (None, p["owner"])]
        page = int(query.get("page", 1))
        if len(found) > page * PAGE:
            rest = "".join(f"&{n}={v}" for n, v in query.items() if n != "page")
            url = f"{self.next_host or self.url}/projects?page={page + 1}{rest}"
            headers["Link"] = f'<{self.url}/projects?page=1>; rel="first", <{url}>; rel="next"'
        return 200, found[(page - 1) * PAGE : page * PAGE]

    def _make_project(self, body: dict[str, Any]) -> Found:
        if body["key"] in self.projects:
            return 409, {"code": "AlreadyExists", "message": f"there is a project {body['key']}"}
        self.project(**body)
        return 201, self.projects[body["key"]]

    def _issues(self, key: str, query: dict[str, str]) -> Found:
        self.projects[key]
        found = [i for i in self.issues.values() if i["project"] == key]
        found = [i for i in found if query.get("state") in (None, i["state"])]
        start = (int(query.get("page", 1)) - 1) * PAGE
        return 200, found[start : start + PAGE]

    def _events(self, query: dict[str, str]) -> Found:
        start = int(query.get("after", 0))
        following = f"/events?after={start + PAGE}" if len(self.events) > start + PAGE else None
        return 200, {"items": self.events[start : start + PAGE], "next": following}


def _changed(thing: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    thing.update(body)
    return thing
