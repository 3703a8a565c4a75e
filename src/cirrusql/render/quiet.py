"""A stream that clears the progress line before its first byte."""

from __future__ import annotations

from collections.abc import Callable

from cirrusql.render.byte_sink import ByteSink


class QuietFirst:
    """Writes to ``out``, and calls ``stop`` before each write; ``stop`` may be called more than
    once."""

    def __init__(self, out: ByteSink, stop: Callable[[], None]) -> None:
        self._out = out
        self._stop = stop
        self.failure: OSError | None = None
        """The error that broke the stream."""

    def write(self, data: bytes) -> object:
        """As in the wrapped stream."""
        self._stop()
        return self._do(lambda: self._out.write(data))

    def flush(self) -> None:
        """As in the wrapped stream."""
        if (flush := getattr(self._out, "flush", None)) is not None:
            self._do(flush)

    def _do(self, action: Callable[[], object]) -> object:
        try:
            return action()
        except OSError as error:
            self.failure = error
            raise
