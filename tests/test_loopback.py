"""What counts as this machine: only loopback addresses and localhost."""

from __future__ import annotations

import pytest

from cirrusql.errors import ConfigError
from cirrusql.loopback import is_loopback
from cirrusql.providers.aws.credentials import Identities, leads_home
from cirrusql.settings import Settings


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "::1%lo"]
)
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


ELSEWHERE = [
    "127.0.0.1.example.com",
    "127.example",
    "localhost.example",
    "10.0.0.1",
    "0.0.0.0",
    "",
    "::",
]


@pytest.mark.parametrize("host", ELSEWHERE)
def test_nothing_else_is(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "https://127.0.0.1.example.com",
        "http://127.0.0.1@example.com/",
        "http://example.com/127.0.0.1",
    ],
)
def test_a_sandbox_session_calls_no_endpoint_that_only_looks_like_home(url: str | None) -> None:
    assert not leads_home(url)
    identity = Identities(Settings(sandbox=True, endpoint_url=url), {}).get(None)
    with pytest.raises(ConfigError, match="the sandbox does not call"):
        identity.endpoint_url("iam")
