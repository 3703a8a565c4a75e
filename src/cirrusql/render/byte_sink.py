"""The interface to which formats write bytes. Separate from ``formats``, which imports every
format."""

from __future__ import annotations

from typing import Protocol


class ByteSink(Protocol):
    """A binary file, or anything with its ``write`` method."""

    def write(self, data: bytes, /) -> object:
        """Write bytes."""
