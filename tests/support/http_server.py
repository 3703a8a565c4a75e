"""HTTP servers on loopback for the length of a test: a handler writes what it likes, and a client
that leaves before it has read the answer is no error of the server.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

POLL = 0.05
"""Seconds between two looks at whether to end: the standard library's half a second is waited for
at the end of each test."""


class Handler(BaseHTTPRequestHandler):
    """Logs nothing, and lets clients leave."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True


class Server(ThreadingHTTPServer):
    """Serves many connections at once, and waits for none of them when it closes."""

    daemon_threads = True
    request_queue_size = 300


@contextmanager
def serving(server: HTTPServer) -> Iterator[str]:
    """Its URL, while a thread serves it; closed at the end."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The URL of a server with this handler."""
    with serving(Server(("127.0.0.1", 0), handler)) as url:
        yield url
