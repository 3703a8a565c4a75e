"""Record docs/shell.svg, the picture of the shell in the README, from the real shell.

Types the statements below into ``cirrusql shell --sandbox`` within tmux, and draws what the
terminal shows with rich. Run it when the shell's looks change: python tools/record_shell.py
"""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT = 98, 27
FIRST = ("\\pset pager off", "SELECT count(*) FROM aws.ec2.instances WHERE region = '*';")
"""Typed first, and cleared from the screen: the sandbox has started when the picture begins."""
QUERY = (
    "SELECT region, InstanceId, InstanceType, State.Name AS state,",
    "       tags(Tags)['team'] AS team",
    "FROM aws.ec2.instances WHERE region = '*' ORDER BY region, InstanceId LIMIT 6;",
)
BEGUN = "SELECT UserName FROM aws.iam.acc"
"""Typed and not ended: the picture shows what completion offers."""

_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""rich's own format without the font that it loads from elsewhere."""


def tmux(*arguments: str, typed: str = "") -> str:
    """A tmux command on a server of our own."""
    done = subprocess.run(
        ["tmux", "-L", "cirrusql-record", "-f", "/dev/null", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def screen() -> str:
    """What the terminal shows, with its colours."""
    return tmux("capture-pane", "-p", "-e", "-t", "shell")


def wait_for(text: str, seconds: float = 60) -> None:
    """Wait until the terminal shows ``text``. TimeoutError where it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if text in tmux("capture-pane", "-p", "-t", "shell"):
            return
        time.sleep(0.1)
    raise TimeoutError(f"the shell does not show {text!r}:\n{screen()}")


def enter(text: str) -> None:
    """Paste a line, and press Enter."""
    tmux("load-buffer", "-", typed=text)
    tmux("paste-buffer", "-p", "-t", "shell")
    time.sleep(0.5)
    tmux("send-keys", "-t", "shell", "Enter")
    time.sleep(0.5)


def record() -> str:
    """The terminal at the end, as text with escape sequences."""
    program = Path(sys.executable).with_name("cirrusql")
    size = ("-x", str(WIDTH), "-y", str(HEIGHT))
    with tempfile.TemporaryDirectory() as home:
        # Neither the config nor the history of whoever records.
        environ = ["TERM=tmux-256color", "COLORTERM=truecolor"]
        environ += [f"XDG_{kind}_HOME={home}" for kind in ("CONFIG", "STATE")]
        command = shlex.join(["env", *environ, str(program), "shell", "--sandbox"])
        tmux("new-session", "-d", "-s", "shell", *size, command)
        return played()


def played() -> str:
    """What the terminal shows once everything is typed. Ends the shell."""
    try:
        wait_for("cirrusql>")
        for line in FIRST:
            enter(line)
        wait_for("└")
        tmux("send-keys", "-t", "shell", "C-l")
        enter("\n".join(QUERY))
        wait_for("└")
        tmux("send-keys", "-t", "shell", "-l", BEGUN)
        wait_for("access_keys")
        time.sleep(1)
        return screen()
    finally:
        tmux("kill-session", "-t", "shell")


def main() -> None:
    """Write the picture."""
    text = Text.from_ansi(record().rstrip())
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(text)
    svg = console.export_svg(
        title="cirrusql shell --sandbox", theme=MONOKAI, code_format=_SVG, unique_id="shell"
    )
    (ROOT / "docs" / "shell.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
