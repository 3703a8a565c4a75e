"""A stream that clears the way before its first byte: no line of progress stays among rows."""

from __future__ import annotations

from collections.abc import Callable

from cirrusql.render.formats import Sink


class QuietFirst:
    """Writes to ``out``, and calls ``stop`` before each write; ``stop`` may be called again."""

    def __init__(self, out: Sink, stop: Callable[[], None]) -> None:
        self._out = out
        self._stop = stop

    def write(self, data: bytes) -> object:
        """As the stream's own."""
        self._stop()
        return self._out.write(data)
