"""The endpoint that the environment or the profile configures for a service."""

import asyncio
import os
from collections import UserDict
from collections.abc import Iterator

import pytest

from cirrusql.providers.aws.credentials import CallerIdentity, Identities
from cirrusql.settings import Settings


class _Counted(UserDict[str, str]):
    """An environment that counts how often it is read as a whole."""

    reads = 0

    def __iter__(self) -> Iterator[str]:
        self.reads += 1
        return super().__iter__()


def _identity(**variables: str) -> tuple[CallerIdentity, _Counted]:
    environ = _Counted(variables)
    return Identities(Settings(), environ).get(None), environ


def test_is_searched_once_for_each_service() -> None:
    identity, environ = _identity(
        AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_ENDPOINT_URL_S3="http://127.0.0.1:2"
    )

    found = [identity.endpoint_url(service) for service in ("iam", "s3") * 50]

    assert found == ["http://127.0.0.1:1", "http://127.0.0.1:2"] * 50
    assert environ.reads == 2


def test_is_searched_again_after_the_credentials_were_reloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    config = os.path.join(tmp_path, "config")
    monkeypatch.setenv("AWS_CONFIG_FILE", config)
    identity, _ = _identity()
    assert identity.endpoint_url("iam") is None
    with open(config, "w", encoding="utf-8") as file:
        file.write("[default]\nendpoint_url = http://127.0.0.1:3\n")

    asyncio.run(identity.refresh())

    assert identity.endpoint_url("iam") == "http://127.0.0.1:3"
