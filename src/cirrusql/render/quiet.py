"""A stream that clears the way before its first byte: no line of progress stays among rows."""

from __future__ import annotations

from collections.abc import Callable

from cirrusql.render.byte_sink import ByteSink


class QuietFirst:
    """Writes to ``out``, and calls ``stop`` before each write; ``stop`` may be called again."""

    def __init__(self, out: ByteSink, stop: Callable[[], None]) -> None:
        self._out = out
        self._stop = stop
        self.failure: OSError | None = None
        """Why the stream took no more."""

    def write(self, data: bytes) -> object:
        """As the stream's own."""
        self._stop()
        return self._do(lambda: self._out.write(data))

    def flush(self) -> None:
        """As the stream's own."""
        if (flush := getattr(self._out, "flush", None)) is not None:
            self._do(flush)

    def _do(self, action: Callable[[], object]) -> object:
        try:
            return action()
        except OSError as error:
            self.failure = error
            raise
