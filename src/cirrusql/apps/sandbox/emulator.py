"""The emulator's own process: moto behind HTTP on loopback.

Run as ``python -m cirrusql.apps.sandbox.emulator PORT`` by ``sandbox.Sandbox``, which talks to
it in lines. It writes ``ready PORT`` or ``failed REASON`` once, then answers each line of
standard input: ``clock SECONDS`` moves what the emulator takes for now that far from the
real time (0: back to it) and is answered by ``done``; ``keep SECONDS PATH`` leaves a copy behind
for the next commands (``template``) and is answered by ``done`` or ``cannot``. The end of standard
input ends the process, so that it never outlives its owner, however that ends. The copies of a
copy are spoken to in the same lines, over a connection each.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from xml.sax.saxutils import escape

from cirrusql.apps.sandbox import guard, moto_patches, template

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    import time_machine
    from flask import Flask
    from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler

HOST = "127.0.0.1"

# What moto would otherwise take from its surroundings: containers for functions and jobs, AMIs that
# must exist, certificates that validate after a minute.
MOTO_ENVIRONMENT = {
    "TEST_SERVER_MODE": "true",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_EVENTS_INVOKE_HTTP": "false",
    "MOTO_ACM_VALIDATION_WAIT": "0",
    "MOTO_ALLOW_NONEXISTENT_REGION": "false",
}

# Imported while the owner is still starting, in the order in which a seed needs them, so that the
# first call to each does not wait for its import.
PRELOADED = ("organizations", "iam", "sts", "s3", "ec2")


def main(argv: list[str]) -> int:
    """Serve until standard input ends. Returns only on failure."""
    os.environ.update(MOTO_ENVIRONMENT)
    owner, sys.stdout = sys.stdout, sys.stderr  # moto prints, and the owner reads lines
    try:
        server = _listen(int(argv[0]), None)
    except OSError as error:
        _say(owner, f"failed {os.strerror(error.errno) if error.errno else error}")
        return 1
    guard.install()
    threading.Thread(target=_preload, daemon=True).start()
    _obey(server, sys.stdin, owner)
    # Not by way of the threads that still answer: there is nothing to put in order.
    os._exit(0)


def _obey(server: BaseWSGIServer, orders: TextIO, owner: TextIO) -> None:
    """Serve, and do what the owner says, until it says no more."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _say(owner, f"ready {server.server_address[1]}")
    clock = _Clock()
    for line in orders:
        word, *given = line.rstrip("\n").split(" ", 2)
        if word == "clock":
            clock.move(float(given[0]))
            _say(owner, "done")
        else:
            _say(owner, "done" if _keep(server, Path(given[1]), float(given[0])) else "cannot")


def _keep(server: BaseWSGIServer, path: Path, seconds: float) -> bool:
    """Leave a copy behind, and go on at the same port. Whether there is one."""

    def serve(connection: socket.socket) -> None:
        own = _listen(0, server.app)
        with connection.makefile("r") as orders, connection.makefile("w") as owner:
            _obey(own, orders, owner)

    server.shutdown()  # which closes its socket too
    try:
        return template.keep(path, seconds, serve)
    finally:
        again = _listen(server.port, server.app)
        threading.Thread(target=again.serve_forever, daemon=True).start()


def _handler() -> type[WSGIRequestHandler]:
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class Handler(MotoRequestHandler):
        """Names the server only once, as moto's answers do: Python clients in development mode
        refuse an answer in which a header of which there is one stands twice."""

        def send_response(self, code: int, message: str | None = None) -> None:
            self.log_request(code)
            self.send_response_only(code, message)
            self.send_header("Date", self.date_time_string())

    return Handler


def _listen(port: int, app: WSGIApplication | None) -> BaseWSGIServer:
    """A server of an application, of a new one by default. OSError where the port is taken."""
    from werkzeug.serving import make_server

    # werkzeug, given a port that is taken, prints and exits; given a socket, it just serves.
    with socket.create_server((HOST, port), backlog=1024) as listener:
        return make_server(
            HOST,
            port,
            app or _application(),
            threaded=True,
            request_handler=_handler(),
            fd=listener.fileno(),
        )


def _application() -> WSGIApplication:
    import logging

    from moto.core.config import default_user_config
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    default_user_config["lambda"]["use_docker"] = False
    default_user_config["batch"]["use_docker"] = False
    moto_patches.at_start()

    def create_app(service: Any) -> Flask:
        moto_patches.at_first_use(service)
        return _that_says_what_it_lacks(create_backend_app(service), service)

    return DomainDispatcherApplication(create_app)


def _that_says_what_it_lacks(app: Flask, service: str) -> Flask:
    """Report what moto does not implement as an error that is not retryable.

    moto raises NotImplementedError, which would become a 500.
    """
    from flask import Response, request

    def not_implemented(error: NotImplementedError) -> Response:
        message = f"the sandbox does not support this: {error}"
        if "json" in (request.content_type or ""):
            body = json.dumps({"__type": "NotImplemented", "message": message})
            return Response(body, 501, content_type=request.content_type)
        told = f"<Code>NotImplemented</Code><Message>{escape(message)}</Message>"
        body = f"<ErrorResponse><Error>{told}</Error></ErrorResponse>"
        if service == "ec2":
            # Only EC2 uses the protocol with a list of errors.
            body = f"<Response><Errors><Error>{told}</Error></Errors></Response>"
        return Response(body, 501, content_type="text/xml")

    app.register_error_handler(NotImplementedError, not_implemented)
    return app


def _preload() -> None:
    for name in PRELOADED:
        import_module(f"moto.{name}")


class _Clock:
    """The emulator's clock."""

    def __init__(self) -> None:
        self._travel: time_machine.travel | None = None

    def move(self, seconds: float) -> None:
        """Set the clock off by ``seconds`` from real time; it keeps ticking."""
        import time_machine

        if self._travel is not None:
            self._travel.stop()
            self._travel = None
        if seconds:
            there = datetime.now(UTC) + timedelta(seconds=seconds)
            self._travel = time_machine.travel(there, tick=True)
            self._travel.start()


def _say(owner: TextIO, line: str) -> None:
    owner.write(line + "\n")
    owner.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
