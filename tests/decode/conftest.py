"""A spy that records whole trees."""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.decode import decoder


@pytest.fixture
def roots(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every body that was parsed into a whole tree."""
    made: list[bytes] = []
    real = decoder._root

    def spy(body: bytes) -> Any:
        made.append(body)
        return real(body)

    monkeypatch.setattr(decoder, "_root", spy)
    return made
