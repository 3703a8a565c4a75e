"""``cirrusql sandbox``: serves a simulated AWS until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from cirrusql.apps.cli.opening import fill
from cirrusql.apps.cli.report import say
from cirrusql.errors import ConfigError, OperationalError

DEFAULT_PORT = 4600


@click.command("sandbox")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)  # fmt: skip
@click.option("--empty", is_flag=True, help="Start empty.")
@click.option("--seed", "seed_file", metavar="FILE", help="SQL file to fill it with.")
@click.option("--end-with-input", is_flag=True,
              help="Exit when standard input ends; for programs that start a sandbox.")  # fmt: skip
def command(port: int, empty: bool, seed_file: str | None, end_with_input: bool) -> int:
    """Run a simulated AWS on loopback, filled with a small company.

    Needs and uses no AWS credentials, and sends nothing beyond this machine. When it is
    ready, it prints the line that connects another terminal to it.
    """
    if empty and seed_file:
        raise ConfigError("--empty and --seed cannot be combined")
    from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox

    text = "" if empty else _read(Path(seed_file) if seed_file else COMPANY)
    # SIGTERM from a supervisor is handled like Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    ended = threading.Event()
    if end_with_input:
        threading.Thread(target=_watch, args=(ended,), daemon=True).start()
    with Sandbox(port) as sandbox:
        url = sandbox.endpoint_url
        try:
            if text:
                fill(sandbox, text)
            say(f"sandbox ready at {url}, Ctrl-C ends it; in another terminal:")
            say(f"export CIRRUSQL_SANDBOX=on CIRRUSQL_ENDPOINT_URL={url}")
            while sandbox.is_alive():
                if ended.wait(1):
                    return 0
        except KeyboardInterrupt:
            say("sandbox ended")
            return 0
    raise OperationalError("the sandbox's server exited unexpectedly")


def _watch(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the seed file {path}: {error}") from error
