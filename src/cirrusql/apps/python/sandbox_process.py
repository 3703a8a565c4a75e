"""A sandbox for ``connect(sandbox=True)``: the command ``cirrusql sandbox`` in its own process.

Owns that process while a connection lasts. The process ends with its standard input, so that it
never outlives this program, however that ends.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from weakref import finalize

from cirrusql.errors import ConfigError

_READY = re.compile(r"sandbox ready at (http://127\.0\.0\.1:\d+)")


class OwnSandbox:
    """A sandbox with the sample company, ready when the constructor returns, after some seconds."""

    def __init__(self) -> None:
        """Raises ConfigError with the command's message if it cannot start."""
        command = [
            sys.executable,
            "-P",
            "-m",
            "cirrusql",
            "sandbox",
            "--port",
            "0",
            "--end-with-input",
        ]
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CIRRUSQL_"))}
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environ,
        )
        self.close = finalize(self, _end, self._process)
        self.endpoint_url = self._wait()

    def _wait(self) -> str:
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            if found := _READY.search(line):
                return found[1]
            said.append(line.strip())
        self.close()
        raise ConfigError(
            "the sandbox did not start: "
            + (" ".join(said).removeprefix("error: ") or "it printed nothing"),
            hint="pip install 'cirrusql[sandbox]', or set endpoint_url to a running `cirrusql "
            "sandbox`",
        )


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stderr):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
