"""A sandbox as its owner sees it: started, filled, and ended with its owner.

Owns the emulator's process and the settings for sessions that use it. ``emulator`` serves, and
``company.sql`` defines the sample company.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from cirrusql.apps.sandbox.member_accounts import MEMBER_ACCOUNTS
from cirrusql.errors import ConfigError, OperationalError
from cirrusql.settings import ConnectionSettings, Settings

COMPANY = Path(__file__).with_name("company.sql")
"""The default seed."""

DEFAULT_REGION = "us-east-1"

_NEEDED = ("moto", "flask", "flask_cors", "time_machine")


class Sandbox:
    """A simulated AWS on a loopback port, initially empty, gone after ``close``.

    The constructor starts the process and ``endpoint_url`` waits for it, so that its owner can load
    what it needs in the meantime. ``port`` 0 takes a free one.
    """

    def __init__(self, port: int = 0, environ: Mapping[str, str] | None = None) -> None:
        """Raises ConfigError if the extra is not installed."""
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise ConfigError(
                f"the sandbox is not installed (missing {', '.join(missing)})",
                hint="pip install 'cirrusql[sandbox]'",
            )
        self._port = port
        self._endpoint_url: str | None = None
        # A process group of its own: Ctrl-C goes to the owner, which ends the process in order.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "cirrusql.apps.sandbox.emulator", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=_environment(os.environ if environ is None else environ),
            start_new_session=True,
        )

    @property
    def endpoint_url(self) -> str:
        """The endpoint. Waits until it is ready; ConfigError if the port is in use."""
        if self._endpoint_url is None:
            word, _, rest = self._read().partition(" ")
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
        _ = self.endpoint_url  # it answers nothing before it is ready
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"clock {-days_ago * 86400}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        if self._read() != "done":
            raise OperationalError("the sandbox exited unexpectedly")

    def settings(self, settings: Settings) -> Settings:
        """The settings of a session in this sandbox."""
        return in_sandbox(settings, self.endpoint_url)

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process. May be called more than once."""
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

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


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
