"""SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side. Pure.

As in PostgreSQL, the user's name comes from the startup packet, and the one in the exchange is
ignored. Channel binding is not offered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cirrusql.apps.srv.auth.users import Secret

MECHANISM = "SCRAM-SHA-256"


class ScramFailed(Exception):
    """The password is wrong, or the exchange is invalid."""


class ScramExchange:
    """One login: ``first`` answers the client's first message, ``final`` its last."""

    def __init__(self, secret: Secret, nonce: str | None = None) -> None:
        self._secret = secret
        self._nonce = nonce or secrets.token_urlsafe(18)
        self._header = self._bare = self._challenge = ""

    def first(self, message: bytes) -> bytes:
        """The challenge. Raises ScramFailed."""
        text = _text(message)
        flag, _, rest = text.partition(",")
        name, comma, bare = rest.partition(",")
        attributes = bare.split(",")
        if flag not in ("n", "y") or name or not comma or len(attributes) < 2:
            raise ScramFailed("not a client-first message, or one that requires channel binding")
        theirs = attributes[1]
        if not theirs.startswith("r=") or len(theirs) < 10:
            raise ScramFailed("no nonce")
        self._header, self._bare = f"{flag},,", bare
        salt = base64.b64encode(self._secret.salt).decode()
        self._nonce = theirs[2:] + self._nonce
        self._challenge = f"r={self._nonce},s={salt},i={self._secret.iterations}"
        return self._challenge.encode()

    def final(self, message: bytes) -> bytes:
        """The proof that the server knows the secret too. Raises ScramFailed."""
        start, _, proof = _text(message).rpartition(",p=")
        binding = base64.b64encode(self._header.encode()).decode()
        if not self._challenge or start != f"c={binding},r={self._nonce}":
            raise ScramFailed("not the answer to the challenge")
        signed = f"{self._bare},{self._challenge},{start}".encode()
        signature = hmac.digest(self._secret.stored_key, signed, "sha256")
        try:
            given = base64.b64decode(proof, validate=True)
        except binascii.Error as error:
            raise ScramFailed("the proof is not base64") from error
        key = bytes(a ^ b for a, b in zip(given, signature, strict=False))
        if len(given) != len(signature) or not hmac.compare_digest(
            hashlib.sha256(key).digest(), self._secret.stored_key
        ):
            raise ScramFailed("the proof does not match")
        return b"v=" + base64.b64encode(hmac.digest(self._secret.server_key, signed, "sha256"))


def _text(message: bytes) -> str:
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ScramFailed("not text") from error
