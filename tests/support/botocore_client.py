"""What botocore's own client would send: the oracle for requests. Nothing is sent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.discovery import block_endpoint_discovery_required_operations
from botocore.tokens import FrozenAuthToken

from tests.support.parameters import ACCOUNT

ACCESS_KEY, SECRET_KEY, TOKEN = (
    "AKIDEXAMPLE",
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "a-session+token/=",
)


class _NotSentError(Exception):
    """Raised just before sending, so that nothing is sent."""


@dataclass(frozen=True)
class Sent:
    """A request ready to send. ``headers`` are lower-case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@lru_cache(maxsize=1)
def session(service: str) -> Any:
    """A session for the clients of one service: the next takes its models out of memory."""
    made = botocore.session.Session()
    made.set_config_variable("account_id_endpoint_mode", "preferred")
    made.set_credentials(ACCESS_KEY, SECRET_KEY, TOKEN, account_id=ACCOUNT)
    made._auth_token = FrozenAuthToken(TOKEN)
    return made


class Client:
    """A client of one service that sends nothing."""

    def __init__(
        self, own: Any, service: str, region: str, endpoint_url: str | None = None
    ) -> None:
        self._client = own.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint_url,
            config=Config(
                parameter_validation=False,
                endpoint_discovery_enabled=False,
                retries={"total_max_attempts": 1},
                # Emulators have no bucket sessions.
                s3={"disable_s3_express_session_auth": endpoint_url is not None},
            ),
        )
        self._client.meta.events.register_last("before-sign.s3", _with_session)
        self._client.meta.events.register("before-send", self._caught)
        # Timestream's endpoint is discovered by a separate call, which fetch makes.
        self._client.meta.events.unregister(
            "before-parameter-build", block_endpoint_discovery_required_operations
        )
        self._at_the_door: list[Sent] = []

    def sent(self, operation: str, parameters: dict[str, Any]) -> Sent:
        """What it would send; raises whatever botocore raises where it would send nothing."""
        self._at_the_door.clear()
        with suppress(_NotSentError):
            self._client._make_api_call(operation, parameters)
        return self._at_the_door[-1]

    def _caught(self, request: Any, **_: object) -> None:
        headers = {
            k.lower(): v.decode() if isinstance(v, bytes) else str(v)
            for k, v in request.headers.items()
        }
        self._at_the_door.append(Sent(request.method, request.url, headers, _bytes(request.body)))
        raise _NotSentError

    def close(self) -> None:
        """Close the unused sockets."""
        self._client.close()


class _Sessions:
    """Sessions of directory buckets that need not be made first."""

    def get_credentials(self, bucket: str) -> Any:
        return Credentials(ACCESS_KEY, SECRET_KEY, TOKEN)


def _with_session(request: Any, **_: object) -> None:
    signing = request.context.get("signing", {})
    if "identity_cache" in signing:
        signing["identity_cache"] = _Sessions()


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body.read()) if hasattr(body, "read") else bytes(body)
