"""Which providers a session has. None of them is opened here: that costs what opening costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cirrusql.providers.aws.provider import AwsProvider

if TYPE_CHECKING:
    from cirrusql.api.provider import Providers


def providers() -> Providers:
    """Those that come with CirruSQL."""
    return {"aws": AwsProvider()}
