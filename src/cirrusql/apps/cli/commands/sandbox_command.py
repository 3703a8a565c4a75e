"""``cirrusql sandbox``: serve an emulated AWS until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from cirrusql.apps.cli.report import say
from cirrusql.errors import ConfigError, OperationalError

DEFAULT_PORT = 4600


@click.command("sandbox")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)  # fmt: skip
@click.option("--empty", is_flag=True, help="Nothing in it.")
@click.option("--seed", "seed_file", metavar="FILE", help="SQL that fills it, instead of ours.")
@click.option("--end-with-input", is_flag=True,
              help="End when standard input does: for a program that starts one.")  # fmt: skip
def command(port: int, empty: bool, seed_file: str | None, end_with_input: bool) -> int:
    """Serve an AWS of your own on loopback, with a small company in it.

    No AWS credentials are needed or used, and nothing leaves this machine. Another
    terminal reaches it with the line that is printed when it is ready.
    """
    if empty and seed_file:
        raise ConfigError("--empty and --seed contradict each other")
    from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox

    text = "" if empty else _read(Path(seed_file) if seed_file else COMPANY)
    # Ended by its supervisor or by Ctrl-C: the same orderly way.
    signal.signal(signal.SIGTERM, _interrupt)
    ended = threading.Event()
    if end_with_input:
        threading.Thread(target=_watch, args=(ended,), daemon=True).start()
    with Sandbox(port) as sandbox:
        url = sandbox.endpoint_url
        try:
            if text:
                from cirrusql.apps.cli.opening import fill

                fill(sandbox, text)
            say(f"sandbox ready at {url}, Ctrl-C ends it; in another terminal:")
            say(f"export CIRRUSQL_SANDBOX=on CIRRUSQL_ENDPOINT_URL={url}")
            while sandbox.is_alive():
                if ended.wait(1):
                    return 0
        except KeyboardInterrupt:
            say("sandbox ended")
            return 0
    raise OperationalError("the sandbox's server ended unexpectedly")


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
