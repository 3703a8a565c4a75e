"""What botocore's own client would send: the oracle of requests. Nothing leaves the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.tokens import FrozenAuthToken

from tests.support.parameters import ACCOUNT

ACCESS_KEY, SECRET_KEY, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a-session+token/="


class _NotSentError(Exception):
    """Thrown at the door, so that nothing is sent."""


@dataclass(frozen=True)
class Sent:
    """A request at the door. ``headers`` are lower-case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class Client:
    """A client of one service that sends nothing."""

    def __init__(self, service: str, region: str, endpoint_url: str | None = None) -> None:
        session = botocore.session.Session()
        session.set_config_variable("account_id_endpoint_mode", "preferred")
        session.set_credentials(ACCESS_KEY, SECRET_KEY, TOKEN, account_id=ACCOUNT)
        session._auth_token = FrozenAuthToken(TOKEN)
        self._client = session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint_url,
            config=Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1},
                s3={"disable_s3_express_session_auth": True},
            ),
        )
        self._client.meta.events.register("before-send", self._caught)
        self._sent: Sent | None = None

    def sent(self, operation: str, parameters: dict[str, Any]) -> Sent:
        """What it would send; whatever botocore raises where it would send nothing."""
        self._sent = None
        try:
            self._client._make_api_call(operation, parameters)
        except _NotSentError:
            pass
        assert self._sent is not None
        return self._sent

    def _caught(self, request: Any, **_: object) -> None:
        headers = {
            k.lower(): v.decode() if isinstance(v, bytes) else str(v) for k, v in request.headers.items()
        }
        self._sent = Sent(request.method, request.url, headers, _bytes(request.body))
        raise _NotSentError

    def close(self) -> None:
        """Let go of the sockets it never opened."""
        self._client.close()


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body.read()) if hasattr(body, "read") else bytes(body)
