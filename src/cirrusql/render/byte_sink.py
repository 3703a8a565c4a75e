"""Where a format writes its bytes. Apart from ``formats``, which knows every format."""

from __future__ import annotations

from typing import Protocol


class ByteSink(Protocol):
    """Where bytes go: a binary file, or anything that is written to like one."""

    def write(self, data: bytes, /) -> object:
        """Take bytes."""
