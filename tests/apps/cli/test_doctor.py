"""What doctor checks."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest

from cirrusql.apps.cli.commands.doctor_checks import CLOCK_FAILS, clock_skew, every_setting
from cirrusql.config_file import load
from cirrusql.settings import SETTING_NAMES
from tests.support.http_server import POLL, Handler

Serve = Callable[[str | None], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that reports this time, or none."""
    servers: list[http.server.HTTPServer] = []

    def started(date: str | None) -> str:
        class Clock(Handler):
            def do_HEAD(self) -> None:
                self.send_response_only(403)
                if date is not None:
                    self.send_header("Date", date)
                self.end_headers()

        server = http.server.HTTPServer(("127.0.0.1", 0), Clock)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(POLL,)).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("ahead", [0, 3600, -3600])
def test_the_clock_is_compared_with_what_the_endpoint_says(serve: Serve, ahead: int) -> None:
    skew = clock_skew(serve(formatdate(time() - ahead, usegmt=True)), 30)
    assert skew is not None
    assert abs(skew - ahead) < CLOCK_FAILS


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_an_endpoint_that_says_no_time_is_not_compared_with(serve: Serve, date: str | None) -> None:
    assert clock_skew(serve(date), 30) is None


def test_an_endpoint_that_is_not_there_is_not_compared_with() -> None:
    assert clock_skew("http://127.0.0.1:9", 5) is None


def test_each_setting_is_told_with_its_origin(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("max_calls = 7\n[connections.prod]\nprofile = 'prod'\nregions = ['eu-*']\n")
    settings = load({"region": "eu-west-1"}, {"CIRRUSQL_STRICT": "on"}, file)
    told = {f.subject: f.value for f in every_setting(settings)}
    assert {f"setting {name}" for name in SETTING_NAMES} <= set(told)
    assert told["setting region"] == "eu-west-1  (from --region)"
    assert told["setting strict"] == "true  (from CIRRUSQL_STRICT)"
    assert told["setting max_calls"] == f"7  (from {file})"
    assert told["setting parents"] == "true  (from default)"
    assert told["connection prod"] == "prod, regions eu-*"
