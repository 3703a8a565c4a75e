"""A sandbox as its owner sees it: started, filled, and ended with its owner.

Owns the emulator's process and the settings for sessions that use it. ``emulator`` serves, and
``company.sql`` defines the sample company.
"""

from __future__ import annotations

import importlib.util
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from cirrusql.apps.sandbox import template
from cirrusql.apps.sandbox.member_accounts import MEMBER_ACCOUNTS
from cirrusql.catalog.index.code_stamp import code_stamp
from cirrusql.errors import ConfigError, OperationalError
from cirrusql.settings import ConnectionSettings, Settings

COMPANY = Path(__file__).with_name("company.sql")
"""The default seed."""

DEFAULT_REGION = "us-east-1"

_PATIENCE = 10.0
"""Seconds that a copy may take to answer, before a sandbox is started anew."""

_NEEDED = ("moto", "flask", "flask_cors", "time_machine")


class _Process:
    """An emulator's process that this one started."""

    def __init__(self, port: int, environ: Mapping[str, str]) -> None:
        # A session of its own: Ctrl-C is for the owner, which ends the process in order.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "cirrusql.apps.sandbox.emulator", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=_environment(environ),
            start_new_session=True,
        )

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        process = self._process
        if process.stdin is not None and not process.stdin.closed:
            process.stdin.close()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


class _Copy:
    """A copy of an emulator that was kept, at the other end of a connection: ``template``."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("r")

    def say(self, line: str) -> None:
        self._connection.sendall(line.encode())

    def hear(self) -> str:
        try:
            return self._lines.readline()
        except OSError:
            return ""

    def is_alive(self) -> bool:
        """It says nothing unasked: what is there to read is its end."""
        return not select.select([self._connection], [], [], 0)[0]

    def close(self) -> None:
        self._lines.close()
        self._connection.close()


class Sandbox:
    """A simulated AWS on a loopback port, initially empty, gone after ``close``.

    The constructor starts the process and ``endpoint_url`` waits for it, so that its owner can load
    what it needs in the meantime. ``port`` 0 takes a free one.
    """

    def __init__(
        self, port: int = 0, environ: Mapping[str, str] | None = None, copy: _Copy | None = None
    ) -> None:
        """Raises ConfigError where the extra is not installed."""
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise ConfigError(
                f"the sandbox is not installed (missing {', '.join(missing)})",
                hint="pip install 'cirrusql[sandbox]'",
            )
        self._port = port
        self._endpoint_url: str | None = None
        self._server = copy or _Process(port, os.environ if environ is None else environ)

    @classmethod
    def kept(cls, path: Path) -> Sandbox | None:
        """A copy of the one that ``keep`` left at ``path``, with all that it had; None: there is
        none, or it does not answer."""
        connection = template.connect(path)
        if connection is None:
            return None
        connection.settimeout(_PATIENCE)
        sandbox = cls(copy=_Copy(connection))
        try:
            _ = sandbox.endpoint_url
        except ConfigError:
            return None
        connection.settimeout(None)
        return sandbox

    def keep(self, path: Path, seconds: float) -> bool:
        """Leave a copy behind, for whoever asks at ``path`` within that time of the last who did.
        Whether it did."""
        return template.prepared(path) and self._order(f"keep {seconds} {path}") == "done"

    @property
    def endpoint_url(self) -> str:
        """The endpoint. Waits until it is ready; ConfigError if the port is in use."""
        if self._endpoint_url is None:
            word, _, rest = self._server.hear().strip().partition(" ")
            if word != "ready":
                self.close()
                raise ConfigError(
                    f"the sandbox cannot listen on 127.0.0.1:{self._port}: {rest or 'it exited'}",
                    hint="use --port for another port; 0 takes any free one",
                )
            self._endpoint_url = f"http://127.0.0.1:{rest}"
        return self._endpoint_url

    def set_clock(self, days_ago: float) -> None:
        """Let everything created from now on be that many days old; 0: now."""
        if self._order(f"clock {-days_ago * 86400}") != "done":
            raise OperationalError("the sandbox exited unexpectedly")

    def settings(self, settings: Settings) -> Settings:
        """The settings of a session in this sandbox."""
        return in_sandbox(settings, self.endpoint_url)

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._server.is_alive()

    def close(self) -> None:
        """End the process. May be called more than once."""
        self._server.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _order(self, line: str) -> str:
        """What it answers; nothing where it is gone."""
        _ = self.endpoint_url  # it answers nothing before it is ready
        try:
            self._server.say(line + "\n")
        except OSError:
            return ""
        return self._server.hear().strip()


def place_of(text: str) -> Path:
    """Where a sandbox filled from that text is kept: another place for any other text or code."""
    import hashlib

    import platformdirs

    moto = importlib.util.find_spec("moto")
    told = (text, code_stamp("apps/sandbox"), sys.version, moto and os.stat(str(moto.origin)))
    digest = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    return platformdirs.user_cache_path("cirrusql") / "sandbox" / f"{digest}.sock"


def in_sandbox(settings: Settings, endpoint_url: str) -> Settings:
    """Settings for a running sandbox, whatever account they referred to before."""
    connections = {
        name: ConnectionSettings(
            name=name, role_arn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        )
        for name, account in MEMBER_ACCOUNTS.items()
    }
    return replace(
        settings,
        endpoint_url=endpoint_url,
        sandbox=True,
        profile=None,
        region=settings.region or DEFAULT_REGION,
        connections=connections,
    )


def without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that could lead to a real account."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    # moto creates boto3 sessions of its own, which must find nothing of the user's.
    return without_aws(environ) | {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
