"""A spy on whole trees."""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.wire import decode


@pytest.fixture
def roots(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every body of which a whole tree was made."""
    made: list[bytes] = []
    real = decode._root

    def spy(body: bytes) -> Any:
        made.append(body)
        return real(body)

    monkeypatch.setattr(decode, "_root", spy)
    return made
