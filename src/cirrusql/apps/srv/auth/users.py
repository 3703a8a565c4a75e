"""The user file, and SCRAM secrets in place of passwords.

The file has PgBouncer's format: one user per line, ``"name" "password"``, where the password may be
a secret as PostgreSQL stores it (``SCRAM-SHA-256$4096:salt$StoredKey:ServerKey``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scramp import ScramException, ScramMechanism

from cirrusql.errors import ConfigError

ITERATIONS = 4096
"""As in PostgreSQL, so that secrets of either work in the other."""
DEFAULT_USER = "cirrusql"
_MECHANISM = ScramMechanism("SCRAM-SHA-256")

_LINE = re.compile(r'"((?:[^"]|"")*)"\s+"((?:[^"]|"")*)"')
_SECRET = re.compile(r"SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)")


@dataclass(frozen=True)
class Secret:
    """What a server stores of a password (RFC 5802): enough to check it, not to log in."""

    salt: bytes = field(repr=False)
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)

    @classmethod
    def of(cls, password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> Secret:
        """The secret of a password."""
        salt = os.urandom(16) if salt is None else salt
        try:
            _, stored, server, _ = _MECHANISM.make_auth_info(password, iterations, salt)
        except ScramException:
            # PostgreSQL and its clients use a password that SASLprep (RFC 4013) rejects unchanged.
            salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
            stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
            server = _hmac(salted, b"Server Key")
        return cls(salt, iterations, stored, server)

    @classmethod
    def parse(cls, text: str) -> Secret | None:
        """The secret in PostgreSQL's format; None if the text is not one."""
        found = _SECRET.fullmatch(text)
        if found is None:
            return None
        salt, stored, server = (base64.b64decode(part) for part in found.groups()[1:])
        return cls(salt, int(found[1]), stored, server)

    def __str__(self) -> str:
        salt, stored, server = (
            base64.b64encode(part).decode()
            for part in (self.salt, self.stored_key, self.server_key)
        )
        return f"SCRAM-SHA-256${self.iterations}:{salt}${stored}:{server}"


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


@dataclass(frozen=True)
class Users:
    """The users by name. ``pepper`` generates the salts of unknown users."""

    secrets: Mapping[str, Secret] = field(repr=False)
    pepper: bytes = field(default_factory=lambda: os.urandom(32), repr=False)

    def secret(self, name: str) -> Secret:
        """The user's secret; for an unknown user, one that no password matches.

        Its salt is the same at every attempt, so that nobody can tell which users exist.
        """
        known = self.secrets.get(name)
        if known is not None:
            return known
        salt = _hmac(self.pepper, name.encode())[:16]
        return Secret(salt, ITERATIONS, os.urandom(32), os.urandom(32))


def read(path: Path) -> Users:
    """The users of a file. ConfigError with the first invalid line."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the user file {path}: {error}") from error
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        match = _LINE.fullmatch(bare)
        if match is None:
            raise ConfigError(f"{path}:{number} is not a user", hint='"name" "password"')
        name, given = (part.replace('""', '"') for part in match.groups())
        found[name] = Secret.parse(given) or Secret.of(given)
    if not found:
        raise ConfigError(f"the user file {path} has no users", hint='"name" "password"')
    return Users(found)


def read_or_make(path: Path) -> tuple[Users, str | None]:
    """The users of the file; if it does not exist, it is created with one user.

    Also returns the new user's password, which is not stored anywhere.
    """
    if path.exists():
        return read(path), None
    password = secrets.token_urlsafe(18)
    secret = Secret.of(password)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(f'"{DEFAULT_USER}" "{secret}"\n')
    except OSError as error:
        raise ConfigError(
            f"cannot write the user file {path}: {error}", hint="--user-file"
        ) from error
    return Users({DEFAULT_USER: secret}), password
