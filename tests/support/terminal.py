"""A program on a pseudo-terminal, as a user at a keyboard sees it.

Owns: how the tests spawn one and how what it prints is decoded.
Leaves to others: what is typed and what is expected."""

import sys
from collections.abc import Mapping, Sequence

import pexpect


def spawn_on_terminal(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    rows: int = 40,
    columns: int = 160,
    timeout: float = 60,
) -> pexpect.spawn:
    """``python`` with these arguments and this environment on a terminal of that size.

    ``timeout`` (seconds) is when a test gives up waiting.

    What is typed while the program writes is echoed by the kernel wherever it is, within a
    character of three bytes too, so bytes that are no UTF-8 are replaced and do not raise."""
    return pexpect.spawn(
        sys.executable,
        list(arguments),
        # The size is the terminal's own, not that set for the test workers.
        env={k: v for k, v in environ.items() if k not in ("COLUMNS", "LINES")},
        encoding="utf-8",
        codec_errors="replace",
        dimensions=(rows, columns),
        timeout=timeout,
    )
