"""How and where a token is sent: schemes, servers with variables, connections."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cirrusql.api.exchange import Elsewhere, Request, Target
from cirrusql.errors import ConfigError, CredentialsMissing, InvalidParameter
from cirrusql.providers.rest.access import Auth, RestAccess, Scheme, Server
from cirrusql.providers.rest.codec import RestCodec
from cirrusql.settings import ConnectionSettings, Settings
from tests.support.tracker.source import TrackerSource

SERVICE = TrackerSource().load("work")
SERVER = Server("https://{site}.example.com/v1", url_env="URL", variables={"site": "SITE"})
ENVIRON = {"SITE": "acme", "TOKEN": "sesame", "OTHER": "tulip"}


def access(auth: Auth, settings: Settings | None = None, **environ: str) -> RestAccess:
    return RestAccess(
        "tracker", RestCodec(), SERVER, auth, settings or Settings(), {**ENVIRON, **environ}
    )


def sent(opened: RestAccess, connection: str | None = None, name: str = "projects/list") -> Request:
    async def made() -> Request:
        operation = SERVICE.operation(name)
        target = Target(connection, "")
        exchange = await opened.authenticator.exchange(
            operation, {"owner": "ann"}, target, Elsewhere.FOLLOW
        )
        assert not exchange.is_ready
        await exchange.prepare()
        return exchange.signed(datetime.now(UTC))

    return asyncio.run(made())


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (Auth(Scheme.BEARER, "TOKEN"), ("Authorization", "Bearer sesame")),
        (Auth(Scheme.BASIC, "TOKEN"), ("Authorization", "Basic c2VzYW1l")),
        (Auth(Scheme.HEADER, "TOKEN", "X-Api-Key"), ("X-Api-Key", "sesame")),
    ],
)
def test_a_token_is_a_header(auth: Auth, header: tuple[str, str]) -> None:
    assert header in sent(access(auth)).headers.items()


def test_a_token_may_be_in_the_query() -> None:
    request = sent(access(Auth(Scheme.QUERY, "TOKEN", "key")))
    assert request.url == "https://acme.example.com/v1/projects?owner=ann&key=sesame"


def test_without_a_scheme_no_token_is_needed() -> None:
    assert "Authorization" not in sent(access(Auth(Scheme.NONE), TOKEN="")).headers


def test_a_variable_of_the_server_is_the_environments() -> None:
    assert sent(access(Auth(Scheme.BEARER, "TOKEN"))).url.startswith("https://acme.example.com/v1/")
    with pytest.raises(ConfigError) as error:
        sent(access(Auth(Scheme.BEARER, "TOKEN"), SITE=""))
    assert error.value.hint == "set SITE"


def test_a_variable_cannot_lead_to_another_host() -> None:
    url = sent(access(Auth(Scheme.BEARER, "TOKEN"), SITE="evil.org/")).url
    assert url.startswith("https://evil.org%2F.example.com/")


def test_a_token_is_not_sent_in_the_clear() -> None:
    with pytest.raises(ConfigError, match="not https"):
        sent(access(Auth(Scheme.BEARER, "TOKEN"), URL="http://tracker.example.com"))
    assert sent(access(Auth(Scheme.BEARER, "TOKEN"), URL="http://127.0.0.1:8")).url.startswith(
        "http://127"
    )


def test_a_sandbox_sends_nothing_elsewhere() -> None:
    with pytest.raises(ConfigError, match="sandbox"):
        sent(access(Auth(Scheme.BEARER, "TOKEN"), Settings(sandbox=True)))


def test_a_connection_has_its_own_address_and_token() -> None:
    mine = ConnectionSettings(
        "mine", provider="tracker", endpoint_url="https://x.org", token_env="OTHER"
    )
    request = sent(
        access(Auth(Scheme.BEARER, "TOKEN"), Settings(connections={"mine": mine})), "mine"
    )
    assert request.url == "https://x.org/projects?owner=ann"
    assert request.headers["Authorization"] == "Bearer tulip"
    gone = replace(mine, token_env="NOT_SET")
    with pytest.raises(CredentialsMissing) as error:
        sent(access(Auth(Scheme.BEARER, "TOKEN"), Settings(connections={"mine": gone})), "mine")
    assert error.value.hint == "set NOT_SET"


@pytest.mark.parametrize("key", ["", ".", ".."])
def test_a_part_of_the_path_cannot_lead_elsewhere(key: str) -> None:
    operation = SERVICE.operation("projects/delete")
    with pytest.raises(InvalidParameter, match="part of the path"):
        RestCodec().request(operation, {"key": key}, Target(None, ""), "https://x.org", lambda: "t")


def test_a_part_of_the_path_is_escaped() -> None:
    operation = SERVICE.operation("projects/get")
    request, _ = RestCodec().request(
        operation, {"key": "a/b c"}, Target(None, ""), "https://x.org", str
    )
    assert request.url == "https://x.org/projects/a%2Fb%20c"
